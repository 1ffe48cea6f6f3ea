"""Keys as clients send and get them."""

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.utils import timezone
from rest_framework import serializers

from core.security.api_keys.models import ApiKey


def scope_choices() -> list[tuple[str, str]]:
    return [(scope, text) for scope, (text, _) in settings.API_KEY_SCOPES.items()]


class ApiKeyExpiryInput(serializers.Serializer[Any]):
    """When a key ends."""

    examples: ClassVar[dict[str, Any]] = {"expires_at": "2036-01-31T12:00:00Z"}

    expires_at = serializers.DateTimeField(
        allow_null=True,
        default=None,
        help_text="How late it may be, the service says. Without it, the key holds for a while.",
    )

    def validate_expires_at(self, value: datetime | None) -> datetime | None:
        if value is not None and value <= timezone.now():
            raise serializers.ValidationError("This time has passed.", code="passed")
        return value


class ApiKeyCreateInput(ApiKeyExpiryInput):
    examples: ClassVar[dict[str, Any]] = {**ApiKeyExpiryInput.examples, "name": "Nightly import"}

    name = serializers.CharField(max_length=100, help_text="What the key is for.")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=scope_choices()),
        min_length=1,
        max_length=100,
        help_text="What the key may do, as far as its user may.",
    )


class ApiKeyRotateInput(ApiKeyExpiryInput):
    grace_hours = serializers.IntegerField(
        min_value=0,
        max_value=settings.API_KEY_GRACE_MAX_HOURS,
        default=min(24, settings.API_KEY_GRACE_MAX_HOURS),
        help_text="For how long the key of now goes on, if it does not end sooner.",
    )


class ApiKeyOutput(serializers.ModelSerializer[ApiKey]):
    examples: ClassVar[dict[str, Any]] = {
        "name": "Nightly import",
        "scopes": ["tasks:read"],
        "last_used_from": "203.0.113.0/24",
    }

    # Not of the choices: a key may have a scope that there is no more.
    scopes = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = ApiKey
        fields = (
            "id",
            "name",
            "scopes",
            "prefix",
            "former",
            "created_at",
            "expires_at",
            "revoked_at",
            "last_used_at",
            "last_used_from",
        )
        read_only_fields = fields


class ApiKeyCreatedOutput(ApiKeyOutput):
    key = serializers.CharField(help_text="The whole key. It is never shown again.")

    class Meta(ApiKeyOutput.Meta):
        fields = (*ApiKeyOutput.Meta.fields, "key")  # type: ignore[assignment]
