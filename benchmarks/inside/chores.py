"""Tasks that do some work: a query each, an effect once in one of ten, an event in one of ten."""

from apps.users.models import User
from celery import shared_task
from core.events.outbox import publish
from core.jobs.effects import once
from core.jobs.queues import Queue
from core.jobs.tasks import BaseTask
from django.db import transaction

from benchmarks.inside import happenings, tasks

__all__ = ["happenings", "tasks", "work"]


@shared_task(base=BaseTask, queue=Queue.DEFAULT)
def work(number: int) -> None:
    """Query; of ten, one does an effect, and one publishes."""
    list(User.objects.order_by("pk")[:20])
    if number % 10 == 0:
        with once(f"chore:{work.request.id}"):
            pass
    if number % 10 == 1:
        with transaction.atomic():
            publish(happenings.Happened(number=number))
