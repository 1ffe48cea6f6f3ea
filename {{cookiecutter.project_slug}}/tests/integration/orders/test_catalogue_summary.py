"""The catalogue in figures: counted once, and again after each change."""

from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import transaction
from django.urls import reverse

from apps.orders import services
from apps.orders.models import Product
from apps.orders.selectors import catalogue_summary
from tests.bodies import data
from tests.factories.orders import ProductFactory
from tests.factories.users import UserFactory

URL = "/api/v1/products/summary/"


@pytest.fixture(autouse=True)
def _nothing_cached() -> None:
    cache.clear()


def add(sku: str = "CUP-1", price: str = "9.90") -> None:
    services.product_create(sku=sku, name="Cup", price=Decimal(price))


def highest_prices() -> list[Decimal]:
    return [prices.highest for prices in catalogue_summary().prices]


@pytest.mark.django_db
def test_summary_counts_what_can_be_ordered(sign_in):
    ProductFactory(price=Decimal("9.90"))
    ProductFactory(price=Decimal("4.50"))
    ProductFactory(price=Decimal("1.00"), is_active=False)

    response = sign_in(UserFactory()).get(URL)

    assert response.status_code == 200
    assert data(response) == {
        "products": 2,
        "prices": [{"currency": "EUR", "lowest": "4.50", "highest": "9.90"}],
    }


@pytest.mark.django_db
def test_summary_compares_no_prices_of_different_currencies(sign_in):
    ProductFactory(price=Decimal("9.90"))
    ProductFactory(price=Decimal(1200), currency="JPY")

    response = sign_in(UserFactory()).get(URL)

    assert data(response)["prices"] == [
        {"currency": "EUR", "lowest": "9.90", "highest": "9.90"},
        {"currency": "JPY", "lowest": "1200", "highest": "1200"},
    ]


@pytest.mark.django_db
def test_summary_of_an_empty_catalogue_has_no_prices(sign_in):
    response = sign_in(UserFactory()).get(URL)

    assert data(response) == {"products": 0, "prices": []}


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 20])
def test_summary_costs_one_query_beside_that_of_the_role(
    count, sign_in, credential_queries, django_assert_num_queries
):
    client = sign_in(UserFactory())
    ProductFactory.create_batch(count)

    with django_assert_num_queries(credential_queries + 2):
        client.get(URL)


@pytest.mark.django_db(transaction=True)
def test_summary_that_is_cached_costs_no_query_but_that_of_the_role(
    sign_in, credential_queries, django_assert_num_queries
):
    client = sign_in(UserFactory())
    client.get(URL)

    with django_assert_num_queries(credential_queries + 1):
        client.get(URL)


@pytest.mark.django_db(transaction=True)
def test_new_product_is_counted_after_the_commit():
    assert catalogue_summary().products == 0

    add()

    assert catalogue_summary().products == 1


@pytest.mark.django_db(transaction=True)
def test_product_that_is_rolled_back_is_never_counted():
    with transaction.atomic():
        add()
        catalogue_summary()
        transaction.set_rollback(True)

    assert catalogue_summary().products == 0


@pytest.mark.django_db(transaction=True)
def test_product_that_is_changed_deleted_or_restored_is_counted_anew():
    add(price="9.90")
    product = Product.objects.get()
    counted = []
    for change in (
        lambda: services.product_update(product=product, price=Decimal("4.50")),
        lambda: services.product_delete(product=product),
        lambda: services.product_restore(product=product),
    ):
        catalogue_summary()
        change()
        counted.append(highest_prices())

    assert counted == [[Decimal("4.50")], [], [Decimal("4.50")]]


@pytest.mark.django_db(transaction=True)
def test_product_that_is_changed_in_the_admin_is_counted_anew(admin_client):
    add(price="9.90")
    catalogue_summary()
    url = reverse("admin:orders_product_change", args=[Product.objects.get().pk])

    response = admin_client.post(url, {"name": "Cup", "price": "4.50", "is_active": "on"})

    assert response.status_code == 302
    assert highest_prices() == [Decimal("4.50")]
