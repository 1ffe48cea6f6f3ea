"""The service's addresses of the three views."""

from django.urls import path

from benchmarks.bare.views import CurrentUserView, OrderListView

urlpatterns = [
    path("api/v1/users/me/", CurrentUserView.as_view()),
    path("api/v1/orders/", OrderListView.as_view()),
]
