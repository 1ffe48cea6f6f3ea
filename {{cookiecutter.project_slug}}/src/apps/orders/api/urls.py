"""Routes of the shop, below /api/v1/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from apps.orders.api.views import (
    OrderHistoryView,
    OrderViewSet,
    ProductHistoryView,
    ProductViewSet,
    SalesReportViewSet,
)

router = SimpleRouter(use_regex_path=False)
router.register("products", ProductViewSet, basename="product")
router.register("orders", OrderViewSet, basename="order")
router.register("sales-reports", SalesReportViewSet, basename="sales-report")

urlpatterns = [
    *router.urls,
    path("products/<uuid:pk>/history/", ProductHistoryView.as_view(), name="product-history"),
    path("orders/<uuid:pk>/history/", OrderHistoryView.as_view(), name="order-history"),
]
