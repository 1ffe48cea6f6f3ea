"""From the catalogue to the confirmation, through every process that takes part."""

from apps.orders.models import Order
from tests.bodies import data
from tests.e2e.authentication import Authentication
from tests.e2e.processes import WebServer, wait_for
from tests.factories.orders import ProductFactory
from tests.factories.users import UserFactory


def test_customer_orders_and_gets_a_confirmation(
    web: WebServer, authentication: Authentication, tasks_run: None
) -> None:
    product = ProductFactory(stock__quantity=3)
    user = UserFactory()
    client = web.client()
    authentication.sign_in(client, user)

    offered = data(client.get("/api/v1/products/"))["results"]
    [key] = [row["id"] for row in offered if row["sku"] == product.sku]
    answer = client.post("/api/v1/orders/", {"lines": [{"product": key, "quantity": 2}]})

    assert answer.status_code == 201, answer.text
    order = Order.objects.get(pk=data(answer)["id"])
    assert order.created_by == user
    wait_for(lambda: confirmed(order), "the confirmation")
    assert order.updated_by == user
    assert data(client.get(f"/api/v1/products/{key}/"))["available"] == 1


def confirmed(order: Order) -> bool:
    order.refresh_from_db()
    return order.confirmation_sent_at is not None
