"""The jobs, to look at."""

from django.contrib import admin

from core.admin import ReadOnly
from core.exchange.models import ExchangeJob


@admin.register(ExchangeJob)
class ExchangeJobAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Files and faults are left out: they are for who asked for them."""

    list_display = ("resource", "direction", "status", "rows_total", "created_by", "created_at")
    list_filter = ("status", "direction", "resource")
    list_select_related = ("created_by",)
    fields = (
        "resource",
        "direction",
        "format",
        "mode",
        "strategy",
        "status",
        "attempts",
        "rows_total",
        "rows_done",
        "rows_created",
        "rows_updated",
        "rows_skipped",
        "rows_failed",
        "created_by",
        "created_at",
    )
