"""The service's tables with all their columns: what is not read costs nothing."""

from datetime import UTC, datetime

from core.records.keys import uuid7
from django.contrib.auth.models import AbstractUser
from django.db import models


def now() -> datetime:
    return datetime.now(UTC)


class Row(models.Model):
    """The columns that all of these tables have."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)
    created_by_id = models.UUIDField(null=True)
    updated_by_id = models.UUIDField(null=True)

    class Meta:
        abstract = True


class User(Row, AbstractUser):
    """An account."""

    username = None
    email = models.EmailField(unique=True)
    version = models.IntegerField(default=1)

    USERNAME_FIELD = "email"

    class Meta:
        managed = False
        db_table = "users_user"

    @property
    def roles(self) -> list[str]:
        return sorted(group.name for group in self.groups.all())


class Product(Row):
    """A product."""

    sku = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    price = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    is_active = models.BooleanField(default=True)
    deleted_at = models.DateTimeField(null=True)
    deleted_by_id = models.UUIDField(null=True)
    alive = models.IntegerField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        managed = False
        db_table = "orders_product"


class Stock(Row):
    """How many pieces of a product there are."""

    id = None
    product = models.OneToOneField(Product, models.CASCADE, primary_key=True)
    quantity = models.IntegerField()

    class Meta:
        managed = False
        db_table = "orders_stock"


class Order(Row):
    """An order."""

    customer = models.ForeignKey(User, models.PROTECT)
    status = models.CharField(max_length=20, default="placed")
    total = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    confirmation_sent_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        managed = False
        db_table = "orders_order"


class OrderLine(Row):
    """A line of an order."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, models.PROTECT)
    quantity = models.IntegerField()
    unit_price = models.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        managed = False
        db_table = "orders_orderline"
