"""What happened to products and orders."""

from apps.orders import rules
from apps.orders.models import Order, Product
from core.api.history import HistoryView
from core.api.permissions import ruled


class ProductHistoryView(HistoryView):
    """The changes of a product, the latest first, also of a deleted one. Auditors and admins only."""

    model = Product
    permission_classes = (ruled(read=rules.product_history),)


class OrderHistoryView(HistoryView):
    """The changes of an order, the latest first. Auditors and admins only."""

    model = Order
    permission_classes = (ruled(read=rules.order_history),)
