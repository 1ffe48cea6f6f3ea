"""How much mail strangers may have sent to one address."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from rest_framework.request import Request

from apps.users.models import User
from core.api.throttles import WindowThrottle


class RecipientThrottle(WindowThrottle):
    """Counts the requests that name an address, whoever sends them, and whether it is an account's."""

    scope = "account-mail"

    def get_cache_key(self, request: Request, view: Any) -> str | None:  # noqa: ARG002 (DRF's)
        email = request.data.get("email") if isinstance(request.data, Mapping) else None
        if not isinstance(email, str):  # The view refuses it.
            return None
        ident = sha256(User.objects.normalize_email(email).encode()).hexdigest()
        return self.cache_format % {"scope": self.scope, "ident": ident}
