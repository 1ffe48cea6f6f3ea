"""Reads of accounts."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet

from apps.users.models import User


def user_list() -> QuerySet[User]:
    """Return all accounts, newest first, with their roles."""
    return User.objects.prefetch_related("groups")


def user_is_administrator(*, user: AbstractBaseUser | AnonymousUser) -> bool:
    """Tell whether ``user`` may administer the service."""
    return isinstance(user, User) and user.is_administrator
