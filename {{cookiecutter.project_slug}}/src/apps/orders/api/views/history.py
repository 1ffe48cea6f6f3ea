"""What happened to products and orders."""

from apps.orders.models import Order, Product
from core.api.history import HistoryView


class ProductHistoryView(HistoryView):
    """The changes of a product, the latest first, also of a deleted one. Administrators only."""

    model = Product


class OrderHistoryView(HistoryView):
    """The changes of an order, the latest first. Administrators only."""

    model = Order
