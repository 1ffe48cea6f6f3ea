"""Products, their stock, orders with lines, payments."""

from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from apps.orders.money import DEFAULT_CURRENCY, Currency, fits
from core.audit.registry import audited
from core.records.deletion import DeletableRecord
from core.records.models import Record
from core.records.versions import VersionedRecord

# What a column for money can hold: ten digits before the point and two behind it. SQLite computes
# with 15 significant digits, so amounts are exact there too.
AMOUNT_MAX = Decimal("9999999999.99")
PRICE_MIN = Decimal("0.01")

# Databases differ in whether case counts, so there is one way to write an SKU.
sku_validator = RegexValidator(
    r"^[A-Z0-9][A-Z0-9-]*\Z",
    "Use capital letters, digits and dashes, for example 'CUP-300'.",
)


@audited()
class Product(DeletableRecord):
    """Something the shop sells. One that is not active, or deleted, can no longer be ordered."""

    sku = models.CharField("SKU", max_length=40, validators=[sku_validator])
    name = models.CharField(max_length=200)
    price = models.DecimalField(
        max_digits=12,
        decimal_places=2,
        validators=[MinValueValidator(PRICE_MIN)],
    )
    currency = models.CharField(max_length=3, choices=Currency, default=DEFAULT_CURRENCY)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["sku", "alive"],
                name="orders_product_sku_once",
                violation_error_message="There is a product with this SKU already.",
            ),
            models.CheckConstraint(condition=Q(price__gt=0), name="orders_product_price_positive"),
            models.CheckConstraint(
                condition=Q(currency__in=Currency.values),
                name="orders_product_currency_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.sku} {self.name}"

    def clean(self) -> None:
        # Forms and imports ask here, also while either field has a fault of its own.
        is_amount = self.price and self.price.is_finite() and self.price <= AMOUNT_MAX
        if is_amount and self.currency in Currency and not fits(self.price, self.currency):
            raise ValidationError({"price": f"{self.currency} is not divided as finely as that."})


@audited()
class Stock(Record):
    """How many pieces of a product can be sold.

    The product's key is the key. Whoever changes stock locks rows in the order of this key, so
    nobody waits in a circle: InnoDB locks rows as it reads them, and whether it reads the whole
    table or single rows, it follows the primary key.
    """

    id = None  # type: ignore[assignment]
    product = models.OneToOneField(Product, on_delete=models.CASCADE, primary_key=True)
    quantity = models.IntegerField(default=0)

    class Meta:
        verbose_name_plural = "stock"
        constraints = (
            models.CheckConstraint(
                condition=Q(quantity__gte=0),
                name="orders_stock_quantity_not_negative",
            ),
        )

    def __str__(self) -> str:
        return f"{self.product_id}: {self.quantity}"


class OrderStatus(models.TextChoices):
    """What follows what stands in ``services.transitions``."""

    PLACED = "placed"
    PAYING = "paying"
    PAID = "paid"
    CANCELLED = "cancelled"
    REFUND_DUE = "refund_due"
    REFUNDED = "refunded"


@audited(ignored=["confirmation_sent_at"])
class Order(VersionedRecord):
    """What a customer bought: all of it in one currency.

    ``confirmation_sent_at`` is when the customer was told by mail, ``None`` while that is open.
    """

    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="orders",
        db_index=False,  # The index below begins with it.
    )
    status = models.CharField(
        max_length=20,
        choices=OrderStatus.choices,
        default=OrderStatus.PLACED,
    )
    total = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3, choices=Currency)
    confirmation_sent_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(total__gt=0), name="orders_order_total_positive"),
            models.CheckConstraint(
                condition=Q(status__in=OrderStatus.values),
                name="orders_order_status_known",
            ),
            models.CheckConstraint(
                condition=Q(currency__in=Currency.values),
                name="orders_order_currency_known",
            ),
        )
        # Lists are read newest first: a customer's own, and everybody's by status or time.
        indexes = (
            models.Index(fields=["customer", "-id"], name="orders_order_customer_newest"),
            models.Index(fields=["status", "-id"], name="orders_order_status_newest"),
            models.Index(fields=["created_at"], name="orders_order_created_at"),
        )

    def __str__(self) -> str:
        return str(self.pk)


class OrderLine(Record):
    """One product of an order, at the price that it had then."""

    order = models.ForeignKey(
        Order,
        on_delete=models.CASCADE,
        related_name="lines",
        db_index=False,  # The constraint's index begins with it.
    )
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    quantity = models.IntegerField()
    unit_price = models.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["order", "product"],
                name="orders_orderline_product_once",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0),
                name="orders_orderline_quantity_positive",
            ),
            models.CheckConstraint(
                condition=Q(unit_price__gt=0),
                name="orders_orderline_price_positive",
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity} x {self.product_id}"


class PaymentMethod(models.TextChoices):
    CARD = "card"
    TRANSFER = "transfer"


class PaymentStatus(models.TextChoices):
    PENDING = "pending"
    RECEIVED = "received"
    DECLINED = "declined"
    REFUNDED = "refunded"


@audited()
class Payment(Record):
    """Money for an order, in its currency. Its key is what the provider knows the payment by.

    ``reference`` is the payer's name for this payment, kept in lower case, because databases differ
    in whether case counts.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    method = models.CharField(max_length=20, choices=PaymentMethod.choices)
    reference = models.CharField(max_length=100, unique=True)
    status = models.CharField(
        max_length=20,
        choices=PaymentStatus.choices,
        default=PaymentStatus.PENDING,
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="orders_payment_amount_positive"
            ),
            models.CheckConstraint(
                condition=Q(method__in=PaymentMethod.values),
                name="orders_payment_method_known",
            ),
            models.CheckConstraint(
                condition=Q(status__in=PaymentStatus.values),
                name="orders_payment_status_known",
            ),
        )
        # Those that are pending are looked for every minute.
        indexes = (models.Index(fields=["status", "id"], name="orders_payment_status"),)

    def __str__(self) -> str:
        return self.reference


class ReportStatus(models.TextChoices):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class SalesReport(Record):
    """What was sold from ``first_day`` to ``last_day``, both included, in UTC.

    ``rows`` are those of ``selectors.sales_by_product``; ``is_complete`` tells whether it could
    name all products.
    """

    first_day = models.DateField()
    last_day = models.DateField()
    status = models.CharField(
        max_length=20, choices=ReportStatus.choices, default=ReportStatus.PENDING
    )
    rows = models.JSONField(default=list, blank=True)
    is_complete = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.first_day} to {self.last_day}"


class StockReport(Record):
    """What a paid order takes from the shelves, and what was left there when this was written.

    ``rows`` have ``product``, ``sku``, ``quantity`` and ``left``, one for each line.
    """

    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="stock_report")
    rows = models.JSONField(default=list, blank=True)

    def __str__(self) -> str:
        return str(self.order_id)
