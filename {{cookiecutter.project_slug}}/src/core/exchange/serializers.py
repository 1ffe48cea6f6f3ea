"""Jobs as clients send and get them."""

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from core.exchange import progress
from core.exchange.models import Direction, ExchangeJob, Format


class ExchangeJobCreateInput(serializers.Serializer[Any]):
    direction = serializers.ChoiceField(Direction.choices)
    resource = serializers.CharField(max_length=100)
    format = serializers.ChoiceField(Format.choices)
    file = serializers.FileField(default=None, help_text="What to import, at most 10 MB.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        is_import = attrs["direction"] == Direction.IMPORT
        if is_import and attrs["file"] is None:
            raise serializers.ValidationError({"file": "An import needs a file."}, code="required")
        if not is_import and attrs["file"] is not None:
            raise serializers.ValidationError({"file": "An export takes no file."}, code="invalid")
        return attrs


class ExchangeErrorOutput(serializers.Serializer[Any]):
    row = serializers.IntegerField(allow_null=True, help_text="1 is the first below the header.")
    field = serializers.CharField(allow_null=True)
    message = serializers.CharField()


class ExchangeJobOutput(serializers.ModelSerializer[ExchangeJob]):
    rows_done = serializers.SerializerMethodField()
    errors = ExchangeErrorOutput(many=True)  # type: ignore[assignment]
    file = serializers.SerializerMethodField(help_text="Where the result of an export is.")

    class Meta:
        model = ExchangeJob
        fields = (
            "id",
            "direction",
            "resource",
            "format",
            "status",
            "rows_total",
            "rows_done",
            "errors",
            "file",
            "created_at",
        )

    def get_rows_done(self, job: ExchangeJob) -> int:
        return progress.rows_done(job)

    def get_file(self, job: ExchangeJob) -> str | None:
        return reverse("exchange-job-file", args=[job.pk]) if job.has_result else None
