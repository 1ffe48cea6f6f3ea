"""What a caller of the service knows, and what no tool can guess: ids and bodies that are right.

Each module knows one part of the service, and has a function ``known(user)``.
"""

from dataclasses import asdict, dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from apps.users.models import User


@dataclass
class Known:
    """``ids`` of rows by method and path, or by the path's first word; the rest by method and path.

    What is good for once only must be there more often than it is used.
    """

    ids: dict[str, list[str]] = field(default_factory=dict)
    bodies: dict[str, list[Any]] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    # Operations that accept nothing here.
    refusing: list[str] = field(default_factory=list)


def all_known(user: User) -> dict[str, Any]:
    """Make rows, and return what ``user`` knows of every part of the service, ready for JSON."""
    together = Known()
    for module in iter_modules(__path__):
        part: Known = import_module(f"{__name__}.{module.name}").known(user)
        together.ids |= part.ids
        together.bodies |= part.bodies
        together.headers |= part.headers
        together.refusing += part.refusing
    return asdict(together)
