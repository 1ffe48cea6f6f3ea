"""Tasks hold what they were enqueued with, and what came of them."""

from django.db.models import TextField
from django.db.models.functions import Cast

from core.django_tasks.models import EnqueuedTask
from core.identity.headers import ACTING_USER_HEADER
from core.personal import Person, describe, erases, holding

REMOVED = "removed with the task, if that holds the address, is about the account, or has ended"
FIELDS = ("args", "kwargs", "return_value", "errors")

describe(
    EnqueuedTask,
    personal=dict.fromkeys((*FIELDS, "headers"), REMOVED),
    other=("path", "backend", "queue_name", "worker_ids"),
)


@erases
def erase(person: Person) -> None:
    texts = {f"{field}_text": Cast(field, TextField()) for field in FIELDS}
    tasks = EnqueuedTask.objects.annotate(**texts)
    tasks.filter(holding(person.email, *texts) | holding(person.id, *texts)).delete()
    caused = EnqueuedTask.objects.filter(**{f"headers__{ACTING_USER_HEADER}": str(person.id)})
    caused.filter(finished_at__isnull=False).delete()
