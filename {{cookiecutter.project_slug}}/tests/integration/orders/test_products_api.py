"""The catalogue over HTTP."""

import json
from decimal import Decimal

import pytest

from apps.orders.models import Product
from apps.orders.services import STOCK_MAX
from tests.bodies import data, error_codes
from tests.factories.orders import ProductFactory
from tests.factories.users import ManagerFactory, UserFactory

pytestmark = pytest.mark.django_db

URL = "/api/v1/products/"
NEW_CUP = {"sku": "CUP-300", "name": "Cup, 300 ml", "price": "9.90", "quantity": 7}


def test_products_are_listed_newest_first(sign_in):
    cup = ProductFactory(sku="CUP-300", name="Cup", price=Decimal("9.90"), stock__quantity=3)
    jug = ProductFactory()

    response = sign_in(UserFactory()).get(URL)

    assert response.status_code == 200
    listed = data(response)["results"]
    assert [product["id"] for product in listed] == [str(jug.pk), str(cup.pk)]
    assert listed[1] == {
        "id": str(cup.pk),
        "sku": "CUP-300",
        "name": "Cup",
        "price": "9.90",
        "currency": "EUR",
        "available": 3,
    }


def test_products_can_be_listed_by_sku_and_in_part(sign_in):
    for sku in ("JUG-1", "CUP-300", "POT-2"):
        ProductFactory(sku=sku)
    query = {"ordering": "-sku", "fields": "sku", "page_size": 2}
    client = sign_in(UserFactory())

    first = data(client.get(URL, query))
    second = data(client.get(first["next"]))

    assert first["results"] == [{"sku": "POT-2"}, {"sku": "JUG-1"}]
    assert second["results"] == [{"sku": "CUP-300"}]


@pytest.mark.parametrize("count", [1, 20])
def test_products_are_listed_with_one_query_beside_that_of_the_role(
    count, sign_in, credential_queries, django_assert_num_queries
):
    client = sign_in(UserFactory())
    ProductFactory.create_batch(count)

    with django_assert_num_queries(credential_queries + 2):
        response = client.get(URL)

    assert len(data(response)["results"]) == count


def test_product_is_shown_with_one_query_beside_that_of_the_role(
    sign_in, credential_queries, django_assert_num_queries
):
    client, product = sign_in(UserFactory()), ProductFactory()

    with django_assert_num_queries(credential_queries + 2):
        response = client.get(f"{URL}{product.pk}/")

    assert data(response)["sku"] == product.sku


def test_product_that_cannot_be_ordered_is_not_found(sign_in):
    product = ProductFactory(is_active=False)

    response = sign_in(UserFactory()).get(f"{URL}{product.pk}/")

    assert response.status_code == 404
    assert error_codes(response) == [("not_found", None)]


@pytest.mark.parametrize("method", ["get", "post"])
def test_products_need_credentials(api_client, method):
    response = getattr(api_client, method)(URL)

    assert error_codes(response) == [("not_authenticated", None)]


def test_managers_add_products(sign_in):
    response = sign_in(ManagerFactory()).post(URL, NEW_CUP)

    product = Product.objects.get()
    assert response.status_code == 201
    assert response["Location"] == f"http://testserver{URL}{product.pk}/"
    assert data(response) == {
        "id": str(product.pk),
        "sku": "CUP-300",
        "name": "Cup, 300 ml",
        "price": "9.90",
        "currency": "EUR",
        "available": 7,
    }


def test_adding_a_product_costs_a_fixed_number_of_queries(
    sign_in, credential_queries, django_assert_num_queries
):
    client = sign_in(ManagerFactory())

    # Role, two savepoints and their release, product and stock, each with its entry in the audit
    # trail, and the product as it is shown.
    with django_assert_num_queries(credential_queries + 10):
        client.post(URL, NEW_CUP)


def test_adding_a_product_is_stamped_with_the_manager(sign_in):
    manager = ManagerFactory()

    sign_in(manager).post(URL, NEW_CUP)

    product = Product.objects.get()
    assert (product.created_by, product.stock.created_by) == (manager, manager)


