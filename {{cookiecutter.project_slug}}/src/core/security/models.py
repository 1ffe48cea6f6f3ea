"""What stands behind the second factor of the admin."""

import re
import secrets
import time
from base64 import b32decode, b32encode
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import models
from django_otp.models import Device, DeviceManager, ThrottlingMixin, TimestampMixin
from django_otp.oath import TOTP

from core.audit.registry import audited
from core.encryption.fields import EncryptedTextField

# https://www.rfc-editor.org/rfc/rfc4226#section-4
KEY_BYTES = 20
# How many half minutes a clock may be wrong, before or behind:
# https://www.rfc-editor.org/rfc/rfc6238#section-5.2
TOLERANCE_STEPS = 1


def new_key() -> str:
    """Return a random key as apps read it, in base32."""
    return b32encode(secrets.token_bytes(KEY_BYTES)).decode()


class TOTPDeviceQuerySet(models.QuerySet["TOTPDevice"]):
    """Deletes devices whose key is lost, too."""

    def delete(self) -> tuple[int, dict[str, int]]:
        # The audit trail reads each row that goes, and some may open with none of the keys there are.
        self.update(key=new_key())
        return super().delete()


class TOTPDeviceManager(DeviceManager):  # type: ignore[misc]  # It has no types.
    def get_queryset(self) -> TOTPDeviceQuerySet:
        return TOTPDeviceQuerySet(self.model, using=self._db)


# Who got one, and when. Each sign-in writes into the fields that are ignored.
@audited(
    ignored=[
        "drift",
        "last_t",
        "last_used_at",
        "throttling_failure_count",
        "throttling_failure_timestamp",
    ]
)
class TOTPDevice(TimestampMixin, ThrottlingMixin, Device):  # type: ignore[misc]  # The same.
    """An app that shows six digits, others each half minute (RFC 6238), and knows the same key.

    As django-otp's own, https://django-otp-official.readthedocs.io/en/stable/overview.html#totp-devices,
    which keeps the key as it is. Lock its row while a code is verified.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = EncryptedTextField(default=new_key)
    # By how many half minutes the clock of the app was wrong when it was used last.
    drift = models.SmallIntegerField(default=0)
    # The half minute of the last code that was right: only later ones are good.
    last_t = models.BigIntegerField(default=-1)

    objects = TOTPDeviceManager()

    class Meta:
        verbose_name = "TOTP device"

    def verify_token(self, token: str) -> bool:
        """Tell whether ``token`` is the code of now, which is good once.

        After each wrong one the device takes none for twice as long: 1 s, 2 s, 4 s.
        """
        is_allowed, _ = self.verify_is_allowed()
        if not is_allowed:
            return False
        totp = self.totp()
        is_code = re.fullmatch("[0-9]{6}", token)
        if not (is_code and totp.verify(int(token), TOLERANCE_STEPS, self.last_t + 1)):
            self.throttle_increment()
            return False
        self.last_t, self.drift = totp.t(), totp.drift
        self.throttle_reset(commit=False)
        self.set_last_used_timestamp()
        return True

    def get_throttle_factor(self) -> int:
        return 1

    def totp(self) -> TOTP:
        """Return what makes the codes of now."""
        totp = TOTP(b32decode(self.key), drift=self.drift)
        totp.time = time.time()
        return totp

    @property
    def config_url(self) -> str:
        """What an app scans: https://github.com/google/google-authenticator/wiki/Key-Uri-Format"""
        issuer = settings.OTP_TOTP_ISSUER.replace(":", "")
        label, totp = f"{issuer}:{self.user.get_username()}", self.totp()
        options = {
            "secret": self.key,
            "issuer": issuer,
            "algorithm": "SHA1",
            "digits": totp.digits,
            "period": totp.step,
        }
        return f"otpauth://totp/{quote(label)}?{urlencode(options, quote_via=quote)}"
