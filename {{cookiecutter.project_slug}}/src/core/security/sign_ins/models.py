"""Django's sessions, each with its user.

https://docs.djangoproject.com/en/stable/topics/http/sessions/#extending-database-backed-session-engines
"""

from importlib import import_module

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class UserSession(AbstractBaseSession):
    """A session. ``user`` is empty while nobody has signed in.

    ``handle`` names it to its user: the key itself is what signs in, and is shown to nobody.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        editable=False,
        related_name="user_sessions",
    )
    handle = models.UUIDField(unique=True, editable=False)

    class Meta(AbstractBaseSession.Meta):
        verbose_name = "session"
        verbose_name_plural = "sessions"

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
        return store
