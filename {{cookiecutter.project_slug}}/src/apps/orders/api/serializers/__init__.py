"""What the API of the shop takes and gives.

Inputs check the form of what comes in; the rules are with the services.
"""

from apps.orders.api.serializers.orders import OrderCreateInput, OrderOutput, OrderSummaryOutput
from apps.orders.api.serializers.payments import PaymentCreateInput, PaymentOutput
from apps.orders.api.serializers.products import (
    CatalogueSummaryOutput,
    ProductBulkUpdateInput,
    ProductCreateInput,
    ProductOutput,
    ProductUpdateInput,
)
from apps.orders.api.serializers.reports import SalesReportCreateInput, SalesReportOutput

__all__ = [
    "CatalogueSummaryOutput",
    "OrderCreateInput",
    "OrderOutput",
    "OrderSummaryOutput",
    "PaymentCreateInput",
    "PaymentOutput",
    "ProductBulkUpdateInput",
    "ProductCreateInput",
    "ProductOutput",
    "ProductUpdateInput",
    "SalesReportCreateInput",
    "SalesReportOutput",
]
