"""Sales reports over HTTP, and the task behind them."""

from datetime import date
from uuid import uuid4

import pytest

from apps.orders import selectors, services
from apps.orders.models import ReportStatus, SalesReport
from apps.orders.tasks import orders_compute_sales_report
from core.jobs.queues import Queue
from tests.bodies import data, error_codes
from tests.factories.orders import OrderLineFactory, PaymentFactory, SalesReportFactory
from tests.factories.users import ManagerFactory, UserFactory

pytestmark = pytest.mark.django_db

URL = "/api/v1/sales-reports/"
PERIOD = {"first_day": "2026-01-01", "last_day": "2026-01-31"}


def today():
    day = SalesReportFactory().created_at.date().isoformat()
    return {"first_day": day, "last_day": day}


def test_report_is_accepted_and_found_at_its_location(sign_in, django_capture_on_commit_callbacks):
    payment = PaymentFactory()
    line = payment.order.lines.get()
    period, client = today(), sign_in(ManagerFactory())

    with django_capture_on_commit_callbacks(execute=True):
        accepted = client.post(URL, period)
    found = client.get(accepted["Location"])

    assert accepted.status_code == 202
    assert (data(accepted)["status"], data(accepted)["rows"]) == ("pending", [])
    assert found.status_code == 200
    body = data(found)
    assert (body["first_day"], body["last_day"]) == (period["first_day"], period["last_day"])
    assert (body["status"], body["is_complete"]) == ("succeeded", True)
    assert body["rows"] == [
        {
            "product": str(line.product_id),
            "sku": line.product.sku,
            "name": line.product.name,
            "currency": "EUR",
            "quantity": 2,
            "revenue": "19.80",
        }
    ]


def test_asking_costs_a_fixed_number_of_queries(
    sign_in, credential_queries, django_assert_num_queries
):
    client = sign_in(ManagerFactory())

    with django_assert_num_queries(credential_queries + 4):  # Role, savepoint, report, release.
        client.post(URL, PERIOD)


def test_reading_costs_a_fixed_number_of_queries(
    sign_in, credential_queries, django_assert_num_queries
):
    report, client = SalesReportFactory(), sign_in(ManagerFactory())

    with django_assert_num_queries(credential_queries + 2):  # Role, report.
        client.get(f"{URL}{report.pk}/")


@pytest.mark.parametrize("count", [1, 20])
def test_computing_costs_the_same_queries_for_any_number_of_sales(count, django_assert_num_queries):
    payment = PaymentFactory(order__lines=None)
    OrderLineFactory.create_batch(count, order=payment.order)
    day = payment.order.created_at.date()
    report = SalesReportFactory(first_day=day, last_day=day)

    with django_assert_num_queries(5):  # Savepoint, report, sales, write report, release.
        services.sales_report_compute(report_id=report.pk)

    report.refresh_from_db()
    assert len(report.rows) == count


def test_report_is_computed_on_the_queue_for_what_is_long():
    assert orders_compute_sales_report.queue == Queue.BULK


def test_report_that_is_computed_stays_as_it_is():
    report = SalesReportFactory(status=ReportStatus.SUCCEEDED, rows=[{"sku": "CUP-300"}])

    orders_compute_sales_report.delay(str(report.pk))

    report.refresh_from_db()
    assert report.rows == [{"sku": "CUP-300"}]


def test_report_that_cannot_be_computed_has_failed(monkeypatch):
    report = SalesReportFactory()

    def fail(**_):
        raise ArithmeticError

    monkeypatch.setattr(selectors, "sales_by_product", fail)

    orders_compute_sales_report.apply([str(report.pk)], throw=False)

    report.refresh_from_db()
    assert report.status == ReportStatus.FAILED


def test_failure_after_the_success_changes_nothing():
    report = SalesReportFactory(status=ReportStatus.SUCCEEDED)

    services.sales_report_fail(report_id=report.pk)

    report.refresh_from_db()
    assert report.status == ReportStatus.SUCCEEDED


@pytest.mark.parametrize(("method", "path"), [("post", ""), ("get", "{}/")])
def test_reports_are_for_managers(sign_in, method, path):
    url = URL + path.format(SalesReportFactory().pk)

    response = getattr(sign_in(UserFactory()), method)(url, PERIOD)

    assert response.status_code == 403
    assert error_codes(response) == [("permission_denied", None)]
    assert SalesReport.objects.count() == 1


def test_reports_need_credentials(api_client):
    response = api_client.post(URL, PERIOD)

    assert error_codes(response) == [("not_authenticated", None)]


def test_report_that_does_not_exist_is_not_found(sign_in):
    response = sign_in(ManagerFactory()).get(f"{URL}{uuid4()}/")

    assert response.status_code == 404
    assert error_codes(response) == [("not_found", None)]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("first_day", "2026-02-01", "report_period"),
        ("first_day", "2025-01-30", "report_period"),
        ("first_day", "yesterday", "invalid"),
        ("first_day", "2026-02-30", "invalid"),
        ("first_day", "0001-01-01", "min_value"),
        ("first_day", None, "null"),
        ("last_day", "9999-12-31", "max_value"),
    ],
)
def test_bad_period_is_refused(sign_in, field, value, code):
    response = sign_in(ManagerFactory()).post(URL, PERIOD | {field: value})

    about = "last_day" if code == "report_period" else field
    assert response.status_code == 400
    assert error_codes(response) == [(code, about)]


def test_longest_period_is_taken():
    report = services.sales_report_request(first_day=date(2025, 1, 31), last_day=date(2026, 1, 31))

    assert (report.last_day - report.first_day).days + 1 == services.REPORT_DAYS_MAX
