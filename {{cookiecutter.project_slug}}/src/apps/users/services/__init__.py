"""Writes to accounts."""

from apps.users.services.users import user_assign_roles, user_create, user_update

__all__ = ["user_assign_roles", "user_create", "user_update"]
