"""Nobody comes in with a session that is not theirs, and nobody writes without its CSRF token."""

from hypothesis import given

from tests.bodies import error_codes
from tests.contract import made_up
from tests.e2e.http import Client

ME = "/api/v1/users/me/"


def test_session_that_was_changed_lets_nobody_in(client: Client) -> None:
    good = client.cookies["sessionid"]
    other = Client(client.port, client.headers)

    @made_up.fuzz
    @given(made_up.changed(good, made_up.COOKIE_TEXT))
    def refused(session: str) -> None:
        other.cookies = {**client.cookies, "sessionid": session}

        answer = other.get(ME)

        assert answer.status_code == 401
        assert error_codes(answer) == [("not_authenticated", None)]

    refused()
    assert client.get(ME).status_code == 200


def test_csrf_token_that_was_changed_writes_nothing(client: Client) -> None:
    good = client.headers["X-CSRFToken"]

    @made_up.fuzz
    @given(made_up.changed(good, made_up.HEADER_TEXT))
    def refused(token: str) -> None:
        answer = client.post("/api/v1/auth/logout/", {}, **{"X-CSRFToken": token})

        assert answer.status_code == 403
        assert error_codes(answer) == [("csrf_failed", None)]

    refused()
    assert client.get(ME).status_code == 200
