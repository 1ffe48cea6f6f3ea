"""Adds orders, and finds the links to the first and to the last page of the list.

Takes the number of ``rows``, the ``page_size``, and the ``orderings``. The rows are copies of one
order, made by the database, a second apart. Returns the paths of the two pages for each ordering;
the service's own pagination makes the links.
"""

import json
import sys
from uuid import UUID

from apps.orders.api.views import OrderViewSet
from apps.orders.models import Order
from core.api.pagination import KeysetPagination
from django.conf import settings
from django.db import connection
from django.test import RequestFactory
from rest_framework.request import Request

PATH = "/api/v1/orders/"
# A UUIDv7 has the milliseconds in its first 48 bits: RFC 9562, section 5.7.
NEW_ID = """(
    lpad(to_hex((extract(epoch FROM source.created_at) * 1000)::bigint - number * 1000), 12, '0')
    || '70008' || lpad(to_hex(number), 15, '0')
)::uuid"""
NEW_VALUES = {"id": NEW_ID, "created_at": "source.created_at - number * interval '1 second'"}


def add_orders(count: int, source: UUID) -> None:
    """Copy the order ``source``; each copy is a second older than the one before."""
    columns = [field.column for field in Order._meta.concrete_fields]  # noqa: SLF001 (documented by Django)
    values = [NEW_VALUES.get(column, f'source."{column}"') for column in columns]
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO orders_order ({names}) SELECT {', '.join(values)} "  # noqa: S608 (names of our own columns)
            "FROM orders_order source, generate_series(1, %s) number WHERE source.id = %s",
            [count, source],
        )
        cursor.execute("VACUUM ANALYZE orders_order")


def paths(ordering: str, rows: int, page_size: int) -> list[str]:
    """Return the paths of the first page, and of that with the row number ``rows``."""
    first = f"{PATH}?ordering={ordering}&page_size={page_size}"
    pagination = KeysetPagination()
    host = settings.ALLOWED_HOSTS[0]
    request = Request(RequestFactory(headers={"host": host}).get(first))
    pagination.paginate_queryset(Order.objects.all(), request, OrderViewSet(action="list"))
    ordered = Order.objects.order_by(*pagination.order.terms())
    link = pagination.link(ordered[rows - page_size - 1], backwards=False) or ""
    return [first, link.partition(host)[2]]


def main() -> None:
    numbers = json.load(sys.stdin)
    source = Order.objects.earliest("id")
    add_orders(numbers["rows"] - Order.objects.count(), source.pk)
    found = {
        ordering: paths(ordering, numbers["rows"], numbers["page_size"])
        for ordering in numbers["orderings"]
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
