"""Routes of the accounts, below /api/v1/."""

from django.urls import include, path

from apps.users.api.views import UserHistoryView, UserListView

urlpatterns = [
    path("auth/", include("apps.users.authentication.{{ cookiecutter.auth }}.urls")),
    path("users/", UserListView.as_view(), name="user-list"),
    path("users/<uuid:pk>/history/", UserHistoryView.as_view(), name="user-history"),
    path("users/me/", include("apps.users.authentication.{{ cookiecutter.auth }}.me_urls")),
]
