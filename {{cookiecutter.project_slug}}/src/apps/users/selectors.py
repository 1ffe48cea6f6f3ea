"""Reads of accounts."""

from django.db.models import QuerySet

from apps.users.models import User


def user_list() -> QuerySet[User]:
    """Return all accounts, newest first, with their roles."""
    return User.objects.prefetch_related("groups")
