"""Products, as the API takes and gives them."""

from typing import Any, ClassVar

from rest_framework import serializers

from apps.orders.api.serializers.fields import AmountField, MoneyField, WholeNumberField
from apps.orders.models import PRICE_MIN, Product, sku_validator
from apps.orders.money import DEFAULT_CURRENCY, Currency
from apps.orders.selectors import CatalogueSummary, PriceRange
from apps.orders.services import STOCK_MAX
from core.api.sparse import SparseFieldsMixin


class ProductCreateInput(serializers.Serializer[None]):
    """A product for the catalogue, with what is in stock of it."""

    examples: ClassVar[dict[str, Any]] = {
        "sku": "SPOON-4",
        "name": "Spoons, set of 4",
        "quantity": 100,
    }

    sku = serializers.CharField(max_length=40, validators=[sku_validator])
    name = serializers.CharField(max_length=200)
    price = MoneyField(min_value=PRICE_MIN)
    currency = serializers.ChoiceField(Currency.choices, default=DEFAULT_CURRENCY)
    quantity = WholeNumberField(min_value=0, max_value=STOCK_MAX, default=0)


class ProductUpdateInput(serializers.Serializer[None]):
    """What changes of a product. Its SKU is what it is known by, and stays."""

    examples: ClassVar[dict[str, Any]] = {"name": "Spoons, set of 4"}

    name = serializers.CharField(max_length=200, required=False)
    price = MoneyField(min_value=PRICE_MIN, required=False)


class ProductBulkUpdateInput(ProductUpdateInput):
    """What changes of the product ``id``; nothing, unless ``version`` is the one that it has."""

    id = serializers.UUIDField()
    version = WholeNumberField(min_value=1, max_value=2**31 - 1, required=False)


class ProductOutput(SparseFieldsMixin, serializers.ModelSerializer[Product]):
    """A product that can be ordered."""

    examples: ClassVar[dict[str, Any]] = {
        "sku": "SPOON-4",
        "name": "Spoons, set of 4",
        "available": 100,
    }

    available = serializers.IntegerField(read_only=True, help_text="Pieces in stock.")
    price = AmountField()

    class Meta:
        model = Product
        fields = ("id", "sku", "name", "price", "currency", "available")
        read_only_fields = fields


class PriceRangeOutput(serializers.Serializer[PriceRange]):
    """The prices in one currency."""

    currency = serializers.ChoiceField(Currency.choices)
    lowest = AmountField()
    highest = AmountField()


class CatalogueSummaryOutput(serializers.Serializer[CatalogueSummary]):
    """What can be ordered, in figures."""

    examples: ClassVar[dict[str, Any]] = {"products": 5}

    products = serializers.IntegerField()
    prices = PriceRangeOutput(many=True)
