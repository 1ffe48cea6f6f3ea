from datetime import date
from decimal import Decimal

import pytest

from core.exchange.resources import safe_cell


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_safe_cell_keeps_a_spreadsheet_from_running_text(start):
    assert safe_cell(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("value", [-1, Decimal("-1.50"), date(2026, 1, 31), True, None, "", "a-b"])
def test_safe_cell_leaves_what_no_spreadsheet_runs(value):
    assert safe_cell(value) is value


def test_safe_cell_takes_out_control_characters():
    assert safe_cell("a\x00b\x1bc\td") == "abc\td"


def test_safe_cell_sees_a_formula_behind_a_control_character():
    assert safe_cell("\x00=1+1") == "'=1+1"
