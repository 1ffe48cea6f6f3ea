"""Keys as clients send and get them."""

from datetime import datetime
from typing import Any, ClassVar

from django.utils import timezone
from rest_framework import serializers

from core.security.api_keys.models import ApiKey


class ApiKeyCreateInput(serializers.Serializer[Any]):
    examples: ClassVar[dict[str, Any]] = {
        "name": "Nightly import",
        "expires_at": "2036-01-31T12:00:00Z",
    }
    name = serializers.CharField(max_length=100, help_text="What the key is for.")
    expires_at = serializers.DateTimeField(
        allow_null=True, default=None, help_text="Without it, the key holds until it is revoked."
    )

    def validate_expires_at(self, value: datetime | None) -> datetime | None:
        if value is not None and value <= timezone.now():
            raise serializers.ValidationError("This time has passed.", code="passed")
        return value


class ApiKeyOutput(serializers.ModelSerializer[ApiKey]):
    examples: ClassVar[dict[str, Any]] = {"name": "Nightly import"}

    class Meta:
        model = ApiKey
        fields = (
            "id",
            "name",
            "prefix",
            "created_at",
            "expires_at",
            "revoked_at",
            "last_used_at",
        )


class ApiKeyCreatedOutput(ApiKeyOutput):
    key = serializers.CharField(help_text="The whole key. It is never shown again.")

    class Meta(ApiKeyOutput.Meta):
        fields = (*ApiKeyOutput.Meta.fields, "key")  # type: ignore[assignment]
