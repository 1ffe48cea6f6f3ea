"""The base of what apps exchange.

https://django-import-export.readthedocs.io/en/stable/api_resources.html
"""

import re
from collections.abc import Callable
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from import_export.resources import ModelResource
from import_export.widgets import BooleanWidget

from core.jobs.tasks import TRANSIENT_ERRORS

# Text that a spreadsheet takes for a formula: https://owasp.org/www-community/attacks/CSV_Injection
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
# XML, and so XLSX, has no way to write them.
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def safe_cell(value: Any) -> Any:
    """Return ``value`` as a cell that a spreadsheet shows and does not run. Numbers stay numbers."""
    if not isinstance(value, str):
        return value
    text = CONTROL_CHARACTERS.sub("", value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


class ExchangeResource(ModelResource):  # type: ignore[misc]
    """A model's rows as rows of a file; ``on_row`` is called after each."""

    class Meta:
        clean_model_instances = True  # A row that breaks a rule gets its message, not a crash.
        skip_diff = True
        report_skipped = False
        chunk_size = 1_000

    def __init__(self, on_row: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self.on_row = on_row

    def export_resource(self, *args: Any, **options: Any) -> list[Any]:
        cells = super().export_resource(*args, **options)
        self.on_row()
        return [safe_cell(cell) for cell in cells]

    def import_field(self, field: Any, instance: Any, row: Any, *args: Any, **options: Any) -> None:
        """Read a cell.

        Raises:
            ValueError: which becomes the field's message, also for what the library would take
                for "no", or would report without naming the field.
        """
        widget = field.widget
        if isinstance(widget, BooleanWidget):
            known = [*widget.TRUE_VALUES, *widget.FALSE_VALUES, *widget.NULL_VALUES]
            if row.get(field.column_name) not in known:
                raise ValueError("Enter 1 or 0.")
        try:
            super().import_field(field, instance, row, *args, **options)
        except ArithmeticError as error:  # (Decimal's own)
            raise ValueError("Enter a number.") from error

    def import_row(self, *args: Any, **options: Any) -> Any:
        """Import a row. What is no fault of the row ends the import, so that it is tried again."""
        result = super().import_row(*args, **options)
        for error in result.errors:
            if isinstance(error.error, (SoftTimeLimitExceeded, *TRANSIENT_ERRORS)):
                raise error.error
        self.on_row()
        return result
