"""Credentials as JSON."""

from typing import Any, ClassVar

from rest_framework import serializers


class LoginInput(serializers.Serializer[Any]):
    """What a user signs in with."""

    examples: ClassVar[dict[str, Any]] = {
        "email": "demo@example.com",
        "password": "demo-password",  # nosec B105 (of the account for trying out)
    }

    email = serializers.EmailField()
    password = serializers.CharField(trim_whitespace=False, style={"input_type": "password"})


class CsrfOutput(serializers.Serializer[Any]):
    """The token that goes into the header ``X-CSRFToken`` of each write."""

    csrf_token = serializers.CharField()
