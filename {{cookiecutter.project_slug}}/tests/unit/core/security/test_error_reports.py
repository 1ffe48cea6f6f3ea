"""Errors are reported only where somebody says to whom; tests/e2e/test_planted_secrets.py has it done."""

import sys

from core.security import error_reports


def test_nothing_is_imported_where_nobody_is_told(settings) -> None:
    settings.SENTRY_DSN = ""

    error_reports.start()

    assert "sentry_sdk" not in sys.modules
