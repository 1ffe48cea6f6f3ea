"""Tasks as clients get them."""

from typing import Any, ClassVar

from rest_framework import serializers

from core.progress.counts import percent_of
from core.progress.models import TaskRun


class TaskRunOutput(serializers.ModelSerializer[TaskRun]):
    examples: ClassVar[dict[str, Any]] = {
        "name": "products_recount",
        "status": "running",
        "done": 120,
        "total": 500,
        "percent": 24,
        "code": None,
        "ended_at": None,
    }
    percent = serializers.SerializerMethodField(help_text="0 to 100; null while nobody knows.")
    code = serializers.SerializerMethodField(
        help_text="Why it failed: stable, branch on it; null otherwise."
    )

    class Meta:
        model = TaskRun
        fields = (
            "id",
            "name",
            "status",
            "done",
            "total",
            "percent",
            "code",
            "created_at",
            "started_at",
            "ended_at",
        )
        read_only_fields = fields
        extra_kwargs: ClassVar = {
            "name": {"help_text": "Which task it is."},
            "total": {"help_text": "Of how much; null while nobody knows."},
        }

    def get_percent(self, run: TaskRun) -> int | None:
        return percent_of(run.done, run.total, has_ended=run.has_ended)

    def get_code(self, run: TaskRun) -> str | None:
        return run.code or None
