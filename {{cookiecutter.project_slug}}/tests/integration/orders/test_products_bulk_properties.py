"""Whatever stands in a bulk request: all of it is done, or each fault is told and nothing is done."""

from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.orders import selectors
from apps.orders.models import Product
from tests.bodies import data, error_codes
from tests.factories.orders import ProductFactory
from tests.factories.users import ManagerFactory

pytestmark = pytest.mark.django_db

URL = "/api/v1/products/bulk/"
KINDS = st.sampled_from(["good", "malformed", "refused"])
# Each example leaves products behind; those of the next ones have other SKUs.
EXAMPLES = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def refused_indexes(response):
    return sorted({int(attr.split(".")[1]) for _, attr in error_codes(response)})


def wrong(kinds):
    return [index for index, kind in enumerate(kinds) if kind != "good"]


@pytest.fixture
def manager(sign_in):
    """Return a client that may write products."""
    return sign_in(ManagerFactory())


@EXAMPLES
@given(kinds=st.lists(KINDS, min_size=1, max_size=8))
def test_all_items_are_created_or_none(manager, kinds):
    taken = ProductFactory().sku
    items = [
        {
            "sku": taken if kind == "refused" else f"NEW-{uuid4().hex.upper()}",
            "name": "" if kind == "malformed" else "Cup",
            "price": "1.00",
        }
        for kind in kinds
    ]
    before = set(Product.objects.values_list("pk", flat=True))

    response = manager.post(URL, {"items": items})

    added = Product.objects.exclude(pk__in=before).values_list("sku", flat=True)
    if wrong(kinds):
        assert response.status_code == 400
        assert refused_indexes(response) == wrong(kinds)
        assert list(added) == []
    else:
        assert response.status_code == 201
        assert [row["sku"] for row in data(response)["items"]] == [item["sku"] for item in items]
        assert sorted(added) == sorted(item["sku"] for item in items)


@EXAMPLES
@given(kinds=st.lists(KINDS, min_size=1, max_size=8))
def test_all_items_are_changed_or_none(manager, kinds):
    products = ProductFactory.create_batch(len(kinds), name="Old")
    items = [
        {
            "id": str(uuid4() if kind == "refused" else product.pk),
            "name": "" if kind == "malformed" else "New",
        }
        for kind, product in zip(kinds, products, strict=True)
    ]

    response = manager.patch(URL, {"items": items})

    of_these = Product.objects.filter(pk__in=[product.pk for product in products])
    names = set(of_these.values_list("name", flat=True))
    if wrong(kinds):
        assert response.status_code == 400
        assert refused_indexes(response) == wrong(kinds)
        assert names == {"Old"}
    else:
        assert response.status_code == 200
        assert names == {"New"}


@EXAMPLES
@given(kinds=st.lists(KINDS, min_size=1, max_size=8))
def test_all_ids_are_deleted_or_none(manager, kinds):
    products = ProductFactory.create_batch(len(kinds))
    instead = {"malformed": "CUP", "refused": str(uuid4())}
    ids = [
        str(product.pk) if kind == "good" else instead[kind]
        for kind, product in zip(kinds, products, strict=True)
    ]

    response = manager.delete(URL, {"ids": ids}, headers={"X-Confirm-Delete": str(len(ids))})

    left = selectors.product_list().filter(pk__in=[product.pk for product in products])
    if wrong(kinds):
        assert response.status_code == 400
        assert refused_indexes(response) == wrong(kinds)
        assert left.count() == len(products)
    else:
        assert response.status_code == 204
        assert left.count() == 0
