import io
import zipfile
from datetime import datetime
from decimal import Decimal

import openpyxl
import pytest
from celery.exceptions import SoftTimeLimitExceeded

from core.exchange import files

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"
NO_CSV = "This is no CSV file in UTF-8."
NO_XLSX = "This is no XLSX workbook."


def xlsx(*rows: list[object]) -> bytes:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    packed = io.BytesIO()
    workbook.save(packed)
    return packed.getvalue()


def archive(**parts: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, content in parts.items():
            writer.writestr(name, content)
    return packed.getvalue()


def written(rows: list[list[object]], file_format: str) -> bytes:
    file = io.BytesIO()
    files.write(rows, file_format, file)
    return file.getvalue()


def read(content: bytes, file_format: str) -> list[dict[str, object]]:
    return [row.cells for row in files.read(io.BytesIO(content), file_format)[1]]


def refusal_of(content: bytes, file_format: str) -> str:
    with pytest.raises(files.RefusedError) as refused:
        files.read(io.BytesIO(content), file_format)
    (fault,) = refused.value.faults
    assert (fault.row, fault.field) == (None, "")
    return fault.message


def test_read_csv_gives_rows_by_column():
    assert read(b'name,price\n"Tea, green",2.50\n', "csv") == [
        {"name": "Tea, green", "price": "2.50"}
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_read_csv_takes_what_spreadsheets_write(delimiter):
    text = delimiter.join(["name", "price"]) + "\r\n" + delimiter.join(["Tée", "2.50"]) + "\r\n"

    assert read(text.encode("utf-8-sig"), "csv") == [{"name": "Tée", "price": "2.50"}]


def test_read_xlsx_gives_values_with_their_types():
    content = xlsx(["name", "price"], ["Tea", 2.5], [None, 3])

    assert read(content, "xlsx") == [{"name": "Tea", "price": 2.5}, {"name": "", "price": 3}]


def test_read_counts_rows_as_a_spreadsheet_does():
    _, rows = files.read(io.BytesIO(b"name,price\nTea\n,,\n\nCoffee,3,4\n"), "csv")

    assert [(row.number, row.cells) for row in rows] == [
        (1, {"name": "Tea", "price": ""}),
        (4, {"name": "Coffee", "price": "3"}),
    ]


@pytest.mark.parametrize("content", [b"", b"\n", b"name,,price\n", b"name,name\n"])
def test_read_refuses_a_table_that_names_no_columns(content):
    assert refusal_of(content, "csv").startswith("The first row must name each column")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(PNG, id="picture"),
        pytest.param("näme\n".encode("latin-1"), id="latin-1"),
        pytest.param("name\n".encode("utf-16"), id="utf-16"),
        pytest.param(b"name\nT\xc3", id="cut-off"),
        pytest.param(b"name\nT\0a\n", id="nul"),
        pytest.param(b'name\n"Tea', id="open-quote"),
        pytest.param(xlsx(["name"]), id="xlsx"),
    ],
)
def test_read_refuses_what_is_no_csv_file(content):
    assert refusal_of(content, "csv") == NO_CSV


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(PNG, id="picture"),
        pytest.param(b"name\nTea\n", id="csv"),
        pytest.param(b"PK\x03\x04" + b"\0" * 100, id="broken-zip"),
        pytest.param(archive(**{"readme.txt": b"Hello"}), id="zip"),
        pytest.param(
            archive(**{"[Content_Types].xml": b"<a>", "xl/workbook.xml": b"<b>"}), id="no-xml"
        ),
    ],
)
def test_read_refuses_what_is_no_xlsx_file(content):
    assert refusal_of(content, "xlsx") == NO_XLSX


def test_read_refuses_a_zip_bomb_unopened():
    zeros = b"\0" * (files.UNPACKED_BYTES_MAXIMUM + 1)
    bomb = archive(**{"[Content_Types].xml": b"", "xl/workbook.xml": zeros})

    assert len(bomb) < 100_000
    assert refusal_of(bomb, "xlsx") == "This file is too large when it is unpacked."


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_read_refuses_more_rows_than_allowed(settings, file_format):
    settings.EXCHANGE_IMPORT_MAX_ROWS = 2
    rows = [["name"], ["Tea"], ["Coffee"]]

    assert len(read(written(rows, file_format), file_format)) == 2
    message = refusal_of(written([*rows, ["Milk"]], file_format), file_format)
    assert message == "There are more than 2 rows."


def test_read_reads_no_more_columns_than_allowed(monkeypatch):
    monkeypatch.setattr(files, "COLUMNS_MAXIMUM", 2)

    assert read(xlsx(["a", "b", "c"], [1, 2, 3]), "xlsx") == [{"a": 1, "b": 2}]


def test_read_does_not_take_the_end_of_its_time_for_a_bad_file(monkeypatch):
    def run_out_of_time(file: object) -> None:
        raise SoftTimeLimitExceeded

    monkeypatch.setitem(files.READERS, "csv", run_out_of_time)
    with pytest.raises(SoftTimeLimitExceeded):
        read(b"name\n", "csv")


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_write_gives_what_read_takes(file_format):
    texts = ["Tée, green", "=1+1", "-5", "'=x", "'tis", "@a", "a;b", "two\nlines"]

    content = written([["name"], *([text] for text in texts)], file_format)

    assert [row["name"] for row in read(content, file_format)] == texts


def test_write_csv_neutralises_text_and_leaves_numbers():
    content = written([["=a", "b"], ["=1+1", Decimal("-2.50")], ["-2.50", -1]], "csv")

    assert content == b"'=a,b\r\n'=1+1,-2.50\r\n'-2.50,-1\r\n"


def test_write_xlsx_neutralises_text_and_keeps_numbers_and_times():
    now = datetime(2026, 1, 31, 12, 30)  # noqa: DTZ001

    content = written([["a", "b", "c"], ["=1+1", Decimal("-2.50"), now]], "xlsx")

    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert [(cell.value, cell.data_type) for cell in sheet[2]] == [
        ("'=1+1", "s"),
        (-2.5, "n"),
        (now, "d"),
    ]
