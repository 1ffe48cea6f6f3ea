"""Exports for real, and tells how much memory that takes."""

import json
import resource
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import QuerySet

from core.exchange.exports import run_export
from core.exchange.models import ExchangeJob
from core.exchange.resources import ExchangeResource


def name_of(number: int) -> str:
    return f"exported {number:07}"


class ManyResource(ExchangeResource):
    """The first so many groups that the test has made."""

    class Meta:
        model = Group
        fields = ("id", "name")

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count

    def visible_to(self, *, user: Any) -> QuerySet[Group]:
        return Group.objects.filter(name__gte=name_of(0), name__lt=name_of(self.count))


def tell_peaks(*exports: tuple[str, int]) -> None:
    """Export in each format as many rows, and print the peaks of the process's memory so far, in KiB."""
    peaks = []
    for file_format, count in exports:
        job = ExchangeJob.objects.create(direction="export", resource="many", format=file_format)
        run_export(job, ManyResource(count), user=None)
        job.refresh_from_db()
        peaks.append((job.rows_done, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))
        job.file.delete(save=False)
        job.delete()
    print(json.dumps(peaks))  # noqa: T201
