"""The API's description and the pages that show it."""

from django.urls import path
from drf_spectacular.views import (
    SpectacularAPIView,
    SpectacularRedocView,
    SpectacularSwaggerSplitView,
)

from core.api.pages import OwnLinksRenderer

page = {"url_name": "schema", "renderer_classes": [OwnLinksRenderer]}

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(**page), name="docs"),
    path("redoc/", SpectacularRedocView.as_view(**page), name="redoc"),
]
