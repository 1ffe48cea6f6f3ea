"""Writes to accounts."""

from apps.users.services.erasure import account_erase
from apps.users.services.second_factor import second_factor_enrol
from apps.users.services.users import (
    user_assign_roles,
    user_create,
    user_hold,
    user_lock,
    user_update,
)

__all__ = [
    "account_erase",
    "second_factor_enrol",
    "user_assign_roles",
    "user_create",
    "user_hold",
    "user_lock",
    "user_update",
]
