"""A worker is killed while it places an order, and the client sends the order again."""

import pytest
from django.db import connection, transaction
from django.utils import timezone

from apps.orders.models import Order, Product, Stock
from apps.users.models import User
from core.idempotency.models import IdempotencyKey
from tests.bodies import data, error_codes
from tests.e2e.http import Client
from tests.e2e.orders.ordering import left_in_stock, order, sending
from tests.e2e.processes import WebServer, wait_for


@pytest.mark.slow
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
def test_order_that_was_cut_off_is_placed_when_its_time_is_up(
    server: WebServer, client: Client, user: User, product: Product
) -> None:
    claims = IdempotencyKey.objects.filter(user=user)
    with transaction.atomic(), sending(client, product):
        # The order waits for this lock, in its transaction.
        Stock.objects.select_for_update().get(product=product)
        wait_for(claims.exists, "the claim")
        server.kill_worker()

    too_early = order(client, product)
    claims.update(claimed_until=timezone.now())
    answer = order(client, product)

    assert too_early.status_code == 409
    assert error_codes(too_early) == [("idempotency_key_in_use", None)]
    assert answer.status_code == 201, answer.text
    assert answer.headers["Idempotent-Replayed"] is None
    assert data(answer)["id"] == str(Order.objects.get(customer=user).pk)
    assert left_in_stock(product) == 9
