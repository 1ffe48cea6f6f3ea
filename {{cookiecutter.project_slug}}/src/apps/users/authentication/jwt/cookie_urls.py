"""Routes below /api/v1/auth/ for browsers that get their tokens as cookies."""

from django.urls import path

from apps.users.authentication.jwt.cookie_views import (
    CookieRefreshView,
    CookieSignInView,
    CookieSignOutView,
    CsrfView,
)

urlpatterns = [
    path("csrf/", CsrfView.as_view(), name="csrf"),
    path("cookies/", CookieSignInView.as_view(), name="cookie-sign-in"),
    path("cookies/refresh/", CookieRefreshView.as_view(), name="cookie-refresh"),
    path("cookies/logout/", CookieSignOutView.as_view(), name="cookie-sign-out"),
]
