"""Background work of the shop."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from apps.orders import services
from apps.orders.models import (
    Order,
    OrderStatus,
    Payment,
    PaymentStatus,
    ReportStatus,
    SalesReport,
)
from apps.orders.services.reports import REPORT_LOST_AFTER
from apps.orders.tasks import (
    orders_request_sales_report_of_last_month,
    orders_resume_sales_reports,
    orders_send_confirmation,
    orders_settle_payments,
)
from tests.factories.orders import (
    OrderFactory,
    PaymentFactory,
    ProductFactory,
    SalesReportFactory,
)
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


@pytest.mark.django_db
def test_payment_that_was_left_pending_is_settled():
    payment = PaymentFactory(status=PaymentStatus.PENDING, order__status=OrderStatus.PAYING)
    Payment.objects.update(created_at=timezone.now() - timedelta(minutes=2))

    orders_settle_payments.delay()

    payment.refresh_from_db()
    assert payment.status == PaymentStatus.RECEIVED
    assert Order.objects.get().status == OrderStatus.PAID


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("today", "first_day", "last_day"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), date(2025, 12, 1), date(2025, 12, 31)),
        (datetime(2028, 3, 31, 23, 59, tzinfo=UTC), date(2028, 2, 1), date(2028, 2, 29)),
    ],
)
def test_report_of_the_last_month_is_computed_once(monkeypatch, today, first_day, last_day):
    monkeypatch.setattr(timezone, "now", lambda: today)

    orders_request_sales_report_of_last_month.delay()
    orders_request_sales_report_of_last_month.delay()

    report = SalesReport.objects.get()
    assert (report.first_day, report.last_day) == (first_day, last_day)
    assert report.status == ReportStatus.SUCCEEDED


@pytest.mark.django_db
def test_report_of_the_last_month_that_failed_is_asked_for_again(monkeypatch):
    period = {"first_day": date(2025, 12, 1), "last_day": date(2025, 12, 31)}
    failed = SalesReportFactory(**period, status=ReportStatus.FAILED)

    asked = services.sales_report_request_of_last_month(today=date(2026, 1, 1))

    assert asked != failed
    assert asked.status == ReportStatus.PENDING


def left_pending(count):
    """Return reports whose messages seem lost."""
    reports = SalesReportFactory.create_batch(count)
    since = timezone.now() - REPORT_LOST_AFTER - timedelta(minutes=1)
    SalesReport.objects.update(updated_at=since)
    return reports


@pytest.mark.django_db
def test_report_whose_message_was_lost_is_computed():
    [lost], waiting = left_pending(1), SalesReportFactory()

    orders_resume_sales_reports.delay()

    lost.refresh_from_db()
    waiting.refresh_from_db()
    assert (lost.status, waiting.status) == (ReportStatus.SUCCEEDED, ReportStatus.PENDING)


@pytest.mark.django_db
def test_report_that_failed_is_not_sent_again():
    [failed] = left_pending(1)
    SalesReport.objects.update(status=ReportStatus.FAILED)

    orders_resume_sales_reports.delay()

    failed.refresh_from_db()
    assert failed.status == ReportStatus.FAILED


@pytest.mark.django_db
def test_message_of_a_report_that_waits_in_a_queue_is_sent_again_once_an_hour():
    [waiting] = left_pending(1)

    asked = [list(services.sales_reports_take_lost()) for _ in range(2)]

    assert asked == [[waiting.pk], []]


@pytest.mark.django_db
def test_of_two_who_look_for_lost_reports_at_once_one_gets_each():
    first, second = left_pending(2)
    slow = services.sales_reports_take_lost()

    taken = [next(slow), *services.sales_reports_take_lost(), *slow]

    assert taken == [first.pk, second.pk]
