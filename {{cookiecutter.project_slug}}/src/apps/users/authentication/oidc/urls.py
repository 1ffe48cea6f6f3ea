"""Routes below /api/v1/auth/: none, since callers sign in at the issuer."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
