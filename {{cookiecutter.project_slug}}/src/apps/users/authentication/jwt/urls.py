"""Routes below /api/v1/auth/."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from apps.users.authentication.jwt.views import (
    LogoutView,
    TokenObtainView,
    TokenRefreshView,
    TokenVerifyView,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("token/", TokenObtainView.as_view(), name="token-obtain"),
    path("token/refresh/", TokenRefreshView.as_view(), name="token-refresh"),
    path("token/verify/", TokenVerifyView.as_view(), name="token-verify"),
    path("logout/", LogoutView.as_view(), name="logout"),
]

if settings.JWT_COOKIES:
    urlpatterns += [path("", include("apps.users.authentication.jwt.cookie_urls"))]
