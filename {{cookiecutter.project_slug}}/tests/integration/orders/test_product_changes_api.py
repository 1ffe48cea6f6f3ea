"""Products are changed, deleted and restored over HTTP, under conditions."""

from decimal import Decimal
from uuid import uuid4

import pytest

from apps.orders import services
from apps.orders.models import Product
from tests.bodies import data, error_codes
from tests.factories.orders import OrderLineFactory, ProductFactory
from tests.factories.users import ManagerFactory, UserFactory

pytestmark = pytest.mark.django_db

ANY = {"if-match": "*"}
CHANGE = {"name": "Mug", "price": "12.50"}


def url(product, action=""):
    return f"/api/v1/products/{product.pk}/{action}"


@pytest.fixture
def client(sign_in):
    return sign_in(ManagerFactory())


def test_product_is_changed(client):
    product = ProductFactory(sku="CUP-300", stock__quantity=3)

    response = client.patch(url(product), CHANGE, headers=ANY)

    assert response.status_code == 200
    assert data(response) == {
        "id": str(product.pk),
        "sku": "CUP-300",
        "name": "Mug",
        "price": "12.50",
        "currency": "EUR",
        "available": 3,
    }
    product.refresh_from_db()
    assert (product.name, product.price, product.version) == ("Mug", Decimal("12.50"), 2)


def test_what_is_not_given_stays(client):
    product = ProductFactory(name="Cup", price=Decimal("9.90"))

    client.patch(url(product), {"price": "1.00", "sku": "JUG"}, headers=ANY)
    client.patch(url(product), {}, headers=ANY)

    changed = Product.objects.get()
    assert (changed.name, changed.price, changed.sku) == ("Cup", Decimal("1.00"), product.sku)
    assert changed.version == 2


def test_product_that_cannot_be_ordered_is_changed_too(client):
    product = ProductFactory(is_active=False)

    assert client.patch(url(product), CHANGE, headers=ANY).status_code == 200


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"name": ""}, ("blank", "name")),
        ({"name": None}, ("null", "name")),
        ({"price": "0.00"}, ("min_value", "price")),
        ({"price": 9}, ("invalid", "price")),
    ],
)
def test_bad_change_is_refused(client, change, fault):
    response = client.patch(url(ProductFactory()), change, headers=ANY)

    assert response.status_code == 400
    assert error_codes(response) == [fault]


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_change_that_names_no_state_is_refused(client, method):
    response = getattr(client, method)(url(ProductFactory()))

    assert response.status_code == 428
    assert error_codes(response) == [("precondition_required", None)]


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_change_of_another_state_is_refused(client, method):
    product = ProductFactory(name="Cup")

    response = getattr(client, method)(url(product), {"name": "Mug"}, headers={"if-match": '"2"'})

    assert response.status_code == 412
    assert Product.objects.get().name == "Cup"


def test_product_is_changed_with_the_tag_that_was_read(client):
    product = ProductFactory()
    tag = client.get(url(product))["ETag"]

    assert client.patch(url(product), CHANGE, headers={"if-match": tag}).status_code == 200
    assert client.patch(url(product), CHANGE, headers={"if-match": tag}).status_code == 412


def test_sale_is_a_new_state_for_readers_and_not_for_writers(client):
    product = ProductFactory()
    tag = client.get(url(product))["ETag"]
    assert client.get(url(product), headers={"if-none-match": tag}).status_code == 304

    services.stock_adjust(product_id=product.pk, change=-1)

    shown = client.get(url(product), headers={"if-none-match": tag})
    assert (shown.status_code, data(shown)["available"]) == (200, 9)
    assert client.patch(url(product), CHANGE, headers={"if-match": tag}).status_code == 200


def test_new_product_is_changed_with_the_tag_of_its_making(client):
    product = {"sku": "CUP-300", "name": "Cup", "price": "9.90"}
    made = client.post("/api/v1/products/", product)

    response = client.patch(made["Location"], CHANGE, headers={"if-match": made["ETag"]})

    assert response.status_code == 200


def test_deleted_product_is_not_found_and_orders_still_show_it(client):
    line = OrderLineFactory(product__name="Cup")

    response = client.delete(url(line.product), headers=ANY)

    assert (response.status_code, response.content) == (204, b"")
    assert client.get(url(line.product)).status_code == 404
    assert client.patch(url(line.product), CHANGE, headers=ANY).status_code == 404
    assert client.delete(url(line.product), headers=ANY).status_code == 404
    assert data(client.get("/api/v1/products/"))["results"] == []
    order = data(client.get(f"/api/v1/orders/{line.order_id}/"))
    assert [shown["name"] for shown in order["lines"]] == ["Cup"]


def test_deleted_product_leaves_its_sku(client):
    product = ProductFactory(sku="CUP-300")
    client.delete(url(product), headers=ANY)

    new = client.post("/api/v1/products/", {"sku": "CUP-300", "name": "Cup", "price": "9.90"})

    assert new.status_code == 201


def test_deletion_is_stamped_with_the_manager(sign_in):
    manager, product = ManagerFactory(), ProductFactory()

    sign_in(manager).delete(url(product), headers=ANY)

    assert Product.all_objects.get().deleted_by == manager


def test_deleted_product_is_restored_with_its_stock(client):
    product = ProductFactory(stock__quantity=3)
    client.delete(url(product), headers=ANY)

    response = client.post(url(product, "restore/"))

    assert response.status_code == 200
    assert (data(response)["id"], data(response)["available"]) == (str(product.pk), 3)
    assert response["ETag"] == client.get(url(product))["ETag"]


def test_product_is_not_restored_when_another_has_its_sku(client):
    product = ProductFactory(sku="CUP-300")
    client.delete(url(product), headers=ANY)
    ProductFactory(sku="CUP-300")

    response = client.post(url(product, "restore/"))

    assert response.status_code == 409
    assert error_codes(response) == [("sku_reused", None)]
    assert client.get(url(product)).status_code == 404


def test_product_that_is_there_is_not_restored(client):
    response = client.post(url(ProductFactory(), "restore/"))

    assert response.status_code == 409
    assert error_codes(response) == [("product_not_deleted", None)]


def test_product_that_never_was_is_neither_changed_nor_restored(client):
    unknown = Product(pk=uuid4())

    assert client.patch(url(unknown), CHANGE).status_code == 404
    assert client.delete(url(unknown)).status_code == 404
    assert client.post(url(unknown, "restore/")).status_code == 404


@pytest.mark.parametrize(
    ("method", "action"), [("patch", ""), ("delete", ""), ("post", "restore/")]
)
def test_others_change_no_products(sign_in, method, action):
    response = getattr(sign_in(UserFactory()), method)(url(ProductFactory(), action), headers=ANY)

    assert response.status_code == 403
    assert error_codes(response) == [("permission_denied", None)]


def test_number_of_queries_is_fixed(client, credential_queries, django_assert_num_queries):
    product = ProductFactory()
    client.get(url(product))

    # Role, product, the transaction's savepoint and its release, what the row was, its entry in the
    # audit trail, and the change.
    with django_assert_num_queries(credential_queries + 7):
        client.patch(url(product), CHANGE, headers=ANY)
    with django_assert_num_queries(credential_queries + 7):
        client.delete(url(product), headers=ANY)
    # The inner savepoint, for an SKU that is taken, and the lock of all that have it.
    with django_assert_num_queries(credential_queries + 10):
        client.post(url(product, "restore/"))
    # Role and product.
    with django_assert_num_queries(credential_queries + 2):
        client.get(url(product), headers={"if-none-match": "*"})
