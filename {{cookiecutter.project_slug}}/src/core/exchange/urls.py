"""Routes of import and export, below /api/v1/."""

from django.urls import path

from core.exchange.views import ExchangeJobFileView, ExchangeJobListView, ExchangeJobView

urlpatterns = [
    path("exchange/jobs/", ExchangeJobListView.as_view(), name="exchange-jobs"),
    path("exchange/jobs/<uuid:pk>/", ExchangeJobView.as_view(), name="exchange-job"),
    path("exchange/jobs/<uuid:pk>/file/", ExchangeJobFileView.as_view(), name="exchange-job-file"),
]
