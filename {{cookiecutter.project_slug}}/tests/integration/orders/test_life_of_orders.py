"""Whatever people do with orders, in whatever sequence: nothing is lost and nothing is doubled."""

from collections import Counter
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from apps.orders import services
from apps.orders.errors import ProviderUnavailableError
from apps.orders.models import Order, OrderStatus, Payment, PaymentMethod, Stock
from apps.orders.providers import Outcome
from apps.orders.services import RequestedLine, RequestedPayment
from core.errors import ApplicationError
from tests.factories.orders import ProductFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

IN_THE_BEGINNING = 6
PRICES = {"EUR": Decimal("9.99"), "JPY": Decimal(1200)}
# The same sequences each time: a fault shows where it was made, not in somebody else's change.
STEADY = hypothesis_settings(
    derandomize=True, deadline=None, max_examples=15, stateful_step_count=15
)
HELD = {OrderStatus.PLACED, OrderStatus.PAYING, OrderStatus.PAID}


class Books:
    """A provider whose answers are set beforehand; it moves money once per key."""

    charged: dict = {}  # noqa: RUF012 (set anew for each example)
    refunded: dict = {}  # noqa: RUF012
    fault: str | None = None

    def charge(self, charge):
        if self.fault == "declines":
            Books.charged.setdefault(charge.key, Decimal(0))
        else:
            Books.charged.setdefault(charge.key, charge.amount)
        if self.fault == "answers nothing":
            raise ProviderUnavailableError("no answer")
        return Outcome.ACCEPTED if Books.charged[charge.key] else Outcome.DECLINED

    def refund(self, charge):
        Books.refunded.setdefault(charge.key, charge.amount)
        if self.fault == "answers nothing":
            raise ProviderUnavailableError("no answer")
        return Outcome.ACCEPTED


class LifeOfOrders(RuleBasedStateMachine):
    """Acts on the services, and keeps a model of what must have come of it."""

    orders = Bundle("orders")

    def __init__(self):
        super().__init__()
        self.example = transaction.atomic()
        self.example._from_testcase = True  # Durable transactions may begin within it.
        self.example.__enter__()
        Books.charged, Books.refunded, Books.fault = {}, {}, None

    def teardown(self):
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    @initialize()
    def open_the_shop(self):
        self.customer = UserFactory()
        self.products = [
            ProductFactory(
                currency=currency, price=PRICES[currency], stock__quantity=IN_THE_BEGINNING
            )
            for currency in ("EUR", "EUR", "JPY")
        ]

    def attempt(self, call):
        """Run ``call``; if it is refused, everything must be as it was."""
        before = self.everything()
        try:
            return call()
        except ProviderUnavailableError:
            return None
        except ApplicationError as refusal:
            if refusal.code not in {"payment_declined"}:
                assert self.everything() == before
            return None

    def everything(self):
        return (
            list(Stock.objects.order_by("pk").values_list("pk", "quantity")),
            list(Order.objects.order_by("pk").values_list("pk", "status", "total", "updated_at")),
            list(
                Payment.objects.order_by("pk").values_list("pk", "status", "amount", "updated_at")
            ),
            dict(Books.charged),
            dict(Books.refunded),
        )

    @rule(target=orders, quantities=st.lists(st.integers(0, 3), min_size=3, max_size=3))
    def place(self, quantities):
        wanted = [pair for pair in zip(self.products, quantities, strict=True) if pair[1]]
        lines = [RequestedLine(product=p.pk, quantity=quantity) for p, quantity in wanted]
        left = dict(Stock.objects.values_list("pk", "quantity"))
        order = self.attempt(lambda: services.order_place(user=self.customer, lines=lines))
        in_stock = all(quantity <= left[product.pk] for product, quantity in wanted)
        of_one_currency = len({product.currency for product, _ in wanted}) == 1
        assert (order is not None) == (of_one_currency and in_stock)
        if order:
            assert order.total == sum(product.price * quantity for product, quantity in wanted)
        return order.pk if order else None

    @rule(
        key=orders,
        reference=st.sampled_from(["a", "b"]),
        fault=st.sampled_from([None, None, "declines", "answers nothing"]),
        short=st.booleans(),
    )
    def pay(self, key, reference, fault, short):
        if key is None:
            return
        order = Order.objects.get(pk=key)
        Books.fault = fault
        payment = RequestedPayment(
            amount=order.total - (1 if short else 0),
            currency=order.currency,
            method=PaymentMethod.CARD,
            reference=f"{reference}-{key}",
        )
        self.attempt(lambda: services.order_pay(user=self.customer, order_id=key, payment=payment))

    @rule(fault=st.sampled_from([None, "answers nothing"]))
    def settle(self, fault):
        Books.fault = fault
        Payment.objects.update(created_at="2026-01-01T00:00:00Z")
        services.payments_settle()

    @rule(key=orders)
    def cancel(self, key):
        if key is not None:
            self.attempt(lambda: services.order_cancel(user=self.customer, order_id=key))

    @rule(key=orders, fault=st.sampled_from([None, "answers nothing"]))
    def refund(self, key, fault):
        Books.fault = fault
        if key is not None:
            self.attempt(lambda: services.order_refund(user=self.customer, order_id=key))

    @invariant()
    def no_piece_is_lost_or_sold_twice(self):
        sold = Counter()
        for order in Order.objects.filter(status__in=HELD).prefetch_related("lines"):
            for line in order.lines.all():
                sold[line.product_id] += line.quantity
        for stock in Stock.objects.all():
            assert stock.quantity >= 0
            assert stock.quantity + sold[stock.pk] == IN_THE_BEGINNING

    @invariant()
    def what_the_provider_holds_is_what_the_orders_say(self):
        for order in Order.objects.prefetch_related("payments"):
            keys = [str(payment.pk) for payment in order.payments.all()]
            charged = sum(Books.charged.get(key, 0) for key in keys)
            refunded = sum(Books.refunded.get(key, 0) for key in keys)
            assert charged in {0, order.total}
            if order.status in {OrderStatus.PLACED, OrderStatus.CANCELLED}:
                assert (charged, refunded) == (0, 0)
            if order.status == OrderStatus.PAID:
                assert (charged, refunded) == (order.total, 0)
            if order.status == OrderStatus.REFUND_DUE:
                assert charged == order.total
                assert refunded in {0, order.total}
            if order.status == OrderStatus.REFUNDED:
                assert (charged, refunded) == (order.total, order.total)


def test_nothing_is_lost_or_doubled_in_any_sequence(settings):
    settings.PAYMENT_PROVIDER = f"{__name__}.Books"

    run_state_machine_as_test(LifeOfOrders, settings=STEADY)
