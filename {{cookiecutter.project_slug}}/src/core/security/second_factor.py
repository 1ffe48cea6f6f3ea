"""The second factor of the admin: a code of six digits that changes each half minute (RFC 6238).

Who guesses codes is counted by ``core.security.lockouts``, and the device itself takes none for twice
as long after each wrong one: https://django-otp-official.readthedocs.io/
"""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import authenticate
from django.db import transaction
from django.http import HttpRequest

from core.security.models import TOTPDevice
from core.security.security_log import log_event

# One for whatever was wrong: nobody learns from it that a password is right.
REFUSAL = (
    "Address, password and code do not fit together. Each code is good for one sign-in, "
    "and only staff with a second factor come in here."
)


def verified(user: Any, code: str) -> bool:
    """Tell whether ``code`` is that of the user's device, and use it up.

    ``django.contrib.auth.login`` then keeps in the session which device it was.
    """
    # Locked, so that of two who send one code at once the second comes too late.
    with transaction.atomic():
        devices = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True)
        device = devices.order_by("pk").first()
        fits = device is not None and device.verify_token(code)
    if fits:
        user.otp_device = device
    else:
        log_event("second_factor_refused", user_id=user.pk)
    return fits


class CodeInput(forms.PasswordInput):
    """Shows what is typed in, and is empty again on the next page."""

    input_type = "text"


class SignInForm(AdminAuthenticationForm):
    """Asks for address, password and code in one step."""

    error_messages = {**AdminAuthenticationForm.error_messages, "invalid_login": REFUSAL}  # noqa: RUF012 (as Django)

    # Named as Django masks it in signals. Empty is as wrong as any other.
    otp_token = forms.CharField(
        label="Code",
        required=False,
        widget=CodeInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "required": True}
        ),
    )

    def clean(self) -> dict[str, Any]:
        username, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if username is not None and password:
            # Apps show the digits in two groups.
            code = self.cleaned_data.get("otp_token", "").replace(" ", "")
            user = authenticate(self.request, username=username, password=password, otp_token=code)
            if user is None:
                raise self.get_invalid_login_error()
            self.confirm_login_allowed(user)
            self.user_cache = user
        return self.cleaned_data


class AdminSite(admin.AdminSite):
    """Django's, which lets in who is verified only, as far as ``ADMIN_SECOND_FACTOR`` is on."""

    @property
    def login_form(self) -> Any:  # type: ignore[override]  # Django has an attribute.
        return SignInForm if settings.ADMIN_SECOND_FACTOR else None

    @property
    def login_template(self) -> Any:  # type: ignore[override]  # Likewise.
        return "security/sign_in.html" if settings.ADMIN_SECOND_FACTOR else None

    def has_permission(self, request: HttpRequest) -> bool:
        if not super().has_permission(request):
            return False
        user: Any = request.user
        return not settings.ADMIN_SECOND_FACTOR or user.is_verified()
