"""Refusals of who signs in."""

from rest_framework.exceptions import AuthenticationFailed


class NoActiveAccountError(AuthenticationFailed):
    """Unknown address, wrong password and closed account have this one answer."""

    default_code = "no_active_account"
    default_detail = "No active account has this address and password."
