from decimal import Decimal

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.orders.exchange import ProductResource
from apps.orders.models import Product
from apps.orders.selectors import catalogue_summary, product_list
from apps.users.models import User
from core.audit.models import AuditEntry
from core.audit.trail import entries_of
from core.exchange.models import ExchangeJob
from core.exchange.tasks import exchange_job_run
from tests.bodies import data
from tests.factories.orders import OrderFactory, ProductFactory
from tests.factories.users import ManagerFactory, UserFactory

pytestmark = pytest.mark.django_db
URL = reverse("exchange-jobs")


@pytest.fixture
def client(sign_in, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return sign_in(ManagerFactory())


@pytest.fixture
def download(client):
    """Return a function that gives the content of the file that a job has."""
    return lambda job: client.get(job["file"]).getvalue()


@pytest.fixture
def exchange(client, django_capture_on_commit_callbacks):
    """Return a function that asks for a job as a manager, and gives the job once done."""

    def exchange(
        direction: str, content: str | bytes | None = None, **fields: str
    ) -> dict[str, object]:
        asked = {"direction": direction, "resource": "products", "format": "csv", **fields}
        if content is not None:
            raw = content if isinstance(content, bytes) else content.encode()
            asked["file"] = SimpleUploadedFile("products", raw)
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


@pytest.mark.django_db(transaction=True)
def test_import_is_told_by_the_audit_trail(exchange):
    product = ProductFactory(sku="CUP-300", name="Cup")

    exchange("import", "sku,name,price\nCUP-300,Mug,9.90\nTEA-1,Tea,2.00\n")

    change = entries_of(Product, product.pk).latest("id")
    creation = entries_of(Product, Product.objects.get(sku="TEA-1").pk).get()
    assert change.changes == {"name": ["Cup", "Mug"]}
    assert creation.changes["price"] == [None, "2.00"]
    assert {change.actor, creation.actor} == {User.objects.get()}
    assert change.cid is not None
    assert change.cid == creation.cid


def test_import_that_fails_leaves_no_entry(exchange):
    ProductFactory(sku="CUP-300", name="Cup")
    AuditEntry.objects.all().delete()

    exchange("import", "sku,name,price\nCUP-300,Mug,9.90\nTEA-1,Tea,free\n")

    assert not AuditEntry.objects.filter(content_type__model="product").exists()


@pytest.mark.django_db(transaction=True)
def test_import_is_counted_in_the_summary(exchange):
    cache.clear()
    assert catalogue_summary().products == 0

    exchange("import", "sku,name,price\nCUP-300,Cup,4.50\nTEA-1,Tea,2.00\n")

    assert catalogue_summary().products == 2


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


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_import_takes_what_export_gives(exchange, download, file_format):
    ProductFactory(sku="CUP-300", name="=1+1", price=Decimal("4.50"), is_active=False)

    file = download(exchange("export", format=file_format))
    Product.objects.all().delete()
    job = exchange("import", file, format=file_format)

    assert (job["errors"], job["rows_created"]) == ([], 1)
    product = Product.objects.get()
    assert (product.sku, product.name, product.price, product.is_active) == (
        "CUP-300",
        "=1+1",
        Decimal("4.50"),
        False,
    )


def test_export_of_what_is_there_changes_nothing(exchange, download):
    product = ProductFactory(sku="CUP-300")

    job = exchange("import", download(exchange("export")))

    assert (job["rows_skipped"], job["rows_total"]) == (1, 1)
    assert Product.objects.get().version == product.version


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_template_can_be_imported(exchange, download, file_format):
    template = reverse("exchange-template", args=["products", file_format])

    job = exchange("import", download({"file": template}), format=file_format)

    assert (job["errors"], job["rows_created"]) == ([], 1)
    assert Product.objects.get().sku == ProductResource.example["sku"]


@pytest.mark.parametrize("price", ["NaN", "sNaN", "Infinity", "1e400", "-1", "0.001", "", "4,50"])
def test_import_refuses_a_price_that_is_none(exchange, price):
    job = exchange("import", f'sku,name,price\nTEA-1,Tea,"{price}"\n')

    assert {(error["row"], error["field"]) for error in job["errors"]} == {(1, "price")}


def test_import_costs_the_same_for_each_row(settings, tmp_path, django_assert_num_queries):
    settings.MEDIA_ROOT = tmp_path
    content = "sku,name,price\n" + "".join(f"TEA-{number},Tea,1\n" for number in range(20))
    job = ExchangeJob.objects.create(
        direction="import",
        resource="products",
        format="csv",
        created_by=ManagerFactory(),
        file=ContentFile(content.encode(), "products.csv"),
    )

    # For each row: two lookups of what must be unique, two constraints with a savepoint and its end,
    # the product and its stock with two of them, and their two entries in the audit trail. The rest
    # is the job.
    with django_assert_num_queries(9 + 20 * 16):
        exchange_job_run(str(job.pk))


def test_export_costs_one_query_a_page(django_assert_num_queries):
    ProductFactory.create_batch(3)
    resource = ProductResource()

    with django_assert_num_queries(1):
        rows = list(resource.export_rows(resource.visible_to(user=None)))

    assert [row[-1] for row in rows] == [10, 10, 10]


def test_others_exchange_no_products(sign_in):
    client = sign_in(UserFactory())

    asked = client.post(URL, {"direction": "export", "resource": "products", "format": "csv"})
    template = client.get(reverse("exchange-template", args=["products", "csv"]))

    assert (asked.status_code, template.status_code) == (403, 403)


def test_customers_export_their_own_orders(
    sign_in, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    customer = UserFactory()
    OrderFactory()
    order = OrderFactory(customer=customer)
    client = sign_in(customer)

    with django_capture_on_commit_callbacks(execute=True):
        job = client.post(URL, {"direction": "export", "resource": "orders", "format": "csv"})
    file = client.get(reverse("exchange-job-file", args=[data(job)["id"]])).getvalue().decode()

    header, *rows = file.splitlines()
    assert header == "id,status,total,currency,created_at"
    assert [row.split(",")[0] for row in rows] == [str(order.pk)]
