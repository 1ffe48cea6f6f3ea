"""A row of each table that the second wall stands around."""

from collections.abc import Callable
from secrets import token_hex
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from apps.users.models import User
from core.idempotency.models import IdempotencyKey
from core.progress.models import TaskRun
from tests.factories.users import UserFactory

Maker = Callable[[User], Model]
PROTECTED = "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"


def idempotency_key(user: User) -> IdempotencyKey:
    now = timezone.now()
    return IdempotencyKey.objects.create(
        digest=token_hex(32), user=user, claim=uuid4(), claimed_until=now, expires_at=now
    )


def made(label: str, **fields: Any) -> Any:
    return apps.get_model(label).objects.create(**fields)


# % if cookiecutter.example_app
def order(user: User) -> Any:
    return made("orders.Order", customer=user, total=1, currency="EUR")


def line(user: User) -> Any:
    product = made("orders.Product", sku=token_hex(8).upper(), name="Cup", price=1)
    return made("orders.OrderLine", order=order(user), product=product, quantity=1, unit_price=1)


def payment(user: User) -> Any:
    reference = token_hex(8)
    return made("orders.Payment", order=order(user), amount=1, method="card", reference=reference)


# % endif
# What makes a row that belongs to a user.
MAKERS: dict[str, Maker] = {
    "idempotency.IdempotencyKey": idempotency_key,
    "progress.TaskRun": lambda user: TaskRun.objects.create(name="count", created_by=user),
    # % if cookiecutter.import_export
    "exchange.ExchangeJob": lambda user: made("exchange.ExchangeJob", created_by=user),
    "exchange.ExchangeFault": lambda user: made(
        "exchange.ExchangeFault", job=made("exchange.ExchangeJob", created_by=user)
    ),
    # % endif
    # % if cookiecutter.example_app
    "orders.Order": order,
    "orders.OrderLine": line,
    "orders.Payment": payment,
    "orders.StockReport": lambda user: made("orders.StockReport", order=order(user)),
    # % endif
}


def foreign_row(label: str) -> Model:
    """Return a row that belongs to somebody else."""
    return MAKERS[label](UserFactory())


def protected_models() -> set[str]:
    """Return the models of whose tables the database says that policies hold, for their owner too."""
    with connection.cursor() as cursor:
        cursor.execute(PROTECTED)
        tables = {table for (table,) in cursor.fetchall()}
    return {model._meta.label for model in apps.get_models() if model._meta.db_table in tables}


def raw(statement: str, model: type[Model]) -> Any:
    """Run SQL in which ``{}`` is the model's table; return how many rows it has come to."""
    with connection.cursor() as cursor:
        cursor.execute(statement.format(connection.ops.quote_name(model._meta.db_table)))
        return cursor.rowcount