def test_others_add_no_products(sign_in):
    response = sign_in(UserFactory()).post(URL, NEW_CUP)

    assert response.status_code == 403
    assert error_codes(response) == [("permission_denied", None)]
    assert not Product.objects.exists()


def test_sku_that_is_taken_is_refused(sign_in):
    ProductFactory(sku="CUP-300")

    response = sign_in(ManagerFactory()).post(URL, NEW_CUP)

    assert response.status_code == 400
    assert error_codes(response) == [("sku_taken", "sku")]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("sku", "", "blank"),
        ("sku", None, "null"),
        ("sku", "cup-300", "invalid"),
        ("sku", "CUP 300", "invalid"),
        ("sku", "ÄÖÜ", "invalid"),
        ("sku", "C" * 41, "max_length"),
        ("sku", ["CUP"], "invalid"),
        ("name", "", "blank"),
        ("name", "  ", "blank"),
        ("name", "N" * 201, "max_length"),
        ("name", "Cup\0", "null_characters_not_allowed"),
        ("name", {"en": "Cup"}, "invalid"),
        ("price", "0.00", "min_value"),
        ("price", "-1.00", "min_value"),
        ("price", "9.999", "max_decimal_places"),
        ("price", "10000000000.00", "max_digits"),
        ("price", "9" * 1001, "max_string_length"),
        ("price", 9.9, "invalid"),
        ("price", 9, "invalid"),
        ("price", True, "invalid"),
        ("price", "NaN", "invalid"),
        ("price", "Infinity", "invalid"),
        ("price", "1e5", "invalid"),
        ("price", "1_000", "invalid"),
        ("price", "٣", "invalid"),
        ("price", "", "invalid"),
        ("price", None, "null"),
        ("currency", "XXX", "invalid_choice"),
        ("currency", "eur", "invalid_choice"),
        ("currency", None, "null"),
        ("quantity", -1, "min_value"),
        ("quantity", STOCK_MAX + 1, "max_value"),
        ("quantity", 10**30, "max_value"),
        ("quantity", 1.5, "invalid"),
        ("quantity", "1", "invalid"),
        ("quantity", True, "invalid"),
        ("quantity", None, "null"),
    ],
)
def test_bad_product_is_refused(sign_in, field, value, code):
    response = sign_in(ManagerFactory()).post(URL, NEW_CUP | {field: value})

    assert response.status_code == 400
    assert error_codes(response) == [(code, field)]


def test_price_finer_than_its_currency_is_refused(sign_in):
    response = sign_in(ManagerFactory()).post(URL, NEW_CUP | {"currency": "JPY"})

    assert response.status_code == 400
    assert error_codes(response) == [("currency_decimals", "price")]
    assert response.json()["errors"][0]["detail"] == "JPY is not divided as finely as 9.90."


def test_name_that_is_no_unicode_is_refused(sign_in):
    body = json.dumps(NEW_CUP | {"name": "Cup\ud800"})

    response = sign_in(ManagerFactory()).post(URL, body, content_type="application/json")

    assert response.status_code == 400
    assert error_codes(response) == [("surrogate_characters_not_allowed", "name")]


@pytest.mark.parametrize(
    "changes",
    [
        {"sku": "C" * 40},
        {"name": "N" * 200},
        {"name": "كوب ☕ 𝕮"},
        {"price": "0.01"},
        {"price": "9999999999.99"},
        {"quantity": 0},
        {"quantity": STOCK_MAX},
    ],
)
def test_product_at_the_limits_is_kept_as_it_is(sign_in, changes):
    response = sign_in(ManagerFactory()).post(URL, NEW_CUP | changes)

    product = Product.objects.get()
    assert response.status_code == 201
    kept = (product.sku, product.name, str(product.price), product.stock.quantity)
    assert kept == tuple((NEW_CUP | changes).values())
