"""Sign in, stay signed in, sign out."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt import views as simplejwt
from rest_framework_simplejwt.exceptions import AuthenticationFailed

from apps.users.authentication.jwt.backend import with_one_detail
from apps.users.authentication.jwt.serializers import (
    LogoutInput,
    TokenObtainInput,
    TokenPairOutput,
    TokenPairSerializer,
    TokenRefreshInput,
    TokenVerifyInput,
)
from apps.users.authentication.jwt.tokens import current_keys

# For so long others may keep the keys, and not know of a new one.
JWKS_MAX_AGE_SECONDS = 5 * 60


class PublicTokenMixin:
    """Lets everybody ask, and answers refused credentials, which the body has, as all errors."""

    # The library's own is empty, of a type that no other fits.
    permission_classes: Any = (AllowAny,)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, AuthenticationFailed):
            exc = with_one_detail(exc)
        response: Response = super().handle_exception(exc)  # type: ignore[misc]
        return response


@method_decorator(never_cache, name="dispatch")
class TokenObtainView(PublicTokenMixin, simplejwt.TokenObtainPairView):
    """Signs in with e-mail address and password."""

    serializer_class = TokenPairSerializer
    throttle_scope = "sign-in"

    @extend_schema(request=TokenObtainInput, responses={200: TokenPairOutput, 401: None})
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Get a pair of tokens. Unknown address and wrong password have the same answer."""
        return super().post(request, *args, **kwargs)


@method_decorator(never_cache, name="dispatch")
class TokenRefreshView(PublicTokenMixin, simplejwt.TokenRefreshView):
    """Trades a refresh token for a new pair."""

    serializer_class = TokenRefreshInput

    @extend_schema(responses={200: TokenPairOutput, 401: None})
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Get a new pair of tokens. The refresh token is used up by that.

        One that is used up already and comes again ends the sign-in: all of its tokens are refused
        then. So refresh once at a time.
        """
        return super().post(request, *args, **kwargs)


class TokenVerifyView(PublicTokenMixin, simplejwt.TokenVerifyView):
    """Tells whether a token is valid."""

    serializer_class = TokenVerifyInput

    @extend_schema(responses={200: None, 401: None})
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answer 200 when the token is valid, 401 when it is not."""
        return super().post(request, *args, **kwargs)


class LogoutView(PublicTokenMixin, simplejwt.TokenBlacklistView):
    """Signs out."""

    serializer_class = LogoutInput

    @extend_schema(responses={204: None, 401: None})
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """End the sign-in that the refresh token is from. All of its tokens are refused then."""
        super().post(request, *args, **kwargs)
        return Response(status=status.HTTP_204_NO_CONTENT)


@require_safe
@cache_control(public=True, max_age=JWKS_MAX_AGE_SECONDS)
def jwks(request: HttpRequest) -> JsonResponse:
    """Tell which public keys check the service's tokens (RFC 7517). A secret has none: no keys."""
    return JsonResponse({"keys": current_keys().public}, content_type="application/jwk-set+json")
