"""``manage.py seed_demo_orders``: five products with stock, to look at in development."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.orders.errors import SkuTakenError
from apps.orders.services import product_create

QUANTITY = 100
# SKU, name, price.
PRODUCTS = (
    ("CUP-300", "Cup, 300 ml", Decimal("9.90")),
    ("PLATE-27", "Plate, 27 cm", Decimal("14.50")),
    ("BOWL-15", "Bowl, 15 cm", Decimal("12.00")),
    ("JUG-1000", "Jug, 1 l", Decimal("29.95")),
    ("SPOON-4", "Spoons, set of 4", Decimal("19.00")),
)


class Command(BaseCommand):
    """Adds what is missing of the demo products. Running it again is safe."""

    help = "Make five products with stock, unless they are there."

    def handle(self, *_: Any, **__: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(
                "seed_demo_orders makes things that nobody sells, so it runs only with DEBUG on, "
                "as in config.settings.development."
            )
        for sku, name, price in PRODUCTS:
            try:
                product_create(sku=sku, name=name, price=price, quantity=QUANTITY)
            except SkuTakenError:
                self.stdout.write(f"{sku} is there already.")
            else:
                self.stdout.write(f"{sku} {name}: {QUANTITY} in stock.")
