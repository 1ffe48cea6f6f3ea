"""Signs in with tokens that the service itself hands out."""

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
    answer = client.post("/api/v1/auth/token/", {"email": email, "password": password})
    if answer.status_code == 200:
        client.headers["Authorization"] = f"Bearer {data(answer)['access']}"
    return answer
