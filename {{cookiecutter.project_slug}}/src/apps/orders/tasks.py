"""Background work of the shop."""

from typing import Any
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from apps.orders import services
from core.jobs.queues import Queue
from core.jobs.tasks import TRANSIENT_ERRORS, BaseTask


# Everything that smtplib raises is an OSError, and so is a mail server that is not found.
@shared_task(base=BaseTask, queue=Queue.DEFAULT, autoretry_for=(*TRANSIENT_ERRORS, OSError))
def orders_send_confirmation(order_id: str) -> None:
    """Tell the customer that the order has arrived. Once it has, running again does nothing."""
    services.order_confirm(order_id=UUID(order_id))


# % if not cookiecutter.events
@shared_task(base=BaseTask, queue=Queue.DEFAULT)
def orders_report_stock(order_id: str) -> None:
    """Write what a paid order takes from the shelves. Once it is written, this does nothing."""
    services.stock_report_write(order_id=UUID(order_id))


@shared_task(
    bind=True, base=BaseTask, queue=Queue.DEFAULT, autoretry_for=(*TRANSIENT_ERRORS, OSError)
)
def orders_alert_low_stock(self: BaseTask, product_id: str, quantity: int) -> None:
    """Tell those who order more that few pieces are left."""
    services.stock_alert(product_id=UUID(product_id), quantity=quantity, key=str(self.request.id))


# % endif
@shared_task(base=BaseTask, queue=Queue.DEFAULT, leaves_dead_letter=False)
def orders_settle_payments() -> None:
    """Ask the provider again about the payments that a process which died left pending."""
    services.payments_settle()


class SalesReportTask(BaseTask):
    """Tells the report when there will be no further try."""

    abstract = True

    def on_given_up(self, error: BaseException, *, task_id: str, args: Any) -> None:  # noqa: ARG002 (of the base)
        services.sales_report_fail(report_id=UUID(args[0]))


@shared_task(base=SalesReportTask, queue=Queue.BULK)
def orders_compute_sales_report(report_id: str) -> None:
    """Compute a report. Once it is computed, running again does nothing."""
    services.sales_report_compute(report_id=UUID(report_id))


@shared_task(base=BaseTask, queue=Queue.DEFAULT, leaves_dead_letter=False)
def orders_resume_sales_reports() -> None:
    """Send the messages of reports again that were lost."""
    for report_id in services.sales_reports_take_lost():
        orders_compute_sales_report.delay(str(report_id))


@shared_task(base=BaseTask, queue=Queue.BULK)
def orders_request_sales_report_of_last_month() -> None:
    """Have the report of the last month computed. Once there is one, running again does nothing."""
    services.sales_report_request_of_last_month(today=timezone.now().date())
