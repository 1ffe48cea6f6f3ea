"""Who acts and for which request travels in the headers of a message."""

from uuid import uuid4

import pytest

from core.identity.actor import acting_as
from core.identity.headers import (
    ACTING_USER_HEADER,
    REQUEST_ID_HEADER,
    identity_headers,
    origin_of,
    user_id_of,
)
from core.identity.origin import Origin, originating_from


def test_user_arrives_at_the_other_side() -> None:
    user_id = uuid4()
    with acting_as(user_id):
        headers = identity_headers()

    assert headers == {ACTING_USER_HEADER: str(user_id)}
    assert user_id_of(headers) == user_id


@pytest.mark.parametrize("origin", [Origin("abc", "192.0.2.1"), Origin("abc", None)])
def test_origin_arrives_at_the_other_side(origin: Origin) -> None:
    with originating_from(origin):
        headers = identity_headers()

    assert origin_of(headers) == origin


def test_nobody_sends_no_header() -> None:
    assert identity_headers() == {}
    assert user_id_of({}) is None
    assert user_id_of({ACTING_USER_HEADER: None}) is None
    assert origin_of({}) is None
    assert origin_of({REQUEST_ID_HEADER: None}) is None
