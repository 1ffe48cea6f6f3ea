"""Routes below /api/v1/auth/. Each way to sign in adds those that depend on it."""

from django.urls import path

from apps.users.authentication.accounts.views import (
    EmailChangeConfirmView,
    EmailChangeView,
    PasswordResetConfirmView,
    PasswordResetView,
    RegistrationConfirmView,
    RegistrationView,
)

urlpatterns = [
    path("registration/", RegistrationView.as_view(), name="registration"),
    path("registration/confirm/", RegistrationConfirmView.as_view(), name="registration-confirm"),
    path("password-reset/", PasswordResetView.as_view(), name="password-reset"),
    path(
        "password-reset/confirm/", PasswordResetConfirmView.as_view(), name="password-reset-confirm"
    ),
    path("email/", EmailChangeView.as_view(), name="email-change"),
    path("email/confirm/", EmailChangeConfirmView.as_view(), name="email-change-confirm"),
]
