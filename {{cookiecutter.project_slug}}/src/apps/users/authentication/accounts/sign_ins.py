"""The sign-ins of the caller: the list of them, and their end."""

from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from apps.users.authentication.accounts.base import OwnAccountView


class SignInOutput(serializers.Serializer[Any]):
    """A sign-in that has not ended."""

    examples: ClassVar[dict[str, Any]] = {"network": "192.0.2.0", "user_agent": "Mozilla/5.0"}

    id = serializers.UUIDField()
    created_at = serializers.DateTimeField()
    seen_at = serializers.DateTimeField(help_text="When it was last used, to some minutes.")
    expires_at = serializers.DateTimeField()
    network = serializers.CharField(help_text="The address it came from, without its last part.")
    user_agent = serializers.CharField(help_text="What the program said of itself.")
    is_current = serializers.SerializerMethodField(
        help_text="Whether this request is a part of it."
    )

    def get_is_current(self, sign_in: Any) -> bool:
        return bool(sign_in.id == self.context["current"])


class SignInsOutput(serializers.Serializer[Any]):
    """The sign-ins that have not ended, the latest first."""

    items = SignInOutput(many=True)


class SignInsView(OwnAccountView):
    """All sign-ins of the caller. Each way to sign in says what they are."""

    def sign_ins(self) -> Iterable[Any]:
        """Return those that have not ended, with the attributes of ``SignInOutput``."""
        raise NotImplementedError

    def current(self) -> UUID | None:
        """Return the id of the one that the request is a part of."""
        raise NotImplementedError

    def end(self, key: UUID) -> bool:
        """End one, and tell whether the caller has such a one."""
        raise NotImplementedError

    def end_all(self) -> None:
        raise NotImplementedError


class SignInListView(SignInsView):
    """All of them at once."""

    @extend_schema(responses=SignInsOutput)
    def get(self, _request: Request) -> Response:
        """List the sign-ins of the caller, the latest first."""
        output = SignInsOutput({"items": self.sign_ins()}, context={"current": self.current()})
        return Response(output.data)

    @extend_schema(operation_id="auth_sessions_destroy_all", request=None, responses={204: None})
    def delete(self, _request: Request) -> Response:
        """Sign out everywhere, here too."""
        self.end_all()
        return Response(status=status.HTTP_204_NO_CONTENT)


class SignInView(SignInsView):
    """One of them."""

    @extend_schema(request=None, responses={204: None, 404: None})
    def delete(self, _request: Request, pk: UUID) -> Response:
        """End one sign-in of the caller."""
        if not self.end(pk):
            raise NotFound
        return Response(status=status.HTTP_204_NO_CONTENT)
