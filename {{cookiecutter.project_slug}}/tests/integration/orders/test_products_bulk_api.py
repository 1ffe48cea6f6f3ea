"""Many products in one request over HTTP."""

from decimal import Decimal
from uuid import uuid4

import pytest

from apps.orders import selectors, services
from apps.orders.models import Product, Stock
from core.audit.models import AuditEntry
from tests.bodies import data, error_codes
from tests.factories.orders import OrderLineFactory, ProductFactory
from tests.factories.users import ManagerFactory, UserFactory
from tests.statements import more_statements, written

pytestmark = pytest.mark.django_db

URL = "/api/v1/products/bulk/"


def new(number, **changes):
    """Return a product to create."""
    return {"sku": f"CUP-{number}", "name": f"Cup {number}", "price": "9.90"} | changes


def delete(client, ids):
    return client.delete(URL, {"ids": ids}, headers={"X-Confirm-Delete": str(len(ids))})


def test_products_are_created_with_their_stock(sign_in):
    items = [new(2, quantity=7), new(1, price="1.00")]

    response = sign_in(ManagerFactory()).post(URL, {"items": items})

    assert response.status_code == 201
    first, second = Product.objects.order_by("id")
    assert data(response)["items"] == [
        {
            "id": str(first.pk),
            "sku": "CUP-2",
            "name": "Cup 2",
            "price": "9.90",
            "currency": "EUR",
            "available": 7,
        },
        {
            "id": str(second.pk),
            "sku": "CUP-1",
            "name": "Cup 1",
            "price": "1.00",
            "currency": "EUR",
            "available": 0,
        },
    ]


def test_prices_finer_than_their_currency_are_refused(sign_in):
    yen = ProductFactory(price=Decimal(1200), currency="JPY")
    client = sign_in(ManagerFactory())

    created = client.post(URL, {"items": [new(1), new(2, currency="JPY")]})
    changed = client.patch(URL, {"items": [{"id": str(yen.pk), "price": "9.90"}]})

    assert error_codes(created) == [("currency_decimals", "items.1.price")]
    assert error_codes(changed) == [("currency_decimals", "items.0.price")]


def test_created_products_are_stamped_with_the_manager(sign_in):
    manager = ManagerFactory()

    sign_in(manager).post(URL, {"items": [new(1)]})

    product = Product.objects.get()
    for row in (product, product.stock):
        assert (row.created_by, row.updated_by) == (manager, manager)


@pytest.mark.parametrize("count", [2, 200])
def test_creating_costs_a_fixed_number_of_queries(
    count, sign_in, credential_queries, django_assert_num_queries
):
    client = sign_in(ManagerFactory())
    items = [new(number) for number in range(count)]
    entries = written(AuditEntry)
    more = more_statements(count, written(Product), written(Stock), entries, entries)

    # Role, two savepoints and their release, taken SKUs, products and stock, each with its entries,
    # and the rows as shown.
    with django_assert_num_queries(credential_queries + 11 + more):
        response = client.post(URL, {"items": items})

    assert len(data(response)["items"]) == count


def test_faults_of_form_and_of_rules_are_told_in_one_answer(sign_in):
    ProductFactory(sku="CUP-1")
    items = [
        new(0),
        new(1),
        new(2, price="free"),
        new(3, sku="cup", quantity=-1),
        new(0, name="Cup 0 again"),
        "CUP-5",
    ]

    response = sign_in(ManagerFactory()).post(URL, {"items": items})

    assert response.status_code == 400
    assert error_codes(response) == [
        ("sku_taken", "items.1.sku"),
        ("invalid", "items.2.price"),
        ("invalid", "items.3.sku"),
        ("min_value", "items.3.quantity"),
        ("duplicate_sku", "items.4.sku"),
        ("invalid", "items.5"),
    ]
    assert Product.objects.count() == Stock.objects.count() == 1


def test_products_are_changed(sign_in):
    cup, jug, mug = ProductFactory.create_batch(3)
    items = [
        {"id": str(mug.pk), "name": "Mug", "price": "7.00"},
        {"id": str(cup.pk), "price": "8.00"},
    ]

    response = sign_in(ManagerFactory()).patch(URL, {"items": items})

    assert response.status_code == 200
    shown = [(row["id"], row["name"], row["price"]) for row in data(response)["items"]]
    assert shown == [(str(mug.pk), "Mug", "7.00"), (str(cup.pk), cup.name, "8.00")]
    kept = Product.objects.order_by("id").values_list("name", "price")
    assert list(kept) == [
        (cup.name, Decimal("8.00")),
        (jug.name, jug.price),
        ("Mug", Decimal("7.00")),
    ]


def test_changed_products_are_stamped_with_the_manager(sign_in):
    manager, product = ManagerFactory(), ProductFactory()
    items = [{"id": str(product.pk), "name": "Mug"}]

    sign_in(manager).patch(URL, {"items": items})

    before = product.updated_at
    product.refresh_from_db()
    assert (product.created_by, product.updated_by) == (None, manager)
    assert product.version == 2
    assert product.updated_at > before


