"""Routes below /.well-known/ (RFC 8615)."""

from django.urls import path

from apps.users.authentication.jwt.views import jwks

urlpatterns = [path("jwks.json", jwks, name="jwks")]
