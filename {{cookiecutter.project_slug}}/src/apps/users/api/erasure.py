# % if cookiecutter.auth == "oidc"
"""Whether it is the person who asks to be erased, and no page that was left open."""

import time
from datetime import timedelta
from typing import Any, cast

from rest_framework.request import Request

from apps.users.errors import SignInTooOldError

SIGN_IN_MAXIMUM_AGE = timedelta(minutes=5)


def confirm(request: Request) -> None:
    """Refuse a caller who has not signed in at the issuer within SIGN_IN_MAXIMUM_AGE.

    ``auth_time`` says when that was (OpenID Connect Core, section 2). Not every issuer says so: the time
    at which the token was issued has to do then.

    Raises:
        SignInTooOldError: sign in anew, with ``prompt=login`` or ``max_age``.
    """
    claims = cast("dict[str, Any]", request.auth or {})
    signed_in_at = claims.get("auth_time", claims.get("iat"))
    if not isinstance(signed_in_at, int | float):
        signed_in_at = 0
    if time.time() - signed_in_at > SIGN_IN_MAXIMUM_AGE.total_seconds():
        minutes = SIGN_IN_MAXIMUM_AGE // timedelta(minutes=1)
        raise SignInTooOldError(f"Sign in anew first: that may be {minutes} minutes ago at most.")
# % else
"""Whether it is the person who asks to be erased, and no page that was left open."""

from typing import Any, cast

from rest_framework import serializers
from rest_framework.request import Request

from apps.users.models import User
from apps.users.services.accounts.passwords import require_password
from core.api.preconditions import PreconditionsSchema


class ErasureInput(serializers.Serializer[Any]):
    password = serializers.CharField(
        max_length=128, trim_whitespace=False, style={"input_type": "password"}
    )


class ErasureSchema(PreconditionsSchema):
    """Describes the body of a DELETE, which drf-spectacular leaves out: few requests have one."""

    def _get_request_body(self, direction: Any = "request") -> Any:
        if self.method != "DELETE":
            return super()._get_request_body(direction)  # type: ignore[no-untyped-call]
        self.method = "POST"
        try:
            return super()._get_request_body(direction)  # type: ignore[no-untyped-call]
        finally:
            self.method = "DELETE"


def confirm(request: Request) -> None:
    """Refuse a caller who does not know the password.

    Raises:
        WrongPasswordError: when it is another.
    """
    given = ErasureInput(data=request.data)
    given.is_valid(raise_exception=True)
    require_password(cast("User", request.user), given.validated_data["password"])
# % endif
