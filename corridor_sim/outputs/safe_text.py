"""Text of a file that a spreadsheet would run as a formula."""

from __future__ import annotations

import re
from typing import Any

_ESCAPED = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?")


def safe_cell(cell: Any) -> Any:
    """The cell; a text that begins like a formula has a ' before it. Numbers never change.

    >>> safe_cell("=1+1"), safe_cell("-5"), safe_cell(-5.0), safe_cell("Aktau")
    ("'=1+1", '-5', -5.0, 'Aktau')
    """
    if isinstance(cell, str) and cell.startswith(_ESCAPED) and not _NUMBER.fullmatch(cell):
        return "'" + cell
    return cell
