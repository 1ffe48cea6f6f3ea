"""Routes of import and export, below /api/v1/."""

from django.urls import path

from core.exchange import views

urlpatterns = [
    path("exchange/jobs/", views.ExchangeJobListView.as_view(), name="exchange-jobs"),
    path("exchange/jobs/<uuid:pk>/", views.ExchangeJobView.as_view(), name="exchange-job"),
    path(
        "exchange/jobs/<uuid:pk>/file/",
        views.ExchangeJobFileView.as_view(),
        name="exchange-job-file",
    ),
    path(
        "exchange/jobs/<uuid:pk>/errors/",
        views.ExchangeJobErrorsView.as_view(),
        name="exchange-job-errors",
    ),
    path(
        "exchange/templates/<str:resource>/<str:file_format>/",
        views.ExchangeTemplateView.as_view(),
        name="exchange-template",
    ),
]
