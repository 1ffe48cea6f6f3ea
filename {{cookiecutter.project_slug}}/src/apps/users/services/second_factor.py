"""The second factor, with which staff sign in to the admin."""

from django.db import transaction

from apps.users.models import User
from core.errors import ConflictError, NotFoundError, UnprocessableError
from core.security.models import TOTPDevice
from core.security.security_log import log_event


@transaction.atomic
def second_factor_enrol(*, email: str, is_replaced: bool = False) -> str:
    """Give a member of the staff a device, and return its ``otpauth://`` URI, which holds its key.

    Sessions that began with a device that is replaced are asked for a code again.

    Args:
        email: the address of the account.
        is_replaced: whether a device that is there may go.

    Raises:
        ConflictError: when there is a device, and it is not to be replaced.
        NotFoundError: when there is no such account.
        UnprocessableError: when the account cannot come into the admin at all.
    """
    # Locked, so that of two at once one finds the device of the other.
    accounts = User.objects.select_for_update()
    user = accounts.filter(email=User.objects.normalize_email(email)).first()
    if user is None:
        raise NotFoundError(f"No account has the address {email}.")
    if not (user.is_staff and user.is_active):
        raise UnprocessableError(f"{user.email} is not of the staff, who alone need it.")
    devices = TOTPDevice.objects.filter(user=user)
    if devices.exists() and not is_replaced:
        raise ConflictError(f"{user.email} has a device. To replace it, say --replace.")
    devices.delete()
    device = TOTPDevice.objects.create(user=user, name="authenticator")
    log_event("second_factor_enrolled", user_id=user.pk)
    uri: str = device.config_url
    return uri
