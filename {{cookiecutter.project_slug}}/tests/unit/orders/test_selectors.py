"""Who sees what of the shop."""

import pytest

from apps.orders import selectors
from tests.factories.orders import OrderFactory, ProductFactory
from tests.factories.users import AdminFactory

pytestmark = pytest.mark.django_db


def test_customers_see_their_own_orders():
    order = OrderFactory()
    OrderFactory()

    assert selectors.order_list_visible_to(user=order.customer).get() == order


def test_admins_see_all_orders():
    orders = OrderFactory.create_batch(2)

    assert set(selectors.order_list_visible_to(user=AdminFactory())) == set(orders)


def test_the_catalogue_holds_what_can_be_ordered():
    product = ProductFactory(stock__quantity=3)
    ProductFactory(is_active=False)
    ProductFactory(stock=None)

    listed = selectors.product_list().get()

    assert (listed, listed.available) == (product, 3)
