"""Writes of the stock: under locks that are taken in one order, and never below zero."""

from collections.abc import Collection, Mapping
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db import transaction

from apps.orders.errors import InsufficientStockError, StockLimitError
from apps.orders.models import Order, Product, Stock, StockReport
from apps.orders.signals import stock_low
from core.errors import NotFoundError
from core.mail.templated import MailRefusedError, send_templated
from core.records.bulk import lock_rows, update_rows

STOCK_MAX = 1_000_000_000


@transaction.atomic
def stock_adjust(*, product_id: UUID, change: int) -> Stock:
    """Add ``change`` pieces to the stock of a product; a negative number takes them out.

    Raises:
        NotFoundError: if there is no such product.
        InsufficientStockError: if fewer pieces are there than would be taken out.
        StockLimitError: if there would be more than STOCK_MAX.
    """
    stock = lock_stock([product_id]).get(product_id)
    if stock is None:
        raise NotFoundError("There is no product with this id.")
    if stock.quantity + change > STOCK_MAX:
        raise StockLimitError(f"Stock holds up to {STOCK_MAX} pieces.", field="change")
    if stock.quantity + change < 0:
        raise InsufficientStockError(f"Only {stock.quantity} are in stock.")
    take_pieces(stock, -change)
    stock.save(update_fields=["quantity"])
    return stock


def stock_alert(*, product_id: UUID, quantity: int, key: str) -> None:
    """Tell those whom STOCK_ALERT_RECIPIENTS names by mail that ``quantity`` pieces are left.

    Args:
        key: names this alert, which each of them gets once.

    Raises:
        EffectHeldError: while another process is at it.
        MailRefusedError: if the mail server refuses one of them for good; the others have theirs.
        OSError: if a mail cannot be handed over.
    """
    if not settings.STOCK_ALERT_RECIPIENTS:
        return
    product = Product.all_objects.get(pk=product_id)
    refused = []
    for address in settings.STOCK_ALERT_RECIPIENTS:
        try:
            send_templated(
                template="orders/mail/stock_low",
                context={"sku": product.sku, "name": product.name, "quantity": quantity},
                to=address,
                key=f"stock-low-{key}-{sha256(address.encode()).hexdigest()[:16]}",
            )
        except MailRefusedError as error:
            refused.append(error)
    if refused:
        raise refused[0]


@transaction.atomic
def stock_report_write(*, order_id: UUID) -> StockReport:
    """Write what a paid order takes from the shelves, unless that is written.

    Raises:
        Order.DoesNotExist: if there is no such order.
    """
    # A second one at the same moment waits here.
    order = Order.objects.select_for_update().get(pk=order_id)
    report = StockReport.objects.filter(order=order).first()
    if report is None:
        lines = order.lines.select_related("product", "product__stock").order_by("product_id")
        rows = [
            {
                "product": str(line.product_id),
                "sku": line.product.sku,
                "quantity": line.quantity,
                "left": line.product.stock.quantity,
            }
            for line in lines
        ]
        report = StockReport.objects.create(order=order, rows=rows)
    return report


def take_pieces(stock: Stock, pieces: int) -> None:
    """Take pieces out of a locked row that is saved later; announce it if it runs low by that."""
    before = stock.quantity
    stock.quantity -= pieces
    if before > settings.STOCK_LOW_QUANTITY >= stock.quantity:
        stock_low.send(sender=Stock, stock=stock)


def lock_stock(product_ids: Collection[UUID]) -> dict[UUID, Stock]:
    """Return the stock of each product, locked until the transaction ends."""
    return lock_rows(Stock.objects.all(), product_ids)


def save_quantities(stock: Mapping[UUID, Stock]) -> None:
    """Write the quantities of rows that are locked, in one query."""
    update_rows(list(stock.values()), ["quantity"])
