"""A worker is killed after it has placed an order, and the client sends the order again."""

from apps.orders.models import Order, Product
from apps.users.models import User
from tests.bodies import data
from tests.e2e import standstill
from tests.e2e.http import Client
from tests.e2e.orders.ordering import URL, left_in_stock, order, sending
from tests.e2e.processes import WebServer


def test_order_whose_answer_was_lost_is_answered_and_not_placed_again(
    server: WebServer, client: Client, user: User, product: Product
) -> None:
    with sending(client, product, **{standstill.HEADER: "yes"}):
        server.wait_until_printed(standstill.SENTENCE)
        server.kill_worker()

    answer = order(client, product)

    placed = Order.objects.get(customer=user)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Idempotent-Replayed"] == "true"
    assert answer.headers["Location"].endswith(f"{URL}{placed.pk}/")
    assert data(answer)["id"] == str(placed.pk)
    assert left_in_stock(product) == 9
