"""The rules of the shop, for every role and for two at once."""

from itertools import combinations

import pytest
from django.db.models import Model, QuerySet

from apps.orders import rules, services
from apps.orders.models import Order, Product
from apps.users.roles import Role
from core.errors import ForbiddenError, NotFoundError
from core.rules import Rule
from tests.factories.orders import OrderFactory, ProductFactory
from tests.factories.users import AuditorFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
RULES = {name: rule for name, rule in vars(rules).items() if isinstance(rule, Rule)}
SETS = [(), *((role,) for role in Role), *combinations(Role, 2)]


def rows_of(name: str) -> QuerySet[Model]:
    return Order.objects.all() if name.startswith("order") else Product.objects.all()


@pytest.mark.parametrize("roles", SETS, ids=" ".join)
def test_querysets_and_rows_agree(roles):
    user = UserFactory(roles=roles)
    OrderFactory(customer=user)
    OrderFactory(lines__product__is_active=False)

    for name, rule in RULES.items():
        rows = rows_of(name)
        narrowed = set(rule.narrow(rows, user))
        assert narrowed == {row for row in rows if rule.allows(user, row)}, name


@pytest.mark.parametrize("role", Role)
def test_what_a_role_may_do_to_a_row_it_may_see(role):
    for name, rule in RULES.items():
        see = RULES[f"{name.partition('_')[0]}_see"]
        if not name.endswith("history") and role in rule.grants:
            assert see.grants[role] in {rules.EVERY, rule.grants[role]}, name


@pytest.mark.parametrize("name", RULES)
def test_admins_may_do_what_anybody_may(name):
    # An order that somebody else places would be that one's.
    assert RULES[name].grants[Role.ADMIN] is (rules.OWN if name == "order_place" else rules.EVERY)


def test_order_that_is_seen_and_not_for_this_role_is_forbidden_and_others_are_not_there():
    order = OrderFactory()

    with pytest.raises(ForbiddenError):
        services.order_cancel(user=AuditorFactory(), order_id=order.pk)
    with pytest.raises(NotFoundError):
        services.order_cancel(user=UserFactory(), order_id=order.pk)


@pytest.mark.parametrize("maker", [AuditorFactory, lambda: UserFactory(roles=[])])
def test_who_may_place_no_orders_is_refused(maker):
    line = services.RequestedLine(product=ProductFactory().pk, quantity=1)

    with pytest.raises(ForbiddenError):
        services.order_place(user=maker(), lines=[line])


def test_staff_sees_what_is_not_on_sale(sign_in):
    product = ProductFactory(is_active=False)

    seen = [
        sign_in(user).get(f"/api/v1/products/{product.pk}/").status_code
        for user in (UserFactory(), StaffFactory())
    ]

    assert seen == [404, 200]
