"""Routes below /api/v1/auth/."""

from django.urls import include, path

from apps.users.authentication.session.sign_ins import (
    SessionListView,
    SessionPasswordChangeView,
    SessionView,
)
from apps.users.authentication.session.views import CsrfView, LoginView, LogoutView

urlpatterns = [
    path("", include("apps.users.authentication.accounts.urls")),
    path("csrf/", CsrfView.as_view(), name="csrf"),
    path("login/", LoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("password/", SessionPasswordChangeView.as_view(), name="password-change"),
    path("sessions/", SessionListView.as_view(), name="sign-ins"),
    path("sessions/<uuid:pk>/", SessionView.as_view(), name="sign-in"),
]
