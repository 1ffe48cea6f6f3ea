"""Finds or makes the account of a person whom the issuer vouches for."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from apps.users.authentication.oidc.errors import EmailNotVerifiedError, IdentityConflictError
from apps.users.authentication.oidc.models import ExternalIdentity, identity_digest
from apps.users.errors import EmailTakenError
from apps.users.models import User
from apps.users.services import user_create

# What the columns hold.
NAME_MAXIMUM_LENGTH = 150
EMAIL_MAXIMUM_LENGTH = 254


def user_provision(*, claims: Mapping[str, Any]) -> User:
    """Return the account of the subject of a token, and make it when there is none.

    An account that has the same address is taken over only when the issuer says that the address
    is verified: else anybody could name any address there, and get that account here. Two first
    requests at once make one account.

    Args:
        claims: of a valid token: ``iss`` and ``sub``; for the first sign-in ``email`` and
            ``email_verified`` too, and if there are any ``given_name`` and ``family_name``.

    Raises:
        EmailNotVerifiedError: when there is no account, and no verified address to make it with.
        IdentityConflictError: when the account with this address is another subject's.
    """
    user = _user_of_identity(claims)
    if user is not None:
        return user
    email = _verified_email(claims)
    try:
        with transaction.atomic():
            user = User.objects.filter(email=email).first() or user_create(
                email=email,
                first_name=_name(claims, "given_name"),
                last_name=_name(claims, "family_name"),
            )
            ExternalIdentity.objects.create(
                user=user,
                issuer=claims["iss"],
                subject=claims["sub"],
                digest=identity_digest(issuer=claims["iss"], subject=claims["sub"]),
            )
    except (EmailTakenError, IntegrityError) as error:
        # Another request of this subject was first, or the account has a subject already.
        user = _user_of_identity(claims)
        if user is None:
            raise IdentityConflictError(
                "The account with this address belongs to somebody else. Ask an administrator."
            ) from error
    return user


def _user_of_identity(claims: Mapping[str, Any]) -> User | None:
    digest = identity_digest(issuer=claims["iss"], subject=claims["sub"])
    return User.objects.filter(external_identities__digest=digest).first()


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
