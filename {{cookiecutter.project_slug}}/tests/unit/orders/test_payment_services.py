"""The rules of paying."""

from decimal import Decimal

import pytest
from django.db import IntegrityError

from apps.orders import errors, services
from apps.orders.models import OrderStatus, Payment, PaymentMethod, PaymentStatus
from core.errors import NotFoundError
from tests.factories.orders import OrderFactory
from tests.factories.users import AdministratorFactory, UserFactory

pytestmark = pytest.mark.django_db


def pay(order, **changes):
    arguments = {
        "user": order.customer,
        "order_id": order.pk,
        "amount": order.total,
        "method": PaymentMethod.CARD,
        "reference": "payment-1",
    }
    return services.order_pay(**(arguments | changes))


def test_order_pay_pays_the_order():
    order = OrderFactory()

    payment = pay(order)

    order.refresh_from_db()
    payment.refresh_from_db()
    assert order.status == OrderStatus.PAID
    assert (payment.order, payment.amount) == (order, Decimal("19.80"))
    assert (payment.method, payment.status) == (PaymentMethod.CARD, PaymentStatus.RECEIVED)


def test_order_pay_again_with_the_same_reference_pays_once():
    order = OrderFactory()

    assert pay(order, reference="Payment-1") == pay(order, reference="payment-1")
    assert Payment.objects.count() == 1


def test_order_pay_again_after_the_cancellation_gives_the_same_payment():
    order = OrderFactory()
    payment = pay(order)
    services.order_cancel(user=order.customer, order_id=order.pk)

    assert pay(order) == payment


@pytest.mark.parametrize(
    "changes", [{"amount": Decimal("19.79")}, {"method": PaymentMethod.TRANSFER}]
)
def test_order_pay_refuses_a_reference_for_another_payment_of_the_order(changes):
    order = OrderFactory()
    pay(order)

    with pytest.raises(errors.PaymentReferenceTakenError):
        pay(order, **changes)


def test_order_pay_refuses_the_reference_of_another_order():
    pay(OrderFactory())
    order = OrderFactory()

    with pytest.raises(errors.PaymentReferenceTakenError):
        pay(order)

    order.refresh_from_db()
    assert order.status == OrderStatus.PLACED


def test_order_pay_refuses_a_reference_that_another_order_took_meanwhile():
    payment, order = pay(OrderFactory()), OrderFactory()

    with pytest.raises(errors.PaymentReferenceTakenError):
        services._create_payment(
            order=order,
            amount=order.total,
            method=PaymentMethod.CARD,
            reference=payment.reference,
        )


def test_order_pay_does_not_blame_the_reference_for_another_fault():
    with pytest.raises(IntegrityError):
        services._create_payment(
            order=OrderFactory(),
            amount=Decimal(0),
            method=PaymentMethod.CARD,
            reference="payment-1",
        )


@pytest.mark.parametrize("amount", ["19.79", "19.81", "0.01"])
def test_order_pay_refuses_another_amount_than_the_total(amount):
    order = OrderFactory()

    with pytest.raises(errors.AmountMismatchError, match=r"19\.80 is open") as refusal:
        pay(order, amount=Decimal(amount))

    assert refusal.value.field == "amount"


def test_order_pay_refuses_a_second_payment():
    order = OrderFactory()
    pay(order)

    with pytest.raises(errors.OrderPaidError):
        pay(order, reference="payment-2")


def test_order_pay_refuses_a_cancelled_order():
    order = OrderFactory(status=OrderStatus.CANCELLED)

    with pytest.raises(errors.OrderCancelledError):
        pay(order)


def test_order_pay_does_not_find_the_order_of_somebody_else():
    with pytest.raises(NotFoundError):
        pay(OrderFactory(), user=UserFactory())


def test_order_pay_is_open_to_administrators():
    order = OrderFactory()

    assert pay(order, user=AdministratorFactory()).order == order
