"""Orders over HTTP."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest

from apps.orders.models import Order, OrderStatus, Stock
from apps.orders.services import LINES_MAX, QUANTITY_MAX
from core.audit.models import AuditEntry
from tests.bodies import data, error_codes
from tests.factories.orders import OrderFactory, OrderLineFactory, ProductFactory
from tests.factories.users import AdminFactory, UserFactory
from tests.statements import more_statements, written

pytestmark = pytest.mark.django_db

# The eleven of the service, and the role, the order and its lines as they are shown.
PLACE_QUERIES = 14
# % if cookiecutter.events
PLACE_QUERIES += 3  # The order's lock, its last event, the new one.
# % endif
URL = "/api/v1/orders/"


def lines_of(*products, quantity=1):
    return {"lines": [{"product": str(product.pk), "quantity": quantity} for product in products]}


# Placing


def test_order_is_placed(sign_in):
    user = UserFactory()
    cup = ProductFactory(sku="CUP-300", name="Cup", price=Decimal("9.90"))

    response = sign_in(user).post(URL, lines_of(cup, quantity=3))

    order = Order.objects.get()
    assert response.status_code == 201
    assert response["Location"] == f"http://testserver{URL}{order.pk}/"
    body = data(response)
    created_at = datetime.fromisoformat(body.pop("created_at"))
    assert created_at == order.created_at
    assert body == {
        "id": str(order.pk),
        "customer": str(user.pk),
        "status": "placed",
        "total": "29.70",
        "currency": "EUR",
        "lines": [
            {
                "product": str(cup.pk),
                "sku": "CUP-300",
                "name": "Cup",
                "quantity": 3,
                "unit_price": "9.90",
            }
        ],
    }


def test_order_is_stamped_with_the_customer(sign_in):
    user = UserFactory()

    sign_in(user).post(URL, lines_of(ProductFactory()))

    order = Order.objects.get()
    assert (order.customer, order.created_by, order.lines.get().created_by) == (user, user, user)


@pytest.mark.parametrize("count", [1, LINES_MAX])
def test_order_of_any_size_costs_the_same_queries(
    count, sign_in, credential_queries, django_assert_num_queries
):
    client, products = sign_in(UserFactory()), ProductFactory.create_batch(count)
    more = more_statements(count, written(AuditEntry))

    with django_assert_num_queries(credential_queries + PLACE_QUERIES + more):
        response = client.post(URL, lines_of(*products))

    assert len(data(response)["lines"]) == count


def test_order_of_more_than_stock_is_a_conflict_that_names_the_product(sign_in):
    jug = ProductFactory(sku="JUG-1", stock__quantity=1)

    response = sign_in(UserFactory()).post(URL, lines_of(ProductFactory(), jug, quantity=2))

    assert response.status_code == 409
    assert error_codes(response) == [("insufficient_stock", None)]
    assert response.json()["errors"][0]["detail"] == "1 of JUG-1 are left, not 2."
    assert not Order.objects.exists()


def test_order_of_an_unknown_product_names_the_line(sign_in):
    response = sign_in(UserFactory()).post(URL, lines_of(ProductFactory(), ProductFactory.build()))

    assert response.status_code == 400
    assert error_codes(response) == [("unknown_product", "lines.1.product")]


def test_order_with_a_product_twice_names_the_line(sign_in):
    cup = ProductFactory()

    response = sign_in(UserFactory()).post(URL, lines_of(cup, cup))

    assert response.status_code == 400
    assert error_codes(response) == [("duplicate_product", "lines.1.product")]


def test_order_of_prices_in_different_currencies_names_the_line(sign_in):
    yen = ProductFactory(price=Decimal(1200), currency="JPY")

    response = sign_in(UserFactory()).post(URL, lines_of(ProductFactory(), yen))

    assert response.status_code == 400
    assert error_codes(response) == [("mixed_currencies", "lines.1.product")]


def test_amounts_are_written_as_their_currency_is(sign_in):
    yen = ProductFactory(price=Decimal(1200), currency="JPY")

    body = data(sign_in(UserFactory()).post(URL, lines_of(yen, quantity=2)))

    assert (body["total"], body["currency"], body["lines"][0]["unit_price"]) == (
        "2400",
        "JPY",
        "1200",
    )


def test_order_with_a_total_that_is_too_large_is_refused(sign_in):
    dear = ProductFactory(price=Decimal("9999999999.99"))

    response = sign_in(UserFactory()).post(URL, lines_of(dear, quantity=QUANTITY_MAX))

    assert response.status_code == 400
    assert error_codes(response) == [("order_too_large", "lines")]


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "required", "lines"),
        ([], "invalid", ""),
        ("lines", "invalid", ""),
        ({"lines": None}, "null", "lines"),
        ({"lines": "all"}, "not_a_list", "lines"),
        ({"lines": {"0": {}}}, "not_a_list", "lines"),
        ({"lines": []}, "min_length", "lines"),
        ({"lines": [{}] * (LINES_MAX + 1)}, "max_length", "lines"),
        ({"lines": [None]}, "null", "lines.0"),
        ({"lines": ["cup"]}, "invalid", "lines.0"),
    ],
)
def test_bad_order_is_refused(sign_in, body, code, field):
    response = sign_in(UserFactory()).post(URL, body)

    assert response.status_code == 400
    assert error_codes(response) == [(code, field)]


@pytest.mark.parametrize(
    ("quantity", "code"),
    [
        (0, "min_value"),
        (-1, "min_value"),
        (QUANTITY_MAX + 1, "max_value"),
        (10**30, "max_value"),
        (-(10**30), "min_value"),
        (1.5, "invalid"),
        (1.0, "invalid"),
        (1e308, "invalid"),
        ("1", "invalid"),
        ("1\0", "invalid"),
        (True, "invalid"),
        ([1], "invalid"),
        ({"value": 1}, "invalid"),
        (None, "null"),
    ],
)
def test_bad_quantity_is_refused(sign_in, quantity, code):
    cup = ProductFactory()

    response = sign_in(UserFactory()).post(URL, lines_of(cup, quantity=quantity))

    assert response.status_code == 400
    assert error_codes(response) == [(code, "lines.0.quantity")]
    assert Stock.objects.get(product=cup).quantity == 10


@pytest.mark.parametrize(
    ("product", "code"),
    [
        ("cup", "invalid"),
        ("\0", "invalid"),
        ("", "invalid"),
        (10**40, "invalid"),
        (1.5, "invalid"),
        (True, "unknown_product"),
        (7, "unknown_product"),
        ([], "invalid"),
        (None, "null"),
    ],
)
def test_bad_product_of_a_line_is_refused(sign_in, product, code):
    line = {"product": product, "quantity": 1}

    response = sign_in(UserFactory()).post(URL, {"lines": [line]})

    assert response.status_code == 400
    assert error_codes(response) == [(code, "lines.0.product")]


def test_line_names_all_its_faults(sign_in):
    response = sign_in(UserFactory()).post(URL, {"lines": [{"quantity": 0}]})

    assert error_codes(response) == [
        ("required", "lines.0.product"),
        ("min_value", "lines.0.quantity"),
    ]


# Reading


def test_orders_are_listed_newest_first(sign_in):
    order = OrderFactory(total=Decimal("19.80"))
    newer = OrderFactory(customer=order.customer, status=OrderStatus.PAID)
    OrderFactory()

    response = sign_in(order.customer).get(URL)

    assert response.status_code == 200
    listed = data(response)["results"]
    assert [entry["id"] for entry in listed] == [str(newer.pk), str(order.pk)]
    del listed[1]["created_at"]
    assert listed[1] == {
        "id": str(order.pk),
        "customer": str(order.customer_id),
        "status": "placed",
        "total": "19.80",
        "currency": "EUR",
    }


@pytest.mark.parametrize("count", [1, 20])
def test_orders_are_listed_with_two_queries(
    count, sign_in, credential_queries, django_assert_num_queries
):
    user = UserFactory()
    client = sign_in(user)
    OrderFactory.create_batch(count, customer=user)

    with django_assert_num_queries(credential_queries + 2):  # Role, orders.
        response = client.get(URL)

    assert len(data(response)["results"]) == count


def test_orders_can_be_listed_oldest_first_and_in_part(sign_in):
    older = OrderFactory(total=Decimal("19.80"))
    newer = OrderFactory(customer=older.customer, total=Decimal("5.00"))
    query = {"ordering": "created_at", "fields": "id,total"}

    listed = data(sign_in(older.customer).get(URL, query))["results"]

    assert listed == [
        {"id": str(older.pk), "total": "19.80"},
        {"id": str(newer.pk), "total": "5.00"},
    ]


def test_admins_list_all_orders(sign_in):
    orders = OrderFactory.create_batch(2)

    listed = data(sign_in(AdminFactory()).get(URL))["results"]

    assert {entry["id"] for entry in listed} == {str(order.pk) for order in orders}


def test_orders_are_filtered_by_status(sign_in):
    order = OrderFactory(status=OrderStatus.PAID)
    OrderFactory(customer=order.customer)

    listed = data(sign_in(order.customer).get(URL, {"status": "paid"}))["results"]

    assert [entry["id"] for entry in listed] == [str(order.pk)]


def test_orders_are_filtered_by_time(sign_in):
    user = UserFactory()
    first, second, third = OrderFactory.create_batch(3, customer=user)
    for order, day in ((first, 1), (second, 2), (third, 3)):
        Order.objects.filter(pk=order.pk).update(created_at=datetime(2026, 1, day, tzinfo=UTC))
    period = {"created_after": "2026-01-02T00:00:00Z", "created_before": "2026-01-03T00:00:00Z"}

    listed = data(sign_in(user).get(URL, period))["results"]

    assert [entry["id"] for entry in listed] == [str(second.pk)]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("status", "lost", "invalid_choice"),
        ("status", "\0", "invalid_choice"),
        ("created_after", "yesterday", "invalid"),
        ("created_after", "2026-02-30T00:00:00Z", "invalid"),
        ("created_after", "\0", "invalid"),
        ("created_after", "0001-01-01T00:00:00+23:00", "min_value"),
        ("created_before", "9999-12-31T23:59:59-23:00", "max_value"),
    ],
)
def test_bad_filter_is_refused(sign_in, field, value, code):
    response = sign_in(UserFactory()).get(URL, {field: value})

    assert response.status_code == 400
    assert error_codes(response) == [(code, field)]


@pytest.mark.parametrize("count", [1, 20])
def test_order_is_shown_with_three_queries(
    count, sign_in, credential_queries, django_assert_num_queries
):
    order = OrderFactory(lines=None)
    OrderLineFactory.create_batch(count, order=order)
    client = sign_in(order.customer)

    with django_assert_num_queries(credential_queries + 3):  # Role, order, lines.
        response = client.get(f"{URL}{order.pk}/")

    assert len(data(response)["lines"]) == count


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", ""), ("post", "cancel/"), ("post", "payments/"), ("post", "refund/")],
)
def test_order_of_somebody_else_is_not_found(sign_in, method, path):
    order = OrderFactory()
    payment = {
        "amount": "19.80",
        "currency": "EUR",
        "method": "card",
        "reference": "payment-1",
    }

    response = getattr(sign_in(UserFactory()), method)(f"{URL}{order.pk}/{path}", payment)

    assert response.status_code == 404
    assert error_codes(response) == [("not_found", None)]


@pytest.mark.parametrize("key", [str(uuid4()), "1", "new", "%00"])
def test_order_that_does_not_exist_is_not_found(sign_in, key):
    response = sign_in(UserFactory()).get(f"{URL}{key}/")

    assert response.status_code == 404
    assert error_codes(response) == [("not_found", None)]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""),
        ("post", ""),
        ("get", "{}/"),
        ("post", "{}/cancel/"),
        ("post", "{}/payments/"),
        ("post", "{}/refund/"),
    ],
)
def test_orders_need_credentials(api_client, method, path):
    response = getattr(api_client, method)(URL + path.format(OrderFactory().pk))

    assert error_codes(response) == [("not_authenticated", None)]


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_orders_change_by_their_own_actions_only(sign_in, method):
    order = OrderFactory()

    response = getattr(sign_in(order.customer), method)(f"{URL}{order.pk}/", {})

    assert response.status_code == 405
    assert error_codes(response) == [("method_not_allowed", None)]


# Cancelling


def test_order_is_cancelled(sign_in):
    order = OrderFactory()

    response = sign_in(order.customer).post(f"{URL}{order.pk}/cancel/")

    assert response.status_code == 200
    body = data(response)
    assert (body["id"], body["status"]) == (str(order.pk), "cancelled")
    assert body["lines"][0]["quantity"] == 2


@pytest.mark.parametrize("count", [1, 20])
def test_cancelling_costs_the_same_queries_for_any_number_of_lines(
    count, sign_in, credential_queries, django_assert_num_queries
):
    order = OrderFactory(lines=None)
    OrderLineFactory.create_batch(count, order=order)
    client = sign_in(order.customer)

    # Role, the eleven of the service; then order and lines, as they are shown.
    with django_assert_num_queries(credential_queries + 14):
        client.post(f"{URL}{order.pk}/cancel/")


def test_cancelling_twice_is_a_conflict(sign_in):
    order = OrderFactory(status=OrderStatus.CANCELLED)

    response = sign_in(order.customer).post(f"{URL}{order.pk}/cancel/")

    assert response.status_code == 409
    assert error_codes(response) == [("order_cancelled", None)]
