"""Fills the database: accounts with orders, and products in stock.

Takes the numbers of ``users`` who are members, of ``administrators``, of ``orders`` for each
member, and of ``products``. Returns the ``tokens`` of members and ``administrator_tokens``, and the ids of the
``products``.
"""

import json
import sys
from datetime import timedelta
from decimal import Decimal

from apps.orders.models import Order, Product, Stock
from apps.users.authentication.jwt.tokens import RefreshToken
from apps.users.models import Role, User
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
        for number in range(numbers["users"] + numbers["administrators"])
    )
    administrators = users[: numbers["administrators"]]
    members = users[numbers["administrators"] :]
    for role, group in ((Role.ADMINISTRATOR, administrators), (Role.MEMBER, members)):
        Group.objects.get(name=role).user_set.add(*group)
    Order.objects.bulk_create(
        (
            Order(customer=user, total=Decimal("19.90"), currency="EUR")
            for _ in range(numbers["orders"])
            for user in members
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
                "tokens": [token_of(user) for user in members],
                "administrator_tokens": [token_of(user) for user in administrators],
                "products": [str(product.pk) for product in products],
            }
        )
    )


if __name__ == "__main__":
    main()
