"""Signs in as a browser does: a cookie, and a CSRF token with each write."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from apps.users.models import User
from tests.bodies import data
from tests.e2e.authentication import Authentication
from tests.e2e.http import Answer, Client
from tests.factories.users import PASSWORD


@contextmanager
def authentication(folder: Path) -> Iterator[Authentication]:
    """Return how to sign in. Nothing is kept in ``folder``."""
    yield Authentication(sign_in)


def sign_in(client: Client, user: User) -> None:
    """Let ``client`` act for ``user``, whose password is ``PASSWORD``."""
    answer = attempt(client, user.email, PASSWORD)
    assert answer.status_code == 200, answer.text


def attempt(client: Client, email: str, password: str) -> Answer:
    """Let ``client`` act for the account of ``email``, unless the answer is a refusal."""
    # Over HTTPS, Django asks browsers where a write comes from.
    client.headers["Referer"] = f"https://{client.headers['Host']}/"
    take_csrf_token(client)
    answer = client.post("/api/v1/auth/login/", {"email": email, "password": password})
    if answer.status_code == 200:
        take_csrf_token(client)  # Signing in has changed it.
    return answer


def take_csrf_token(client: Client) -> None:
    client.headers["X-CSRFToken"] = data(client.get("/api/v1/auth/csrf/"))["csrf_token"]
