"""What follows when something happens in the shop."""

from typing import Any

from django.dispatch import receiver

from apps.orders import models, signals, tasks


# % if not cookiecutter.events
@receiver(signals.order_placed)
def send_confirmation(order: models.Order, **_: Any) -> None:
    """Tell the customer in the background, once the order is committed."""
    tasks.orders_send_confirmation.delay_on_commit(str(order.pk))


@receiver(signals.order_paid)
def report_stock(order: models.Order, **_: Any) -> None:
    """Write in the background what the order takes from the shelves."""
    tasks.orders_report_stock.delay_on_commit(str(order.pk))


@receiver(signals.stock_low)
def alert_low_stock(stock: models.Stock, **_: Any) -> None:
    """Tell those who order more in the background, once the pieces are taken."""
    tasks.orders_alert_low_stock.delay_on_commit(str(stock.pk), stock.quantity)


# % endif
@receiver(signals.sales_report_requested)
def compute_sales_report(report: models.SalesReport, **_: Any) -> None:
    """Compute the report in the background, once the request for it is committed."""
    tasks.orders_compute_sales_report.delay_on_commit(str(report.pk))
