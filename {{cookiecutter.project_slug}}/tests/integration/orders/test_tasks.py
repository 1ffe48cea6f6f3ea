"""Background work of the shop."""

import pytest
from django.core import mail

from apps.orders.models import Order
from apps.orders.tasks import orders_send_confirmation
from tests.factories.orders import OrderFactory, ProductFactory
from tests.factories.users import UserFactory


@pytest.mark.django_db(transaction=True)
def test_order_is_confirmed_on_behalf_of_the_customer_once_it_is_committed(sign_in):
    user = UserFactory()
    lines = [{"product": str(ProductFactory().pk), "quantity": 1}]

    sign_in(user).post("/api/v1/orders/", {"lines": lines})

    order = Order.objects.get()
    assert [message.to for message in mail.outbox] == [[user.email]]
    assert order.confirmation_sent_at > order.created_at
    assert order.updated_by == user


@pytest.mark.django_db
def test_confirmation_that_arrives_twice_is_sent_once():
    order = OrderFactory()

    orders_send_confirmation.delay(str(order.pk))
    orders_send_confirmation.delay(str(order.pk))

    assert len(mail.outbox) == 1
