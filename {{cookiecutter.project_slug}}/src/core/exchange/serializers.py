"""Jobs as clients send and get them."""

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.reverse import reverse

from core.exchange import progress
from core.exchange.models import Direction, ExchangeFault, ExchangeJob, Format, Mode, Strategy


class ExchangeJobCreateInput(serializers.Serializer[Any]):
    examples: ClassVar[dict[str, Any]] = {"resource": "users", "file": None, "direction": "export"}
    direction = serializers.ChoiceField(Direction.choices)
    resource = serializers.CharField(max_length=100)
    format = serializers.ChoiceField(Format.choices)
    mode = serializers.ChoiceField(
        Mode.choices,
        default=Mode.ALL_OR_NOTHING,
        help_text="Of an import: whether one row with a fault keeps all from being stored.",
    )
    strategy = serializers.ChoiceField(
        Strategy.choices,
        default=Strategy.UPDATE,
        help_text="Of an import: whether a row whose natural key is there changes it or is refused.",
    )
    file = serializers.FileField(default=None, help_text="What to import.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        is_import = attrs["direction"] == Direction.IMPORT
        if is_import and attrs["file"] is None:
            raise serializers.ValidationError({"file": "An import needs a file."}, code="required")
        if not is_import and attrs["file"] is not None:
            raise serializers.ValidationError({"file": "An export takes no file."}, code="invalid")
        return attrs


class ExchangeFaultOutput(serializers.ModelSerializer[ExchangeFault]):
    examples: ClassVar[dict[str, Any]] = {"row": 3, "field": "price", "code": "min_value"}

    class Meta:
        model = ExchangeFault
        fields = ("row", "field", "code", "message")
        read_only_fields = fields
        extra_kwargs: ClassVar = {
            "row": {"help_text": "1 is the first below the header; null: all."}
        }


class ExchangeJobOutput(serializers.ModelSerializer[ExchangeJob]):
    """A job with ``first_faults``, those that it shows."""

    examples: ClassVar[dict[str, Any]] = {"resource": "users"}
    rows_done = serializers.SerializerMethodField()
    percent = serializers.SerializerMethodField()
    errors = ExchangeFaultOutput(
        many=True, source="first_faults", help_text="The first of them; error_report has all."
    )  # type: ignore[assignment]
    file = serializers.SerializerMethodField(help_text="Where the result of an export is.")
    error_report = serializers.SerializerMethodField(help_text="Where all errors are, as CSV.")
    expires_at = serializers.DateTimeField(help_text="When the job goes, with its files.")

    class Meta:
        model = ExchangeJob
        fields = (
            "id",
            "direction",
            "resource",
            "format",
            "mode",
            "strategy",
            "status",
            "percent",
            "rows_total",
            "rows_done",
            "rows_created",
            "rows_updated",
            "rows_skipped",
            "rows_failed",
            "errors",
            "error_report",
            "file",
            "created_at",
            "expires_at",
        )
        read_only_fields = fields

    def get_rows_done(self, job: ExchangeJob) -> int:
        return progress.rows_done(job)

    def get_percent(self, job: ExchangeJob) -> int | None:
        return progress.percent_done(job)

    def get_file(self, job: ExchangeJob) -> str | None:
        return self._link("exchange-job-file", job) if job.has_result else None

    def get_error_report(self, job: ExchangeJob) -> str | None:
        return self._link("exchange-job-errors", job) if vars(job)["first_faults"] else None

    def _link(self, name: str, job: ExchangeJob) -> str:
        return reverse(name, [job.pk], request=self.context.get("request"))
