from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.orders.exchange import ProductResource
from apps.orders.models import Product
from apps.orders.selectors import product_list
from tests.contract import data
from tests.factories.orders import ProductFactory
from tests.factories.users import AdministratorFactory, UserFactory

pytestmark = pytest.mark.django_db
URL = reverse("exchange-jobs")


@pytest.fixture
def exchange(sign_in, settings, tmp_path, django_capture_on_commit_callbacks):
    """Return a function that asks for a job as an administrator, and gives the job once done."""
    settings.MEDIA_ROOT = tmp_path
    client = sign_in(AdministratorFactory())

    def exchange(direction: str, content: str | None = None) -> dict[str, object]:
        asked = {"direction": direction, "resource": "products", "format": "csv"}
        if content is not None:
            asked["file"] = SimpleUploadedFile("products.csv", content.encode())
        with django_capture_on_commit_callbacks(execute=True):
            accepted = client.post(URL, asked, format="multipart")
        return data(client.get(accepted["Location"]))

    return exchange


def test_import_adds_products_and_changes_those_that_are_there(exchange):
    ProductFactory(sku="CUP-300", name="Cup", stock__quantity=3)

    job = exchange("import", "sku,name,price\nCUP-300,Cup 0.3 l,4.50\nTEA-1,Tea,2.00\n")

    assert job["status"] == "succeeded"
    found = product_list().filter(sku__in=["CUP-300", "TEA-1"]).order_by("sku")
    assert [(p.sku, p.name, p.price, p.available) for p in found] == [
        ("CUP-300", "Cup 0.3 l", Decimal("4.50"), 3),
        ("TEA-1", "Tea", Decimal("2.00"), 0),
    ]


def test_import_leaves_stock_alone(exchange):
    ProductFactory(sku="CUP-300", stock__quantity=3)

    exchange("import", "sku,quantity\nCUP-300,1000\n")

    assert product_list().get(sku="CUP-300").available == 3


def test_import_with_faults_stores_nothing_and_names_each(exchange):
    job = exchange(
        "import",
        "sku,name,price,is_active\n"
        "TEA-1,Tea,2.00,1\n"
        "tea 2,Tea,2.00,1\n"
        "TEA-3,Tea,two,1\n"
        "TEA-4,Tea,0,1\n"
        "TEA-5,Tea,2.00,perhaps\n",
    )

    assert job["status"] == "failed"
    assert [(error["row"], error["field"]) for error in job["errors"]] == [
        (2, "sku"),
        (3, "price"),
        (4, "price"),
        (5, "is_active"),
    ]
    assert not Product.objects.exists()


def test_import_takes_what_export_gives(exchange):
    ProductFactory(sku="CUP-300", is_active=False)
    resource = ProductResource()

    job = exchange("import", resource.export(force_native_type=True).csv)

    assert job["errors"] == []
    product = Product.objects.get()
    assert (product.sku, product.is_active) == ("CUP-300", False)


def test_export_costs_one_query(django_assert_num_queries):
    ProductFactory.create_batch(3)
    resource = ProductResource()

    with django_assert_num_queries(1):
        rows = resource.export(resource.get_queryset().order_by("pk"), force_native_type=True)

    assert rows["quantity"] == [10, 10, 10]


def test_others_exchange_no_products(sign_in):
    response = sign_in(UserFactory()).post(
        URL, {"direction": "export", "resource": "products", "format": "csv"}
    )

    assert response.status_code == 403
