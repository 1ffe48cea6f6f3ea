"""Writes of the shop."""

from apps.orders.services.orders import (
    LINES_MAX,
    QUANTITY_MAX,
    RequestedLine,
    order_cancel,
    order_confirm,
    order_place,
)
from apps.orders.services.payments import (
    RequestedPayment,
    order_pay,
    order_refund,
    payments_settle,
)
from apps.orders.services.product_batches import (
    product_create_many,
    product_delete_many,
    product_update_many,
)
from apps.orders.services.products import (
    product_create,
    product_delete,
    product_restore,
    product_save,
    product_update,
)
from apps.orders.services.reports import (
    REPORT_DAYS_MAX,
    sales_report_compute,
    sales_report_fail,
    sales_report_request,
    sales_report_request_of_last_month,
    sales_reports_take_lost,
)
from apps.orders.services.stock import STOCK_MAX, stock_adjust, stock_alert, stock_report_write

__all__ = [
    "LINES_MAX",
    "QUANTITY_MAX",
    "REPORT_DAYS_MAX",
    "STOCK_MAX",
    "RequestedLine",
    "RequestedPayment",
    "order_cancel",
    "order_confirm",
    "order_pay",
    "order_place",
    "order_refund",
    "payments_settle",
    "product_create",
    "product_create_many",
    "product_delete",
    "product_delete_many",
    "product_restore",
    "product_save",
    "product_update",
    "product_update_many",
    "sales_report_compute",
    "sales_report_fail",
    "sales_report_request",
    "sales_report_request_of_last_month",
    "sales_reports_take_lost",
    "stock_adjust",
    "stock_alert",
    "stock_report_write",
]
