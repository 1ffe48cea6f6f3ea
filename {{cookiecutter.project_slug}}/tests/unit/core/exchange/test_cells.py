from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.exchange.cells import CONTROL_CHARACTERS, FORMULA_STARTS, plain_cell, safe_cell

# What any cell may be, and what attacks are made of.
texts = st.one_of(st.text(), st.text(alphabet=[*FORMULA_STARTS, "'", "a"]))


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_safe_cell_keeps_a_spreadsheet_from_running_text(start):
    assert safe_cell(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("value", [-1, Decimal("-1.50"), date(2026, 1, 31), True, None, "", "a-b"])
def test_safe_cell_leaves_what_no_spreadsheet_runs(value):
    assert safe_cell(value) is value


def test_safe_cell_takes_out_control_characters():
    assert safe_cell("a\x00b\x1bc\td") == "abc\td"


def test_safe_cell_sees_a_formula_behind_a_control_character():
    assert safe_cell("\x00=1+1") == "'=1+1"


@settings(max_examples=50)
@given(texts)
def test_plain_cell_gives_back_what_safe_cell_was_given(text):
    assert plain_cell(safe_cell(text)) == CONTROL_CHARACTERS.sub("", text)


@pytest.mark.parametrize("value", ["'tis", "O'Neill", "'", -1, None])
def test_plain_cell_leaves_what_safe_cell_did_not_make(value):
    assert plain_cell(value) == value
