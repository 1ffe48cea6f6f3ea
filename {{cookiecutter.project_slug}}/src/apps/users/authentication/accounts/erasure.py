"""The end of the caller's own account, which whoever knows its password can bring about."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.users.api.views import CurrentUserView
from apps.users.authentication.accounts.serializers import password_field
from apps.users.services import account_erase
from apps.users.services.accounts.passwords import require_password
from core.api.preconditions import PreconditionsSchema


class ErasureInput(serializers.Serializer[Any]):
    password = password_field()


class ErasureSchema(PreconditionsSchema):
    """Describes the body of a DELETE, which drf-spectacular leaves out: few requests have one."""

    def _get_request_body(self, direction: Any = "request") -> Any:
        method = self.method
        self.method = "POST" if method == "DELETE" else method
        try:
            return super()._get_request_body(direction)  # type: ignore[no-untyped-call]  # The library's.
        finally:
            self.method = method


class OwnAccountView(CurrentUserView):
    """The account of the caller, who can erase it too."""

    schema = ErasureSchema()

    @property
    def throttle_scope(self) -> str | None:
        """Only where passwords could be guessed."""
        return "account" if self.request.method == "DELETE" else None

    @extend_schema(request=ErasureInput, responses={204: None, 409: None})
    def delete(self, request: Request) -> Response:
        """Erase the caller: the account is closed, and nothing personal is kept. Nobody can undo it."""
        user = self.get_object()
        given = ErasureInput(data=request.data)
        given.is_valid(raise_exception=True)
        require_password(user, **given.validated_data)
        account_erase(user_id=user.pk)
        self.sign_out()
        return Response(status=status.HTTP_204_NO_CONTENT)

    def sign_out(self) -> None:
        """Let the request know that its sign-in is gone, if it keeps one."""
