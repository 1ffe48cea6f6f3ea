"""Tokens as JSON, in and out."""

from typing import Any, ClassVar

from django.db import transaction
from rest_framework import serializers
from rest_framework_simplejwt import serializers as simplejwt

from apps.users.authentication.jwt import services, tokens


class TokenPairSerializer(simplejwt.TokenObtainPairSerializer):
    """Takes address and password for a pair of tokens."""

    token_class = tokens.RefreshToken

    @transaction.atomic
    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        return super().validate(attrs)


class TokenRefreshInput(serializers.Serializer[Any]):
    refresh = serializers.CharField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        refresh = services.token_refresh(text=attrs["refresh"])
        return {"access": str(refresh.access_token), "refresh": str(refresh)}


class TokenVerifyInput(serializers.Serializer[Any]):
    token = serializers.CharField(write_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        services.token_check(text=attrs["token"])
        return {}


class LogoutInput(serializers.Serializer[Any]):
    refresh = serializers.CharField(write_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        services.family_sign_out(text=attrs["refresh"])
        return {}


class TokenObtainInput(serializers.Serializer[Any]):
    """What the client sends, for the OpenAPI document."""

    examples: ClassVar[dict[str, Any]] = {
        "email": "demo@example.com",
        "password": "demo-password",  # nosec B105 (of the account for trying out)
    }

    email = serializers.EmailField()
    password = serializers.CharField(trim_whitespace=False, style={"input_type": "password"})


class TokenPairOutput(serializers.Serializer[Any]):
    """What the client gets: ``access`` goes into each request, ``refresh`` gets the next pair."""

    access = serializers.CharField()
    refresh = serializers.CharField()


class CsrfOutput(serializers.Serializer[Any]):
    """The token that goes into the header ``X-CSRFToken`` of each write."""

    csrf_token = serializers.CharField()
