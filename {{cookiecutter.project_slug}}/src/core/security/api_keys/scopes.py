"""Which scope a request needs: what no scope of the settings covers is refused to every key."""

from collections.abc import Collection

from django.conf import settings
from rest_framework.permissions import SAFE_METHODS

# Of keys that were made before there were scopes: all that the settings have.
EVERY_SCOPE = "*"


def scope_for(method: str, route: str) -> str | None:
    """Return the scope that a key needs for ``method`` of ``route``; ``None`` if none suffices.

    Args:
        method: in capitals.
        route: as Django's resolver names it, such as ``api/v1/tasks/<uuid:pk>/``.
    """
    kind = ":read" if method in SAFE_METHODS else ":write"
    for scope, (_, routes) in settings.API_KEY_SCOPES.items():
        if scope.endswith(kind) and route in routes:
            return str(scope)
    return None


def suffices(scopes: Collection[str], needed: str | None) -> bool:
    """Tell whether a key with ``scopes`` may do what needs ``needed``."""
    return needed is not None and (needed in scopes or EVERY_SCOPE in scopes)
