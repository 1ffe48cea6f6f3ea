"""Text in cells that spreadsheets show and never run, and back again."""

import re
from typing import Any

# Text that a spreadsheet takes for a formula, in full width too:
# https://owasp.org/www-community/attacks/CSV_Injection
FORMULA_STARTS = (
    "=", "+", "-", "@", "\t", "\r", "\n",
    "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}",
    "\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}",
)  # fmt: skip
# What makes a spreadsheet take a cell for text.
MARK = "'"
# XML, and so XLSX, has no way to write them.
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def safe_cell(value: Any) -> Any:
    """Return ``value`` as a cell that a spreadsheet shows and does not run. Numbers stay numbers."""
    if not isinstance(value, str):
        return value
    text = CONTROL_CHARACTERS.sub("", value)
    return f"{MARK}{text}" if is_formula(text) else text


def plain_cell(value: Any) -> Any:
    """Return what ``safe_cell`` was given, or the cell as it is where nothing was added."""
    if isinstance(value, str) and value.startswith(MARK) and is_formula(value):
        return value[len(MARK) :]
    return value


def is_formula(text: str) -> bool:
    """Tell whether ``text`` would be run, or would be if it lost its marks."""
    return text.lstrip(MARK).startswith(FORMULA_STARTS)
