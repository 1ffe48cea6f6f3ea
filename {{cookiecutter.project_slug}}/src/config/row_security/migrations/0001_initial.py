"""Protects what belongs to somebody, and is read once the caller is known.

Keys, sessions and tokens are not among it: they are looked up to learn who calls.
"""

from django.db import migrations

from core.database.row_security.operations import ProtectRows


class Migration(migrations.Migration):
    dependencies = [
        ("idempotency", "0001_initial"),
        ("progress", "0001_initial"),
        # % if cookiecutter.import_export
        ("exchange", "0002_modes_and_faults"),
        # % endif
        # % if cookiecutter.example_app
        ("orders", "0006_stock_report"),
        # % endif
    ]

    operations = [
        ProtectRows("idempotency.IdempotencyKey", owner="user"),
        ProtectRows("progress.TaskRun", owner="created_by"),
        # % if cookiecutter.import_export
        ProtectRows("exchange.ExchangeJob", owner="created_by"),
        ProtectRows("exchange.ExchangeFault", parent="job"),
        # % endif
        # % if cookiecutter.example_app
        ProtectRows("orders.Order", owner="customer"),
        ProtectRows("orders.OrderLine", parent="order"),
        ProtectRows("orders.Payment", parent="order"),
        ProtectRows("orders.StockReport", parent="order"),
        # % endif
    ]
