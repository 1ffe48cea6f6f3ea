"""What the rules of keys refuse. Clients branch on the codes, so they never change."""

from core.errors import ApplicationError, ConflictError


class ExpiryTooLateError(ApplicationError):
    """The key would hold longer than keys may."""

    code = "expiry_too_late"


class KeyEndedError(ConflictError):
    """The key is revoked or expired, so nothing can take its place."""

    code = "api_key_ended"


class KeyRotatedError(ConflictError):
    """Another key has taken the place of this one before."""

    code = "api_key_rotated"
