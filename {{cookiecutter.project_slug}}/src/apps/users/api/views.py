"""Accounts over HTTP."""

from typing import cast

# % if cookiecutter.auth == "session"
from django.contrib.auth import logout
# % endif
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from apps.users import rules
# % if cookiecutter.auth == "oidc"
from apps.users.api.erasure import confirm
# % else
from apps.users.api.erasure import ErasureInput, ErasureSchema, confirm
# % endif
from apps.users.api.filters import UserFilter
from apps.users.api.serializers import UserCreateInput, UserOutput, UserUpdateInput
from apps.users.models import User
from apps.users.selectors import user_list
from apps.users.services import account_erase, user_create, user_update
from core.api.history import HistoryView
from core.api.permissions import ruled
from core.api.preconditions import PreconditionsMixin


class UserListView(generics.ListAPIView[User]):
    """All accounts, for auditors and admins."""

    permission_classes = (ruled(read=rules.user_list, write=rules.user_create),)
    serializer_class = UserOutput
    filterset_class = UserFilter
    ordering_fields = ("email",)

    def get_queryset(self) -> QuerySet[User]:
        return user_list()

    @extend_schema(request=UserCreateInput, responses={201: UserOutput, 409: None})
    def post(self, request: Request) -> Response:
        """Create an account. Admins only."""
        serializer = UserCreateInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = user_create(**serializer.validated_data)
        return Response(UserOutput(user).data, status=status.HTTP_201_CREATED)


class UserHistoryView(HistoryView):
    """The changes of an account, the latest first, also when it is gone. Auditors and admins only."""

    model = User
    permission_classes = (ruled(read=rules.user_history),)


class CurrentUserView(PreconditionsMixin, generics.RetrieveAPIView[User]):
    """The account of the caller."""

    permission_classes = (IsAuthenticated,)
    serializer_class = UserOutput
    if_match_optional = ("patch", "delete")

    # % if cookiecutter.auth != "oidc"
    schema = ErasureSchema()

    @property
    def throttle_scope(self) -> str | None:
        """Only where passwords could be guessed."""
        return "account" if self.request.method == "DELETE" else None

    # % endif
    def get_object(self) -> User:
        return cast("User", self.conditional(cast("User", self.request.user)))

    @extend_schema(request=UserUpdateInput, responses={200: UserOutput, 409: None})
    def patch(self, request: Request) -> Response:
        """Change the account of the caller."""
        serializer = UserUpdateInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = user_update(user=self.get_object(), **serializer.validated_data)
        return Response(UserOutput(user).data)

    # % if cookiecutter.auth == "oidc"
    @extend_schema(request=None, responses={204: None, 403: None, 409: None})
    # % else
    @extend_schema(request=ErasureInput, responses={204: None, 409: None})
    # % endif
    def delete(self, request: Request) -> Response:
        """Erase the caller: the account is closed, and nothing personal is kept. Nobody can undo it."""
        user = self.get_object()
        confirm(request)
        account_erase(user_id=user.pk)
        # % if cookiecutter.auth == "session"
        # Else the middleware would try to save what is gone.
        logout(request)
        # % endif
        return Response(status=status.HTTP_204_NO_CONTENT)
