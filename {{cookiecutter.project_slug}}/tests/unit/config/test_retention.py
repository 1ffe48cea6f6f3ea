"""SECURITY.md says of each table for how long its rows stay, and which job or reason ends that."""

import re
from pathlib import Path

from django.apps import apps
from django.conf import settings

from config.settings.variables import VARIABLES

SECURITY = Path(__file__).parents[3] / "SECURITY.md"


def rows() -> list[list[str]]:
    """Return the cells of the rows of the register."""
    section = SECURITY.read_text("utf-8").partition("\n## Retention\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def tables() -> list[str]:
    """Return the tables that migrations make."""
    return [
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        if settings.MIGRATION_MODULES.get(model._meta.app_label, "") is not None
    ]


def named(cell: str) -> list[str]:
    return re.findall("`([^`]+)`", cell)


def test_each_table_stands_in_the_register_once() -> None:
    assert sorted(name for row in rows() for name in named(row[0])) == sorted(tables())


def test_each_row_has_a_job_of_the_schedule_or_a_reason() -> None:
    for _, kept, ended_by in rows():
        assert kept
        jobs = [name for name in named(ended_by) if re.fullmatch("[a-z-]+", name)]
        assert jobs or len(ended_by.split()) > 2
        assert set(jobs) <= settings.CELERY_BEAT_SCHEDULE.keys()


def test_each_job_that_deletes_is_named() -> None:
    deleting = {name for name in settings.CELERY_BEAT_SCHEDULE if re.search("purge|tidy", name)}

    assert deleting == {
        name for *_, cell in rows() for name in named(cell) if re.fullmatch("[a-z-]+", name)
    }


def test_times_are_settings_that_there_are() -> None:
    known = {variable.name for variable in VARIABLES} | set(dir(settings))

    assert {name for row in rows() for name in named(row[1])} <= known
