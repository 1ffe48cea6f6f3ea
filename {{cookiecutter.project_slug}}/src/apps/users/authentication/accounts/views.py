"""Registration, passwords and addresses over HTTP."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.users.api.serializers import UserOutput
from apps.users.authentication.accounts.base import OpenView, OwnAccountView
from apps.users.authentication.accounts.serializers import (
    EmailChangeInput,
    EmailInput,
    MailOutput,
    PasswordChangeInput,
    PasswordResetConfirmInput,
    RegistrationConfirmInput,
    TokenInput,
)
from apps.users.authentication.accounts.throttles import RecipientThrottle
from apps.users.services.accounts import (
    email_change_confirm,
    email_change_request,
    password_change,
    password_reset_confirm,
    password_reset_request,
    registration_confirm,
    registration_request,
)

# Of whatever has mail sent.
MAIL_THROTTLES = (*APIView.throttle_classes, RecipientThrottle)


def mail_answer() -> Response:
    detail = "If that is possible, a mail is on its way. It says how to go on."
    return Response({"detail": detail}, status=status.HTTP_202_ACCEPTED)


class RegistrationView(OpenView):
    """Begins with an address."""

    throttle_classes = MAIL_THROTTLES

    @extend_schema(request=EmailInput, responses={202: MailOutput, 403: None}, auth=[])
    def post(self, request: Request) -> Response:
        """Ask for an account. The answer is the same whether there is one with this address."""
        given = EmailInput(data=request.data)
        given.is_valid(raise_exception=True)
        registration_request(**given.validated_data)
        return mail_answer()


class RegistrationConfirmView(OpenView):
    """Ends with the token of the mail."""

    @extend_schema(
        request=RegistrationConfirmInput,
        responses={201: UserOutput, 403: None, 409: None},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Make the account of the address that the token was sent to. Sign in then."""
        given = RegistrationConfirmInput(data=request.data)
        given.is_valid(raise_exception=True)
        user = registration_confirm(**given.validated_data)
        return Response(UserOutput(user).data, status=status.HTTP_201_CREATED)


class PasswordResetView(OpenView):
    """Begins with an address."""

    throttle_classes = MAIL_THROTTLES

    @extend_schema(request=EmailInput, responses={202: MailOutput}, auth=[])
    def post(self, request: Request) -> Response:
        """Ask for a new password. The answer is the same whether there is such an account."""
        given = EmailInput(data=request.data)
        given.is_valid(raise_exception=True)
        password_reset_request(**given.validated_data)
        return mail_answer()


class PasswordResetConfirmView(OpenView):
    """Ends with the token of the mail."""

    @extend_schema(request=PasswordResetConfirmInput, responses={204: None, 409: None}, auth=[])
    def post(self, request: Request) -> Response:
        """Set a new password with a token, once. It ends all sign-ins of the account."""
        given = PasswordResetConfirmInput(data=request.data)
        given.is_valid(raise_exception=True)
        password_reset_confirm(**given.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)


class PasswordChangeView(OwnAccountView):
    """Replaces the password of the caller."""

    throttle_scope = "account"

    @extend_schema(request=PasswordChangeInput, responses={204: None, 409: None})
    def post(self, request: Request) -> Response:
        """Replace the password. It ends all other sign-ins, and with tokens this one too."""
        given = PasswordChangeInput(data=request.data)
        given.is_valid(raise_exception=True)
        password_change(user=self.user, **given.validated_data)
        self.stay_signed_in()
        return Response(status=status.HTTP_204_NO_CONTENT)

    def stay_signed_in(self) -> None:
        """Go on with the sign-in of the request, if there is a way."""


class EmailChangeView(OwnAccountView):
    """Begins with the new address and the password."""

    throttle_scope = "account"
    throttle_classes = MAIL_THROTTLES

    @extend_schema(request=EmailChangeInput, responses={202: MailOutput})
    def post(self, request: Request) -> Response:
        """Ask for another address. The answer is the same whether another account has it."""
        given = EmailChangeInput(data=request.data)
        given.is_valid(raise_exception=True)
        email_change_request(user=self.user, **given.validated_data)
        return mail_answer()


class EmailChangeConfirmView(OpenView):
    """Ends with the token of the mail."""

    @extend_schema(request=TokenInput, responses={204: None, 409: None}, auth=[])
    def post(self, request: Request) -> Response:
        """Give the account the address that the token was sent to, once."""
        given = TokenInput(data=request.data)
        given.is_valid(raise_exception=True)
        email_change_confirm(**given.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)
