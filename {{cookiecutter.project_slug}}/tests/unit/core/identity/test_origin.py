"""The origin is known within a block, and nowhere else."""

import pytest

from core.identity.origin import Origin, current_origin, originating_from


def test_nothing_is_asked_for_by_default() -> None:
    assert current_origin() == Origin(request_id="", remote_address=None)


def test_inner_block_has_another_origin_and_gives_back() -> None:
    outer, inner = Origin("outer", "192.0.2.1"), Origin("inner")

    with originating_from(outer):
        with originating_from(inner):
            assert current_origin() == inner
        assert current_origin() == outer

    assert current_origin() == Origin()


def test_block_that_fails_gives_back() -> None:
    with pytest.raises(LookupError), originating_from(Origin("failing")):
        raise LookupError

    assert current_origin() == Origin()
