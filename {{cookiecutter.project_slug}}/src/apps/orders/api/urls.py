"""Routes of the shop, below /api/v1/."""

from rest_framework.routers import SimpleRouter

from apps.orders.api.views import OrderViewSet, ProductViewSet

router = SimpleRouter(use_regex_path=False)
router.register("products", ProductViewSet, basename="product")
router.register("orders", OrderViewSet, basename="order")

urlpatterns = router.urls
