"""Views of the shop: HTTP in, HTTP out."""

from typing import cast
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from apps.orders import selectors, services
from apps.orders.api.filters import OrderFilter
from apps.orders.api.permissions import ReadsOrIsAdministrator
from apps.orders.api.serializers import (
    OrderCreateInput,
    OrderOutput,
    OrderSummaryOutput,
    PaymentCreateInput,
    PaymentOutput,
    ProductCreateInput,
    ProductOutput,
)
from apps.orders.models import Order, Product


class ProductViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[Product]):
    """The catalogue."""

    queryset = Product.objects.none()
    serializer_class = ProductOutput
    permission_classes = (ReadsOrIsAdministrator,)
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Product]:
        return selectors.product_list()

    @extend_schema(request=ProductCreateInput, responses={status.HTTP_201_CREATED: ProductOutput})
    def create(self, request: Request) -> Response:
        """Add a product. Administrators only."""
        body = ProductCreateInput(data=request.data)
        body.is_valid(raise_exception=True)
        product = services.product_create(**body.validated_data)
        output = self.get_serializer(self.get_queryset().get(pk=product.pk))
        return created(output, reverse("product-detail", [product.pk], request=request))


class OrderViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[Order]):
    """The caller's orders; for administrators, everybody's."""

    queryset = Order.objects.none()
    serializer_class = OrderOutput
    filterset_class = OrderFilter
    lookup_value_converter = "uuid"

    @property
    def caller(self) -> AbstractBaseUser:
        """Who has signed in: nobody else gets here."""
        return cast("AbstractBaseUser", self.request.user)

    def get_queryset(self) -> QuerySet[Order]:
        if self.action == "list":
            return selectors.order_list_visible_to(user=self.caller)
        return selectors.order_details_visible_to(user=self.caller)

    def get_serializer_class(self) -> type[BaseSerializer[Order]]:
        return OrderSummaryOutput if self.action == "list" else OrderOutput

    @extend_schema(request=OrderCreateInput, responses={status.HTTP_201_CREATED: OrderOutput})
    def create(self, request: Request) -> Response:
        """Place an order at the catalogue's prices. All of it is in stock, or nothing is sold."""
        body = OrderCreateInput(data=request.data)
        body.is_valid(raise_exception=True)
        order = services.order_place(user=self.caller, lines=body.requested_lines())
        output = self.get_serializer(self.get_queryset().get(pk=order.pk))
        return created(output, reverse("order-detail", [order.pk], request=request))

    @extend_schema(request=None, responses=OrderOutput)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: UUID) -> Response:
        """Cancel an order. Its pieces go back into stock; what was paid is due for a refund."""
        services.order_cancel(user=self.caller, order_id=pk)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=PaymentCreateInput, responses={status.HTTP_201_CREATED: PaymentOutput})
    @action(detail=True, methods=["post"])
    def payments(self, request: Request, pk: UUID) -> Response:
        """Pay an order in full. The same payment sent again pays once, with the same answer."""
        body = PaymentCreateInput(data=request.data)
        body.is_valid(raise_exception=True)
        payment = services.order_pay(user=self.caller, order_id=pk, **body.validated_data)
        return Response(PaymentOutput(payment).data, status=status.HTTP_201_CREATED)


def created(output: BaseSerializer[Product] | BaseSerializer[Order], location: str) -> Response:
    """Return the answer to a request that made something that can be found at ``location``."""
    return Response(output.data, status.HTTP_201_CREATED, headers={"Location": location})
