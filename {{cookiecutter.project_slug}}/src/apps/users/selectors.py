"""Reads of accounts."""

from uuid import UUID

from django.db.models import Q, QuerySet

from apps.users.models import User
from apps.users.roles import Role


def user_list() -> QuerySet[User]:
    """Return all accounts, newest first, with their roles."""
    return User.objects.prefetch_related("groups")


def admin_ids() -> set[UUID]:
    """Return who has the role of an admin, and superusers, who have it too; the active ones only."""
    is_admin = Q(is_superuser=True) | Q(groups__name=Role.ADMIN)
    return set(User.objects.filter(is_admin, is_active=True).values_list("pk", flat=True))
