"""Paying and refunding, through a provider that is another system.

The provider is asked between two transactions, never within one: no lock waits for a network, and
wherever the process dies, the rows tell what is open.

1. The payment is written as pending, and the order waits for it. This is committed.
2. The provider is asked to charge, under the payment's own key. It charges once per key, however
   often it is asked, and gives its first answer again.
3. The answer is written, and committed.

When the process dies between 2 and 3, the payment is still pending. The payer who sends it again,
or ``payments_settle``, asks under the same key and writes the answer: nothing is lost or doubled. A
refund goes the same way: the order says that it is due until the answer is written.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.orders import rules
from apps.orders.errors import (
    AmountMismatchError,
    CurrencyMismatchError,
    PaymentDeclinedError,
    PaymentReferenceTakenError,
    ProviderUnavailableError,
    RefundDeclinedError,
)
from apps.orders.models import Order, OrderStatus, Payment, PaymentStatus
from apps.orders.money import as_text
from apps.orders.providers import Charge, Outcome, PaymentProvider, payment_provider
from apps.orders.services.orders import lock_order
from apps.orders.services.transitions import Action, next_status
from apps.orders.signals import order_paid

logger = logging.getLogger(__name__)

# Longer than a provider takes to answer: what is older was left by a process that died.
SETTLE_AFTER = timedelta(minutes=1)
SETTLE_BATCH = 100


@dataclass(frozen=True, kw_only=True)
class RequestedPayment:
    """What somebody wants to pay.

    Args:
        amount: what is open, which is the total of the order.
        currency: that of the order.
        method: how the money comes in.
        reference: the payer's own name for this payment; case does not count.
    """

    amount: Decimal
    currency: str
    method: str
    reference: str


def order_pay(*, user: AbstractBaseUser, order_id: UUID, payment: RequestedPayment) -> Payment:
    """Pay an order in full.

    A payer who got no answer sends the same payment again: the same reference pays once.

    Args:
        user: who pays.
        order_id: the order.
        payment: of all that is open.

    Raises:
        NotFoundError: if ``user`` can see no such order.
        ForbiddenError: if ``user`` can, and may not do that.
        PaymentReferenceTakenError: if another payment has the reference.
        ConflictError: if the order cannot be paid, as ``transitions`` has it.
        CurrencyMismatchError, AmountMismatchError: if something else is open.
        PaymentDeclinedError: if the provider declines. Another try takes another reference.
        ProviderUnavailableError: if it does not answer. The payment is pending then.
        PaymentsClosedError: if there is no provider.
    """
    provider = payment_provider()
    opened = _payment_open(user=user, order_id=order_id, payment=payment)
    if opened.status == PaymentStatus.PENDING:
        opened = _payment_settle(payment=opened, provider=provider)
    if opened.status == PaymentStatus.DECLINED:
        raise PaymentDeclinedError("The provider declined this payment.")
    return opened


def order_refund(*, user: AbstractBaseUser, order_id: UUID) -> Order:
    """Give back all that was paid for an order that is cancelled.

    Raises:
        NotFoundError: if ``user`` can see no such order.
        ForbiddenError: if ``user`` can, and may not do that.
        ConflictError: if no refund is due, as ``transitions`` has it.
        RefundDeclinedError: if the provider declines. The refund stays due.
        ProviderUnavailableError: if it does not answer. The refund stays due.
        PaymentsClosedError: if there is no provider.
    """
    provider = payment_provider()
    with transaction.atomic(durable=True):
        order = lock_order(rules.order_refund, user=user, order_id=order_id)
        next_status(order.status, Action.REFUND)
        payment = order.payments.get(status=PaymentStatus.RECEIVED)
    if provider.refund(_charge_of(payment)) == Outcome.DECLINED:
        raise RefundDeclinedError("The provider declined the refund. It stays due.")
    with transaction.atomic(durable=True):
        order = Order.objects.select_for_update().get(pk=order.pk)
        # Whoever asked at the same moment may have written the same answer.
        if order.status == OrderStatus.REFUND_DUE:
            order.status = next_status(order.status, Action.REFUND)
            order.save(update_fields=["status"])
            payment.status = PaymentStatus.REFUNDED
            payment.save(update_fields=["status"])
    return order


def payments_settle() -> None:
    """Settle the payments that a process which died left pending, the oldest first.

    One of which the provider has no answer is logged, and stays pending.

    Raises:
        PaymentsClosedError: if there are such payments, and no provider.
    """
    pending = Payment.objects.filter(
        status=PaymentStatus.PENDING, created_at__lt=timezone.now() - SETTLE_AFTER
    )
    payments = list(pending.select_related("order").order_by("id")[:SETTLE_BATCH])
    if not payments:
        return
    provider = payment_provider()
    for payment in payments:
        try:
            _payment_settle(payment=payment, provider=provider)
        except ProviderUnavailableError:
            logger.warning("Payment %s is still pending: no answer.", payment.pk)


@transaction.atomic(durable=True)
def _payment_open(*, user: AbstractBaseUser, order_id: UUID, payment: RequestedPayment) -> Payment:
    """Return the payment to settle: a new one, or the one that has this reference."""
    order = lock_order(rules.order_pay, user=user, order_id=order_id)
    known = Payment.objects.filter(reference=payment.reference.lower()).first()
    if known:
        if known.order_id != order.pk or not _is_same(known, payment, currency=order.currency):
            raise PaymentReferenceTakenError("Another payment has this reference.")
        known.order = order
        return known
    status = next_status(order.status, Action.PAY)
    if payment.currency != order.currency:
        raise CurrencyMismatchError(f"{order.currency} are open.", field="currency")
    if payment.amount != order.total:
        open_amount = as_text(order.total, order.currency)
        raise AmountMismatchError(f"{open_amount} is open.", field="amount")
    opened = _payment_create(order=order, payment=payment)
    order.status = status
    order.save(update_fields=["status"])
    return opened


def _is_same(known: Payment, payment: RequestedPayment, *, currency: str) -> bool:
    return (known.amount, currency, known.method) == (
        payment.amount,
        payment.currency,
        payment.method,
    )


def _payment_create(*, order: Order, payment: RequestedPayment) -> Payment:
    """Write a payment; another order's may have come in with the same reference meanwhile."""
    reference = payment.reference.lower()
    try:
        with transaction.atomic():
            return Payment.objects.create(
                order=order, amount=payment.amount, method=payment.method, reference=reference
            )
    except IntegrityError as error:
        is_taken = Payment.objects.filter(reference=reference).exists()
        # % if cookiecutter.row_level_security
        # That of another customer is not found; each database names the column that must be unique.
        is_taken = is_taken or "reference" in str(error)
        # % endif
        if is_taken:
            raise PaymentReferenceTakenError("Another payment has this reference.") from error
        raise


def _payment_settle(*, payment: Payment, provider: PaymentProvider) -> Payment:
    """Ask the provider, and write its answer unless that is done."""
    is_accepted = provider.charge(_charge_of(payment)) == Outcome.ACCEPTED
    with transaction.atomic(durable=True):
        order = Order.objects.select_for_update().get(pk=payment.order_id)
        payment = order.payments.get(pk=payment.pk)
        if payment.status != PaymentStatus.PENDING:
            return payment
        order.status = next_status(order.status, Action.ACCEPT if is_accepted else Action.DECLINE)
        order.save(update_fields=["status"])
        payment.status = PaymentStatus.RECEIVED if is_accepted else PaymentStatus.DECLINED
        payment.save(update_fields=["status"])
        if is_accepted:
            order_paid.send(sender=Order, order=order, payment=payment)
    return payment


def _charge_of(payment: Payment) -> Charge:
    return Charge(
        key=str(payment.pk),
        amount=payment.amount,
        currency=payment.order.currency,
        method=payment.method,
        reference=payment.reference,
    )
