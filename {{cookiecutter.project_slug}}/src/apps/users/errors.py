"""What the rules of accounts refuse. Clients branch on the codes, so they never change."""

# % if cookiecutter.auth == "oidc"
from core.errors import ApplicationError, ConflictError, ForbiddenError


# % else
from core.errors import ApplicationError, ConflictError


# % endif
class EmailTakenError(ConflictError):
    """Another account has this address."""

    code = "email_taken"


class PasswordRefusedError(ApplicationError):
    """The password is too easy to guess."""

    code = "password_refused"


# % if cookiecutter.auth == "oidc"
class SignInTooOldError(ForbiddenError):
    """The caller has not signed in within the last minutes."""

    code = "sign_in_too_old"


# % endif
class LastAdminError(ConflictError):
    """Nobody else could administer the service."""

    code = "last_admin"
