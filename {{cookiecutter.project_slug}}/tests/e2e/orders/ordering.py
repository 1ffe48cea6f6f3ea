"""Orders that a worker does not live to answer."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from apps.orders.models import Product, Stock
from tests.e2e.http import Answer, Client

URL = "/api/v1/orders/"


def order(client: Client, product: Product, **headers: str) -> Answer:
    """Order a piece of ``product``, always with the same key."""
    lines = [{"product": str(product.pk), "quantity": 1}]
    return client.post(URL, {"lines": lines}, **{"Idempotency-Key": '"order-1"', **headers})


@contextmanager
def sending(client: Client, product: Product, **headers: str) -> Iterator[Future[Answer]]:
    """Order in the background; no answer comes."""
    with ThreadPoolExecutor(1) as threads:
        yield (request := threads.submit(order, client, product, **headers))
        with pytest.raises(OSError):  # noqa: PT011 (reset or closed: it depends on the kernel)
            request.result()


def left_in_stock(product: Product) -> int:
    return Stock.objects.get(product=product).quantity
