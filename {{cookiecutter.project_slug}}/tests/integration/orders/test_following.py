"""What follows an order, and stock that runs low: by events, or by tasks where there are none."""

import environ
import pytest
from django.core import mail

from apps.orders import services
from apps.orders.models import PaymentMethod, StockReport
from apps.orders.services import RequestedLine, RequestedPayment
from config.settings.mail import mail as mail_settings
from core.mail.templated import MailRefusedError
from tests.factories.orders import OrderFactory, ProductFactory
from tests.factories.users import UserFactory
from tests.smtp import mail_server

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def committed(django_capture_on_commit_callbacks):
    """Return what runs a call and then what its transaction left for the commit."""

    def run(call):
        with django_capture_on_commit_callbacks(execute=True):
            return call()

    return run


def take(product, pieces):
    return lambda: services.stock_adjust(product_id=product.pk, change=-pieces)


def test_order_is_confirmed_by_mail(committed):
    user = UserFactory()
    lines = [RequestedLine(product=ProductFactory(name="Cup & saucer").pk, quantity=2)]

    order = committed(lambda: services.order_place(user=user, lines=lines))

    [message] = mail.outbox
    assert message.to == [user.email]
    assert message.extra_headers["Message-ID"].startswith(f"<order-{order.pk}.confirmation@")
    assert "2 x Cup & saucer: 9.90" in message.body
    assert "2 x Cup &amp; saucer: 9.90" in message.alternatives[0][0]


def test_paid_order_is_reported_to_the_shelves_once(committed):
    order = OrderFactory()
    line = order.lines.get()
    payment = RequestedPayment(
        amount=order.total, currency="EUR", method=PaymentMethod.CARD, reference="payment-1"
    )

    for _ in range(2):
        committed(
            lambda: services.order_pay(user=order.customer, order_id=order.pk, payment=payment)
        )

    report = StockReport.objects.get()
    assert report.order == order
    assert report.rows == [
        {"product": str(line.product_id), "sku": line.product.sku, "quantity": 2, "left": 10}
    ]


def test_stock_report_is_written_once():
    order = OrderFactory()

    first, second = (services.stock_report_write(order_id=order.pk) for _ in range(2))

    assert first == second == StockReport.objects.get()


def test_alert_is_sent_when_stock_falls_to_the_limit_and_not_again_below_it(committed, settings):
    settings.STOCK_ALERT_RECIPIENTS = ["stock@example.com"]
    product = ProductFactory(name="Cup", sku="CUP-1")

    committed(take(product, 4))
    assert mail.outbox == []
    committed(take(product, 1))
    committed(take(product, 1))

    [message] = mail.outbox
    assert message.to == ["stock@example.com"]
    assert message.subject == "CUP-1: 5 left"
    assert message.body == "5 pieces of Cup (CUP-1) are left in stock.\n"


def test_each_recipient_of_an_alert_has_a_mail_whatever_becomes_of_the_others(
    settings, monkeypatch
):
    product = ProductFactory(sku="CUP-1")
    with mail_server() as server:
        monkeypatch.setenv("EMAIL_URL", server.url)
        for name, value in mail_settings(environ.Env()).items():
            setattr(settings, name, value)
        settings.STOCK_ALERT_RECIPIENTS = ["gone@example.com", "stock@example.com"]
        server.unknown = {"gone@example.com"}

        for _ in range(2):
            with pytest.raises(MailRefusedError, match="gone@example"):
                services.stock_alert(product_id=product.pk, quantity=5, key="key-1")

        assert server.recipients == [["stock@example.com"]]


def test_order_that_takes_the_last_pieces_sends_the_alert(committed, settings):
    settings.STOCK_ALERT_RECIPIENTS = ["stock@example.com"]
    lines = [RequestedLine(product=ProductFactory(sku="CUP-1").pk, quantity=10)]

    committed(lambda: services.order_place(user=UserFactory(), lines=lines))

    assert "CUP-1: 0 left" in [message.subject for message in mail.outbox]


def test_nobody_is_told_where_nobody_is_named(committed):
    committed(take(ProductFactory(), 10))

    assert mail.outbox == []
