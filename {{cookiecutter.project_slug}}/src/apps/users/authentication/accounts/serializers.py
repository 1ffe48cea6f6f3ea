"""What people send about their own accounts."""

from typing import Any, ClassVar

from rest_framework import serializers


def password_field() -> serializers.CharField:
    return serializers.CharField(
        max_length=128, trim_whitespace=False, style={"input_type": "password"}
    )


class EmailInput(serializers.Serializer[Any]):
    examples: ClassVar[dict[str, Any]] = {"email": "ada@example.com"}

    email = serializers.EmailField(max_length=254)


class TokenInput(serializers.Serializer[Any]):
    token = serializers.CharField(max_length=2000, help_text="From the mail.")


class RegistrationConfirmInput(TokenInput):
    examples: ClassVar[dict[str, Any]] = {"first_name": "Ada", "last_name": "Lovelace"}

    password = password_field()
    first_name = serializers.CharField(max_length=150, required=False, allow_blank=True)
    last_name = serializers.CharField(max_length=150, required=False, allow_blank=True)


class PasswordResetConfirmInput(TokenInput):
    password = password_field()


class PasswordChangeInput(serializers.Serializer[Any]):
    password = password_field()
    new_password = password_field()


class EmailChangeInput(EmailInput):
    password = password_field()


class MailOutput(serializers.Serializer[Any]):
    """The same whatever was found."""

    detail = serializers.CharField()
