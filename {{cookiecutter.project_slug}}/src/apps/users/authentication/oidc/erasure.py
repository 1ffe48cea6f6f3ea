"""The end of the caller's own account, for whom a sign-in of the last minutes speaks."""

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.users.api.views import CurrentUserView
from apps.users.authentication.oidc.errors import SignInTooOldError
from apps.users.services import account_erase

SIGN_IN_MAXIMUM_AGE = timedelta(minutes=5)


class OwnAccountView(CurrentUserView):
    """The account of the caller, who can erase it too."""

    @extend_schema(request=None, responses={204: None, 403: None, 409: None})
    def delete(self, request: Request) -> Response:
        """Erase the caller: the account is closed, and nothing personal is kept. Nobody can undo it.

        The token must be of a sign-in of the last minutes: ask the issuer with `prompt=login`.
        """
        user = self.get_object()
        require_fresh_sign_in(cast("Mapping[str, Any]", request.auth or {}))
        account_erase(user_id=user.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


def require_fresh_sign_in(claims: Mapping[str, Any]) -> None:
    """Refuse a caller who has not signed in at the issuer within SIGN_IN_MAXIMUM_AGE.

    ``auth_time`` says when that was (OpenID Connect Core, section 2). Not every issuer says so: the time
    at which the token was issued has to do then.

    Raises:
        SignInTooOldError: when it was before, or nobody says when.
    """
    signed_in_at = claims.get("auth_time", claims.get("iat"))
    if not isinstance(signed_in_at, int | float):
        signed_in_at = 0
    if time.time() - signed_in_at > SIGN_IN_MAXIMUM_AGE.total_seconds():
        minutes = SIGN_IN_MAXIMUM_AGE // timedelta(minutes=1)
        raise SignInTooOldError(f"Sign in anew first: that may be {minutes} minutes ago at most.")
