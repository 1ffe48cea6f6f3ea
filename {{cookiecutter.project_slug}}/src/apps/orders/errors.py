"""What the rules of the shop refuse. Clients branch on the codes, so they never change."""

from core.errors import ApplicationError, ConflictError


class LineCountError(ApplicationError):
    """An order has no line, or too many."""

    code = "line_count"


class DuplicateProductError(ApplicationError):
    """Two lines of an order ask for the same product."""

    code = "duplicate_product"


class UnknownProductError(ApplicationError):
    """The catalogue has no such product, or no longer."""

    code = "unknown_product"


class OrderTooLargeError(ApplicationError):
    """The total of an order is beyond what one order may come to."""

    code = "order_too_large"


class SkuTakenError(ApplicationError):
    """Another product has this SKU."""

    code = "sku_taken"


class StockLimitError(ApplicationError):
    """More pieces than the stock of one product may hold."""

    code = "stock_limit"


class AmountMismatchError(ApplicationError):
    """A payment is of another amount than is open."""

    code = "amount_mismatch"


class InsufficientStockError(ConflictError):
    """Fewer pieces are in stock than were asked for."""

    code = "insufficient_stock"


class OrderCancelledError(ConflictError):
    """The order is cancelled: nothing can be done with it any more."""

    code = "order_cancelled"


class OrderPaidError(ConflictError):
    """The order is paid: nothing is open."""

    code = "order_paid"


class PaymentReferenceTakenError(ConflictError):
    """Another payment has this reference."""

    code = "payment_reference_taken"
