"""Files to rows, and rows to files. What is read comes from strangers: all of it is bounded."""

import csv
import io
import logging
import zipfile
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import openpyxl
import tablib
from celery.exceptions import SoftTimeLimitExceeded

from core.exchange.models import Format

logger = logging.getLogger(__name__)

# A row costs some ten queries, and a task has five minutes.
IMPORT_ROWS_MAXIMUM = 10_000
EXPORT_ROWS_MAXIMUM = 50_000
COLUMNS_MAXIMUM = 100
UNPACKED_BYTES_MAXIMUM = 100 * 1024 * 1024

Row = Iterable[Any]


class RefusedError(Exception):
    """A job cannot be done; ``errors`` are those of ``ExchangeJob``."""

    def __init__(self, *errors: dict[str, Any]) -> None:
        super().__init__(errors)
        self.errors = list(errors)


def refusal(message: str) -> RefusedError:
    return RefusedError({"row": None, "field": None, "message": message})


def too_many_rows(maximum: int) -> RefusedError:
    return refusal(f"There are more than {maximum} rows.")


def read(content: bytes, file_format: str) -> tablib.Dataset:
    """Return the rows of a file whose first row names the columns; rows without a value are left out.

    Raises:
        RefusedError: when it is not such a file, or too large.
    """
    try:
        rows = list(islice(READERS[file_format](content), IMPORT_ROWS_MAXIMUM + 2))
    except (SoftTimeLimitExceeded, RefusedError):
        raise
    except Exception as error:  # (whatever openpyxl's parsers raise)
        logger.info("A file is not %s: %r", file_format, error)
        raise refusal(f"This is no {file_format} file in UTF-8.") from error
    if len(rows) > IMPORT_ROWS_MAXIMUM + 1:
        raise too_many_rows(IMPORT_ROWS_MAXIMUM)
    headers = [str(cell) for cell in trimmed(rows[0])] if rows else []
    if not headers or "" in headers or len(set(headers)) < len(headers):
        raise refusal("The first row must name each column, and no two alike.")
    width = len(headers)
    filled = [[*row, *[""] * width][:width] for row in map(trimmed, rows[1:]) if row]
    return tablib.Dataset(*filled, headers=headers)


def trimmed(row: Row) -> list[Any]:
    """Return the cells up to the last one with a value, without ``None``."""
    cells = ["" if cell is None else cell for cell in row]
    while cells and cells[-1] == "":
        cells.pop()
    return cells


def read_csv(content: bytes) -> Iterator[list[str]]:
    return csv.reader(io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", newline=""), strict=True)


def read_xlsx(content: bytes) -> Iterator[Row]:
    """Yield the rows of the first sheet."""
    packed = io.BytesIO(content)
    if sum(part.file_size for part in zipfile.ZipFile(packed).infolist()) > UNPACKED_BYTES_MAXIMUM:
        raise refusal("This file is too large when it is unpacked.")
    workbook = openpyxl.load_workbook(packed, read_only=True, data_only=True, keep_links=False)
    yield from workbook.worksheets[0].iter_rows(max_col=COLUMNS_MAXIMUM, values_only=True)


READERS: dict[str, Callable[[bytes], Iterator[Row]]] = {
    Format.CSV: read_csv,
    Format.XLSX: read_xlsx,
}


def write(dataset: tablib.Dataset, file_format: str) -> bytes:
    """Return a file with a header and the rows of ``dataset``."""
    return WRITERS[file_format]([dataset.headers, *dataset])


def write_csv(rows: Iterable[Row]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def write_xlsx(rows: Iterable[Row]) -> bytes:
    workbook = openpyxl.Workbook(write_only=True)  # A tenth of the memory.
    sheet = workbook.create_sheet()
    for row in rows:
        sheet.append(row)
    packed = io.BytesIO()
    workbook.save(packed)
    return packed.getvalue()


WRITERS: dict[str, Callable[[Iterable[Row]], bytes]] = {
    Format.CSV: write_csv,
    Format.XLSX: write_xlsx,
}
