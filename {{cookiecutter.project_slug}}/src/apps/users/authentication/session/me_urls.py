"""The route of the caller's own account."""

from django.urls import path

from apps.users.authentication.session.sign_ins import SessionOwnAccountView

urlpatterns = [path("", SessionOwnAccountView.as_view(), name="user-me")]
