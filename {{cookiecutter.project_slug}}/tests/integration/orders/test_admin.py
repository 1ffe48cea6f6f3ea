"""The shop in the admin."""

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from apps.orders.models import Order, OrderStatus, Product, Stock
from tests.factories.orders import (
    OrderFactory,
    OrderLineFactory,
    PaymentFactory,
    ProductFactory,
    SalesReportFactory,
    StockFactory,
)
from tests.factories.users import AuditorFactory, ManagerFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

FACTORIES = {
    "product": ProductFactory,
    "stock": StockFactory,
    "order": OrderFactory,
    "payment": PaymentFactory,
    "salesreport": SalesReportFactory,
}


def url_of(page, name, *arguments):
    return reverse(f"admin:orders_{name}_{page}", args=arguments)


def messages_of(response):
    return [str(message) for message in response.context["messages"]]


@pytest.mark.parametrize("name", FACTORIES)
def test_list_costs_the_same_queries_for_any_number_of_rows(
    name, admin_client, django_assert_max_num_queries
):
    counts = []
    for _ in range(2):
        FACTORIES[name].create_batch(3)
        with django_assert_max_num_queries(10) as queries:
            response = admin_client.get(url_of("changelist", name))
        assert response.status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", FACTORIES)
def test_page_of_a_row_answers(name, admin_client):
    row = FACTORIES[name]()

    response = admin_client.get(url_of("change", name, row.pk))

    assert response.status_code == 200


def test_page_of_an_order_costs_the_same_queries_for_any_number_of_lines(
    admin_client, django_assert_max_num_queries
):
    order = OrderFactory()
    counts = []
    for _ in range(2):
        OrderLineFactory.create_batch(3, order=order)
        with django_assert_max_num_queries(12) as queries:
            admin_client.get(url_of("change", "order", order.pk))
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", ["order", "payment", "salesreport", "stock"])
def test_what_services_write_cannot_be_added(name, admin_client):
    assert admin_client.get(url_of("add", name)).status_code == 403


@pytest.mark.parametrize("name", FACTORIES)
def test_nothing_can_be_deleted(name, admin_client):
    assert admin_client.get(url_of("delete", name, FACTORIES[name]().pk)).status_code == 403


@pytest.mark.parametrize("name", ["order", "payment"])
def test_what_is_money_cannot_be_changed(name, admin_client):
    row = FACTORIES[name]()

    assert admin_client.post(url_of("change", name, row.pk), {"status": "paid"}).status_code == 403


def test_product_is_added_with_an_empty_stock(admin_client):
    new = {"sku": "CUP-300", "name": "Cup", "price": "9.90", "currency": "EUR"}

    response = admin_client.post(url_of("add", "product"), new)

    product = Product.objects.get()
    assert response.status_code == 302
    assert (str(product), product.is_active, product.stock.quantity) == ("CUP-300 Cup", True, 0)


def test_product_is_taken_out_of_the_catalogue(admin_client):
    product = ProductFactory()

    admin_client.post(
        url_of("change", "product", product.pk), {"name": product.name, "price": "9.90"}
    )

    product.refresh_from_db()
    assert not product.is_active


def test_stock_is_adjusted(admin_client, admin_user):
    stock = StockFactory(quantity=10)

    response = admin_client.post(url_of("change", "stock", stock.pk), {"change": "-4"})

    stock.refresh_from_db()
    assert response.status_code == 302
    assert (stock.quantity, stock.updated_by) == (6, admin_user)


def test_stock_that_is_not_there_cannot_be_taken(admin_client):
    stock = StockFactory(quantity=10)

    response = admin_client.post(
        url_of("change", "stock", stock.pk), {"change": "-11"}, follow=True
    )

    assert messages_of(response) == ["Only 10 are in stock."]
    assert Stock.objects.get().quantity == 10


def test_orders_are_cancelled(admin_client):
    order = OrderFactory()
    cancelled = OrderFactory(status=OrderStatus.CANCELLED)

    response = admin_client.post(
        url_of("changelist", "order"),
        {"action": "cancel", "_selected_action": [str(order.pk), str(cancelled.pk)]},
        follow=True,
    )

    assert messages_of(response) == [
        f"{cancelled}: This order is cancelled.",
        f"{order} is cancelled.",
    ]
    assert Order.objects.filter(status=OrderStatus.CANCELLED).count() == 2


def test_confirmations_that_are_missing_are_sent(admin_client):
    order = OrderFactory()
    confirmed = OrderFactory(confirmation_sent_at=timezone.now())

    admin_client.post(
        url_of("changelist", "order"),
        {"action": "confirm", "_selected_action": [str(order.pk), str(confirmed.pk)]},
    )

    assert [message.to for message in mail.outbox] == [[order.customer.email]]


def test_actions_are_not_for_who_only_reads(client):
    client.force_login(AuditorFactory(is_staff=True))
    order = OrderFactory()

    page = client.get(url_of("changelist", "order"))
    client.post(
        url_of("changelist", "order"), {"action": "cancel", "_selected_action": [str(order.pk)]}
    )

    order.refresh_from_db()
    assert (page.status_code, order.status) == (200, OrderStatus.PLACED)


def test_pages_open_by_the_rules_and_without_a_permission_of_django(client):
    product, order = ProductFactory(), OrderFactory(lines__product__sku="LINE-1")
    pages = {
        "product": url_of("change", "product", product.pk),
        "stock": url_of("change", "stock", product.pk),
        "order": url_of("change", "order", order.pk),
        "report": url_of("changelist", "salesreport"),
        "new": url_of("add", "product"),
    }
    makers = (UserFactory, StaffFactory, ManagerFactory)
    found = []

    for maker in makers:
        client.force_login(maker(is_staff=True))
        found.append({name: client.get(page).status_code for name, page in pages.items()})
    lines = client.get(pages["order"]).content

    # A row that somebody does not see is sent back to the start, as Django does.
    assert found == [
        {"product": 200, "stock": 403, "order": 302, "report": 403, "new": 403},
        {"product": 200, "stock": 200, "order": 200, "report": 403, "new": 403},
        {"product": 200, "stock": 200, "order": 200, "report": 200, "new": 200},
    ]
    assert b"LINE-1" in lines


@pytest.mark.parametrize(("maker", "status"), [(StaffFactory, 403), (ManagerFactory, 302)])
def test_products_are_written_by_managers(client, maker, status):
    product = ProductFactory(name="Cup")
    client.force_login(maker(is_staff=True))

    response = client.post(
        url_of("change", "product", product.pk),
        {"name": "Mug", "price": "9.90", "is_active": "on"},
    )

    product.refresh_from_db()
    assert (response.status_code, product.name) == (status, "Mug" if status == 302 else "Cup")


def test_customers_with_a_way_into_the_admin_see_their_own_orders_only(client):
    own, foreign = OrderFactory(customer__is_staff=True), OrderFactory()
    client.force_login(own.customer)

    page = client.get(url_of("changelist", "order")).content.decode()

    assert str(own.pk) in page
    assert str(foreign.pk) not in page
