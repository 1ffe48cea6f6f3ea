"""Accounts over HTTP."""

from typing import cast

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from apps.users.api.filters import UserFilter
from apps.users.api.permissions import IsAdministrator
from apps.users.api.serializers import UserCreateInput, UserOutput, UserUpdateInput
from apps.users.models import User
from apps.users.selectors import user_list
from apps.users.services import user_create, user_update


class UserListView(generics.ListAPIView[User]):
    """All accounts, for administrators."""

    permission_classes = (IsAuthenticated, IsAdministrator)
    serializer_class = UserOutput
    filterset_class = UserFilter

    def get_queryset(self) -> QuerySet[User]:
        return user_list()

    @extend_schema(request=UserCreateInput, responses={201: UserOutput})
    def post(self, request: Request) -> Response:
        """Create an account."""
        serializer = UserCreateInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = user_create(**serializer.validated_data)
        return Response(UserOutput(user).data, status=status.HTTP_201_CREATED)


class CurrentUserView(generics.RetrieveAPIView[User]):
    """The account of the caller."""

    serializer_class = UserOutput

    def get_object(self) -> User:
        return cast("User", self.request.user)

    @extend_schema(request=UserUpdateInput, responses=UserOutput)
    def patch(self, request: Request) -> Response:
        """Change the account of the caller."""
        serializer = UserUpdateInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = user_update(user=self.get_object(), **serializer.validated_data)
        return Response(UserOutput(user).data)
