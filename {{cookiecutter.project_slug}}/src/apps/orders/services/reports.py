"""Writes of sales reports."""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from apps.orders import selectors
from apps.orders.errors import ReportPeriodError
from apps.orders.models import ReportStatus, SalesReport
from apps.orders.signals import sales_report_requested
from core.jobs.batches import take_unchanged

REPORT_DAYS_MAX = 366
# The message of a report that is pending for so long counts as lost: a task with all its tries takes
# less, and so does the broker before it delivers again. One that only waits in a long queue gets a
# second message, which does no harm.
REPORT_LOST_AFTER = timedelta(hours=1)


@transaction.atomic
def sales_report_request(*, first_day: date, last_day: date) -> SalesReport:
    """Keep a report that is to be computed; a receiver of ``sales_report_requested`` sees to that.

    Args:
        first_day: the first day of the period, in UTC.
        last_day: the last day of it, at most REPORT_DAYS_MAX days in all.

    Raises:
        ReportPeriodError: if the period has no day, or too many.
    """
    if not timedelta(0) <= last_day - first_day < timedelta(days=REPORT_DAYS_MAX):
        raise ReportPeriodError(
            f"A report covers 1 to {REPORT_DAYS_MAX} days, the last not before the first.",
            field="last_day",
        )
    report = SalesReport.objects.create(first_day=first_day, last_day=last_day)
    sales_report_requested.send(sender=SalesReport, report=report)
    return report


@transaction.atomic
def sales_report_request_of_last_month(*, today: date) -> SalesReport:
    """Keep a report of the month before that of ``today``, unless there is one that has not failed."""
    last_day = today.replace(day=1) - timedelta(days=1)
    first_day = last_day.replace(day=1)
    reports = SalesReport.objects.filter(first_day=first_day, last_day=last_day)
    known = reports.exclude(status=ReportStatus.FAILED).first()
    return known or sales_report_request(first_day=first_day, last_day=last_day)


def sales_reports_take_lost() -> Iterator[UUID]:
    """Yield the reports whose messages were lost, the oldest first, for the caller to send again.

    Each goes to one of those who ask at once, and to nobody else for REPORT_LOST_AFTER.
    """
    pending = SalesReport.objects.filter(status=ReportStatus.PENDING)
    yield from take_unchanged(pending, since=REPORT_LOST_AFTER)


@transaction.atomic
def sales_report_compute(*, report_id: UUID) -> None:
    """Compute a report, unless that is done: with one query, however much was sold.

    Raises:
        SalesReport.DoesNotExist: if there is no such report.
    """
    # A second delivery of the message waits here, and then finds the report done.
    report = SalesReport.objects.select_for_update().get(pk=report_id)
    if report.status == ReportStatus.SUCCEEDED:
        return
    sales = selectors.sales_by_product(first_day=report.first_day, last_day=report.last_day)
    report.rows = sales.rows
    report.is_complete = sales.is_complete
    report.status = ReportStatus.SUCCEEDED
    report.save(update_fields=["rows", "is_complete", "status"])


@transaction.atomic
def sales_report_fail(*, report_id: UUID) -> None:
    """Mark a report that nobody will try again to compute. Why stands in the log."""
    report = SalesReport.objects.select_for_update().get(pk=report_id)
    if report.status == ReportStatus.PENDING:
        report.status = ReportStatus.FAILED
        report.save(update_fields=["status"])
