"""The API's description and the pages that show it."""

from django.urls import path
from drf_spectacular.views import (
    SpectacularJSONAPIView,
    SpectacularRedocView,
    SpectacularSwaggerSplitView,
)

from core.api.pages import OwnFilesRenderer, RedocRenderer

docs = SpectacularSwaggerSplitView.as_view(url_name="schema", renderer_classes=[OwnFilesRenderer])
redoc = SpectacularRedocView.as_view(url_name="schema", renderer_classes=[RedocRenderer])

urlpatterns = [
    path("schema/", SpectacularJSONAPIView.as_view(), name="schema"),
    path("docs/", docs, name="docs"),
    path("redoc/", redoc, name="redoc"),
]
