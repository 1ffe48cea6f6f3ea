"""What the rules of the shop refuse. Clients branch on the codes, so they never change."""

from core.errors import ApplicationError, ConflictError, UnavailableError


class LineCountError(ApplicationError):
    """An order has no line, or too many."""

    code = "line_count"


class DuplicateProductError(ApplicationError):
    """Two lines of an order, or two items of a bulk request, name the same product."""

    code = "duplicate_product"


class UnknownProductError(ApplicationError):
    """The catalogue has no such product, or no longer."""

    code = "unknown_product"


class CurrencyDecimalsError(ApplicationError):
    """An amount is finer than its currency is divided."""

    code = "currency_decimals"


class MixedCurrenciesError(ApplicationError):
    """Products of an order have prices in different currencies."""

    code = "mixed_currencies"


class OrderTooLargeError(ApplicationError):
    """The total of an order is beyond what one order may come to."""

    code = "order_too_large"


class SkuTakenError(ApplicationError):
    """Another product has this SKU."""

    code = "sku_taken"


class SkuReusedError(ConflictError):
    """A deleted product cannot come back: another one has its SKU now."""

    code = "sku_reused"


class ProductNotDeletedError(ConflictError):
    """The product is there: nothing is to be restored."""

    code = "product_not_deleted"


class DuplicateSkuError(ApplicationError):
    """Two items of a bulk request have the same SKU."""

    code = "duplicate_sku"


class StockLimitError(ApplicationError):
    """More pieces than the stock of one product may hold."""

    code = "stock_limit"


class AmountMismatchError(ApplicationError):
    """A payment is of another amount than is open."""

    code = "amount_mismatch"


class CurrencyMismatchError(ApplicationError):
    """A payment is in another currency than the order."""

    code = "currency_mismatch"


class ReportPeriodError(ApplicationError):
    """The period of a report has no day, or too many."""

    code = "report_period"


class InsufficientStockError(ConflictError):
    """Fewer pieces are in stock than were asked for."""

    code = "insufficient_stock"


class OrderCancelledError(ConflictError):
    """The order is cancelled: nothing can be done with it any more."""

    code = "order_cancelled"


class OrderPaidError(ConflictError):
    """The order is paid: nothing is open."""

    code = "order_paid"


class OrderNotPaidError(ConflictError):
    """The order is not paid: there is nothing to give back."""

    code = "order_not_paid"


class OrderRefundedError(ConflictError):
    """The order is refunded: nothing can be done with it any more."""

    code = "order_refunded"


class PaymentPendingError(ConflictError):
    """The provider has not answered yet whether the order is paid."""

    code = "payment_pending"


class PaymentDeclinedError(ConflictError):
    """The provider does not take the payment."""

    code = "payment_declined"


class RefundDeclinedError(ConflictError):
    """The provider does not give the money back."""

    code = "refund_declined"


class PaymentsClosedError(ConflictError):
    """The service has no provider of payments."""

    code = "payments_closed"


class ProviderUnavailableError(UnavailableError):
    """The provider of payments does not answer."""

    code = "provider_unavailable"


class PaymentReferenceTakenError(ConflictError):
    """Another payment has this reference."""

    code = "payment_reference_taken"
