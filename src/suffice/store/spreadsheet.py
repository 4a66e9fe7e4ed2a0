"""Texts as cells of a CSV file that a spreadsheet may open: what it would compute is marked as text."""

from __future__ import annotations

import re

_FORMULA = re.compile("'*[=+@\\-\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""How a cell begins that a spreadsheet computes, or would once an apostrophe of the text's own is taken for a mark.

Source: OWASP, CSV Injection."""


def as_cell(text: str) -> str:
    """A text with an apostrophe before it where a spreadsheet would compute it; every other as it is.

    Args:
        text: any.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def text_in(cell: str) -> str:
    """The text that `as_cell` was given, also where a spreadsheet has dropped the mark that it knows.

    Args:
        cell: as it stands in the file.
    """
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
