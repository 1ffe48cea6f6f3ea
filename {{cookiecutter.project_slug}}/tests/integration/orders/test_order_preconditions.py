"""Orders are read and cancelled under conditions."""

import pytest

from apps.orders import services
from apps.orders.models import OrderStatus, Product
from tests.bodies import error_codes
from tests.factories.orders import OrderFactory

pytestmark = pytest.mark.django_db


def url(order, action=""):
    return f"/api/v1/orders/{order.pk}/{action}"


@pytest.fixture
def order():
    return OrderFactory()


@pytest.fixture
def client(sign_in, order):
    return sign_in(order.customer)


def test_reader_who_has_the_current_state_gets_no_body(client, order):
    tag = client.get(url(order))["ETag"]

    assert client.get(url(order), headers={"if-none-match": tag}).status_code == 304


def test_product_with_another_name_is_a_new_state_of_the_order(client, order):
    tag = client.get(url(order))["ETag"]

    services.product_update(product=Product.objects.get(), name="Mug")

    assert client.get(url(order), headers={"if-none-match": tag}).status_code == 200


def test_order_is_cancelled_in_the_state_that_was_read(client, order):
    tag = client.get(url(order))["ETag"]

    response = client.post(url(order, "cancel/"), headers={"if-match": tag})

    assert response.status_code == 200
    assert response["ETag"] == client.get(url(order))["ETag"] != tag


def test_order_is_not_cancelled_in_another_state(client, order):
    tag = client.get(url(order))["ETag"]
    order.save()

    response = client.post(url(order, "cancel/"), headers={"if-match": tag})

    assert response.status_code == 412
    assert error_codes(response) == [("precondition_failed", None)]
    order.refresh_from_db()
    assert order.status == OrderStatus.PLACED


def test_order_that_changes_before_it_is_locked_is_not_cancelled(client, order, monkeypatch):
    cancel = services.order_cancel

    def cancel_after_another(**arguments):
        order.save()
        return cancel(**arguments)

    monkeypatch.setattr(services, "order_cancel", cancel_after_another)
    response = client.post(url(order, "cancel/"), headers={"if-match": '"1"'})

    assert response.status_code == 412
    order.refresh_from_db()
    assert order.status == OrderStatus.PLACED


@pytest.mark.parametrize("headers", [{}, {"if-match": "*"}])
def test_order_is_cancelled_in_any_state(client, order, headers):
    order.save()

    assert client.post(url(order, "cancel/"), headers=headers).status_code == 200


def test_confirmation_is_no_new_state(client, order):
    tag = client.get(url(order))["ETag"]

    services.order_confirm(order_id=order.pk)

    assert client.get(url(order))["ETag"] == tag
