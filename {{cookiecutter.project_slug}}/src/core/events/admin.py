"""What was published and who handled it: to look at, and to send again."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from core.events.models import InboxEntry, OutboxEvent


class ReadOnly:
    """Nobody writes history by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class InboxEntryInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = InboxEntry
    fields = readonly_fields = ("subscriber", "created_at")


@admin.register(OutboxEvent)
class OutboxEventAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """The events. Sending one again reaches the subscribers that have not handled it."""

    list_display = ("name", "id", "created_at", "published_at")
    list_filter = ("name",)
    fields = ("id", "name", "payload", "created_at", "created_by", "published_at")
    inlines = (InboxEntryInline,)
    actions = ("send_again",)

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("events.change_outboxevent")

    @admin.action(
        description="Send again to subscribers that have not handled it", permissions=["send"]
    )
    def send_again(self, request: HttpRequest, queryset: QuerySet[OutboxEvent]) -> None:
        count = queryset.update(published_at=None)
        self.message_user(request, f"{count} events will be sent again.", messages.SUCCESS)
