"""The jobs of the caller."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import FileResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import APIException
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import NotFoundError
from core.exchange.models import ExchangeJob, Format
from core.exchange.serializers import ExchangeJobCreateInput, ExchangeJobOutput
from core.exchange.services import exchange_job_create

REQUEST_BYTES_MAXIMUM = 10 * 1024 * 1024
MEDIA_TYPES: dict[str, str] = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class TooLargeError(APIException):
    """The body is larger than ``REQUEST_BYTES_MAXIMUM``."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = f"The request is larger than {REQUEST_BYTES_MAXIMUM} bytes."


class OwnExchangeJobs(generics.GenericAPIView[ExchangeJob]):
    """What the views share: a caller sees no jobs but its own."""

    serializer_class = ExchangeJobOutput
    queryset = ExchangeJob.objects.none()

    def get_queryset(self) -> QuerySet[ExchangeJob]:
        return ExchangeJob.objects.filter(created_by=self.request.user.pk)


class ExchangeJobListView(OwnExchangeJobs, generics.ListAPIView[ExchangeJob]):
    """List the jobs of the caller, newest first."""

    parser_classes = (JSONParser, MultiPartParser)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # Before anything reads the body. One without a length is not read by the parsers.
        if int(request.META.get("CONTENT_LENGTH") or 0) > REQUEST_BYTES_MAXIMUM:
            raise TooLargeError
        super().initial(request, *args, **kwargs)

    @extend_schema(request=ExchangeJobCreateInput, responses={202: ExchangeJobOutput})
    def post(self, request: Request) -> Response:
        """Ask for an import or an export. Its job tells how far it is."""
        given = ExchangeJobCreateInput(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        job = exchange_job_create(
            user=request.user,
            direction=asked["direction"],
            resource=asked["resource"],
            file_format=asked["format"],
            file=asked["file"],
        )
        return Response(
            self.get_serializer(job).data,
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": reverse("exchange-job", args=[job.pk])},
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


class ExchangeJobFileView(OwnExchangeJobs):
    """Download the result of an export."""

    content_negotiation_class = AnyType

    @extend_schema(
        responses={(200, media_type): OpenApiTypes.BINARY for media_type in MEDIA_TYPES.values()}
    )
    def get(self, request: Request, pk: UUID) -> FileResponse:
        job = self.get_object()
        if not job.has_result:
            raise NotFoundError("This job has no file to download.")
        return FileResponse(
            job.file.open("rb"),
            as_attachment=True,
            filename=f"{job.resource}.{job.format}",
            content_type=MEDIA_TYPES[job.format],
            headers={"Cache-Control": "private, no-store"},
        )
