"""Registers the room."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "core.audit"
    verbose_name = "Audit trail"
