"""Background work of the shop."""

from uuid import UUID

from celery import shared_task

from apps.orders import services
from core.jobs.queues import Queue
from core.jobs.tasks import TRANSIENT_ERRORS, BaseTask


# Everything that smtplib raises is an OSError, and so is a mail server that is not found.
@shared_task(base=BaseTask, queue=Queue.DEFAULT, autoretry_for=(*TRANSIENT_ERRORS, OSError))
def orders_send_confirmation(order_id: str) -> None:
    """Tell the customer that the order has arrived. Once it has, running again does nothing."""
    services.order_confirm(order_id=UUID(order_id))
