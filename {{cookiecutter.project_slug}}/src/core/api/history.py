"""What happened to a record."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView

from core.audit.models import AuditEntry
from core.audit.trail import entries_of

ACTIONS = {
    AuditEntry.Action.CREATE: "create",
    AuditEntry.Action.UPDATE: "update",
    AuditEntry.Action.DELETE: "delete",
}


class FieldChangeOutput(serializers.Serializer[Any]):
    """A field before and after. Amounts and times (UTC) are text, secrets ``***``.

    Of a relation to many, such as roles: what was taken away, and what was added.
    """

    examples: ClassVar[dict[str, Any]] = {"field": "name", "before": "Cup", "after": "Mug"}

    field = serializers.CharField()
    before = serializers.JSONField(help_text="Empty for what was not there.")
    after = serializers.JSONField(help_text="Empty for what is no longer there.")


class ChangeOutput(serializers.ModelSerializer[AuditEntry]):
    """A write of a record: what it did, by whom, for which request, from where."""

    examples: ClassVar[dict[str, Any]] = {
        "id": 4711,
        "action": "update",
        "request_id": "01a1ff1f-5fdb-71fc-acdb-4b78a1b2c3d4",
        "remote_address": "192.0.2.7",
    }

    at = serializers.DateTimeField(source="timestamp")
    action = serializers.SerializerMethodField()
    actor = serializers.UUIDField(
        source="actor_id", allow_null=True, help_text="Empty for the service itself."
    )
    request_id = serializers.CharField(source="cid", allow_null=True)
    remote_address = serializers.CharField(source="remote_addr", allow_null=True)
    changes = serializers.SerializerMethodField()

    class Meta:
        model = AuditEntry
        fields = ("id", "at", "action", "actor", "request_id", "remote_address", "changes")
        read_only_fields = fields

    @extend_schema_field({"type": "string", "enum": ["create", "update", "delete", "restore"]})
    def get_action(self, entry: AuditEntry) -> str:
        """A record that is hidden is deleted for everybody who reads."""
        deletion = entry.changes.get("deleted_at")
        if entry.action == AuditEntry.Action.UPDATE and deletion:
            return "delete" if deletion[1] else "restore"
        return ACTIONS[entry.action]

    @extend_schema_field(FieldChangeOutput(many=True))
    def get_changes(self, entry: AuditEntry) -> list[dict[str, Any]]:
        return [_field_change(name, change) for name, change in sorted(entry.changes.items())]


class HistoryView(ListAPIView[AuditEntry]):
    """The changes of a record, the latest first, also when it is gone.

    A subclass names its ``model``, and who may call it; its route the key, ``pk``.
    """

    model: ClassVar[type[models.Model]]

    queryset = AuditEntry.objects.none()
    serializer_class = ChangeOutput

    def get_queryset(self) -> QuerySet[AuditEntry]:
        key = self.kwargs["pk"]
        entries = entries_of(self.model, key)
        records = self.model._base_manager.filter(pk=key)  # noqa: SLF001 (documented by Django)
        if not records.exists() and not entries.exists():
            raise Http404
        return entries


def _field_change(name: str, change: Any) -> dict[str, Any]:
    if isinstance(change, dict):  # {"type": "m2m", "operation": "add", "objects": [...]}
        before, after = [], change["objects"]
        if change["operation"] == "delete":
            before, after = after, before
    else:
        before, after = change
    return {"field": name, "before": before, "after": after}
