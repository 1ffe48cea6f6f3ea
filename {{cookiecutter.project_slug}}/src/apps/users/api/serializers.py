"""Accounts as JSON."""

from typing import Any, ClassVar

from rest_framework import serializers

from apps.users.models import User
from apps.users.roles import Role
from core.api.sparse import SparseFieldsMixin


class UserOutput(SparseFieldsMixin, serializers.ModelSerializer[User]):
    """An account as its owner, auditors and admins see it."""

    examples: ClassVar[dict[str, Any]] = {"first_name": "Ada", "last_name": "Lovelace"}

    roles = serializers.ListField(child=serializers.ChoiceField(Role.choices), read_only=True)

    class Meta:
        model = User
        fields = ("id", "email", "first_name", "last_name", "roles", "is_active", "created_at")
        read_only_fields = fields


class UserUpdateInput(serializers.Serializer[Any]):
    """What users may change of their own account."""

    examples: ClassVar[dict[str, Any]] = {"first_name": "Ada", "last_name": "Lovelace"}

    first_name = serializers.CharField(max_length=150, required=False, allow_blank=True)
    last_name = serializers.CharField(max_length=150, required=False, allow_blank=True)


class UserCreateInput(UserUpdateInput):
    """A new account."""

    email = serializers.EmailField(max_length=254)
    # % if cookiecutter.auth != "oidc"
    password = serializers.CharField(
        max_length=128,
        trim_whitespace=False,
        style={"input_type": "password"},
    )
    # % endif
    roles = serializers.ListField(child=serializers.ChoiceField(Role.choices), required=False)
