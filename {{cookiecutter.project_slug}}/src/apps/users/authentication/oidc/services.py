"""Finds or makes the account of a person whom the issuer vouches for."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import F

from apps.users.authentication.oidc.erased import is_from_before
from apps.users.authentication.oidc.errors import (
    AccountErasedError,
    EmailNotVerifiedError,
    IdentityConflictError,
)
from apps.users.authentication.oidc.models import ExternalIdentity, identity_digest
from apps.users.authentication.oidc.roles import claimed_roles, managed_roles, roles_digest
from apps.users.errors import EmailTakenError
from apps.users.models import User
from apps.users.services import user_assign_roles, user_create

# What the columns hold.
NAME_MAXIMUM_LENGTH = 150
EMAIL_MAXIMUM_LENGTH = 254


def user_provision(*, claims: Mapping[str, Any]) -> User:
    """Return the account of the subject of a token, and make it when there is none.

    An account that has the same address is taken over only when the issuer says that the address
    is verified: else anybody could name any address there, and get that account here. Two first
    requests at once make one account.

    With ``OIDC_ROLES_MAPPING`` it has those of the mapping's roles that the claims give, and keeps
    all other roles. That is written when the claims change, not with each token.

    Args:
        claims: of a valid token: ``iss`` and ``sub``; for the first sign-in ``email`` and
            ``email_verified`` too, and if there are any ``given_name`` and ``family_name``; ``iat``
            and the claim of the roles with each token.

    Raises:
        AccountErasedError: when the account was erased since the token was issued.
        EmailNotVerifiedError: when there is no account, and no verified address to make it with.
        IdentityConflictError: when the account with this address is another subject's.
    """
    identity = _identity(claims) or _identity_create(claims)
    if settings.OIDC_ROLES_MAPPING and identity.user.is_active:
        _take_roles(identity, claims)
    return identity.user


def _identity(claims: Mapping[str, Any]) -> ExternalIdentity | None:
    """Return what is known of the subject, with its account, in one query."""
    digest = identity_digest(issuer=claims["iss"], subject=claims["sub"])
    users = User.objects.filter(external_identities__digest=digest)
    user = users.annotate(
        identity_id=F("external_identities__id"),
        roles_digest=F("external_identities__roles_digest"),
        roles_issued_at=F("external_identities__roles_issued_at"),
    ).first()
    if user is None:
        return None
    return ExternalIdentity(
        id=user.identity_id,
        user=user,
        roles_digest=user.roles_digest,
        roles_issued_at=user.roles_issued_at,
    )


def _identity_create(claims: Mapping[str, Any]) -> ExternalIdentity:
    digest = identity_digest(issuer=claims["iss"], subject=claims["sub"])
    if is_from_before(digest, int(claims.get("iat", 0))):
        raise AccountErasedError("The account is erased. Sign in anew for another one.")
    email = _verified_email(claims)
    try:
        with transaction.atomic():
            user = User.objects.filter(email=email).first() or user_create(
                email=email,
                first_name=_name(claims, "given_name"),
                last_name=_name(claims, "family_name"),
            )
            return ExternalIdentity.objects.create(
                user=user,
                issuer=claims["iss"],
                subject=claims["sub"],
                digest=digest,
            )
    except (EmailTakenError, IntegrityError) as error:
        # Another request of this subject was first, or the account has a subject already.
        identity = _identity(claims)
        if identity is None:
            raise IdentityConflictError(
                "The account with this address belongs to somebody else. Ask an admin."
            ) from error
        return identity


def _take_roles(identity: ExternalIdentity, claims: Mapping[str, Any]) -> None:
    """Give the account the roles that ``claims`` say, if that is news."""
    claimed = claimed_roles(claims)
    digest, issued_at = roles_digest(claimed), int(claims.get("iat", 0))

    def is_news(identity: ExternalIdentity) -> bool:
        # A token that is older, and still valid, brings back no role that was taken since.
        return identity.roles_digest != digest and identity.roles_issued_at <= issued_at

    if not is_news(identity):
        return
    with transaction.atomic():
        locked = ExternalIdentity.objects.select_for_update().select_related("user")
        current = locked.get(pk=identity.pk)
        if is_news(current):
            roles = set(current.user.roles)
            wanted = (roles - managed_roles()) | claimed
            if wanted != roles:
                user_assign_roles(user=current.user, roles=wanted)
            ExternalIdentity.objects.filter(pk=current.pk).update(
                roles_digest=digest, roles_issued_at=issued_at
            )
    identity.user = current.user


def _verified_email(claims: Mapping[str, Any]) -> str:
    email = User.objects.normalize_email(str(claims.get("email") or ""))
    try:
        validate_email(email)
    except ValidationError:
        email = ""
    if not email or len(email) > EMAIL_MAXIMUM_LENGTH or claims.get("email_verified") is not True:
        raise EmailNotVerifiedError(
            "A first sign-in needs a token with a verified address: the claims email and "
            "email_verified."
        )
    return email


def _name(claims: Mapping[str, Any], claim: str) -> str:
    """Return a name as the issuer's users may have written it, as far as a column can hold it."""
    text = str(claims.get(claim) or "")
    return "".join(character for character in text if character.isprintable())[:NAME_MAXIMUM_LENGTH]
