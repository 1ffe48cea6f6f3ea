"""The rules of placing, cancelling and confirming orders."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.core import mail
from django.db import IntegrityError
from django.dispatch import Signal

from apps.orders import errors, services
from apps.orders.models import Order, OrderStatus, PaymentStatus, Stock
from apps.orders.services import RequestedLine, orders
from core.audit.models import AuditEntry
from core.errors import NotFoundError
from core.identity.actor import acting_as
from core.jobs.tasks import BaseTask
from tests.factories.orders import OrderFactory, PaymentFactory, ProductFactory
from tests.factories.users import AdminFactory, UserFactory
from tests.statements import more_statements, written

pytestmark = pytest.mark.django_db


def in_stock(product):
    return Stock.objects.get(product=product).quantity


def place(user, *wanted):
    """Place an order of ``wanted``: pairs of a product and how many pieces."""
    lines = [RequestedLine(product=product.pk, quantity=quantity) for product, quantity in wanted]
    return services.order_place(user=user, lines=lines)


def test_order_place_sells_at_the_prices_of_the_catalogue():
    user = UserFactory()
    cup = ProductFactory(price=Decimal("0.10"))
    jug = ProductFactory(price=Decimal("29.95"))

    order = place(user, (cup, 3), (jug, 2))

    order.refresh_from_db()
    assert (order.customer_id, order.status) == (user.pk, OrderStatus.PLACED)
    assert order.total == Decimal("60.20")
    lines = order.lines.order_by("id").values_list("product_id", "quantity", "unit_price")
    assert list(lines) == [(cup.pk, 3, Decimal("0.10")), (jug.pk, 2, Decimal("29.95"))]


def test_order_place_keeps_the_currency_of_the_products():
    cup = ProductFactory(price=Decimal(1200), currency="JPY")

    order = place(UserFactory(), (cup, 2))

    order.refresh_from_db()
    assert (order.total, order.currency) == (Decimal(2400), "JPY")


def test_order_place_refuses_prices_in_different_currencies():
    euro, yen = ProductFactory(), ProductFactory(price=Decimal(1200), currency="JPY")

    with pytest.raises(errors.MixedCurrenciesError) as refusal:
        place(UserFactory(), (euro, 1), (yen, 1))

    assert refusal.value.field == "lines.1.product"
    assert (in_stock(euro), in_stock(yen)) == (10, 10)


def test_order_place_keeps_the_price_when_the_catalogue_changes():
    cup = ProductFactory(price=Decimal("9.90"))
    order = place(UserFactory(), (cup, 1))

    cup.price = Decimal("99.00")
    cup.save()

    assert order.lines.get().unit_price == Decimal("9.90")


def test_order_place_takes_the_pieces_out_of_stock():
    cup, jug = ProductFactory(stock__quantity=3), ProductFactory(stock__quantity=5)

    place(UserFactory(), (cup, 3), (jug, 1))

    assert (in_stock(cup), in_stock(jug)) == (0, 4)


def test_order_place_stamps_every_row_with_who_acts():
    user, cup = UserFactory(), ProductFactory()

    with acting_as(user.pk):
        order = place(user, (cup, 1))

    stock = Stock.objects.get(product=cup)
    assert [row.updated_by_id for row in (order, order.lines.get(), stock)] == [user.pk] * 3
    assert [row.created_by_id for row in (order, order.lines.get())] == [user.pk] * 2
    assert stock.updated_at > stock.created_at


def test_order_place_refuses_more_than_stock():
    cup, jug = ProductFactory(), ProductFactory(sku="JUG-1", stock__quantity=1)

    with pytest.raises(errors.InsufficientStockError, match="1 of JUG-1 are left, not 2"):
        place(UserFactory(), (cup, 1), (jug, 2))

    assert (in_stock(cup), in_stock(jug)) == (10, 1)
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    "make_product",
    [
        pytest.param(ProductFactory.build, id="unknown"),
        pytest.param(lambda: ProductFactory(is_active=False), id="not-active"),
        pytest.param(lambda: ProductFactory(stock=None), id="never-in-stock"),
    ],
)
def test_order_place_refuses_a_product_that_cannot_be_ordered(make_product):
    with pytest.raises(errors.UnknownProductError) as refusal:
        place(UserFactory(), (ProductFactory(), 1), (make_product(), 1))

    assert refusal.value.field == "lines.1.product"


def test_order_place_refuses_a_product_twice():
    cup = ProductFactory()

    with pytest.raises(errors.DuplicateProductError) as refusal:
        place(UserFactory(), (cup, 1), (cup, 1))

    assert refusal.value.field == "lines.1.product"


@pytest.mark.parametrize("count", [0, services.LINES_MAX + 1])
def test_order_place_refuses_too_few_and_too_many_lines(count):
    lines = [RequestedLine(product=uuid4(), quantity=1)] * count

    with pytest.raises(errors.LineCountError) as refusal:
        services.order_place(user=UserFactory(), lines=lines)

    assert refusal.value.field == "lines"


def test_order_place_takes_an_order_as_large_as_a_total_can_be():
    dear = ProductFactory(price=Decimal("9999999999.98"))
    cheap = ProductFactory(price=Decimal("0.01"))

    order = place(UserFactory(), (dear, 1), (cheap, 1))

    order.refresh_from_db()
    assert order.total == Decimal("9999999999.99")


def test_order_place_refuses_a_total_that_is_too_large():
    dear = ProductFactory(price=Decimal("9999999999.99"))
    cheap = ProductFactory(price=Decimal("0.01"))

    with pytest.raises(errors.OrderTooLargeError):
        place(UserFactory(), (dear, 1), (cheap, 1))


@pytest.mark.parametrize("quantity", [0, -1])
def test_the_database_refuses_a_quantity_that_no_serializer_has_seen(quantity):
    with pytest.raises(IntegrityError):
        place(UserFactory(), (ProductFactory(), 1), (ProductFactory(), quantity))


@pytest.mark.parametrize("count", [1, services.LINES_MAX])
def test_order_place_needs_the_same_queries_for_any_number_of_lines(
    count, django_assert_num_queries, monkeypatch
):
    monkeypatch.setattr(orders, "order_placed", Signal())  # What others add is theirs.
    user, products = UserFactory(), ProductFactory.create_batch(count)

    # Savepoint, role, products, stock, what it was, write stock, its entries, order, its entry, whether
    # the account is open, lines, release.
    with django_assert_num_queries(12 + more_statements(count, written(AuditEntry))):
        place(user, *((product, 1) for product in products))


def test_order_place_sends_the_confirmation_after_the_commit(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        order = place(UserFactory(), (ProductFactory(), 1))
        assert mail.outbox == []

    order.refresh_from_db()
    assert [message.subject for message in mail.outbox] == [f"Your order {order.pk}"]
    assert order.confirmation_sent_at is not None


def test_order_place_stands_when_the_broker_is_away(
    django_capture_on_commit_callbacks, monkeypatch
):
    # What is sent on commit, whether that is the confirmation or the nudge of the outbox.
    monkeypatch.setattr(BaseTask, "apply_async", refuse_connection)

    with django_capture_on_commit_callbacks(execute=True):
        order = place(UserFactory(), (ProductFactory(), 1))

    order.refresh_from_db()
    assert order.confirmation_sent_at is None


def test_order_place_that_fails_sends_nothing(django_capture_on_commit_callbacks):
    with (
        django_capture_on_commit_callbacks(execute=True) as callbacks,
        pytest.raises(errors.InsufficientStockError),
    ):
        place(UserFactory(), (ProductFactory(stock__quantity=0), 1))

    assert callbacks == []


def test_order_cancel_puts_the_pieces_back_into_stock():
    user, cup, jug = UserFactory(), ProductFactory(), ProductFactory()
    order = place(user, (cup, 3), (jug, 10))

    cancelled = services.order_cancel(user=user, order_id=order.pk)

    order.refresh_from_db()
    assert cancelled == order
    assert order.status == OrderStatus.CANCELLED
    assert (in_stock(cup), in_stock(jug)) == (10, 10)


def test_order_cancel_makes_a_refund_due():
    payment = PaymentFactory()
    order = payment.order

    with acting_as(order.customer_id):
        services.order_cancel(user=order.customer, order_id=order.pk)

    order.refresh_from_db()
    payment.refresh_from_db()
    assert (order.status, order.updated_by_id) == (OrderStatus.REFUND_DUE, order.customer_id)
    assert payment.status == PaymentStatus.RECEIVED


def test_order_cancel_refuses_a_second_time():
    user, cup = UserFactory(), ProductFactory()
    order = place(user, (cup, 3))
    services.order_cancel(user=user, order_id=order.pk)

    with pytest.raises(errors.OrderCancelledError):
        services.order_cancel(user=user, order_id=order.pk)

    assert in_stock(cup) == 10


def test_order_cancel_does_not_find_the_order_of_somebody_else():
    order = OrderFactory()

    with pytest.raises(NotFoundError):
        services.order_cancel(user=UserFactory(), order_id=order.pk)

    order.refresh_from_db()
    assert order.status == OrderStatus.PLACED


def test_order_cancel_is_open_to_admins():
    order = OrderFactory()

    services.order_cancel(user=AdminFactory(), order_id=order.pk)

    order.refresh_from_db()
    assert order.status == OrderStatus.CANCELLED


@pytest.mark.parametrize("count", [1, services.LINES_MAX])
def test_order_cancel_needs_the_same_queries_for_any_number_of_lines(
    count, django_assert_num_queries
):
    user = UserFactory()
    order = place(user, *((product, 1) for product in ProductFactory.create_batch(count)))

    # Savepoint, order, lines, stock, write stock, order, release; what stock and order were, and
    # their entries. The role is known from when the order was placed.
    with django_assert_num_queries(11 + more_statements(count, written(AuditEntry))):
        services.order_cancel(user=user, order_id=order.pk)


def test_order_confirm_tells_the_customer_what_was_ordered():
    order = OrderFactory(lines__product__name="Cup, 300 ml")

    services.order_confirm(order_id=order.pk)

    message = mail.outbox[0]
    assert message.to == [order.customer.email]
    assert (
        message.body == "Thank you for your order.\n\n2 x Cup, 300 ml: 9.90\n\nTotal: 19.80 EUR\n"
    )


def test_order_confirm_sends_one_mail_however_often_it_runs():
    order = OrderFactory()

    services.order_confirm(order_id=order.pk)
    services.order_confirm(order_id=order.pk)

    assert len(mail.outbox) == 1


def test_order_confirm_tries_again_when_the_mail_was_not_handed_over(monkeypatch):
    order = OrderFactory()
    with monkeypatch.context() as patch:
        patch.setattr(orders, "send_templated", refuse_connection)
        with pytest.raises(ConnectionRefusedError):
            services.order_confirm(order_id=order.pk)

    services.order_confirm(order_id=order.pk)

    assert len(mail.outbox) == 1


def refuse_connection(*_, **__):
    raise ConnectionRefusedError
