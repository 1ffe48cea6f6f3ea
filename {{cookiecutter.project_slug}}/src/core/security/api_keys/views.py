"""The keys of the caller."""

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
)
from core.security.api_keys.services import api_key_create, api_key_revoke


class IsNotApiKey(BasePermission):
    """Refuses callers with a key: one that leaked must not make others that outlive it."""

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
        api_key, key = api_key_create(user=request.user, **given.validated_data)
        return Response(
            {**ApiKeyOutput(api_key).data, "key": key},
            status=status.HTTP_201_CREATED,
            headers={"Cache-Control": "no-store"},
        )


class ApiKeyView(OwnApiKeys, generics.DestroyAPIView[ApiKey]):
    """Revoke a key. It stays in the list."""

    def perform_destroy(self, instance: ApiKey) -> None:
        api_key_revoke(api_key=instance)
