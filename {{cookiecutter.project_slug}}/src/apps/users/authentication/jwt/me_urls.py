"""The route of the caller's own account."""

from django.urls import path

from apps.users.authentication.accounts.erasure import OwnAccountView

urlpatterns = [path("", OwnAccountView.as_view(), name="user-me")]
