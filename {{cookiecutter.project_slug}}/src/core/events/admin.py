"""What was published and who handled it: to look at, to send again, and to skip."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from core.admin import ReadOnly
from core.events import inbox
from core.events.models import InboxEntry, OutboxEvent
from core.events.outbox import nudge

STATES: Mapping[str, Q] = {
    "open": Q(handled_at=None, due_at__isnull=False),
    "given up": Q(handled_at=None, due_at=None),
    "handled": Q(handled_at__isnull=False),
}


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state, state) for state in STATES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(STATES.get(self.value() or "", Q()))


class InboxEntryInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = InboxEntry
    fields = readonly_fields = ("subscriber", "handled_at", "is_skipped", "attempts", "error")


@admin.register(OutboxEvent)
class OutboxEventAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """The events. Sending one again reaches the subscribers that have not handled it."""

    list_display = ("name", "id", "aggregate", "sequence", "created_at", "attempts", "handled_at")
    list_filter = (StateFilter, "name")
    search_fields = ("=aggregate",)
    fields = (
        *("id", "name", "version", "payload", "aggregate", "sequence", "created_at", "created_by"),
        *("subscribers", "published_at", "attempts", "due_at", "handled_at"),
    )
    inlines = (InboxEntryInline,)
    actions = ("send_again", "skip")

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("events.change_outboxevent")

    @admin.action(
        description="Send again to subscribers that have not handled it", permissions=["send"]
    )
    @transaction.atomic
    def send_again(self, request: HttpRequest, queryset: QuerySet[OutboxEvent]) -> None:
        keys = list(queryset.values_list("pk", flat=True))
        events = OutboxEvent.objects.filter(pk__in=keys)
        events.update(due_at=timezone.now(), handled_at=None, attempts=0)
        InboxEntry.objects.filter(event__in=keys, handled_at=None).update(attempts=0)
        transaction.on_commit(nudge, robust=True)
        self.message_user(request, f"{len(keys)} events will be sent again.", messages.SUCCESS)

    @admin.action(description="Skip at subscribers that have not handled it", permissions=["send"])
    @transaction.atomic
    def skip(self, request: HttpRequest, queryset: QuerySet[OutboxEvent]) -> None:
        count = sum(inbox.skip(event) for event in queryset.order_by("sequence"))
        transaction.on_commit(nudge, robust=True)
        self.message_user(request, f"{count} handlers will not run.", messages.SUCCESS)
