"""A bare worker: ``celery --app benchmarks.bare.celery worker``."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.bare.settings")

from celery import Celery

app = Celery("bare", broker=os.environ["CELERY_BROKER_URL"])
# As the service has it.
app.conf.update(task_acks_late=True, task_ignore_result=True, worker_prefetch_multiplier=1)
app.conf.task_default_queue = "bare"


@app.task(name="bare.work")
def work(number: int) -> None:
    """Query; of ten, two write a row."""
    # Models need Django, which Celery sets up after it has this module.
    from django.db import connection  # noqa: PLC0415

    from benchmarks.bare.models import User  # noqa: PLC0415

    list(User.objects.order_by("pk")[:20])
    if number % 10 in (0, 1):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO jobs_effect (digest, key, token, held_until) "
                "VALUES (%s, %s, gen_random_uuid(), now()) ON CONFLICT DO NOTHING",
                [f"bare:{number}", f"bare:{number}"],
            )


@app.task(name="bare.end")
def end() -> None:
    """Tell that the tasks before are done."""
    with app.connection_for_write() as broker:
        broker.default_channel.client.rpush("bare-ended", "")
