"""Accounts over HTTP."""

from typing import cast

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from apps.users import rules
from apps.users.api.filters import UserFilter
from apps.users.api.serializers import UserCreateInput, UserOutput, UserUpdateInput
from apps.users.models import User
from apps.users.selectors import user_list
from apps.users.services import user_create, user_update
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
    # % if cookiecutter.row_level_security
    # What others have may hold the address of whom it erases.
    methods_reaching_all_rows = ("DELETE",)
    # % endif
    # Each way to sign in adds how the caller erases it.
    if_match_optional = ("patch", "delete")

    def get_object(self) -> User:
        return cast("User", self.conditional(cast("User", self.request.user)))

    @extend_schema(request=UserUpdateInput, responses={200: UserOutput, 409: None})
    def patch(self, request: Request) -> Response:
        """Change the account of the caller."""
        serializer = UserUpdateInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = user_update(user=self.get_object(), **serializer.validated_data)
        return Response(UserOutput(user).data)
