"""Pages that stay fast however deep they are."""

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Field, Model, OrderBy, Q, QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from core.api.cursors import Cursor, cursor_decode, cursor_encode
from core.api.lists import Page
from core.api.refusals import InvalidParameterError


class KeysetPagination(BasePagination):
    """Pages by key: page 50,000 costs what page 1 costs, and rows that come and go move none.

    A list is newest first: UUIDv7 keys grow with time, so ``-id`` is the order of creation. A view
    may set ``ordering`` to another order, and name in ``ordering_fields`` what a caller may choose
    with ``?ordering=name`` or ``?ordering=-name``; an index should begin with each. The primary key
    decides between rows that are equal in it.

    ``page_size`` in the query is 1 to ``max_page_size``. A cursor holds for the list and the
    ordering that it was given out for.

    https://use-the-index-luke.com/no-offset
    """

    ordering = "-id"
    page_size = 50
    max_page_size = 200

    def paginate_queryset(  # type: ignore[override]  # It pages in the database only.
        self, queryset: QuerySet[Any], request: Request, view: APIView | None = None
    ) -> list[Any]:
        self.url = request.build_absolute_uri()
        self.order = Order.of(self.asked_ordering(request, view), queryset)
        self.scope = f"{request.path}:{self.order.name}:{self.order.descending}"
        cursor = self.asked_cursor(request)
        size = self.asked_size(request)
        order = self.order.reversed() if cursor and cursor.backwards else self.order
        if cursor:
            queryset = queryset.filter(order.behind(cursor))
        rows = list(queryset.order_by(*order.terms())[: size + 1])
        has_more = len(rows) > size
        self.rows = rows[:size]
        if cursor and cursor.backwards:
            self.rows.reverse()
            self.has_previous, self.has_next = has_more, True
        else:
            self.has_previous, self.has_next = cursor is not None, has_more
        return self.rows

    def get_paginated_response(self, data: Any) -> Response:
        first, last = (self.rows[0], self.rows[-1]) if self.rows else (None, None)
        return Response(
            Page(
                next=self.link(last, backwards=False) if self.has_next else None,
                previous=self.link(first, backwards=True) if self.has_previous else None,
                results=data,
            )
        )

    def link(self, row: Model | None, *, backwards: bool) -> str | None:
        """Return the address of the page behind ``row``, or before it."""
        if row is None:
            return None
        value = getattr(row, self.order.name)
        cursor = Cursor(None if value is None else str(value), str(row.pk), backwards)
        return replace_query_param(self.url, "cursor", cursor_encode(cursor, scope=self.scope))

    def asked_cursor(self, request: Request) -> Cursor | None:
        text = request.query_params.get("cursor")
        if text is None:
            return None
        try:
            return cursor_decode(text, scope=self.scope)
        except ValueError as error:
            raise InvalidParameterError(
                {
                    "cursor": "This is no cursor of this list in this order. "
                    "Follow the links next and previous, or leave it out to start anew."
                },
                code="invalid_cursor",
            ) from error

    def asked_size(self, request: Request) -> int:
        text = request.query_params.get("page_size")
        if text is None:
            return self.page_size
        # More digits than that are no size, and Python refuses to read too many.
        if text.isascii() and text.isdigit() and len(text) < 10:
            size = int(text)
            if 1 <= size <= self.max_page_size:
                return size
        raise InvalidParameterError(
            {"page_size": f"Use a whole number from 1 to {self.max_page_size}."},
            code="invalid_page_size",
        )

    def asked_ordering(self, request: Request, view: APIView | None) -> str:
        allowed = self.allowed_orderings(view)
        asked = request.query_params.get("ordering", allowed[0])
        if asked not in allowed:
            raise InvalidParameterError(
                {"ordering": f"Use one of: {', '.join(allowed)}."}, code="unknown_ordering"
            )
        return asked

    def allowed_orderings(self, view: APIView | None) -> list[str]:
        """Return what a caller of ``view`` may choose, the default first."""
        default: str = getattr(view, "ordering", self.ordering)
        fields = [default.removeprefix("-"), *getattr(view, "ordering_fields", ())]
        choices = [choice for field in fields for choice in (field, f"-{field}")]
        return list(dict.fromkeys([default, *choices]))

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": {**link, "description": "The page that follows."},
                "previous": {**link, "description": "The page before."},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        allowed = self.allowed_orderings(view)
        return [
            query_parameter("cursor", "Where the page begins, as in the links.", type="string"),
            query_parameter(
                "ordering",
                "The field to sort by; - for descending.",
                type="string",
                enum=allowed,
                default=allowed[0],
            ),
            query_parameter(
                "page_size",
                "How many rows a page has at most.",
                type="integer",
                minimum=1,
                maximum=self.max_page_size,
                default=self.page_size,
            ),
        ]


def query_parameter(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
    }


@dataclass(frozen=True)
class Order:
    """By the field ``name``, then by the primary key.

    No value comes after all values; databases differ in that, so it is said where it can happen.
    """

    name: str
    descending: bool
    field: "Field[Any, Any]"
    key: "Field[Any, Any]"
    is_nullable: bool

    @classmethod
    def of(cls, ordering: str, queryset: QuerySet[Any]) -> "Order":
        """Return what ``ordering``, such as ``-created_at``, means for the rows of ``queryset``."""
        name = ordering.removeprefix("-")
        meta = queryset.model._meta
        annotation = queryset.query.annotations.get(name)
        field = annotation.output_field if annotation else meta.get_field(name)
        # An outer join may leave any annotation empty.
        is_nullable = annotation is not None or field.null
        return cls(name, ordering.startswith("-"), field, meta.pk, is_nullable)

    def reversed(self) -> "Order":
        return Order(self.name, not self.descending, self.field, self.key, self.is_nullable)

    def terms(self) -> list[OrderBy]:
        by_key = F("pk").desc() if self.descending else F("pk").asc()
        if self.field is self.key:
            return [by_key]
        is_said = self.is_nullable or None  # Django takes True or None.
        column = F(self.name)
        by_field = (
            column.desc(nulls_first=is_said) if self.descending else column.asc(nulls_last=is_said)
        )
        return [by_field, by_key]

    def behind(self, cursor: Cursor) -> Q:
        """Return the condition for the rows that come after that of ``cursor``."""
        beyond = "lt" if self.descending else "gt"
        later = Q(**{f"pk__{beyond}": self.key.to_python(cursor.key)})
        if self.field is self.key:
            return later
        is_null = Q(**{f"{self.name}__isnull": True})
        if cursor.value is None:
            return (is_null & later) | ~is_null if self.descending else is_null & later
        value = self.field.to_python(cursor.value)
        # The first part lets a database begin to read in the index where the page begins.
        rows = Q(**{f"{self.name}__{beyond}e": value}) & (
            Q(**{f"{self.name}__{beyond}": value}) | later
        )
        return rows | is_null if self.is_nullable and not self.descending else rows
