"""What admins may take out of the accounts."""

from typing import Any

from django.db.models import QuerySet
from import_export.fields import Field

from apps.users import rules
from apps.users.models import User
from apps.users.selectors import user_list
from core.exchange.models import Direction
from core.exchange.registry import register
from core.exchange.resources import ExchangeResource


class UserResource(ExchangeResource):
    """The accounts with their roles, without their passwords."""

    roles = Field()

    class Meta:
        model = User
        fields = (
            "id",
            "email",
            "first_name",
            "last_name",
            "roles",
            "is_active",
            "date_joined",
            "last_login",
        )
        export_order = fields

    def visible_to(self, *, user: Any) -> QuerySet[User]:  # noqa: ARG002 (the permission decides)
        return user_list()

    def dehydrate_roles(self, user: User) -> str:
        return " ".join(sorted(group.name for group in user.groups.all()))


register("users", UserResource, rules.user_export.is_for, directions=[Direction.EXPORT])
