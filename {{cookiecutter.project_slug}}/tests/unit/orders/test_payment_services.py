"""The rules of paying and refunding, and what stands when the process dies in between."""

from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

import pytest
from django.db import IntegrityError
from django.utils import timezone

from apps.orders import errors, services
from apps.orders.models import OrderStatus, Payment, PaymentMethod, PaymentStatus
from apps.orders.providers import Charge, Outcome
from apps.orders.services import RequestedPayment, payments
from core.errors import ForbiddenError, NotFoundError
from tests.factories.orders import OrderFactory
from tests.factories.users import (
    AdminFactory,
    AuditorFactory,
    ManagerFactory,
    StaffFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


class Ledger:
    """A provider that keeps its books, and can fail before or after it has moved the money."""

    charged: ClassVar[dict[str, Charge]] = {}
    refunded: ClassVar[dict[str, Charge]] = {}
    answer: ClassVar[Outcome | BaseException] = Outcome.ACCEPTED

    def charge(self, charge):
        return self.move(self.charged, charge)

    def refund(self, charge):
        return self.move(self.refunded, charge)

    def move(self, books, charge):
        if self.answer != Outcome.DECLINED:
            assert books.setdefault(charge.key, charge) == charge
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


class ProcessDiedError(BaseException):
    """What no code catches."""


@pytest.fixture(autouse=True)
def ledger(monkeypatch, settings):
    """Let a provider keep its books of this test."""
    settings.PAYMENT_PROVIDER = f"{__name__}.Ledger"
    monkeypatch.setattr(Ledger, "charged", {})
    monkeypatch.setattr(Ledger, "refunded", {})
    monkeypatch.setattr(Ledger, "answer", Outcome.ACCEPTED)
    return Ledger


def state_of(order):
    """Return the status of an order, and those of its payments."""
    order.refresh_from_db()
    return order.status, list(order.payments.order_by("id").values_list("status", flat=True))


def requested(order, **changes):
    asked = {
        "amount": order.total,
        "currency": order.currency,
        "method": PaymentMethod.CARD,
        "reference": "payment-1",
    }
    return RequestedPayment(**(asked | changes))


def pay(order, *, user=None, **changes):
    return services.order_pay(
        user=user or order.customer, order_id=order.pk, payment=requested(order, **changes)
    )


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
    "changes",
    [{"amount": Decimal("19.79")}, {"currency": "USD"}, {"method": PaymentMethod.TRANSFER}],
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
        payments._payment_create(order=order, payment=requested(order, reference=payment.reference))


def test_order_pay_does_not_blame_the_reference_for_another_fault():
    order = OrderFactory()

    with pytest.raises(IntegrityError):
        payments._payment_create(order=order, payment=requested(order, amount=Decimal(0)))


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

    assert Payment.objects.count() == 1


def test_order_pay_refuses_another_currency():
    order = OrderFactory()

    with pytest.raises(errors.CurrencyMismatchError, match="EUR are open") as refusal:
        pay(order, currency="USD")

    assert refusal.value.field == "currency"


def test_order_pay_does_not_find_the_order_of_somebody_else():
    with pytest.raises(NotFoundError):
        pay(OrderFactory(), user=UserFactory())


@pytest.mark.parametrize("maker", [StaffFactory, ManagerFactory, AuditorFactory])
def test_order_pay_is_for_the_customer(maker):
    order = OrderFactory(lines=None)

    with pytest.raises(ForbiddenError):
        pay(order, user=maker())

    assert not order.payments.exists()


def test_order_pay_is_open_to_admins():
    order = OrderFactory()

    assert pay(order, user=AdminFactory()).order == order


def test_order_pay_charges_what_is_open_under_the_key_of_the_payment(ledger):
    order = OrderFactory()

    payment = pay(order, reference="Payment-1")

    assert ledger.charged == {
        str(payment.pk): Charge(
            key=str(payment.pk),
            amount=Decimal("19.80"),
            currency="EUR",
            method="card",
            reference="payment-1",
        )
    }


def test_order_pay_that_is_refused_charges_nothing(ledger):
    with pytest.raises(errors.AmountMismatchError):
        pay(OrderFactory(), amount=Decimal(1))

    assert ledger.charged == {}


def test_order_pay_that_is_declined_leaves_the_order_open(ledger):
    order = OrderFactory()
    ledger.answer = Outcome.DECLINED

    with pytest.raises(errors.PaymentDeclinedError):
        pay(order)

    assert state_of(order) == (OrderStatus.PLACED, [PaymentStatus.DECLINED])


def test_order_pay_that_was_declined_gives_the_same_answer_again(ledger):
    order = OrderFactory()
    ledger.answer = Outcome.DECLINED
    with pytest.raises(errors.PaymentDeclinedError):
        pay(order)
    ledger.answer = Outcome.ACCEPTED

    with pytest.raises(errors.PaymentDeclinedError):
        pay(order)

    assert ledger.charged == {}


def test_order_pay_takes_another_reference_after_one_was_declined(ledger):
    order = OrderFactory()
    ledger.answer = Outcome.DECLINED
    with pytest.raises(errors.PaymentDeclinedError):
        pay(order, reference="payment-1")
    ledger.answer = Outcome.ACCEPTED

    pay(order, reference="payment-2")

    assert state_of(order) == (OrderStatus.PAID, [PaymentStatus.DECLINED, PaymentStatus.RECEIVED])


@pytest.fixture(
    params=[ProcessDiedError, errors.ProviderUnavailableError], ids=["died", "no-answer"]
)
def pending(request, ledger):
    """Return an order whose payment the provider has taken, without our hearing of it."""
    order = OrderFactory()
    ledger.answer = request.param("no answer")
    with pytest.raises(request.param):
        pay(order)
    ledger.answer = Outcome.ACCEPTED
    return order


def test_payment_without_an_answer_is_pending(pending):
    assert state_of(pending) == (OrderStatus.PAYING, [PaymentStatus.PENDING])


def test_payment_without_an_answer_is_charged_once_when_it_is_sent_again(pending, ledger):
    pay(pending)

    assert state_of(pending) == (OrderStatus.PAID, [PaymentStatus.RECEIVED])
    assert len(ledger.charged) == 1


def test_payment_without_an_answer_keeps_others_out(pending, ledger):
    with pytest.raises(errors.PaymentPendingError):
        pay(pending, reference="payment-2")
    with pytest.raises(errors.PaymentPendingError):
        services.order_cancel(user=pending.customer, order_id=pending.pk)

    assert len(ledger.charged) == 1


def grow_old(order):
    order.payments.update(created_at=timezone.now() - timedelta(minutes=2))


def test_payments_settle_asks_again_about_what_is_pending(pending, ledger):
    grow_old(pending)

    services.payments_settle()

    assert state_of(pending) == (OrderStatus.PAID, [PaymentStatus.RECEIVED])
    assert len(ledger.charged) == 1


def test_payments_settle_needs_no_provider_where_nothing_is_pending(settings):
    settings.PAYMENT_PROVIDER = ""

    services.payments_settle()

    assert not Payment.objects.exists()


def test_payments_settle_leaves_those_alone_that_are_being_paid(pending):
    services.payments_settle()

    assert state_of(pending) == (OrderStatus.PAYING, [PaymentStatus.PENDING])


def test_payments_settle_goes_on_after_one_without_an_answer(ledger, monkeypatch, caplog):
    orders = OrderFactory.create_batch(2)
    ledger.answer = errors.ProviderUnavailableError("no answer")
    for order in orders:
        with pytest.raises(errors.ProviderUnavailableError):
            pay(order, reference=f"payment-{order.pk}")
        grow_old(order)
    first = orders[0].payments.get()

    def charge(self, charge):
        if charge.key == str(first.pk):
            raise ledger.answer
        return Outcome.ACCEPTED

    monkeypatch.setattr(ledger, "charge", charge)

    services.payments_settle()

    assert state_of(orders[0]) == (OrderStatus.PAYING, [PaymentStatus.PENDING])
    assert state_of(orders[1]) == (OrderStatus.PAID, [PaymentStatus.RECEIVED])
    assert caplog.messages == [f"Payment {first.pk} is still pending: no answer."]


def test_answer_that_comes_twice_is_written_once(pending, ledger):
    payment = pending.payments.get()
    pay(pending)

    settled = payments._payment_settle(payment=payment, provider=ledger())

    assert settled.status == PaymentStatus.RECEIVED


@pytest.fixture
def due():
    """Return an order that was paid and cancelled."""
    order = OrderFactory()
    pay(order)
    return services.order_cancel(user=order.customer, order_id=order.pk)


def refund(order):
    return services.order_refund(user=order.customer, order_id=order.pk)


def test_order_refund_gives_back_what_was_charged(due, ledger):
    refunded = refund(due)

    assert refunded.status == OrderStatus.REFUNDED
    assert state_of(due) == (OrderStatus.REFUNDED, [PaymentStatus.REFUNDED])
    assert ledger.refunded == ledger.charged


def test_order_refund_gives_back_once(due, ledger):
    refund(due)

    with pytest.raises(errors.OrderRefundedError):
        refund(due)


@pytest.mark.parametrize("error", [ProcessDiedError, errors.ProviderUnavailableError])
def test_order_refund_without_an_answer_stays_due_and_gives_back_once(due, ledger, error):
    ledger.answer = error("no answer")
    with pytest.raises(error):
        refund(due)
    assert state_of(due) == (OrderStatus.REFUND_DUE, [PaymentStatus.RECEIVED])
    ledger.answer = Outcome.ACCEPTED

    refund(due)

    assert state_of(due) == (OrderStatus.REFUNDED, [PaymentStatus.REFUNDED])
    assert len(ledger.refunded) == 1


def test_order_refund_that_is_declined_stays_due(due, ledger):
    ledger.answer = Outcome.DECLINED

    with pytest.raises(errors.RefundDeclinedError):
        refund(due)

    assert state_of(due) == (OrderStatus.REFUND_DUE, [PaymentStatus.RECEIVED])


def test_order_refund_does_not_find_the_order_of_somebody_else(due):
    with pytest.raises(NotFoundError):
        services.order_refund(user=UserFactory(), order_id=due.pk)


@pytest.mark.parametrize("call", [pay, refund])
def test_without_a_provider_nothing_is_paid_or_given_back(settings, call):
    settings.PAYMENT_PROVIDER = ""
    order = OrderFactory()

    with pytest.raises(errors.PaymentsClosedError):
        call(order)

    assert state_of(order) == (OrderStatus.PLACED, [])
