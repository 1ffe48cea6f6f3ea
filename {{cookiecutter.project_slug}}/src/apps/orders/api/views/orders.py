"""Views of orders and of what is paid for them."""

from collections.abc import Iterable
from typing import cast
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from apps.orders import rules, selectors, services
from apps.orders.api.filters import OrderFilter
from apps.orders.api.serializers import (
    OrderCreateInput,
    OrderOutput,
    OrderSummaryOutput,
    PaymentCreateInput,
    PaymentOutput,
)
from apps.orders.api.views.answers import created
from apps.orders.models import Order
from core.api.permissions import ruled
from core.api.preconditions import PreconditionsMixin
from core.idempotency.views import idempotent


@extend_schema_view(
    list=extend_schema(summary="List the orders"), retrieve=extend_schema(summary="Read an order")
)
class OrderViewSet(PreconditionsMixin, ListModelMixin, RetrieveModelMixin, GenericViewSet[Order]):
    """The caller's orders; for all other roles, everybody's."""

    queryset = Order.objects.none()
    serializer_class = OrderOutput
    filterset_class = OrderFilter
    permission_classes = (
        ruled(
            read=rules.order_see,
            create=rules.order_place,
            cancel=rules.order_cancel,
            payments=rules.order_pay,
            refund=rules.order_refund,
        ),
    )
    ordering_fields = ("created_at",)
    # Cancelling what changed in the meantime is mostly still what the customer wants.
    if_match_optional = ("cancel",)
    lookup_value_converter = "uuid"

    @property
    def caller(self) -> AbstractBaseUser:
        """Who has signed in: nobody else gets here."""
        return cast("AbstractBaseUser", self.request.user)

    def get_queryset(self) -> QuerySet[Order]:
        if self.action == "list":
            return selectors.order_list_visible_to(user=self.caller)
        return selectors.order_details_visible_to(user=self.caller)

    def beside(self, record: Order) -> Iterable[object]:
        """The lines show the names of products."""
        return [line.product.version for line in record.lines.all()]

    def output(self, pk: UUID) -> BaseSerializer[Order]:
        """Return the order as it is now. The answer will carry its tag."""
        return self.get_serializer(self.showing(self.get_queryset().get(pk=pk)))

    def get_serializer_class(self) -> type[BaseSerializer[Order]]:
        return OrderSummaryOutput if self.action == "list" else OrderOutput

    @idempotent
    @extend_schema(request=OrderCreateInput, responses={201: OrderOutput, 409: None})
    def create(self, request: Request) -> Response:
        """Place an order at the catalogue's prices. All of it is in stock, or nothing is sold."""
        body = OrderCreateInput(data=request.data)
        body.is_valid(raise_exception=True)
        order = services.order_place(user=self.caller, lines=body.requested_lines())
        return created(self.output(order.pk), reverse("order-detail", [order.pk], request=request))

    @extend_schema(request=None, responses={200: OrderOutput, 409: None})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: UUID) -> Response:
        """Cancel an order. Its pieces go back into stock; what was paid is due for a refund."""
        services.order_cancel(
            user=self.caller, order_id=pk, required_version=self.required_version()
        )
        return Response(self.output(pk).data)

    # Not @idempotent, whose transaction would hold locks while the provider is asked, and undo what
    # says that it was: the reference is the key.
    @extend_schema(request=PaymentCreateInput, responses={201: PaymentOutput, 409: None, 503: None})
    @action(detail=True, methods=["post"])
    def payments(self, request: Request, pk: UUID) -> Response:
        """Pay an order in full. The same payment sent again pays once, with the same answer.

        503 says that the provider did not answer: send the same payment again.
        """
        body = PaymentCreateInput(data=request.data)
        body.is_valid(raise_exception=True)
        payment = services.order_pay(
            user=self.caller, order_id=pk, payment=body.requested_payment()
        )
        return Response(PaymentOutput(payment).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={200: OrderOutput, 409: None, 503: None})
    @action(detail=True, methods=["post"])
    def refund(self, request: Request, pk: UUID) -> Response:
        """Give back all that was paid for an order that is cancelled."""
        services.order_refund(user=self.caller, order_id=pk)
        return Response(self.output(pk).data)
