"""A drill fails where something was lost or done twice."""

import pytest

from tests.drills.table import Drill, Table


def drill(*, lost: int = 0, doubled: int = 0) -> Drill:
    return Drill(fault="none", operations=10, lost=lost, doubled=doubled, seconds=1.0)


def test_drill_passes_where_all_was_done_once() -> None:
    Table().add(drill())


@pytest.mark.parametrize("fault", ["lost", "doubled"])
def test_drill_fails_where_something_was_not_done_once(fault: str) -> None:
    with pytest.raises(AssertionError, match=f"{fault}=1"):
        Table().add(drill(**{fault: 1}))