@pytest.mark.parametrize("count", [2, 200])
def test_changing_costs_a_fixed_number_of_queries(
    count, sign_in, credential_queries, django_assert_num_queries
):
    client = sign_in(ManagerFactory())
    products = ProductFactory.create_batch(count)
    items = [{"id": str(product.pk), "name": "Mug"} for product in products]
    # The key twice, to find a row and its values, and the values: two given, two stamped.
    fields = ["id", "id", "name", "price", "updated_at", "updated_by"]
    changes = [Product._meta.get_field(name) for name in fields]
    more = more_statements(count, changes, written(AuditEntry))

    # Role, savepoint and its release, locked rows, what they were, changes, entries, and the rows as
    # shown.
    with django_assert_num_queries(credential_queries + 8 + more):
        response = client.patch(URL, {"items": items})

    assert {row["name"] for row in data(response)["items"]} == {"Mug"}


def test_every_product_that_cannot_be_changed_is_told(sign_in):
    product, gone = ProductFactory(), ProductFactory()
    services.product_delete(product=gone)
    items = [
        {"id": str(product.pk), "name": "Mug"},
        {"id": str(gone.pk), "name": "Mug"},
        {"id": str(uuid4()), "name": "Mug"},
        {"id": str(product.pk), "name": "Jug"},
        {"id": str(product.pk), "price": "-1.00"},
        {"name": "Mug"},
    ]

    response = sign_in(ManagerFactory()).patch(URL, {"items": items})

    assert response.status_code == 400
    assert error_codes(response) == [
        ("unknown_product", "items.1.id"),
        ("unknown_product", "items.2.id"),
        ("duplicate_product", "items.3.id"),
        ("min_value", "items.4.price"),
        ("required", "items.5.id"),
    ]
    assert not Product.objects.filter(name="Mug").exists()


def test_error_names_the_id_that_is_missing(sign_in):
    missing = uuid4()

    response = delete(sign_in(ManagerFactory()), [str(missing)])

    [error] = response.json()["errors"]
    assert error["detail"] == f"There is no product {missing}."


def test_products_are_deleted(sign_in):
    cup, jug, mug = ProductFactory.create_batch(3)

    response = delete(sign_in(ManagerFactory()), [str(mug.pk), str(cup.pk)])

    assert response.status_code == 204
    assert list(selectors.product_list()) == [jug]


def test_product_that_was_ordered_is_deleted_and_its_orders_stay(sign_in):
    line = OrderLineFactory()

    response = delete(sign_in(ManagerFactory()), [str(line.product_id)])

    assert response.status_code == 204
    line.refresh_from_db()
    assert line.product.sku


def test_deleted_products_are_stamped_with_the_manager(sign_in):
    manager, product = ManagerFactory(), ProductFactory()

    delete(sign_in(manager), [str(product.pk)])

    product = Product.all_objects.get()
    assert (product.deleted_by, product.updated_by) == (manager, manager)
    assert product.version == 2


@pytest.mark.parametrize("count", [2, 200])
def test_deleting_costs_a_fixed_number_of_queries(
    count, sign_in, credential_queries, django_assert_num_queries
):
    client = sign_in(ManagerFactory())
    ids = [str(product.pk) for product in ProductFactory.create_batch(count)]
    more = more_statements(count, written(AuditEntry))

    # Role, savepoint and its release, locked rows, what they were, entries, and the deletion.
    with django_assert_num_queries(credential_queries + 7 + more):
        response = delete(client, ids)

    assert response.status_code == 204


def test_every_product_that_cannot_be_deleted_is_told(sign_in):
    product, gone = ProductFactory(), ProductFactory()
    services.product_delete(product=gone)
    ids = [str(product.pk), str(gone.pk), str(uuid4()), str(product.pk), "CUP-1"]

    response = delete(sign_in(ManagerFactory()), ids)

    assert response.status_code == 400
    assert error_codes(response) == [
        ("unknown_product", "ids.1"),
        ("unknown_product", "ids.2"),
        ("duplicate_product", "ids.3"),
        ("invalid", "ids.4"),
    ]
    assert list(selectors.product_list()) == [product]


@pytest.mark.parametrize("method", ["post", "patch", "delete"])
def test_others_write_no_products(sign_in, method):
    response = getattr(sign_in(UserFactory()), method)(URL)

    assert response.status_code == 403
    assert error_codes(response) == [("permission_denied", None)]


def test_item_with_the_version_that_the_product_has_is_changed(sign_in):
    product = ProductFactory()
    items = [{"id": str(product.pk), "version": 1, "name": "Mug"}]

    response = sign_in(ManagerFactory()).patch(URL, {"items": items})

    assert response.status_code == 200


def test_items_with_another_version_fail_the_precondition(sign_in):
    cup, jug = ProductFactory.create_batch(2)
    items = [
        {"id": str(cup.pk), "version": 1, "name": "Mug"},
        {"id": str(jug.pk), "version": 2, "name": "Mug"},
    ]

    response = sign_in(ManagerFactory()).patch(URL, {"items": items})

    assert response.status_code == 412
    assert error_codes(response) == [("precondition_failed", "items.1.version")]
    assert not Product.objects.filter(name="Mug").exists()
