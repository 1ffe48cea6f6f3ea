"""What the shop has of people: who bought what stays, with an account that names nobody.

Whoever adds an address to deliver to says here what becomes of it, and erases it with ``core.personal.erases``.
"""

from apps.orders.models import Payment, Product, SalesReport, StockReport
from core.personal import describe

describe(Payment, personal={"reference": "kept with the payment, for the books"})
describe(Product, other=("sku", "name"))
describe(SalesReport, other=("rows",))
describe(StockReport, other=("rows",))
