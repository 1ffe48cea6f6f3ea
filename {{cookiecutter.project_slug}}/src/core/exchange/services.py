"""Asking for an import or an export."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from core.errors import ApplicationError, ForbiddenError
from core.exchange import registry
from core.exchange.models import ExchangeJob
from core.exchange.tasks import exchange_job_run


class UnknownResourceError(ApplicationError):
    """Nothing of that name is exchanged in that direction."""

    code = "unknown_resource"


@transaction.atomic
def exchange_job_create(
    *,
    user: Any,
    direction: str,
    resource: str,
    file_format: str,
    file: "UploadedFile[bytes] | None",
) -> ExchangeJob:
    """Keep a job of ``user``, and start it after the commit.

    Args:
        file: what to import; ``None`` for an export.

    Raises:
        UnknownResourceError: when ``resource`` is not registered for ``direction``.
        ForbiddenError: when ``user`` may not exchange it.
    """
    try:
        exchangeable = registry.find(resource)
    except LookupError:
        exchangeable = None
    if exchangeable is None or direction not in exchangeable.directions:
        raise UnknownResourceError(f"There is no {direction} of {resource!r}.", field="resource")
    if not exchangeable.permission(user=user):
        raise ForbiddenError(f"You may not exchange {resource!r}.")
    job = ExchangeJob.objects.create(
        created_by=user, direction=direction, resource=resource, format=file_format, file=file
    )
    exchange_job_run.delay_on_commit(str(job.pk))
    return job
