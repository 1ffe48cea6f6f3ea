"""Tokens as JSON, in and out."""

from typing import Any, ClassVar, cast

from django.contrib.auth import get_user_model
from rest_framework import serializers
from rest_framework_simplejwt import serializers as simplejwt
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import RefreshToken


class OneTimeRefreshToken(RefreshToken):
    """A refresh token that can be used up only once, by two requests at once too."""

    def blacklist(self) -> Any:
        blacklisted, is_new = cast("tuple[Any, bool]", super().blacklist())
        if not is_new:
            raise TokenError("Token is blacklisted")
        return blacklisted, is_new


class TokenRefreshInput(simplejwt.TokenRefreshSerializer):
    token_class = OneTimeRefreshToken
    # This comes out, not in.
    access = None  # type: ignore[assignment]

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        try:
            return super().validate(attrs)
        except get_user_model().DoesNotExist as error:
            raise TokenError("The account is gone") from error


class TokenVerifyInput(simplejwt.TokenVerifySerializer):
    def validate(self, attrs: dict[str, Any]) -> dict[Any, Any]:
        try:
            return super().validate(attrs)
        except serializers.ValidationError as error:
            raise TokenError("Token is blacklisted") from error


class LogoutInput(simplejwt.TokenBlacklistSerializer):
    token_class = OneTimeRefreshToken


class TokenObtainInput(serializers.Serializer[Any]):
    """What the client sends, for the OpenAPI document."""

    examples: ClassVar[dict[str, Any]] = {"email": "demo@example.com", "password": "demo-password"}

    email = serializers.EmailField()
    password = serializers.CharField(style={"input_type": "password"})


class TokenPairOutput(serializers.Serializer[Any]):
    """What the client gets: ``access`` goes into each request, ``refresh`` gets the next pair."""

    access = serializers.CharField()
    refresh = serializers.CharField()
