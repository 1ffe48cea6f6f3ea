"""Dead letters: to look at, and to send again."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin import ReadOnly
from core.dead_letters import services
from core.dead_letters.models import DeadLetter
from core.errors import UnavailableError, UnprocessableError


@admin.register(DeadLetter)
class DeadLetterAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Whoever may send letters again has the permission ``send_deadletter``."""

    list_display = ("task", "reason", "error", "queue", "retries", "last_at", "resent_at")
    list_filter = ("reason", ("resent_at", admin.EmptyFieldListFilter), "task")
    search_fields = ("task_id", "root_id")
    show_full_result_count = False
    fields = (
        *("task", "task_id", "root_id", "queue", "args", "kwargs", "headers", "body"),
        *("reason", "error", "message", "trace", "retries", "deliveries", "first_at", "last_at"),
        *("resent_at", "resent_by", "former"),
    )
    actions = ("send_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[DeadLetter]:
        return super().get_queryset(request).select_related("resent_by", "former")

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("dead_letters.send_deadletter")

    @admin.action(description="Send again", permissions=["send"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[DeadLetter]) -> None:
        sent = before = 0
        for letter_id in queryset.order_by("last_at", "pk").values_list("pk", flat=True):
            try:
                if services.dead_letter_send(letter_id=letter_id, user_id=request.user.pk):
                    sent += 1
                else:
                    before += 1
            except UnprocessableError as error:
                self.message_user(request, error.message, messages.WARNING)
            except UnavailableError as error:
                self.message_user(request, error.message, messages.ERROR)
                break
        self.message_user(
            request,
            f"{sent} letters were sent again, {before} had been sent before.",
            messages.SUCCESS if sent else messages.WARNING,
        )
