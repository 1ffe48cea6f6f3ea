"""Files that a person has brought or asked for, and what was wrong with those of others."""

from core.exchange.models import ExchangeFault, ExchangeJob
from core.personal import Person, describe, erases, holding

describe(
    ExchangeJob,
    personal={"file": "removed with the job, if the person asked for it"},
    other=("resource",),
)
describe(
    ExchangeFault,
    personal={"message": "removed with the person's job; of others, where it holds the address"},
    other=("field", "code"),
)


@erases
def erase(person: Person) -> None:
    """Files that others exported end after ``EXCHANGE_RETENTION_HOURS``."""
    for job in ExchangeJob.objects.filter(created_by=person.id):
        # The file first: else it would stay for ever if this ended in between.
        job.file.delete(save=False)
        job.delete()
    ExchangeFault.objects.filter(holding(person.email, "message")).delete()
