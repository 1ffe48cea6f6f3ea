"""Who acts travels in the headers of a message."""

from uuid import uuid4

from core.identity.actor import acting_as
from core.identity.headers import ACTING_USER_HEADER, identity_headers, user_id_of


def test_user_arrives_at_the_other_side() -> None:
    user_id = uuid4()
    with acting_as(user_id):
        headers = identity_headers()

    assert headers == {ACTING_USER_HEADER: str(user_id)}
    assert user_id_of(headers) == user_id


def test_nobody_sends_no_header() -> None:
    assert identity_headers() == {}
    assert user_id_of({}) is None
    assert user_id_of({ACTING_USER_HEADER: None}) is None
