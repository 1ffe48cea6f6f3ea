"""Views of the shop: HTTP in, HTTP out."""

from apps.orders.api.views.history import OrderHistoryView, ProductHistoryView
from apps.orders.api.views.orders import OrderViewSet
from apps.orders.api.views.products import ProductViewSet
from apps.orders.api.views.reports import SalesReportViewSet

__all__ = [
    "OrderHistoryView",
    "OrderViewSet",
    "ProductHistoryView",
    "ProductViewSet",
    "SalesReportViewSet",
]
