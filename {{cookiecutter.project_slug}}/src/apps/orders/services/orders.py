"""Writes of orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.orders import rules, selectors
from apps.orders.errors import (
    DuplicateProductError,
    InsufficientStockError,
    LineCountError,
    MixedCurrenciesError,
    OrderTooLargeError,
    UnknownProductError,
)
from apps.orders.models import (
    AMOUNT_MAX,
    Order,
    OrderLine,
    Product,
)
from apps.orders.money import as_text, total_of
from apps.orders.services.stock import lock_stock, save_quantities, take_pieces
from apps.orders.services.transitions import Action, next_status
from apps.orders.signals import order_placed
from apps.users.services import user_hold
from core.errors import ForbiddenError, NotFoundError
from core.identity.actor import current_user_id
from core.mail.templated import send_templated
from core.records.bulk import create_rows
from core.rules import Rule

LINES_MAX = 100
QUANTITY_MAX = 10_000


@dataclass(frozen=True, kw_only=True)
class RequestedLine:
    """What a customer wants of one product: its id, and 1 to QUANTITY_MAX pieces."""

    product: UUID
    quantity: int


@transaction.atomic
def order_place(*, user: AbstractBaseUser, lines: Sequence[RequestedLine]) -> Order:
    """Sell ``lines`` to ``user`` at the catalogue's prices, and take them out of stock.

    The number of queries does not depend on the number of lines.

    Args:
        user: the customer.
        lines: 1 to LINES_MAX of them, each of another product.

    Raises:
        ForbiddenError: if ``user`` may place no orders, or was erased in this moment.
        LineCountError, DuplicateProductError, UnknownProductError, MixedCurrenciesError,
            OrderTooLargeError: if the lines cannot be an order.
        InsufficientStockError: naming the first product of which there are too few.
    """
    rules.order_place.require(user)
    products = _products_of(lines)
    total = total_of((products[line.product].price, line.quantity) for line in lines)
    if total > AMOUNT_MAX:
        raise OrderTooLargeError(f"An order comes to at most {AMOUNT_MAX}.", field="lines")
    _take_from_stock(lines, products)
    currency = products[lines[0].product].currency
    order = Order.objects.create(customer_id=user.pk, total=total, currency=currency)
    if not user_hold(user_id=user.pk):
        raise ForbiddenError("The account is closed.")
    rows = [
        OrderLine(
            order=order,
            product=products[line.product],
            quantity=line.quantity,
            unit_price=products[line.product].price,
        )
        for line in lines
    ]
    # A line locks its product, which somebody may change: all lock in the order of the key.
    create_rows(sorted(rows, key=lambda row: row.product_id))
    order_placed.send(sender=Order, order=order)
    return order


@transaction.atomic
def order_cancel(
    *, user: AbstractBaseUser, order_id: UUID, required_version: int | None = None
) -> Order:
    """Cancel an order and put its pieces back into stock. What was paid is due for a refund.

    Args:
        user: who cancels.
        order_id: the order.
        required_version: the version that the order must have; ``None`` for any.

    Raises:
        NotFoundError: if ``user`` can see no such order.
        ForbiddenError: if ``user`` can, and may not cancel it.
        StaleRecordError: if it has another version.
        ConflictError: if it cannot be cancelled, as ``transitions`` has it.
    """
    order = lock_order(rules.order_cancel, user=user, order_id=order_id)
    order.require_version(required_version)
    status = next_status(order.status, Action.CANCEL)
    quantities = dict(order.lines.values_list("product_id", "quantity"))
    stock = lock_stock(quantities)
    for product_id, quantity in quantities.items():
        stock[product_id].quantity += quantity
    save_quantities(stock)
    order.status = status
    order.save(update_fields=["status"])
    return order


def order_confirm(*, order_id: UUID) -> None:
    """Tell the customer by mail that the order has arrived, unless that is done or the account closed.

    Raises:
        EffectHeldError: while another process is at it.
        MailRefusedError: if the mail server refuses it for good.
        Order.DoesNotExist: if there is no such order.
        OSError: if the mail cannot be handed over.
    """
    order = Order.objects.select_related("customer").get(pk=order_id)
    if order.confirmation_sent_at is not None or not order.customer.is_active:
        return
    lines = order.lines.select_related("product").order_by("id")
    currency = order.currency
    items = [
        {
            "quantity": line.quantity,
            "name": line.product.name,
            "unit_price": as_text(line.unit_price, currency),
        }
        for line in lines
    ]
    total = as_text(order.total, currency)
    send_templated(
        template="orders/mail/confirmation",
        context={"order": order.pk, "lines": items, "total": total, "currency": currency},
        to=order.customer.email,
        key=f"order-{order.pk}.confirmation",
    )
    # The order may have changed while the mail was sent, and nothing that is shown of it changes here.
    now = timezone.now()
    Order.objects.filter(pk=order.pk).update(
        confirmation_sent_at=now,
        updated_at=now,
        updated_by_id=current_user_id(),
        version=F("version"),
    )


def lock_order(rule: Rule, *, user: AbstractBaseUser, order_id: UUID) -> Order:
    """Return an order for what ``rule`` lets ``user`` do, locked until the transaction ends.

    Raises:
        NotFoundError: if ``user`` can see no such order.
        ForbiddenError: if ``user`` can, and may not do that to it.
    """
    orders = selectors.order_list_visible_to(user=user).select_for_update()
    order = orders.filter(pk=order_id).first()
    if order is None:
        raise NotFoundError("There is no order with this id.")
    rule.require(user, order)
    return order


def _products_of(lines: Sequence[RequestedLine]) -> dict[UUID, Product]:
    """Return the products of ``lines`` by id; raise if the lines cannot be an order."""
    if not 1 <= len(lines) <= LINES_MAX:
        raise LineCountError(f"An order has 1 to {LINES_MAX} lines.", field="lines")
    products = selectors.product_list().in_bulk([line.product for line in lines])
    seen = set()
    for index, line in enumerate(lines):
        field = f"lines.{index}.product"
        if line.product not in products:
            raise UnknownProductError("There is no such product.", field=field)
        if line.product in seen:
            raise DuplicateProductError("Another line has this product.", field=field)
        if products[line.product].currency != products[lines[0].product].currency:
            raise MixedCurrenciesError(
                "The products of an order have prices in one currency.", field=field
            )
        seen.add(line.product)
    return products


def _take_from_stock(lines: Sequence[RequestedLine], products: Mapping[UUID, Product]) -> None:
    stock = lock_stock(products)
    for line in lines:
        row = stock[line.product]
        if line.quantity > row.quantity:
            sku = products[line.product].sku
            raise InsufficientStockError(f"{row.quantity} of {sku} are left, not {line.quantity}.")
        take_pieces(row, line.quantity)
    save_quantities(stock)
