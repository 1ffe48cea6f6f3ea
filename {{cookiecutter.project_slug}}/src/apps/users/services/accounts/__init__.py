"""What people do with their own accounts, which begins with a mail to them."""

from apps.users.services.accounts.addresses import email_change_confirm, email_change_request
from apps.users.services.accounts.passwords import (
    password_change,
    password_reset_confirm,
    password_reset_request,
)
from apps.users.services.accounts.registration import registration_confirm, registration_request

__all__ = [
    "email_change_confirm",
    "email_change_request",
    "password_change",
    "password_reset_confirm",
    "password_reset_request",
    "registration_confirm",
    "registration_request",
]
