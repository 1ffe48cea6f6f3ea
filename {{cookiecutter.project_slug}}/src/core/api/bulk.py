"""Creating, changing and deleting many things in one request: all of them, or none.

Items are counted before one is looked at. What is wrong with their form and what the rules refuse
are told in one answer, each fault with the index of its item.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, cast

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import exceptions, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from core.api.formats.faults import details_of
from core.api.schema import AutoSchema
from core.errors import (
    ApplicationError,
    PreconditionFailedError,
    PreconditionRequiredError,
    TooManyItemsError,
)
from core.records.batch import Batch
from core.records.models import Record

CONFIRM_DELETE_HEADER = "X-Confirm-Delete"


class ConfirmationRequiredError(PreconditionRequiredError):
    """Things would be deleted, and the client does not say how many it means."""

    code = "confirmation_required"


class ConfirmationMismatchError(PreconditionFailedError):
    """The client says another number of things to delete than it names."""

    code = "confirmation_mismatch"


class MalformedItemError(ApplicationError):
    """A serializer refuses an item; ``code`` is the serializer's."""

    def __init__(self, message: str, *, code: str, field: str | None) -> None:
        super().__init__(message, field=field)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class BulkServices:
    """What does the work: each takes a ``batch``, and writes all of it or raises.

    Args:
        create: returns the new rows in the order of the items, as the view shows them.
        update: returns the changed rows likewise.
        delete: takes a batch of ids.
    """

    create: Callable[..., Sequence[Record]]
    update: Callable[..., Sequence[Record]]
    delete: Callable[..., None]


class BulkSchema(AutoSchema):
    """Describes what ``BulkMixin`` adds to a view.

    https://drf-spectacular.readthedocs.io/en/stable/customization.html
    """

    def get_request_serializer(self) -> Any:
        view = cast("BulkMixin", self.view)
        if view.action == "bulk_delete":
            return bounded_list("ids", serializers.UUIDField, "BulkIds")
        is_create = view.action == "bulk_create"
        item: Any = view.bulk_create_input if is_create else view.bulk_update_input
        return bounded_list("items", item, f"Bulk{item.__name__}")

    def get_response_serializers(self) -> Any:
        view = cast("BulkMixin", self.view)
        if view.action == "bulk_delete":
            return {
                status.HTTP_204_NO_CONTENT: OpenApiResponse(description="All are deleted."),
                status.HTTP_412_PRECONDITION_FAILED: None,
                status.HTTP_428_PRECONDITION_REQUIRED: None,
            }
        is_create = view.action == "bulk_create"
        code = status.HTTP_201_CREATED if is_create else status.HTTP_200_OK
        item: Any = view.get_serializer_class()
        answers: dict[int, Any] = {code: bounded_list("items", item, f"Bulk{item.__name__}")}
        return answers if is_create else {**answers, status.HTTP_412_PRECONDITION_FAILED: None}

    def get_override_parameters(self) -> list[Any]:
        parameters = super().get_override_parameters()
        if cast("BulkMixin", self.view).action == "bulk_delete":
            parameters.append(
                OpenApiParameter(
                    CONFIRM_DELETE_HEADER,
                    int,
                    OpenApiParameter.HEADER,
                    required=True,
                    description="How many ids the body names.",
                )
            )
        return parameters

    def _get_request_body(self, direction: str = "request") -> Any:
        """Return the body as that of a POST: DELETE has one too, and PATCH needs its items."""
        method, self.method = self.method, "POST"
        body = super()._get_request_body(direction)  # type: ignore[no-untyped-call]
        self.method = method
        return body


def described(method: Callable[..., Response]) -> Callable[..., Response]:
    """Give a method that shares the route of an action a description of its own.

    drf-spectacular looks for it where ``action`` would put it.
    """
    vars(method)["kwargs"] = {"schema": BulkSchema}
    return method


