"""Registers the room."""

from django.apps import AppConfig


class DjangoTasksConfig(AppConfig):
    name = "core.django_tasks"
