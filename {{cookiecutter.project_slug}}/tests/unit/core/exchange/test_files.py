import io
import zipfile
from datetime import datetime
from decimal import Decimal

import openpyxl
import pytest
import tablib
from celery.exceptions import SoftTimeLimitExceeded

from core.exchange import files


def xlsx(*rows: list[object]) -> bytes:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    packed = io.BytesIO()
    workbook.save(packed)
    return packed.getvalue()


def refusal_of(content: bytes, file_format: str) -> str:
    with pytest.raises(files.RefusedError) as refused:
        files.read(content, file_format)
    (error,) = refused.value.errors
    assert (error["row"], error["field"]) == (None, None)
    return error["message"]


def test_read_csv_gives_rows_by_column():
    dataset = files.read(b'name,price\n"Tea, green",2.50\n', "csv")

    assert dataset.dict == [{"name": "Tea, green", "price": "2.50"}]


def test_read_csv_takes_what_spreadsheets_write():
    dataset = files.read("name\r\nTée\r\n".encode("utf-8-sig"), "csv")

    assert dataset.dict == [{"name": "Tée"}]


def test_read_xlsx_gives_values_with_their_types():
    dataset = files.read(xlsx(["name", "price"], ["Tea", 2.5], [None, 3]), "xlsx")

    assert dataset.dict == [{"name": "Tea", "price": 2.5}, {"name": "", "price": 3}]


def test_read_leaves_out_rows_without_a_value_and_cells_without_a_name():
    dataset = files.read(b"name,price\nTea\n,,\n\nCoffee,3,4\n", "csv")

    assert dataset.dict == [{"name": "Tea", "price": ""}, {"name": "Coffee", "price": "3"}]


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"name,\xff", b'name\n"Tea', b"name,,price\n", b"name,name\n"]
)
def test_read_refuses_what_is_no_table(content):
    assert refusal_of(content, "csv")


@pytest.mark.parametrize("content", [b"", b"name\nTea\n", b"PK\x03\x04" + b"\0" * 100])
def test_read_refuses_what_is_no_xlsx_file(content):
    assert refusal_of(content, "xlsx") == "This is no xlsx file in UTF-8."


def test_read_refuses_a_zip_file_that_is_no_xlsx_file():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("readme.txt", "Hello")

    assert refusal_of(packed.getvalue(), "xlsx") == "This is no xlsx file in UTF-8."


def test_read_refuses_a_file_that_unpacks_to_too_much(monkeypatch):
    monkeypatch.setattr(files, "UNPACKED_BYTES_MAXIMUM", 1_000)

    message = refusal_of(xlsx(["name"], *[["Tea"]] * 1_000), "xlsx")

    assert message == "This file is too large when it is unpacked."


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_read_refuses_more_rows_than_allowed(monkeypatch, file_format):
    monkeypatch.setattr(files, "IMPORT_ROWS_MAXIMUM", 2)
    rows = [["name"], ["Tea"], ["Coffee"]]
    write = {"csv": files.write_csv, "xlsx": files.write_xlsx}[file_format]

    assert len(files.read(write(rows), file_format)) == 2
    assert refusal_of(write([*rows, ["Milk"]]), file_format) == "There are more than 2 rows."


def test_read_reads_no_more_columns_than_allowed(monkeypatch):
    monkeypatch.setattr(files, "COLUMNS_MAXIMUM", 2)

    dataset = files.read(xlsx(["a", "b", "c"], [1, 2, 3]), "xlsx")

    assert dataset.dict == [{"a": 1, "b": 2}]


def test_read_does_not_take_the_end_of_its_time_for_a_bad_file(monkeypatch):
    def run_out_of_time(content: bytes) -> None:
        raise SoftTimeLimitExceeded

    monkeypatch.setitem(files.READERS, "csv", run_out_of_time)
    with pytest.raises(SoftTimeLimitExceeded):
        files.read(b"name\n", "csv")


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_write_gives_what_read_takes(file_format):
    dataset = tablib.Dataset(["Tée, green", Decimal("2.50"), True], headers=["name", "price", "on"])

    rows = files.read(files.write(dataset, file_format), file_format)

    assert rows.headers == ["name", "price", "on"]
    assert rows["name"] == ["Tée, green"]


def test_write_xlsx_keeps_numbers_and_times():
    row = ["Tea", Decimal("-2.50"), datetime(2026, 1, 31, 12, 30)]  # noqa: DTZ001

    content = files.write(tablib.Dataset(row, headers=["a", "b", "c"]), "xlsx")

    assert files.read(content, "xlsx")[0] == ("Tea", -2.5, row[2])
