"""Payments over HTTP."""

from decimal import Decimal

import pytest

from apps.orders.models import OrderStatus, Payment
from tests.contract import data, error_codes
from tests.factories.orders import OrderFactory, PaymentFactory

pytestmark = pytest.mark.django_db

CARD = {"amount": "19.80", "method": "card", "reference": "payment-1"}


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
        "method": "card",
        "reference": "payment-1",
        "status": "received",
    }


def test_paying_costs_a_fixed_number_of_queries(
    sign_in, credential_queries, django_assert_num_queries
):
    order = OrderFactory()
    client = sign_in(order.customer)

    # Two savepoints and their release, role, order, reference, payment, write order.
    with django_assert_num_queries(credential_queries + 9):
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
    [(OrderStatus.PAID, "order_paid"), (OrderStatus.CANCELLED, "order_cancelled")],
)
def test_order_with_nothing_open_is_a_conflict(sign_in, status, code):
    order = OrderFactory(status=status)

    response = sign_in(order.customer).post(url_of(order), CARD)

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
