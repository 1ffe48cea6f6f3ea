"""What the rules of accounts refuse. Clients branch on the codes, so they never change."""

from core.errors import ApplicationError, ConflictError


class EmailTakenError(ConflictError):
    """Another account has this address."""

    code = "email_taken"


class PasswordRefusedError(ApplicationError):
    """The password is too easy to guess."""

    code = "password_refused"


class LastAdminError(ConflictError):
    """Nobody else could administer the service."""

    code = "last_admin"
