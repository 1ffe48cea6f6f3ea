"""The jobs of the caller."""

from asyncio import to_thread
from collections.abc import AsyncIterator, Iterable
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.db.models import Prefetch, QuerySet
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from core.api.parsers import JSONParser
from core.api.refusals import TooLargeError
from core.errors import NotFoundError
from core.exchange import files, registry
from core.exchange.models import ExchangeFault, ExchangeJob, Format
from core.exchange.serializers import ExchangeJobCreateInput, ExchangeJobOutput
from core.exchange.services import (
    RequestedExchange,
    UnknownResourceError,
    exchange_job_create,
    exchange_job_open,
    template_rows,
)

# How many a job shows; its report has all.
ERRORS_SHOWN = 100
# What is larger goes to the disk while it is sent.
MEMORY_BYTES = 1024 * 1024
PART_BYTES = 64 * 1024
MEDIA_TYPES: dict[str, str] = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FILES = {(200, media_type): OpenApiTypes.BINARY for media_type in MEDIA_TYPES.values()}


class MayExchange(IsAuthenticated):
    """Lets those ask for a job who may exchange something, and everybody look at its own."""

    message = "None of your roles may do that."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return super().has_permission(request, view) and (
            request.method != "POST" or registry.is_for(user=request.user)
        )


class OwnExchangeJobs(generics.GenericAPIView[ExchangeJob]):
    """What the views share: a caller sees no jobs but its own."""

    permission_classes = (IsAuthenticated,)
    serializer_class = ExchangeJobOutput
    queryset = ExchangeJob.objects.none()

    def get_queryset(self) -> QuerySet[ExchangeJob]:
        first = ExchangeFault.objects.order_by("row", "id")[:ERRORS_SHOWN]
        shown = Prefetch("faults", first, to_attr="first_faults")
        return ExchangeJob.objects.filter(created_by=self.request.user.pk).prefetch_related(shown)


class ExchangeJobListView(OwnExchangeJobs, generics.ListAPIView[ExchangeJob]):
    """List the jobs of the caller, newest first."""

    permission_classes = (MayExchange,)
    parser_classes = (JSONParser, MultiPartParser)

    @property
    def throttle_scope(self) -> str | None:
        """Only what makes work counts."""
        return "exchange" if self.request.method == "POST" else None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # Before anything reads the body.
        limit = settings.EXCHANGE_UPLOAD_MAX_BYTES
        if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
            raise TooLargeError(limit)
        super().initial(request, *args, **kwargs)

    @extend_schema(request=ExchangeJobCreateInput, responses={202: ExchangeJobOutput})
    def post(self, request: Request) -> Response:
        """Ask for an import or an export. Its address, in Location, tells how far it is."""
        given = ExchangeJobCreateInput(data=request.data)
        given.is_valid(raise_exception=True)
        asked = RequestedExchange(**given.validated_data)
        job = exchange_job_create(user=request.user, asked=asked)
        return Response(
            self.get_serializer(self.get_queryset().get(pk=job.pk)).data,
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": reverse("exchange-job", [job.pk], request=request)},
        )


class ExchangeJobView(OwnExchangeJobs, generics.RetrieveAPIView[ExchangeJob]):
    """Tell how far a job is, and what came of it."""


class AnyType(BaseContentNegotiation):
    """A file has its own type, whatever the caller would rather have."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


def attachment(request: Request, file: IO[bytes], *, name: str, file_format: str) -> FileResponse:
    """Return ``file``, from where it stands, for the caller to save, and for no cache to keep."""
    response = FileResponse(
        file,
        as_attachment=True,
        filename=f"{name}.{file_format}",
        content_type=MEDIA_TYPES[file_format],
        headers={"Cache-Control": "private, no-store"},
    )
    if isinstance(request._request, ASGIRequest):  # noqa: SLF001 (documented by DRF)
        # Django would read all of it before it sends anything:
        # https://docs.djangoproject.com/en/stable/ref/request-response/#streaminghttpresponse-objects
        response.streaming_content = parts_of(file)
    return response


async def parts_of(file: IO[bytes]) -> AsyncIterator[bytes]:
    while part := await to_thread(file.read, PART_BYTES):
        yield part


def written(rows: Iterable[Iterable[Any]], file_format: str) -> IO[bytes]:
    """Return a file with ``rows``, to read."""
    file = SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115 (the answer closes it)
    files.write(rows, file_format, file)
    file.seek(0)
    return file


class ExchangeJobFileView(OwnExchangeJobs):
    """Download the result of an export."""

    content_negotiation_class = AnyType

    @extend_schema(responses=FILES)
    def get(self, request: Request, pk: UUID) -> FileResponse:
        job = self.get_object()
        file = exchange_job_open(user=request.user, job=job)
        return attachment(request, file, name=job.resource, file_format=job.format)


class ExchangeJobErrorsView(OwnExchangeJobs):
    """Download all that is wrong with a job, as a table: row, field, code, message."""

    content_negotiation_class = AnyType

    @extend_schema(responses={(200, MEDIA_TYPES[Format.CSV]): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: UUID) -> FileResponse:
        job = self.get_object()
        columns = ("row", "field", "code", "message")
        faults = ExchangeFault.objects.filter(job=job).values_list(*columns)
        file = written([columns, *faults.iterator()], Format.CSV)
        return attachment(request, file, name=f"{job.resource}-errors", file_format=Format.CSV)


class ExchangeTemplateView(APIView):
    """Download a file to fill in and import: its columns, and an example."""

    permission_classes = (IsAuthenticated,)
    content_negotiation_class = AnyType

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "resource", enum=registry.importable() or None, location=OpenApiParameter.PATH
            ),
            OpenApiParameter("file_format", enum=Format.values, location=OpenApiParameter.PATH),
        ],
        responses=FILES,
    )
    def get(self, request: Request, resource: str, file_format: str) -> FileResponse:
        if file_format not in Format.values:
            raise NotFoundError(f"There are templates in {' and '.join(Format.values)}.")
        try:
            rows = template_rows(user=request.user, resource=resource)
        except UnknownResourceError as error:
            raise NotFoundError(error.message) from error
        file = written(rows, file_format)
        return attachment(request, file, name=resource, file_format=file_format)
