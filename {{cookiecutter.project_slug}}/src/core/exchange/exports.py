"""Writes rows into a file of the storage."""

from itertools import chain
from tempfile import TemporaryFile
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import transaction

from core.exchange import files
from core.exchange.models import ExchangeJob, stored_name
from core.exchange.resources import ExchangeResource
from core.progress.counts import Progress
from core.progress.models import Status


def run_export(job: ExchangeJob, resource: ExchangeResource, *, user: Any) -> None:
    """Write all rows that ``user`` may see into a file, one after another.

    Raises:
        RefusedError: when there are too many.
    """
    queryset = resource.visible_to(user=user)
    total = queryset.count()
    if total > settings.EXCHANGE_EXPORT_MAX_ROWS:
        raise files.too_many_rows(settings.EXCHANGE_EXPORT_MAX_ROWS)
    with transaction.atomic():
        job = ExchangeJob.objects.select_for_update().get(pk=job.pk)
        if job.has_ended:
            return
        # What a worker that died has left.
        job.file.delete(save=False)
        # Known before the file is there: so it goes when the job goes, however this ends.
        job.file.name = name = stored_name(job, "")
        job.rows_total = total
        job.save(update_fields=["rows_total", "file"])
    progress = Progress(job.pk)

    def counted(cells: list[Any]) -> list[Any]:
        progress.advance()
        return cells

    with TemporaryFile() as file:
        rows = map(counted, resource.export_rows(queryset))
        files.write(chain([resource.headers()], rows), job.format, file)
        file.seek(0)
        job.file.storage.save(name, File(file))
    with transaction.atomic():
        latest = ExchangeJob.objects.select_for_update().get(pk=job.pk)
        if latest.has_ended or latest.file.name != name:
            # A second delivery of the message has overtaken this one.
            job.file.storage.delete(name)
            return
        latest.status = Status.SUCCEEDED
        latest.rows_done = latest.rows_total = progress.counts.done
        latest.save(update_fields=["status", "rows_done", "rows_total"])
