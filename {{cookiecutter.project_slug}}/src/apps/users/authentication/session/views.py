"""Sign in, sign out."""

from django.contrib.auth import authenticate, login, logout
from django.db import transaction
from django.middleware.csrf import get_token
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.users.api.serializers import UserOutput
from apps.users.authentication.accounts.errors import NoActiveAccountError
from apps.users.authentication.session.backend import SignInAuthentication
from apps.users.authentication.session.serializers import CsrfOutput, LoginInput
from apps.users.services import user_lock


@method_decorator(never_cache, name="dispatch")
class CsrfView(APIView):
    """Gives the token that each write must bring."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(responses=CsrfOutput)
    def get(self, request: Request) -> Response:
        """Get a CSRF token and its cookie. Signing in changes it: get it again then."""
        return Response({"csrf_token": get_token(request)})


@method_decorator(never_cache, name="dispatch")
class LoginView(APIView):
    """Signs in with e-mail address and password."""

    authentication_classes = (SignInAuthentication,)
    permission_classes = (AllowAny,)
    throttle_scope = "sign-in"

    @extend_schema(request=LoginInput, responses={200: UserOutput, 401: None, 403: None}, auth=[])
    def post(self, request: Request) -> Response:
        """Start a session. Unknown address and wrong password have the same answer."""
        serializer = LoginInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = authenticate(request, **serializer.validated_data)
        with transaction.atomic():
            # Asked again under a lock: the account may have been erased in this moment.
            if user is None or not user_lock(user_id=user.pk):
                raise NoActiveAccountError
            login(request, user)
            request.session.save()
        return Response(UserOutput(user).data)


class LogoutView(APIView):
    """Signs out."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """End the session."""
        logout(request)
        return Response(status=status.HTTP_204_NO_CONTENT)
