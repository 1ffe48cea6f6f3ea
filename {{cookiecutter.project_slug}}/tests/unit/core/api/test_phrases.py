"""Statuses are named as RFC 9110 names them, on every Python."""

import pytest

from core.api.phrases import phrase_of


@pytest.mark.parametrize(
    ("status", "phrase"),
    [(404, "Not Found"), (413, "Content Too Large"), (422, "Unprocessable Content")],
)
def test_phrase_is_that_of_the_standard(status: int, phrase: str) -> None:
    assert phrase_of(status) == phrase


def test_number_that_is_no_status_has_no_phrase() -> None:
    with pytest.raises(ValueError, match="999 is not a valid HTTPStatus"):
        phrase_of(999)
