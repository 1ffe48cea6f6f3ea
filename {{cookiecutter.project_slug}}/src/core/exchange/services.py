"""Asking for an import or an export."""

from dataclasses import dataclass
from typing import IO, Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from core.errors import ApplicationError, ForbiddenError, NotFoundError
from core.exchange import files, registry
from core.exchange.files import RefusedError
from core.exchange.models import Direction, ExchangeJob, Mode, Strategy
from core.exchange.registry import Exchangeable
from core.exchange.tasks import exchange_job_run


class UnknownResourceError(ApplicationError):
    """Nothing of that name is exchanged in that direction."""

    code = "unknown_resource"


class FileRefusedError(ApplicationError):
    """The file is not what it is said to be."""

    code = "invalid_file"


@dataclass(frozen=True, kw_only=True)
class RequestedExchange:
    """What a user wants to exchange, as ``ExchangeJob`` has it; ``file`` only for an import."""

    direction: str
    resource: str
    format: str
    mode: str = Mode.ALL_OR_NOTHING
    strategy: str = Strategy.UPDATE
    file: "UploadedFile[bytes] | None" = None


@transaction.atomic
def exchange_job_create(*, user: Any, asked: RequestedExchange) -> ExchangeJob:
    """Keep a job of ``user``, and start it after the commit.

    Raises:
        UnknownResourceError: when the resource is not registered for the direction.
        ForbiddenError: when ``user`` may not exchange it.
        FileRefusedError: when the file has another format, whatever its name says.
    """
    exchangeable_for(user=user, direction=asked.direction, resource=asked.resource)
    if asked.file is not None:
        try:
            files.check(cast("IO[bytes]", asked.file), asked.format)
        except RefusedError as refused:
            raise FileRefusedError(refused.faults[0].message, field="file") from refused
    job = ExchangeJob(created_by=user, **vars(asked))
    try:
        job.save()
    except BaseException:
        job.file.delete(save=False)
        raise
    exchange_job_run.delay_on_commit(str(job.pk))
    return job


def exchange_job_open(*, user: Any, job: ExchangeJob) -> IO[bytes]:
    """Return the result of an export of ``user``, to read.

    Raises:
        ForbiddenError: when ``user`` may not exchange it any more.
        NotFoundError: when there is no result, not yet or no longer.
    """
    if not job.has_result:
        raise NotFoundError("This job has no file to download.")
    exchangeable_for(user=user, direction=Direction.EXPORT, resource=job.resource)
    try:
        return job.file.open("rb")
    except FileNotFoundError as error:
        raise NotFoundError("The file of this job is gone. Ask for it again.") from error


def template_rows(*, user: Any, resource: str) -> list[list[Any]]:
    """Return the rows of a file to fill in: the columns of an import, and an example if there is one.

    Raises:
        UnknownResourceError: when ``resource`` is not imported.
        ForbiddenError: when ``user`` may not import it.
    """
    found = exchangeable_for(user=user, direction=Direction.IMPORT, resource=resource)
    described = found.resource_class()
    columns = described.columns()
    example = [described.example.get(column, "") for column in columns]
    return [columns, example] if described.example else [columns]


def exchangeable_for(*, user: Any, direction: str, resource: str) -> Exchangeable:
    """Return what is registered as ``resource``.

    Raises:
        UnknownResourceError: when it is not registered for ``direction``.
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
    return exchangeable
