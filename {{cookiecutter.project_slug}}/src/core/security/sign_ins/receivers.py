"""What a session notes when its user signs in."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from core.identity.origin import current_origin

NETWORK = "signed_in_from"
USER_AGENT = "signed_in_with"


@receiver(user_logged_in)
def note_origin(request: HttpRequest | None, **_: Any) -> None:
    """Let the user recognise the sign-in later, in the list of them."""
    if request is not None and hasattr(request, "session"):
        origin = current_origin()
        request.session[NETWORK] = origin.network
        request.session[USER_AGENT] = origin.user_agent
