"""An export of many rows takes no more memory than one of few."""

import json
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group

from tests.e2e.exporting import name_of
from tests.e2e.processes import SOURCE_DIR, Launcher

MANY = 100_000
EXPORTS = [("csv", 10_000), ("csv", MANY), ("xlsx", 2_000), ("xlsx", 20_000)]
# What the rows would take is several times as much.
TOLERANCE_KIB = 6 * 1024


@pytest.fixture
def _many_groups(db: None) -> Iterator[None]:
    Group.objects.bulk_create(
        (Group(name=name_of(number)) for number in range(MANY)), batch_size=5_000
    )
    yield
    Group.objects.filter(name__gte=name_of(0), name__lt=name_of(MANY))._raw_delete("default")


@pytest.mark.slow
@pytest.mark.usefixtures("_many_groups")
def test_export_of_many_rows_holds_memory_flat(launcher: Launcher) -> None:
    process = launcher.run(
        str(SOURCE_DIR / "manage.py"),
        *("shell", "--no-imports", "--command"),
        f"from tests.e2e.exporting import tell_peaks; tell_peaks(*{EXPORTS})",
    )

    rows, peaks = zip(*json.loads(process.output.splitlines()[-1]), strict=True)
    assert rows == tuple(count for _, count in EXPORTS)
    assert peaks[1] - peaks[0] < TOLERANCE_KIB, peaks
    assert peaks[3] - peaks[2] < TOLERANCE_KIB, peaks
