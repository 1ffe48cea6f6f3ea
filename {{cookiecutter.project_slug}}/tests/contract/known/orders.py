"""The shop."""

from datetime import date
from decimal import Decimal
from typing import Any

from apps.orders import services
from apps.orders.models import Order, Product
from apps.orders.services import RequestedPayment
from apps.users.models import User
from tests.contract.known import Known
from tests.factories.orders import OrderFactory, ProductFactory

COUNT = 10
# What can be made, paid, refunded, restored or deleted once each.
ONCE_COUNT = 100


def known(user: User) -> Known:
    stocked = [str(one.pk) for one in products(COUNT)]
    deleted = [str(one.pk) for one in deleted_products()]
    orders = OrderFactory.create_batch(COUNT, customer=user)
    unpaid = OrderFactory.create_batch(ONCE_COUNT, customer=user)
    refundable = refundable_orders(user)
    report = services.sales_report_request(first_day=date(2026, 1, 1), last_day=date(2026, 1, 31))
    return Known(
        ids={
            "products": [*stocked, *deleted[:COUNT]],
            "DELETE /api/v1/products/{id}/": [str(one.pk) for one in products(ONCE_COUNT)],
            "POST /api/v1/products/{id}/restore/": deleted,
            "orders": [str(order.pk) for order in (*orders, *unpaid, *refundable)],
            "POST /api/v1/orders/{id}/payments/": [str(order.pk) for order in unpaid],
            "POST /api/v1/orders/{id}/refund/": [str(order.pk) for order in refundable],
            "sales-reports": [str(report.pk)],
        },
        bodies={
            "POST /api/v1/products/": [product(number) for number in range(ONCE_COUNT)],
            "POST /api/v1/products/bulk/": [
                {"items": [product(number)]} for number in range(ONCE_COUNT, 2 * ONCE_COUNT)
            ],
            "PATCH /api/v1/products/bulk/": [
                {"items": [{"id": key, "name": "Bowl"}]} for key in stocked
            ],
            "DELETE /api/v1/products/bulk/": [
                {"ids": [str(one.pk)]} for one in products(ONCE_COUNT)
            ],
            "POST /api/v1/orders/": [
                {"lines": [{"product": key, "quantity": 1}]} for key in stocked
            ],
            "POST /api/v1/orders/{id}/payments/": [
                payment(unpaid[0], number) for number in range(ONCE_COUNT)
            ],
        },
        headers={"DELETE /api/v1/products/bulk/": {"X-Confirm-Delete": "1"}},
    )


def products(count: int) -> list[Product]:
    return ProductFactory.create_batch(count, stock__quantity=1000)


def deleted_products() -> list[Product]:
    gone = products(ONCE_COUNT)
    for one in gone:
        services.product_delete(product=one)
    return gone


def refundable_orders(user: User) -> list[Order]:
    """Return orders that were paid, and cancelled after that."""
    orders = OrderFactory.create_batch(ONCE_COUNT, customer=user)
    for order in orders:
        paid = {**payment(order, 0), "reference": f"paid-{order.pk}"}
        paid["amount"] = Decimal(paid["amount"])
        services.order_pay(user=user, order_id=order.pk, payment=RequestedPayment(**paid))
        services.order_cancel(user=user, order_id=order.pk)
    return orders


def product(number: int) -> dict[str, Any]:
    return {"sku": f"CONTRACT-{number}", "name": "Cup", "price": "9.90", "quantity": 10}


def payment(order: Order, number: int) -> dict[str, Any]:
    return {
        "amount": str(order.total),
        "currency": order.currency,
        "method": "card",
        "reference": f"contract-{number}",
    }
