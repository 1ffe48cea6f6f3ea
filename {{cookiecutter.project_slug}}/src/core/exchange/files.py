"""Files to rows, and rows to files. What is read comes from strangers: all of it is bounded."""

import codecs
import csv
import io
import logging
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

import openpyxl
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings

from core.exchange.cells import plain_cell, safe_cell
from core.exchange.models import Format

logger = logging.getLogger(__name__)

COLUMNS_MAXIMUM = 100
UNPACKED_BYTES_MAXIMUM = 50 * 1024 * 1024
# What every workbook has: ECMA-376, part 2, section 7.2.
WORKBOOK_PARTS = {"[Content_Types].xml", "xl/workbook.xml"}
# Spreadsheets write the separator that their language has.
DELIMITERS = ",;\t"
CHUNK_BYTES = 64 * 1024

Cells = Iterable[Any]


@dataclass(frozen=True)
class Fault:
    """What is wrong with a file or with one of its rows, as ``ExchangeFault`` has it."""

    code: str
    message: str
    row: int | None = None
    field: str = ""


@dataclass(frozen=True)
class Row:
    """Cells by the names of their columns; ``number`` is 1 for the first below the header."""

    number: int
    cells: dict[str, Any]


class RefusedError(Exception):
    """A job cannot be done; ``faults`` say why."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(faults)
        self.faults = faults


def too_many_rows(maximum: int) -> RefusedError:
    return RefusedError(Fault("too_many_rows", f"There are more than {maximum} rows."))


def not_a(file_format: str) -> RefusedError:
    return RefusedError(Fault("invalid_file", NOT_A[file_format]))


NOT_A: dict[str, str] = {
    Format.CSV: "This is no CSV file in UTF-8.",
    Format.XLSX: "This is no XLSX workbook.",
}


def check(file: IO[bytes], file_format: str) -> None:
    """Look whether a file is what it is said to be, by what is in it; rewind it after that.

    Raises:
        RefusedError: if it is not, or would be too large when it is unpacked.
    """
    file.seek(0)
    try:
        CHECKS[file_format](file)
    except (UnicodeDecodeError, zipfile.BadZipFile, NotImplementedError) as error:
        raise not_a(file_format) from error
    file.seek(0)


def check_csv(file: IO[bytes]) -> None:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    while chunk := file.read(CHUNK_BYTES):
        # No text has a NUL; UTF-16 and most pictures do.
        if "\0" in decoder.decode(chunk):
            raise not_a(Format.CSV)
    decoder.decode(b"", final=True)


def check_xlsx(file: IO[bytes]) -> None:
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
    if not {part.filename for part in parts} >= WORKBOOK_PARTS:
        raise not_a(Format.XLSX)
    # zipfile unpacks no more of a part than it is said to have.
    if sum(part.file_size for part in parts) > UNPACKED_BYTES_MAXIMUM:
        raise RefusedError(Fault("too_large", "This file is too large when it is unpacked."))


CHECKS: dict[str, Callable[[IO[bytes]], None]] = {
    Format.CSV: check_csv,
    Format.XLSX: check_xlsx,
}


def read(file: IO[bytes], file_format: str) -> tuple[list[str], list[Row]]:
    """Return the columns, which the first row names, and the rows that have a value.

    Raises:
        RefusedError: when it is not such a file, or too large.
    """
    check(file, file_format)
    maximum = settings.EXCHANGE_IMPORT_MAX_ROWS
    try:
        rows = list(islice(map(trimmed, READERS[file_format](file)), maximum + 2))
    except (SoftTimeLimitExceeded, RefusedError):
        raise
    except Exception as error:  # (whatever openpyxl's parsers raise)
        logger.info("A file is not %s: %r", file_format, error)
        raise not_a(file_format) from error
    if len(rows) > maximum + 1:
        raise too_many_rows(maximum)
    header = [str(cell).strip() for cell in rows[0]] if rows else []
    if not header or "" in header or len(set(header)) < len(header):
        message = "The first row must name each column, and no two alike."
        raise RefusedError(Fault("invalid_header", message))
    width = len(header)
    return header, [
        Row(number, dict(zip(header, [*cells, *[""] * width], strict=False)))
        for number, cells in enumerate(rows[1:], start=1)
        if any(cell != "" for cell in cells[:width])
    ]


def trimmed(cells: Cells) -> list[Any]:
    """Return the cells up to the last one with a value, as they were before ``safe_cell``."""
    found = ["" if cell is None else plain_cell(cell) for cell in cells]
    while found and found[-1] == "":
        found.pop()
    return found


def read_csv(file: IO[bytes]) -> Iterator[list[str]]:
    text = io.TextIOWrapper(io.BytesIO(file.read()), "utf-8-sig", newline="")
    first = text.readline()
    text.seek(0)
    delimiter = max(DELIMITERS, key=first.count)
    return csv.reader(text, delimiter=delimiter, strict=True)


def read_xlsx(file: IO[bytes]) -> Iterator[Cells]:
    """Yield the rows of the first sheet."""
    workbook = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    yield from workbook.worksheets[0].iter_rows(max_col=COLUMNS_MAXIMUM, values_only=True)


READERS: dict[str, Callable[[IO[bytes]], Iterator[Cells]]] = {
    Format.CSV: read_csv,
    Format.XLSX: read_xlsx,
}


def write(rows: Iterable[Cells], file_format: str, file: IO[bytes]) -> None:
    """Write a table as it comes, without holding it in memory; no cell of it is a formula."""
    WRITERS[file_format](([safe_cell(cell) for cell in row] for row in rows), file)


def write_csv(rows: Iterable[Cells], file: IO[bytes]) -> None:
    text = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
    csv.writer(text).writerows(rows)
    text.detach()  # Else it would close the file.


def write_xlsx(rows: Iterable[Cells], file: IO[bytes]) -> None:
    workbook = openpyxl.Workbook(write_only=True)  # It keeps the rows in a temporary file.
    sheet = workbook.create_sheet()
    for row in rows:
        sheet.append(row)
    workbook.save(file)


WRITERS: dict[str, Callable[[Iterable[Cells], IO[bytes]], None]] = {
    Format.CSV: write_csv,
    Format.XLSX: write_xlsx,
}
