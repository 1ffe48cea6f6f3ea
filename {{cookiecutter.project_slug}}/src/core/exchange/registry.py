"""What can be exchanged, and by whom."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

from core.exchange.models import Direction
from core.exchange.resources import ExchangeResource


class Permission(Protocol):
    def __call__(self, *, user: Any) -> bool: ...


@dataclass(frozen=True)
class Exchangeable:
    """A resource, who may exchange it, and in which directions."""

    resource_class: type[ExchangeResource]
    permission: Permission
    directions: Collection[Direction]


_registered: dict[str, Exchangeable] = {}


def register(
    name: str,
    resource_class: type[ExchangeResource],
    permission: Permission,
    directions: Collection[Direction] = tuple(Direction),
) -> None:
    """Let users for whom ``permission`` holds exchange a resource, which clients call ``name``."""
    _registered[name] = Exchangeable(resource_class, permission, directions)


def is_for(*, user: Any) -> bool:
    """Tell whether ``user`` may exchange anything at all."""
    return any(found.permission(user=user) for found in _registered.values())


def importable() -> list[str]:
    """Return the names of what can be imported."""
    return sorted(
        name for name, found in _registered.items() if Direction.IMPORT in found.directions
    )


def find(name: str) -> Exchangeable:
    """Return what is registered as ``name``.

    Raises:
        LookupError: when nothing is.
    """
    if name not in _registered:
        raise LookupError(f"Nothing is registered as {name!r}.")
    return _registered[name]
