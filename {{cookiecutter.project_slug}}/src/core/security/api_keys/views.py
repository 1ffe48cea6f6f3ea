"""The keys of the caller."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.security.api_keys.models import ApiKey
from core.security.api_keys.serializers import (
    ApiKeyCreatedOutput,
    ApiKeyCreateInput,
    ApiKeyOutput,
    ApiKeyRotateInput,
)
from core.security.api_keys.services import api_key_create, api_key_revoke, api_key_rotate


class IsNotApiKey(BasePermission):
    """Refuses callers with a key: one that leaked must not make others that outlive it.

    No scope covers these views either. This holds should somebody name one in the settings.
    """

    message = "An API key cannot manage API keys: sign in."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return not isinstance(request.auth, ApiKey)


class OwnApiKeys(generics.GenericAPIView[ApiKey]):
    """What the views share: a caller sees no keys but its own, and manages none with a key."""

    permission_classes = (IsAuthenticated, IsNotApiKey)
    serializer_class = ApiKeyOutput
    queryset = ApiKey.objects.none()

    def get_queryset(self) -> QuerySet[ApiKey]:
        return ApiKey.objects.filter(user=self.request.user.pk)


class ApiKeyListView(OwnApiKeys, generics.ListAPIView[ApiKey]):
    """List the keys of the caller, revoked and expired ones too."""

    @extend_schema(request=ApiKeyCreateInput, responses={201: ApiKeyCreatedOutput})
    def post(self, request: Request) -> Response:
        """Make a key. This answer alone holds all of it."""
        given = ApiKeyCreateInput(data=request.data)
        given.is_valid(raise_exception=True)
        return created(*api_key_create(user=request.user, **given.validated_data))


class ApiKeyView(OwnApiKeys, generics.DestroyAPIView[ApiKey]):
    """Revoke a key. It stays in the list."""

    def perform_destroy(self, instance: ApiKey) -> None:
        api_key_revoke(api_key=instance)


class ApiKeyRotateView(OwnApiKeys):
    """Keys that take the place of others."""

    @extend_schema(request=ApiKeyRotateInput, responses={201: ApiKeyCreatedOutput, 409: None})
    def post(self, request: Request, pk: UUID) -> Response:
        """Make a key in place of another, which goes on for a while.

        This answer alone holds all of the new key.
        """
        api_key = self.get_object()
        given = ApiKeyRotateInput(data=request.data)
        given.is_valid(raise_exception=True)
        return created(*api_key_rotate(api_key=api_key, **given.validated_data))


def created(api_key: ApiKey, key: str) -> Response:
    """Return the one answer that shows ``key``, which nothing on the way may keep."""
    return Response(
        {**ApiKeyOutput(api_key).data, "key": key},
        status=status.HTTP_201_CREATED,
        headers={"Cache-Control": "no-store"},
    )
