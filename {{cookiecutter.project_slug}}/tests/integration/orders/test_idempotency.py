"""Orders and products that are sent again have effect once."""

from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from apps.orders.models import Order, Product, Stock
from core.idempotency.models import IdempotencyKey
from tests.bodies import data, error_codes
from tests.factories.orders import OrderFactory, ProductFactory
from tests.factories.users import ManagerFactory, UserFactory

pytestmark = pytest.mark.django_db

KEY = {"Idempotency-Key": "8e03978e-40d5-43e8-bc93-6894a57f9324"}
ORDERS = "/api/v1/orders/"


def lines_of(product: Product, quantity: int = 1) -> dict[str, Any]:
    return {"lines": [{"product": str(product.pk), "quantity": quantity}]}


def test_order_that_is_sent_again_is_placed_once(sign_in):
    client, cup = sign_in(UserFactory()), ProductFactory(stock__quantity=10)

    first, second = (client.post(ORDERS, lines_of(cup), headers=KEY) for _ in range(2))

    order = Order.objects.get()
    assert (first.status_code, second.status_code) == (201, 201)
    assert second["Location"] == f"http://testserver{ORDERS}{order.pk}/"
    assert second["ETag"] == first["ETag"]
    assert second["Idempotent-Replayed"] == "true"
    assert data(second) == data(first)
    assert Stock.objects.get(product=cup).quantity == 9


def test_order_without_a_key_is_placed_each_time(sign_in):
    client, cup = sign_in(UserFactory()), ProductFactory()

    for _ in range(2):
        client.post(ORDERS, lines_of(cup))

    assert Order.objects.count() == 2


def test_key_of_an_order_is_refused_for_another_one(sign_in):
    client, cup = sign_in(UserFactory()), ProductFactory()
    client.post(ORDERS, lines_of(cup), headers=KEY)

    response = client.post(ORDERS, lines_of(cup, quantity=2), headers=KEY)

    assert response.status_code == 422
    assert error_codes(response) == [("idempotency_key_reused", None)]
    assert Order.objects.count() == 1


def test_order_that_was_refused_stays_refused_when_there_is_stock_again(sign_in):
    client, cup = sign_in(UserFactory()), ProductFactory(stock__quantity=0)
    client.post(ORDERS, lines_of(cup), headers=KEY)
    Stock.objects.update(quantity=10)

    response = client.post(ORDERS, lines_of(cup), headers=KEY)

    assert response.status_code == 409
    assert error_codes(response) == [("insufficient_stock", None)]
    assert not Order.objects.exists()


def test_payment_names_itself_and_keeps_no_key(sign_in):
    order = OrderFactory()
    payment = {
        "amount": "19.80",
        "currency": "EUR",
        "method": "card",
        "reference": "payment-1",
    }

    response = sign_in(order.customer).post(f"{ORDERS}{order.pk}/payments/", payment, headers=KEY)

    assert response.status_code == 201
    assert not IdempotencyKey.objects.exists()


def test_product_that_is_sent_again_is_added_once(sign_in):
    client = sign_in(ManagerFactory())
    cup = {"sku": "CUP-300", "name": "Cup", "price": "9.90"}

    first, second = (client.post("/api/v1/products/", cup, headers=KEY) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert data(second) == data(first)
    assert Product.objects.count() == 1


def test_products_that_are_sent_again_are_added_once(sign_in):
    client = sign_in(ManagerFactory())
    items = [{"sku": f"CUP-{number}", "name": "Cup", "price": "9.90"} for number in range(2)]

    first, second = (
        client.post("/api/v1/products/bulk/", {"items": items}, headers=KEY) for _ in range(2)
    )

    assert (first.status_code, second.status_code) == (201, 201)
    assert data(second) == data(first)
    assert Product.objects.count() == 2


def test_caller_who_may_not_add_products_claims_no_key(sign_in):
    response = sign_in(UserFactory()).post("/api/v1/products/", {}, headers=KEY)

    assert response.status_code == 403
    assert not IdempotencyKey.objects.exists()


def test_operations_that_take_a_key_say_so():
    document = SchemaGenerator().get_schema(request=None, public=True)

    taking = {
        (method, path): operation
        for path, path_item in document["paths"].items()
        for method, operation in path_item.items()
        for parameter in operation.get("parameters", [])
        if parameter.get("name") == "Idempotency-Key"
    }

    assert set(taking) == {
        ("post", "/api/v1/orders/"),
        ("post", "/api/v1/products/"),
        ("post", "/api/v1/products/bulk/"),
    }
    for operation in taking.values():
        assert {"201", "409", "422"} <= set(operation["responses"])
        assert "Idempotent-Replayed" in operation["responses"]["201"]["headers"]
