"""Sign in, stay signed in, sign out: in browsers, which get their tokens as cookies."""

from contextlib import suppress
from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth.models import update_last_login
from django.db import transaction
from django.middleware.csrf import get_token
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.exceptions import TokenError

from apps.users.authentication.accounts.errors import NoActiveAccountError
from apps.users.authentication.jwt.backend import CsrfAuthentication
from apps.users.authentication.jwt.cookies import REFRESH_COOKIE, delete_cookies, set_cookies
from apps.users.authentication.jwt.serializers import CsrfOutput, TokenObtainInput
from apps.users.authentication.jwt.services import family_sign_out, token_refresh
from apps.users.authentication.jwt.tokens import RefreshToken


@method_decorator(never_cache, name="dispatch")
class CsrfView(APIView):
    """Gives the token that each write must bring."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(responses=CsrfOutput)
    def get(self, request: Request) -> Response:
        """Get a CSRF token and its cookie."""
        return Response({"csrf_token": get_token(request)})


@method_decorator(never_cache, name="dispatch")
class CookieView(APIView):
    """Takes nobody's word, but a CSRF token."""

    authentication_classes = (CsrfAuthentication,)
    permission_classes = (AllowAny,)


class CookieSignInView(CookieView):
    """Signs in with e-mail address and password."""

    throttle_scope = "sign-in"

    @extend_schema(request=TokenObtainInput, responses={204: None, 401: None, 403: None}, auth=[])
    def post(self, request: Request) -> Response:
        """Get a pair of tokens as cookies. Unknown address and wrong password have the same answer."""
        serializer = TokenObtainInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        user: Any = authenticate(request, **serializer.validated_data)
        if user is None:
            raise NoActiveAccountError
        with transaction.atomic():
            refresh = RefreshToken.for_user(user)
            update_last_login(type(user), user)
        response = Response(status=status.HTTP_204_NO_CONTENT)
        set_cookies(response, refresh)
        return response


class CookieRefreshView(CookieView):
    """Trades the refresh token in the cookie for a new pair."""

    @extend_schema(request=None, responses={204: None, 401: None, 403: None}, auth=[])
    def post(self, request: Request) -> Response:
        """Get a new pair of tokens as cookies. The refresh token is used up by that.

        One that is used up already and comes again ends the sign-in. So refresh once at a time.
        """
        try:
            refresh = token_refresh(text=request.COOKIES.get(REFRESH_COOKIE, ""))
        except TokenError as error:
            raise AuthenticationFailed(
                "The token is not valid, or no longer.", code="token_not_valid"
            ) from error
        response = Response(status=status.HTTP_204_NO_CONTENT)
        set_cookies(response, refresh)
        return response


class CookieSignOutView(CookieView):
    """Signs out."""

    @extend_schema(request=None, responses={204: None, 403: None}, auth=[])
    def post(self, request: Request) -> Response:
        """End the sign-in that the cookies are from, if it has not ended yet, and remove them."""
        with suppress(TokenError):
            family_sign_out(text=request.COOKIES.get(REFRESH_COOKIE, ""))
        response = Response(status=status.HTTP_204_NO_CONTENT)
        delete_cookies(response)
        return response
