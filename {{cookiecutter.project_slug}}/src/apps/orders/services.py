"""Writes of the shop."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.orders import selectors
from apps.orders.errors import (
    AmountMismatchError,
    DuplicateProductError,
    InsufficientStockError,
    LineCountError,
    OrderCancelledError,
    OrderPaidError,
    OrderTooLargeError,
    PaymentReferenceTakenError,
    SkuTakenError,
    StockLimitError,
    UnknownProductError,
)
from apps.orders.models import (
    AMOUNT_MAX,
    Order,
    OrderLine,
    OrderStatus,
    Payment,
    PaymentMethod,
    PaymentStatus,
    Product,
    Stock,
)
from apps.orders.signals import order_placed
from core.errors import NotFoundError
from core.identity.actor import current_user_id

LINES_MAX = 100
QUANTITY_MAX = 10_000
STOCK_MAX = 1_000_000_000


@dataclass(frozen=True, kw_only=True)
class RequestedLine:
    """What a customer wants of one product: its id, and 1 to QUANTITY_MAX pieces."""

    product: UUID
    quantity: int


@transaction.atomic
def product_create(*, sku: str, name: str, price: Decimal, quantity: int = 0) -> Product:
    """Add a product to the catalogue, with ``quantity`` pieces (0 to STOCK_MAX) in stock.

    Raises:
        SkuTakenError: if there is a product with this SKU.
    """
    try:
        with transaction.atomic():
            product = Product.objects.create(sku=sku, name=name, price=price)
    except IntegrityError as error:
        if Product.objects.filter(sku=sku).exists():
            raise SkuTakenError(f"There is a product {sku} already.", field="sku") from error
        raise
    Stock.objects.create(product=product, quantity=quantity)
    return product


@transaction.atomic
def stock_adjust(*, product_id: UUID, change: int) -> Stock:
    """Add ``change`` pieces to the stock of a product; a negative number takes them out.

    Raises:
        NotFoundError: if there is no such product.
        InsufficientStockError: if fewer pieces are there than would be taken out.
        StockLimitError: if there would be more than STOCK_MAX.
    """
    stock = _lock_stock([product_id]).get(product_id)
    if stock is None:
        raise NotFoundError("There is no product with this id.")
    if stock.quantity + change > STOCK_MAX:
        raise StockLimitError(f"Stock holds up to {STOCK_MAX} pieces.", field="change")
    if stock.quantity + change < 0:
        raise InsufficientStockError(f"Only {stock.quantity} are in stock.")
    stock.quantity += change
    stock.save(update_fields=["quantity"])
    return stock


@transaction.atomic
def order_place(*, user: AbstractBaseUser, lines: Sequence[RequestedLine]) -> Order:
    """Sell ``lines`` to ``user`` at the catalogue's prices, and take them out of stock.

    The number of queries does not depend on the number of lines.

    Args:
        user: the customer.
        lines: 1 to LINES_MAX of them, each of another product.

    Raises:
        LineCountError, DuplicateProductError, UnknownProductError, OrderTooLargeError: if the
            lines cannot be an order.
        InsufficientStockError: naming the first product of which there are too few.
    """
    products = _products_of(lines)
    total = sum((products[line.product].price * line.quantity for line in lines), Decimal(0))
    if total > AMOUNT_MAX:
        raise OrderTooLargeError(f"An order comes to at most {AMOUNT_MAX}.", field="lines")
    _take_from_stock(lines, products)
    order = Order.objects.create(customer_id=user.pk, total=total)
    actor = current_user_id()
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            product=products[line.product],
            quantity=line.quantity,
            unit_price=products[line.product].price,
            created_by_id=actor,
            updated_by_id=actor,
        )
        for line in lines
    )
    order_placed.send(sender=Order, order=order)
    return order


@transaction.atomic
def order_cancel(*, user: AbstractBaseUser, order_id: UUID) -> Order:
    """Cancel an order and put its pieces back into stock. What was paid is due for a refund.

    Raises:
        NotFoundError: if ``user`` can see no such order.
        OrderCancelledError: if it is cancelled already.
    """
    order = _lock_order(user=user, order_id=order_id)
    if order.status == OrderStatus.CANCELLED:
        raise OrderCancelledError("This order is cancelled already.")
    quantities = dict(order.lines.values_list("product_id", "quantity"))
    stock = _lock_stock(quantities)
    for product_id, quantity in quantities.items():
        stock[product_id].quantity += quantity
    _save_quantities(stock)
    order.payments.update(
        status=PaymentStatus.REFUND_DUE,
        updated_at=timezone.now(),
        updated_by_id=current_user_id(),
    )
    order.status = OrderStatus.CANCELLED
    order.save(update_fields=["status"])
    return order


@transaction.atomic
def order_pay(
    *,
    user: AbstractBaseUser,
    order_id: UUID,
    amount: Decimal,
    method: PaymentMethod,
    reference: str,
) -> Payment:
    """Record a payment, which pays an order in full.

    A payer who got no answer sends the same payment again: the same reference pays once.

    Args:
        user: who pays: the customer or an administrator.
        order_id: the order.
        amount: what is open, which is the total of the order.
        method: how the money came in.
        reference: the payer's own name for this payment; case does not count.

    Raises:
        NotFoundError: if ``user`` can see no such order.
        PaymentReferenceTakenError: if another payment has the reference.
        OrderCancelledError, OrderPaidError: if nothing is open.
        AmountMismatchError: if another amount is open.
    """
    order = _lock_order(user=user, order_id=order_id)
    reference = reference.lower()
    known = Payment.objects.filter(reference=reference).first()
    if known and (known.order_id, known.amount, known.method) == (order.pk, amount, method):
        return known
    if known:
        raise PaymentReferenceTakenError("Another payment has this reference.")
    if order.status == OrderStatus.CANCELLED:
        raise OrderCancelledError("This order is cancelled.")
    if order.status == OrderStatus.PAID:
        raise OrderPaidError("This order is paid already.")
    if amount != order.total:
        raise AmountMismatchError(f"{order.total} is open.", field="amount")
    payment = _create_payment(order=order, amount=amount, method=method, reference=reference)
    order.status = OrderStatus.PAID
    order.save(update_fields=["status"])
    return payment


def order_confirm(*, order_id: UUID) -> None:
    """Tell the customer by mail that the order has arrived, unless that is done.

    The mail is sent before it is noted as sent. So it is never lost, but sent twice when the
    process dies in between, or when two of them do this for one order at the same moment.

    Raises:
        Order.DoesNotExist: if there is no such order.
        OSError: if the mail cannot be handed over.
    """
    order = Order.objects.select_related("customer").get(pk=order_id)
    if order.confirmation_sent_at is not None:
        return
    lines = order.lines.select_related("product").order_by("id")
    items = "\n".join(f"{line.quantity} x {line.product.name}: {line.unit_price}" for line in lines)
    send_mail(
        subject=f"Your order {order.pk}",
        message=f"Thank you for your order.\n\n{items}\n\nTotal: {order.total}\n",
        from_email=None,
        recipient_list=[order.customer.email],
    )
    order.confirmation_sent_at = timezone.now()
    order.save(update_fields=["confirmation_sent_at"])


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
        seen.add(line.product)
    return products


def _take_from_stock(lines: Sequence[RequestedLine], products: Mapping[UUID, Product]) -> None:
    stock = _lock_stock(products)
    for line in lines:
        row = stock[line.product]
        if line.quantity > row.quantity:
            sku = products[line.product].sku
            raise InsufficientStockError(f"{row.quantity} of {sku} are left, not {line.quantity}.")
        row.quantity -= line.quantity
    _save_quantities(stock)


def _lock_stock(product_ids: Collection[UUID]) -> dict[UUID, Stock]:
    """Return the stock of each product, locked until the transaction ends.

    On SQLite nothing is locked: there a transaction that writes has the database for itself.
    """
    rows = Stock.objects.select_for_update().filter(pk__in=product_ids).order_by("pk")
    return {row.product_id: row for row in rows}


def _save_quantities(stock: Mapping[UUID, Stock]) -> None:
    """Write the quantities of rows that are locked, in one query."""
    for row in stock.values():
        row.updated_at = timezone.now()
        row.updated_by_id = current_user_id()
    Stock.objects.bulk_update(stock.values(), ["quantity", "updated_at", "updated_by"])


def _lock_order(*, user: AbstractBaseUser, order_id: UUID) -> Order:
    """Return an order that ``user`` can see, locked until the transaction ends."""
    orders = selectors.order_list_visible_to(user=user).select_for_update()
    order = orders.filter(pk=order_id).first()
    if order is None:
        raise NotFoundError("There is no order with this id.")
    return order


def _create_payment(
    *, order: Order, amount: Decimal, method: PaymentMethod, reference: str
) -> Payment:
    """Write a payment; another order's may have come in with the same reference meanwhile."""
    try:
        with transaction.atomic():
            return Payment.objects.create(
                order=order, amount=amount, method=method, reference=reference
            )
    except IntegrityError as error:
        if Payment.objects.filter(reference=reference).exists():
            raise PaymentReferenceTakenError("Another payment has this reference.") from error
        raise
