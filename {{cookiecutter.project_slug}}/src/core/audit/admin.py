"""The trail, to read."""

from auditlog.render import render_logentry_changes_html
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin import ReadOnly
from core.audit.models import AuditEntry

# The library brings one that keeps the request of one reader for the others.
admin.site.unregister(AuditEntry)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Nobody writes history by hand."""

    list_display = (
        "timestamp",
        "action",
        "content_type",
        "object_repr",
        "actor",
        "cid",
        "remote_addr",
    )
    list_filter = ("action", "content_type")
    search_fields = ("object_pk", "object_repr", "cid", "actor__email")
    show_full_result_count = False
    fields = (
        "timestamp",
        "action",
        "content_type",
        "object_pk",
        "object_repr",
        "before_and_after",
        "actor",
        "actor_id",
        "cid",
        "remote_addr",
    )
    readonly_fields = ("actor_id", "before_and_after")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        # Joined: an actor whose account is gone is then empty, and ``actor_id`` still tells it.
        return super().get_queryset(request).select_related("actor", "content_type")

    @admin.display(description="Before and after")
    def before_and_after(self, entry: AuditEntry) -> str:
        table: str = render_logentry_changes_html(entry)
        return table

    @admin.display(description="Id of the actor")
    def actor_id(self, entry: AuditEntry) -> str:
        return str(entry.actor_id or "-")
