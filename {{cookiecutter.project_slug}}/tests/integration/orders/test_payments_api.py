"""Payments over HTTP."""

from decimal import Decimal

import pytest

from apps.orders.models import OrderStatus, Payment
from tests.bodies import data, error_codes
from tests.factories.orders import OrderFactory, OrderLineFactory, PaymentFactory

pytestmark = pytest.mark.django_db

PAID_QUERIES = 10
# % if cookiecutter.events
PAID_QUERIES += 3  # The order's lock, its last event, the new one.
# % endif
CARD = {"amount": "19.80", "currency": "EUR", "method": "card", "reference": "payment-1"}


def url_of(order):
    return f"/api/v1/orders/{order.pk}/payments/"


def test_order_is_paid(sign_in):
    order = OrderFactory(total=Decimal("19.80"))

    response = sign_in(order.customer).post(url_of(order), CARD)

    payment = Payment.objects.get()
    order.refresh_from_db()
    assert response.status_code == 201
    assert order.status == OrderStatus.PAID
    body = data(response)
    del body["created_at"]
    assert body == {
        "id": str(payment.pk),
        "order": str(order.pk),
        "amount": "19.80",
        "currency": "EUR",
        "method": "card",
        "reference": "payment-1",
        "status": "received",
    }


def test_paying_costs_a_fixed_number_of_queries(
    sign_in, credential_queries, django_assert_num_queries
):
    order = OrderFactory()
    client = sign_in(order.customer)

    # To open it: two savepoints and their release, role, order, reference, payment, write order. To
    # settle it: savepoint and release, order, payment, and both written. The audit trail takes one
    # for the new payment, and two for each change.
    with django_assert_num_queries(credential_queries + 12 + PAID_QUERIES):
        client.post(url_of(order), CARD)


def test_same_payment_again_pays_once_with_the_same_answer(sign_in):
    order = OrderFactory()
    client = sign_in(order.customer)

    first, second = (client.post(url_of(order), CARD) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert data(first) == data(second)
    assert Payment.objects.count() == 1


def test_reference_of_another_order_is_a_conflict(sign_in):
    PaymentFactory(reference="payment-1")
    order = OrderFactory()

    response = sign_in(order.customer).post(url_of(order), CARD)

    assert response.status_code == 409
    assert error_codes(response) == [("payment_reference_taken", None)]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (OrderStatus.PAYING, "payment_pending"),
        (OrderStatus.PAID, "order_paid"),
        (OrderStatus.CANCELLED, "order_cancelled"),
        (OrderStatus.REFUND_DUE, "order_cancelled"),
        (OrderStatus.REFUNDED, "order_refunded"),
    ],
)
def test_order_with_nothing_open_is_a_conflict(sign_in, status, code):
    order = OrderFactory(status=status)

    response = sign_in(order.customer).post(url_of(order), CARD)

    assert response.status_code == 409
    assert error_codes(response) == [(code, None)]


def test_payment_that_is_declined_is_a_conflict(sign_in):
    order = OrderFactory()

    response = sign_in(order.customer).post(url_of(order), CARD | {"reference": "decline-1"})

    assert response.status_code == 409
    assert error_codes(response) == [("payment_declined", None)]


def test_provider_without_an_answer_is_unavailable(sign_in):
    order = OrderFactory()
    client = sign_in(order.customer)
    client.raise_request_exception = False

    response = client.post(url_of(order), CARD | {"reference": "unavailable-1"})

    assert response.status_code == 503
    assert error_codes(response) == [("provider_unavailable", None)]


def test_cancelled_order_is_refunded(sign_in):
    payment = PaymentFactory(order__status=OrderStatus.REFUND_DUE)

    response = sign_in(payment.order.customer).post(f"/api/v1/orders/{payment.order_id}/refund/")

    assert response.status_code == 200
    assert (data(response)["id"], data(response)["status"]) == (str(payment.order_id), "refunded")


@pytest.mark.parametrize("count", [1, 20])
def test_refunding_costs_the_same_queries_for_any_number_of_lines(
    count, sign_in, credential_queries, django_assert_num_queries
):
    order = OrderFactory(lines=None, status=OrderStatus.REFUND_DUE)
    OrderLineFactory.create_batch(count, order=order)
    PaymentFactory(order=order)
    client = sign_in(order.customer)

    # Role; savepoint, order, payment, release; savepoint, order, both written, with two queries each
    # for the audit trail, release; then order and lines, as they are shown.
    with django_assert_num_queries(credential_queries + 1 + 4 + 9 + 2):
        client.post(f"/api/v1/orders/{order.pk}/refund/")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (OrderStatus.PLACED, "order_not_paid"),
        (OrderStatus.PAYING, "payment_pending"),
        (OrderStatus.PAID, "order_paid"),
        (OrderStatus.CANCELLED, "order_cancelled"),
        (OrderStatus.REFUNDED, "order_refunded"),
    ],
)
def test_refund_that_is_not_due_is_a_conflict(sign_in, status, code):
    order = OrderFactory(status=status)

    response = sign_in(order.customer).post(f"/api/v1/orders/{order.pk}/refund/")

    assert response.status_code == 409
    assert error_codes(response) == [(code, None)]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("amount", "19.79", "amount_mismatch"),
        ("amount", "9999999999.99", "amount_mismatch"),
        ("amount", "0.00", "min_value"),
        ("amount", "-19.80", "min_value"),
        ("amount", "10000000000.00", "max_digits"),
        ("amount", "19.800", "max_decimal_places"),
        ("amount", "1" + "0" * 30, "max_digits"),
        ("amount", 19.8, "invalid"),
        ("amount", "19.80\0", "invalid"),
        ("amount", None, "null"),
        ("currency", "USD", "currency_mismatch"),
        ("currency", "XXX", "invalid_choice"),
        ("currency", None, "null"),
        ("method", "cash", "invalid_choice"),
        ("method", [], "invalid_choice"),
        ("method", None, "null"),
        ("reference", "", "blank"),
        ("reference", "payment 1", "invalid"),
        ("reference", "päyment", "invalid"),
        ("reference", "p" * 101, "max_length"),
        ("reference", {}, "invalid"),
        ("reference", None, "null"),
    ],
)
def test_bad_payment_is_refused(sign_in, field, value, code):
    order = OrderFactory()

    response = sign_in(order.customer).post(url_of(order), CARD | {field: value})

    assert response.status_code == 400
    assert error_codes(response) == [(code, field)]
    assert not Payment.objects.exists()


def test_reference_with_a_null_character_is_refused(sign_in):
    order = OrderFactory()

    response = sign_in(order.customer).post(url_of(order), CARD | {"reference": "payment\0"})

    assert response.status_code == 400
    assert error_codes(response) == [
        ("null_characters_not_allowed", "reference"),
        ("invalid", "reference"),
    ]
