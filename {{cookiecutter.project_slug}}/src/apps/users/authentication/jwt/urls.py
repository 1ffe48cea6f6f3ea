"""Routes below /api/v1/auth/."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from apps.users.authentication.accounts.views import PasswordChangeView
from apps.users.authentication.jwt.sign_ins import FamilyListView, FamilyView
from apps.users.authentication.jwt.views import (
    LogoutView,
    TokenObtainView,
    TokenRefreshView,
    TokenVerifyView,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("apps.users.authentication.accounts.urls")),
    path("token/", TokenObtainView.as_view(), name="token-obtain"),
    path("token/refresh/", TokenRefreshView.as_view(), name="token-refresh"),
    path("token/verify/", TokenVerifyView.as_view(), name="token-verify"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("password/", PasswordChangeView.as_view(), name="password-change"),
    path("sessions/", FamilyListView.as_view(), name="sign-ins"),
    path("sessions/<uuid:pk>/", FamilyView.as_view(), name="sign-in"),
]

if settings.JWT_COOKIES:
    urlpatterns += [path("", include("apps.users.authentication.jwt.cookie_urls"))]
