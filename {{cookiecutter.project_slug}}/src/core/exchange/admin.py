"""The jobs, to look at."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from core.exchange.models import ExchangeJob


@admin.register(ExchangeJob)
class ExchangeJobAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Files are left out: they are for who asked for them."""

    list_display = ("resource", "direction", "status", "rows_total", "created_by", "created_at")
    list_filter = ("status", "direction", "resource")
    list_select_related = ("created_by",)
    fields = (
        "resource",
        "direction",
        "format",
        "status",
        "rows_total",
        "rows_done",
        "errors",
        "created_by",
        "created_at",
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