class BulkMixin(GenericViewSet[Any]):
    """Adds POST, PATCH and DELETE on ``bulk/`` to a view set.

    POST and PATCH take ``{"items": [...]}`` and answer with the rows in the same shape and order;
    the items of PATCH name their ``id``. DELETE takes ``{"ids": [...]}`` and wants their number
    in a header too, because a list that is longer than meant costs too much.

    Set the serializers of one item, and the services. Rows are shown by ``get_serializer``.
    """

    bulk_create_input: ClassVar[type[serializers.Serializer[Any]]]
    bulk_update_input: ClassVar[type[serializers.Serializer[Any]]]
    bulk_services: ClassVar[BulkServices]

    @action(detail=False, methods=["post"], url_path="bulk", schema=BulkSchema)
    def bulk_create(self, request: Request) -> Response:
        """Create all of these, or none."""
        batch = validated("items", listed("items", request.data), self.bulk_create_input())
        rows = self.bulk_services.create(batch=batch)
        return Response(self.bulk_output(rows), status=status.HTTP_201_CREATED)

    @bulk_create.mapping.patch
    @described
    def bulk_update(self, request: Request) -> Response:
        """Change all of these, or none. What an item does not name stays as it is."""
        batch = validated("items", listed("items", request.data), self.bulk_update_input())
        return Response(self.bulk_output(self.bulk_services.update(batch=batch)))

    @bulk_create.mapping.delete
    @described
    def bulk_delete(self, request: Request) -> Response:
        """Delete all of these, or none."""
        confirmed = request.headers.get(CONFIRM_DELETE_HEADER)
        if confirmed is None:
            raise ConfirmationRequiredError(
                f"Say in the header {CONFIRM_DELETE_HEADER} how many are to be deleted."
            )
        ids = listed("ids", request.data)
        if confirmed != str(len(ids)):
            raise ConfirmationMismatchError(
                f"The header {CONFIRM_DELETE_HEADER} says {confirmed}, the body names {len(ids)}."
            )
        batch = validated("ids", ids, serializers.UUIDField())
        self.bulk_services.delete(batch=batch)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def bulk_output(self, rows: Sequence[Record]) -> dict[str, Any]:
        """Return the body that shows ``rows``."""
        return {"items": self.get_serializer(rows, many=True).data}


def listed(name: str, data: Any) -> list[Any]:
    """Return what the body ``data`` holds under ``name``, unchecked.

    Raises:
        ValidationError: if that is no list, or an empty one.
        TooManyItemsError: if there are more than ``BULK_MAX_ITEMS``.
    """
    items = data.get(name) if isinstance(data, dict) else None
    if isinstance(items, list) and len(items) > settings.BULK_MAX_ITEMS:
        raise TooManyItemsError(
            f"Send at most {settings.BULK_MAX_ITEMS} in one request, not {len(items)}.", field=name
        )
    body = inline_serializer("Body", {name: serializers.ListField(allow_empty=False)}, data=data)
    body.is_valid(raise_exception=True)
    return cast("list[Any]", body.validated_data[name])


def validated(
    name: str, items: Iterable[Any], form: serializers.Field[Any, Any, Any, Any]
) -> Batch[Any]:
    """Return the batch of ``items``, those refused that ``form`` does not fit."""
    batch = Batch[Any](name=name)
    for index, item in enumerate(items):
        try:
            batch.items[index] = form.run_validation(item)
        except exceptions.ValidationError as refusal:
            for path, detail in details_of(refusal.detail):
                field = ".".join(path) or None
                batch.refuse(index, MalformedItemError(detail, code=str(detail.code), field=field))
    return batch


@cache  # drf-spectacular wants one class for each name.
def bounded_list(name: str, item: Any, component: str) -> type[serializers.Serializer[Any]]:
    """Return what describes a body with 1 to ``BULK_MAX_ITEMS`` items under ``name``."""
    items = serializers.ListField(
        child=item(), min_length=1, max_length=settings.BULK_MAX_ITEMS, help_text="All, or none."
    )
    return type(component, (serializers.Serializer,), {name: items})
