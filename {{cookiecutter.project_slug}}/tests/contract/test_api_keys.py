"""Nobody comes in with an API key that was changed."""

from hypothesis import given

from apps.users.models import User
from core.security.api_keys.services import api_key_create
from tests.bodies import error_codes
from tests.contract import made_up
from tests.e2e.processes import WebServer

ME = "/api/v1/users/me/"


def test_api_key_that_was_changed_lets_nobody_in(web: WebServer, admin: User) -> None:
    _, good = api_key_create(user=admin, name="fuzz", scopes=["users:read"])
    machine = web.client()

    @made_up.fuzz
    @given(made_up.changed(good, made_up.HEADER_TEXT))
    def refused(key: str) -> None:
        answer = machine.get(ME, Authorization=f"Api-Key {key}")

        assert answer.status_code == 401
        assert error_codes(answer) == [("invalid_api_key", None)]

    refused()
    assert machine.get(ME, Authorization=f"Api-Key {good}").status_code == 200
