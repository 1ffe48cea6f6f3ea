"""Roles that the issuer gives: what a claim lists, and which roles that means here."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from apps.users.roles import Role


def check_settings() -> None:
    """Refuse settings that give nobody a role.

    Raises:
        ImproperlyConfigured: when one of the two is set without the other, or names no role.
    """
    if bool(settings.OIDC_ROLES_CLAIM) != bool(settings.OIDC_ROLES_MAPPING):
        raise ImproperlyConfigured(
            "OIDC_ROLES_CLAIM and OIDC_ROLES_MAPPING need each other: set both, or neither."
        )
    unknown = sorted({role for _, role in settings.OIDC_ROLES_MAPPING} - set(Role.values))
    if unknown:
        raise ImproperlyConfigured(
            f"OIDC_ROLES_MAPPING gives {', '.join(unknown)}, which is no role here. "
            f"Expected: {', '.join(Role.values)}."
        )


def managed_roles() -> set[Role]:
    """Return the roles that the issuer gives and takes. All others are given here."""
    return {Role(role) for _, role in settings.OIDC_ROLES_MAPPING}


def claimed_roles(claims: Mapping[str, Any]) -> set[Role]:
    """Return the roles that ``claims`` give; names that the mapping does not know give none."""
    names = _claim_at(claims, settings.OIDC_ROLES_CLAIM)
    if isinstance(names, str):
        names = [names]
    if not isinstance(names, list):
        names = []
    return {Role(role) for name, role in settings.OIDC_ROLES_MAPPING if name in names}


def roles_digest(roles: set[Role]) -> str:
    """Return what stands for having these of the managed roles: 64 hexadecimal digits."""
    facts = ",".join(sorted(roles)) + "\n" + ",".join(sorted(managed_roles()))
    return hashlib.sha256(facts.encode()).hexdigest()


def _claim_at(claims: Mapping[str, Any], path: str) -> Any:
    """Return what is at a dotted path. Names may have dots themselves, as those that are URLs do."""
    if path in claims:
        return claims[path]
    for position, character in enumerate(path):
        inner = claims.get(path[:position]) if character == "." else None
        if isinstance(inner, Mapping):
            found = _claim_at(inner, path[position + 1 :])
            if found is not None:
                return found
    return None
