"""Reads of accounts."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet

from apps.users.models import Role, User


def user_list() -> QuerySet[User]:
    """Return all accounts, newest first, with their roles."""
    return User.objects.prefetch_related("groups")


def user_is_administrator(*, user: AbstractBaseUser | AnonymousUser) -> bool:
    """Tell whether ``user`` may administer the service: by role, or as a superuser."""
    if not isinstance(user, User) or not user.is_active:
        return False
    return user.is_superuser or Role.ADMINISTRATOR in user.roles
