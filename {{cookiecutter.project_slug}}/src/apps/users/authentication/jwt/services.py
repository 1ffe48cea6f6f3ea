"""What becomes of tokens: whom they are for, how they are refreshed, how they end."""

import logging
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.exceptions import TokenError

from apps.users.authentication.jwt.models import EndReason, TokenFamily
from apps.users.authentication.jwt.tokens import (
    AccessToken,
    RefreshToken,
    is_password_of,
    read_token,
)
from apps.users.models import User
from core.identity.origin import current_origin
from core.jobs.batches import delete_in_batches

logger = logging.getLogger(__name__)

# The latest ones are listed. Who has more ends all of them.
LISTED_MAXIMUM = 100


def token_user(*, token: AccessToken | RefreshToken) -> User:
    """Return the account that ``token`` is for, with one query.

    The account has an attribute ``current_jti`` besides: of the family's good refresh token.

    Raises:
        TokenError: when the account is gone, or the family has ended.
        AuthenticationFailed: when the account is closed, or its password is another since then.
    """
    family = TokenFamily.objects.filter(
        pk=token.family_id, user=OuterRef("pk"), ended_at__isnull=True
    )
    user = (
        User.objects.annotate(current_jti=Subquery(family.values("current")))
        .filter(pk=token.user_id)
        .first()
    )
    if user is None:
        raise TokenError("The account is gone")
    if not user.is_active:
        raise AuthenticationFailed("The account is closed.", code="user_inactive")
    if not is_password_of(token, user):
        raise AuthenticationFailed("The password has been changed.", code="password_changed")
    if user.current_jti is None:
        raise TokenError("The sign-in has ended")
    return user


def token_check(*, text: str) -> None:
    """Refuse what is no token of this service that can be used now, with one query.

    Raises:
        TokenError, AuthenticationFailed: as ``token_user`` does, and when a refresh token is used up.
    """
    token = read_token(text)
    user = token_user(token=token)
    if isinstance(token, RefreshToken) and token["jti"] != user.current_jti:  # type: ignore[attr-defined]
        raise TokenError("Token is used up")


def token_refresh(*, text: str) -> RefreshToken:
    """Use a refresh token up, and return the next one of its family. Costs two queries.

    A token that was used up already ends its family: of the two who have it, one stole it, and
    nobody can tell which. So does the second of two requests at once.
    https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2

    Raises:
        TokenError, AuthenticationFailed: as ``token_user`` does, and when ``text`` is no refresh
            token, or is used up.
    """
    token = RefreshToken(text)  # type: ignore[arg-type]
    user = token_user(token=token)
    used = token["jti"]
    token.set_jti()
    token.set_exp()
    token.set_iat()
    # Of two requests at once, the database lets one find the token that both bring.
    is_first = TokenFamily.objects.filter(
        pk=token.family_id, current=used, ended_at__isnull=True
    ).update(
        current=token["jti"],
        refreshed_at=token.current_time,
        expires_at=token.family_expires_at,
    )
    if not is_first:
        if _family_end(token.family_id, EndReason.REUSED):
            origin = current_origin()
            logger.warning(
                "A used-up refresh token of user %s came again, from %s in request %s: "
                "family %s has ended.",
                user.pk,
                origin.remote_address,
                origin.request_id,
                token.family_id,
            )
        raise TokenError("Token is used up")
    return token


def family_sign_out(*, text: str) -> None:
    """End the family of a refresh token, and so all of its tokens. Costs one query.

    Raises:
        TokenError: when ``text`` is no refresh token, or the family has ended already.
    """
    token = RefreshToken(text)  # type: ignore[arg-type]
    if not _family_end(token.family_id, EndReason.SIGNED_OUT):
        raise TokenError("The sign-in has ended")


def families_of(*, user_id: UUID) -> QuerySet[TokenFamily]:
    """Return the families of a user that have not ended, the latest first; 100 at most."""
    running = _living(user_id).filter(expires_at__gt=timezone.now())
    return running.order_by("-id")[:LISTED_MAXIMUM]


def family_end(*, user_id: UUID, family_id: UUID) -> bool:
    """End a family of a user, and tell whether there was such a one that had not ended."""
    ended = _living(user_id).filter(pk=family_id, expires_at__gt=timezone.now())
    return bool(ended.update(ended_at=timezone.now(), end_reason=EndReason.ENDED))


def families_end(*, user_id: UUID) -> None:
    """End all families of a user, and so all of the user's tokens."""
    _living(user_id).update(ended_at=timezone.now(), end_reason=EndReason.ENDED)


def families_purge() -> int:
    """Delete the families that have expired, and return how many there were."""
    return delete_in_batches(TokenFamily.objects.filter(expires_at__lte=timezone.now()))


def _living(user_id: UUID) -> QuerySet[TokenFamily]:
    return TokenFamily.objects.filter(user=user_id, ended_at__isnull=True)


def _family_end(family_id: UUID, reason: EndReason) -> bool:
    """End a family, and tell whether it had not ended before."""
    living = TokenFamily.objects.filter(pk=family_id, ended_at__isnull=True)
    return bool(living.update(ended_at=timezone.now(), end_reason=reason))
