"""How long a session may last: without a request, and at all.

https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html#session-expiration
"""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

# Seconds since 1970: of the sign-in, and of a late request.
BEGAN = "began_at"
SEEN = "seen_at"
# A session is written so often in its idle time at most, and not with each request.
NOTES_PER_IDLE_TIME = 10


class SessionLifetimeMiddleware:
    """Ends the session of a user after ``SESSION_IDLE_SECONDS`` or ``SESSION_COOKIE_AGE``.

    The caller is nobody then: the API answers 401, the admin asks to sign in. A request without a
    session's cookie costs nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            check(request.session)
        return self.get_response(request)


def check(session: SessionBase) -> None:
    """End ``session`` if its time is over; else note that somebody is there."""
    if SESSION_KEY not in session:
        return
    now = time.time()
    if BEGAN not in session:  # It is older than this rule.
        begin(session)
    elif (
        now - session[BEGAN] >= settings.SESSION_COOKIE_AGE
        or now - session[SEEN] >= settings.SESSION_IDLE_SECONDS
    ):
        session.flush()
    elif now - session[SEEN] >= settings.SESSION_IDLE_SECONDS / NOTES_PER_IDLE_TIME:
        session[SEEN] = now


def begin(session: SessionBase) -> None:
    """Let the time of ``session`` begin now."""
    session[BEGAN] = session[SEEN] = time.time()


@receiver(user_logged_in)
def begin_at_sign_in(request: HttpRequest | None, **_: Any) -> None:
    """Who signs in again has all the time again."""
    if request is not None and hasattr(request, "session"):
        begin(request.session)
