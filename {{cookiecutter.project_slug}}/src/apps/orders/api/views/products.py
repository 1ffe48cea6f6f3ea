"""Views of the catalogue."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.viewsets import GenericViewSet

from apps.orders import rules, selectors, services
from apps.orders.api.serializers import (
    CatalogueSummaryOutput,
    ProductBulkUpdateInput,
    ProductCreateInput,
    ProductOutput,
    ProductUpdateInput,
)
from apps.orders.api.views.answers import created
from apps.orders.models import Product
from core.api.bulk import BulkMixin, BulkServices
from core.api.permissions import ruled
from core.api.preconditions import PreconditionsMixin
from core.idempotency.views import idempotent


@extend_schema_view(
    list=extend_schema(summary="List the products"),
    retrieve=extend_schema(summary="Read a product"),
)
class ProductViewSet(
    BulkMixin, PreconditionsMixin, ListModelMixin, RetrieveModelMixin, GenericViewSet[Product]
):
    """The catalogue."""

    queryset = Product.objects.none()
    serializer_class = ProductOutput
    ordering_fields = ("sku",)
    permission_classes = (ruled(read=rules.product_see, write=rules.product_write),)
    lookup_value_converter = "uuid"
    if_match_required = ("partial_update", "destroy")
    if_match_optional = ("restore",)
    bulk_create_input = ProductCreateInput
    bulk_update_input = ProductBulkUpdateInput
    bulk_services = BulkServices(
        create=services.product_create_many,
        update=services.product_update_many,
        delete=services.product_delete_many,
    )
    bulk_create = idempotent(BulkMixin.bulk_create)

    def get_queryset(self) -> QuerySet[Product]:
        if self.action in {"list", "retrieve"}:
            return selectors.product_list_visible_to(user=self.request.user)
        return selectors.product_list_all(with_deleted=self.action == "restore")

    def beside(self, record: Any) -> Iterable[object]:
        """A sale leaves the product as it is, but fewer pieces of it."""
        return (record.available,)

    @idempotent
    @extend_schema(request=ProductCreateInput, responses={status.HTTP_201_CREATED: ProductOutput})
    def create(self, request: Request) -> Response:
        """Add a product. Managers and admins only."""
        body = ProductCreateInput(data=request.data)
        body.is_valid(raise_exception=True)
        product = services.product_create(**body.validated_data)
        output = self.get_serializer(self.showing(self.get_queryset().get(pk=product.pk)))
        return created(output, reverse("product-detail", [product.pk], request=request))

    @extend_schema(request=ProductUpdateInput, responses={200: ProductOutput, 409: None})
    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Change a product. Managers and admins only."""
        product = self.get_object()
        body = ProductUpdateInput(data=request.data)
        body.is_valid(raise_exception=True)
        services.product_update(product=product, **body.validated_data)
        return Response(self.get_serializer(product).data)

    @extend_schema(responses={status.HTTP_204_NO_CONTENT: None, 409: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        """Take a product out of the catalogue. Managers and admins only. It can be restored."""
        services.product_delete(product=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={200: ProductOutput, 409: None})
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: UUID) -> Response:
        """Bring a deleted product back. Managers and admins only."""
        product = services.product_restore(product=self.get_object())
        return Response(self.get_serializer(product).data)

    @extend_schema(responses=CatalogueSummaryOutput)
    @action(detail=False)
    def summary(self, request: Request) -> Response:
        """Return the catalogue in figures."""
        return Response(CatalogueSummaryOutput(selectors.catalogue_summary()).data)
