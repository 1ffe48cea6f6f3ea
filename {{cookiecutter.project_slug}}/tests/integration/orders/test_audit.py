"""What the audit trail tells of the shop."""

from decimal import Decimal

import pytest
from django.urls import reverse

from apps.orders import services
from apps.orders.models import Order, Payment, Product, Stock
from apps.orders.services import RequestedLine
from apps.orders.signals import order_placed
from core.audit.models import AuditEntry
from core.audit.trail import entries_of
from core.records.keys import uuid7
from tests.bodies import data
from tests.factories.orders import OrderFactory, ProductFactory
from tests.factories.users import AdminFactory, UserFactory

pytestmark = pytest.mark.django_db

PRODUCTS, BULK, ORDERS = "/api/v1/products/", "/api/v1/products/bulk/", "/api/v1/orders/"
ANY = {"If-Match": "*"}


def fields_told(model, key, field):
    """Return what a field of a row was and became, the first entry first."""
    entries = entries_of(model, key).order_by("id")
    return [entry.changes[field] for entry in entries if field in entry.changes]


def history(client, name, key):
    return data(client.get(reverse(f"{name}-history", args=[key])))["results"]


def test_life_of_a_product_is_told(sign_in):
    client = sign_in(admin := AdminFactory())
    new = {"sku": "CUP-1", "name": "Cup", "price": "9.90", "quantity": 7}
    key = data(client.post(PRODUCTS, new))["id"]
    client.patch(f"{PRODUCTS}{key}/", {"price": "8.00"}, headers=ANY)
    client.delete(f"{PRODUCTS}{key}/", headers=ANY)
    deleted = history(client, "product", key)
    client.post(f"{PRODUCTS}{key}/restore/")

    entries = history(client, "product", key)

    assert [entry["action"] for entry in entries] == ["restore", "delete", "update", "create"]
    assert entries[1:] == deleted
    assert {entry["actor"] for entry in entries} == {str(admin.pk)}
    assert entries[2]["changes"] == [{"field": "price", "before": "9.90", "after": "8.00"}]
    assert {"field": "sku", "before": None, "after": "CUP-1"} in entries[3]["changes"]
    assert fields_told(Stock, key, "quantity") == [[None, 7]]


def test_life_of_an_order_is_told(sign_in):
    client = sign_in(customer := UserFactory())
    product = ProductFactory(stock__quantity=5)
    AuditEntry.objects.all().delete()
    lines = {"lines": [{"product": str(product.pk), "quantity": 2}]}
    order = Order.objects.get(pk=data(client.post(ORDERS, lines))["id"])
    payment = {"amount": str(order.total), "currency": "EUR", "method": "card", "reference": "p-1"}
    client.post(f"{ORDERS}{order.pk}/payments/", payment)
    client.post(f"{ORDERS}{order.pk}/cancel/")
    client.post(f"{ORDERS}{order.pk}/refund/")

    *changes, creation = history(sign_in(AdminFactory()), "order", order.pk)

    assert creation["action"] == "create"
    assert [change["changes"] for change in reversed(changes)] == [
        [{"field": "status", "before": before, "after": after}]
        for before, after in [
            ("placed", "paying"),
            ("paying", "paid"),
            ("paid", "refund_due"),
            ("refund_due", "refunded"),
        ]
    ]
    assert fields_told(Stock, product.pk, "quantity") == [[5, 3], [3, 5]]
    assert fields_told(Payment, order.payments.get().pk, "status") == [
        [None, "pending"],
        ["pending", "received"],
        ["received", "refunded"],
    ]
    rows = AuditEntry.objects.filter(content_type__app_label="orders")
    assert set(rows.values_list("actor_id", flat=True)) == {customer.pk}


def test_order_that_is_not_placed_leaves_no_entry():
    customer, product = UserFactory(), ProductFactory(stock__quantity=1)
    AuditEntry.objects.all().delete()

    def fail(**_):
        raise RuntimeError

    order_placed.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            services.order_place(
                user=customer, lines=[RequestedLine(product=product.pk, quantity=1)]
            )
    finally:
        order_placed.disconnect(fail)

    assert not AuditEntry.objects.exists()


def test_bulk_writes_of_products_are_told(sign_in):
    client = sign_in(admin := AdminFactory())
    new = {"name": "Cup", "price": "9.90", "quantity": 7}
    items = [{**new, "sku": f"CUP-{number}"} for number in range(2)]
    origin = {"headers": {"X-Request-ID": "bulk-1"}, "REMOTE_ADDR": "192.0.2.7"}
    keys = [item["id"] for item in data(client.post(BULK, {"items": items}, **origin))["items"]]
    client.patch(BULK, {"items": [{"id": key, "name": "Mug"} for key in keys]})
    client.delete(BULK, {"ids": keys}, headers={"X-Confirm-Delete": "2"})

    for key in keys:
        deletion, change, creation = history(client, "product", key)
        assert [entry["action"] for entry in (deletion, change, creation)] == [
            "delete",
            "update",
            "create",
        ]
        assert change["changes"] == [{"field": "name", "before": "Cup", "after": "Mug"}]
        assert (creation["request_id"], creation["remote_address"]) == ("bulk-1", "192.0.2.7")
        assert {entry["actor"] for entry in (deletion, change, creation)} == {str(admin.pk)}
        assert fields_told(Stock, key, "quantity") == [[None, 7]]


def test_bulk_write_that_is_refused_leaves_no_entry(sign_in):
    client, product = sign_in(AdminFactory()), ProductFactory()
    AuditEntry.objects.all().delete()
    items = [{"id": str(product.pk), "name": "Mug"}, {"id": str(uuid7()), "name": "Mug"}]

    assert client.patch(BULK, {"items": items}).status_code == 400

    assert not AuditEntry.objects.exists()


def test_products_that_are_hidden_already_are_told_once():
    gone, product = ProductFactory(), ProductFactory()
    gone.delete()

    assert Product.all_objects.all().delete() == (1, {"orders.Product": 1})

    for row in (gone, product):
        before, after = fields_told(Product, row.pk, "deleted_at")[-1]
        assert before is None
        assert after is not None
        assert len(entries_of(Product, row.pk)) == 2


def test_rows_that_go_with_their_product_are_told():
    product = ProductFactory(stock__quantity=7)
    key = product.pk

    product.hard_delete()

    assert fields_told(Product, key, "sku")[-1] == [product.sku, None]
    assert fields_told(Stock, key, "quantity") == [[None, 7], [7, None]]


@pytest.mark.parametrize("name", ["product", "order"])
def test_history_is_for_admins(name, sign_in, api_client):
    row = {"product": ProductFactory, "order": OrderFactory}[name]()
    customer = row.customer if name == "order" else UserFactory()
    url, unknown = (reverse(f"{name}-history", args=[key]) for key in (row.pk, uuid7()))
    client = sign_in(AdminFactory())

    assert client.get(url).status_code == 200
    assert client.get(unknown).status_code == 404
    assert sign_in(customer).get(url).status_code == 403
    assert api_client.get(url).status_code == 401


def test_change_in_the_admin_is_told(admin_client):
    product = ProductFactory(price=Decimal("9.90"))
    page = reverse("admin:orders_product_change", args=[product.pk])

    admin_client.post(page, {"name": product.name, "price": "8.00", "is_active": "on"})

    entry = entries_of(Product, product.pk).latest("id")
    assert entry.changes == {"price": ["9.90", "8.00"]}
    assert entry.actor.is_superuser
    assert entry.remote_addr == "127.0.0.1"
