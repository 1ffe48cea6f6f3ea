"""Fills the database: accounts with orders, and products in stock.

Takes the numbers of ``users`` who are customers, of ``admins``, of ``orders`` for each
customer, and of ``products``. Returns the ``tokens`` of customers and ``admin_tokens``, and the ids of the
``products``.
"""

import json
import sys
from datetime import timedelta
from decimal import Decimal

from apps.orders.models import Order, Product, Stock
from apps.users.authentication.jwt.tokens import RefreshToken
from apps.users.models import User
from apps.users.roles import Role
from django.contrib.auth.models import Group
from django.db import connection

# The runs must end before.
TOKEN_LIFETIME = timedelta(days=1)
# More than any run sells.
QUANTITY = 100_000_000


def token_of(user: User) -> str:
    token = RefreshToken.for_user(user).access_token
    token.set_exp(lifetime=TOKEN_LIFETIME)
    return str(token)


def main() -> None:
    numbers = json.load(sys.stdin)
    users = User.objects.bulk_create(
        # Nobody signs in, so nothing is hashed; tokens hold a digest of what stands here.
        User(email=f"user{number}@example.com", first_name="Ada", password=f"!{number}")
        for number in range(numbers["users"] + numbers["admins"])
    )
    admins = users[: numbers["admins"]]
    customers = users[numbers["admins"] :]
    for role, group in ((Role.ADMIN, admins), (Role.CUSTOMER, customers)):
        Group.objects.get(name=role).user_set.add(*group)
    Order.objects.bulk_create(
        (
            Order(customer=user, total=Decimal("19.90"), currency="EUR")
            for _ in range(numbers["orders"])
            for user in customers
        ),
        batch_size=5_000,
    )
    products = Product.objects.bulk_create(
        Product(sku=f"SKU-{number}", name=f"Product {number}", price=Decimal("9.95"))
        for number in range(numbers["products"])
    )
    Stock.objects.bulk_create(Stock(product=product, quantity=QUANTITY) for product in products)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    print(
        json.dumps(
            {
                "tokens": [token_of(user) for user in customers],
                "admin_tokens": [token_of(user) for user in admins],
                "products": [str(product.pk) for product in products],
            }
        )
    )


if __name__ == "__main__":
    main()
