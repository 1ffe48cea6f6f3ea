"""Registers the app, which has a table of its own."""

from django.apps import AppConfig


class JwtConfig(AppConfig):
    name = "apps.users.authentication.jwt"
    verbose_name = "Token families"
