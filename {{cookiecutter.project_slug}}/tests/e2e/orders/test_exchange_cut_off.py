"""A worker is killed in the middle of a partial import."""

from concurrent.futures import ThreadPoolExecutor

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from pytest_django import Settings

from apps.orders.models import Product
from core.exchange.imports import ROWS_PER_TRANSACTION
from core.exchange.models import Direction, ExchangeJob, Format, Mode, Strategy
from core.exchange.services import RequestedExchange, exchange_job_create
from core.progress.models import Status
from tests.e2e.processes import Process, wait_for
from tests.factories.orders import ProductFactory
from tests.factories.users import ManagerFactory

COUNT = ROWS_PER_TRANSACTION + 1


def test_import_that_was_cut_off_goes_on_and_adds_nothing_twice(
    worker: Process, service_environment: dict[str, str], settings: Settings
) -> None:
    settings.MEDIA_ROOT = service_environment["MEDIA_ROOT"]
    skus = [f"CUT-OFF-{number}" for number in range(COUNT)]
    content = "sku,name,price\n" + "".join(f"{sku},Cup,1.00\n" for sku in skus)
    asked = RequestedExchange(
        direction=Direction.IMPORT,
        resource="products",
        format=Format.CSV,
        mode=Mode.PARTIAL,
        strategy=Strategy.APPEND,
        file=SimpleUploadedFile("products.csv", content.encode()),
    )
    with transaction.atomic():
        # The last row, which is in a transaction of its own, waits for this one.
        ProductFactory(sku=skus[-1])
        with ThreadPoolExecutor(1) as threads:
            job = threads.submit(start, asked).result()
        wait_for(lambda: again(job).rows_done, "the first rows")
        worker.kill_children()
        transaction.set_rollback(True)
    wait_for(lambda: again(job).has_ended, "the end of the import")

    job = again(job)
    assert (job.status, list(job.faults.all())) == (Status.SUCCEEDED, [])
    assert (job.attempts, job.rows_created, job.rows_failed) == (2, COUNT, 0)
    assert Product.objects.filter(sku__in=skus).count() == COUNT


def start(asked: RequestedExchange) -> ExchangeJob:
    """Ask for a job over a connection of its own, which commits at once."""
    try:
        return exchange_job_create(user=ManagerFactory(), asked=asked)
    finally:
        connection.close()


def again(job: ExchangeJob) -> ExchangeJob:
    return ExchangeJob.objects.get(pk=job.pk)
