"""What is refused here. Clients branch on the codes, so they never change."""

from core.errors import ApplicationError, ForbiddenError


class WrongPasswordError(ApplicationError):
    """The current password is another."""

    code = "password_wrong"


class TokenRefusedError(ApplicationError):
    """The token of a mail is not valid, or no longer."""

    code = "token_refused"


class RegistrationClosedError(ForbiddenError):
    """People cannot make accounts themselves."""

    code = "registration_closed"
