"""Whom the rules do not let in. Clients branch on the codes, so they never change."""

from core.errors import ForbiddenError


class EmailNotVerifiedError(ForbiddenError):
    """The token brings no address that the issuer has verified."""

    code = "email_not_verified"


class IdentityConflictError(ForbiddenError):
    """The address belongs to an account of another subject of the issuer."""

    code = "identity_conflict"


class AccountErasedError(ForbiddenError):
    """The token is from before the account was erased."""

    code = "account_erased"


class SignInTooOldError(ForbiddenError):
    """The caller has not signed in at the issuer within the last minutes."""

    code = "sign_in_too_old"
