"""Routes of the keys, below /api/v1/."""

from django.urls import path

from core.security.api_keys.views import ApiKeyListView, ApiKeyRotateView, ApiKeyView

urlpatterns = [
    path("api-keys/", ApiKeyListView.as_view(), name="api-keys"),
    path("api-keys/<uuid:pk>/", ApiKeyView.as_view(), name="api-key"),
    path("api-keys/<uuid:pk>/rotate/", ApiKeyRotateView.as_view(), name="api-key-rotate"),
]
