"""Signing in over HTTP, one module per way to sign in."""

from collections.abc import Callable
from dataclasses import dataclass, field

from apps.users.models import User
from tests.e2e.http import Client


@dataclass(frozen=True)
class Authentication:
    """How a client signs in, and the variables that the service needs for it."""

    sign_in: Callable[[Client, User], None]
    variables: dict[str, str] = field(default_factory=dict)
