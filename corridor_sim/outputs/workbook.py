"""A network as one Excel workbook that reads back as the same lines of text.

Numbers, dates and true/false are typed where `cell_text` gives the written text again; what would
come back otherwise (`1e3`, a time of another zone) stays text, which reads just as well.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from corridor_sim.errors import InputError
from corridor_sim.inputs.csv_table import FILES, Line
from corridor_sim.inputs.kinds import Kind, columns, fit
from corridor_sim.inputs.problems import Unfit
from corridor_sim.inputs.scalars import resolve_plain
from corridor_sim.inputs.schema_json import about_column, about_table
from corridor_sim.inputs.xlsx_table import README, cell_text
from corridor_sim.outputs.side_fields import side_field
from corridor_sim.units import unit_of

_MADE = datetime(2000, 1, 1, tzinfo=UTC)
"""Workbooks carry an instant of making; a fixed one, so that equal networks give equal bytes."""
_DAY, _INSTANT = "yyyy-mm-dd", 'yyyy-mm-dd"T"hh:mm:ss"Z"'
_WIDEST, _NARROWEST = 40, 8
_LONGEST_SHEET = 31


def workbook_bytes(name: str, tables: Mapping[str, Sequence[Line]]) -> bytes:
    """An .xlsx of a README and one sheet a table; headers bold, frozen and explained.

    Raises
    ------
    InputError    XlsxWriter is not installed, or a text is too long for a cell
    """
    try:
        import xlsxwriter
    except ImportError:
        raise InputError(
            "network export --to xlsx: XlsxWriter, which writes workbooks, is not installed. "
            "Fix: pip install openpyxl xlsxwriter"
        ) from None
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"title": name, "created": _MADE.replace(tzinfo=None)})
        _readme(book, name, tables)
        for table, lines in tables.items():
            _table(book, table, lines)
    return buffer.getvalue()


def _readme(book: Any, name: str, tables: Mapping[str, Sequence[Line]]) -> None:
    sheet, bold = book.add_worksheet(README), book.add_format({"bold": True})
    sheet.set_column(0, 1, 24)
    sheet.set_column(2, 2, 28)
    sheet.set_column(3, 3, 100)
    for row, text in enumerate(_words(name)):
        sheet.write_string(row, 0, text, bold if row == 0 else None)
    top = len(_words(name)) + 1
    for column, head in enumerate(("sheet", "column", "unit", "meaning")):
        sheet.write_string(top, column, head, bold)
    sheet.freeze_panes(top + 1, 0)
    for row, texts in enumerate(_meanings(tables), start=top + 1):
        for column, text in enumerate(texts):
            sheet.write_string(row, column, text)


def _words(name: str) -> tuple[str, ...]:
    return (
        f"Network {name} of corridor_sim: one sheet a table, one row a record.",
        f"To use it: save it as networks/{name}.xlsx in your study folder (in place of the folder "
        f"networks/{name}), and name it in a scenario: network: {name}",
        "An empty cell is a value that is not given; lists stand in one cell with ; between; "
        "dates are UTC. This sheet and sheets of other names are not read.",
    )


def _meanings(tables: Mapping[str, Sequence[Line]]) -> list[tuple[str, str, str, str]]:
    rows = []
    for name, lines in tables.items():
        table = FILES[f"{name}.csv"][0] if f"{name}.csv" in FILES else ""
        rows.append((name, "", "", about_table(table) if table else ""))
        rows += [(name, column, unit_of(column), _about(name, column)) for column in lines[0].cells]
    return rows


def _about(name: str, column: str) -> str:
    """What a column of a file's table means, by the name in its header."""
    if f"{name}.csv" not in FILES:
        return side_field(name, column).description
    table, id_column = FILES[f"{name}.csv"]
    return about_column(table, "id" if column == id_column else column)


def _table(book: Any, name: str, lines: Sequence[Line]) -> None:
    if len(name) > _LONGEST_SHEET or set(name) & set("[]:*?/\\'"):
        raise InputError(
            f"{name}: is no name of a sheet. Fix: rename {name}.csv, 31 letters at most"
        )
    sheet, bold = book.add_worksheet(name), book.add_format({"bold": True, "bottom": 1})
    sheet.freeze_panes(1, 1)
    table, id_column = FILES.get(f"{name}.csv", ("", ""))
    header = lines[0].cells
    kinds = [_kind(table, "id" if column == id_column else column) for column in header]
    for column, title in enumerate(header):
        sheet.write_string(0, column, title, bold)
        if words := _about(name, title):
            sheet.write_comment(0, column, words, {"x_scale": 2})
        width = max(len(line.cells[column]) for line in lines if column < len(line.cells))
        sheet.set_column(column, column, min(_WIDEST, max(_NARROWEST, width + 2)))
    for row, line in enumerate(lines[1:], start=1):
        for column, text in enumerate(line.cells):
            kind = kinds[column] if column < len(kinds) else _TEXT
            if text and _write(book, sheet, row, column, text, kind):
                raise InputError(
                    f"{name}:{line.number}:{column + 1}: does not fit into a cell of Excel. "
                    "Fix: a shorter text, at most 32,767 characters"
                )


_TEXT = Kind("text")


def _kind(table: str, column: str) -> Kind:
    return columns(table).get(column, _TEXT) if table else _TEXT


def _write(book: Any, sheet: Any, row: int, column: int, text: str, kind: Kind) -> int:
    """Write a cell, typed where that is no loss; 0 where it fits."""
    value, pattern = typed(kind, text)
    look = book.add_format({"num_format": pattern}) if pattern != "General" else None
    if isinstance(value, bool):
        return int(sheet.write_boolean(row, column, value))
    if isinstance(value, (int, float)):
        return int(sheet.write_number(row, column, value, look))
    if isinstance(value, datetime):
        return int(sheet.write_datetime(row, column, value, look))
    return int(sheet.write_string(row, column, text))


def typed(kind: Kind, text: str) -> tuple[Any, str]:
    """The value of a cell and its number format; the text itself if typing would change it.

    >>> typed(Kind("float"), "22.0"), typed(Kind("int"), "4"), typed(Kind("float"), "1e3")
    ((22.0, '0.0'), (4, 'General'), ('1e3', 'General'))
    """
    try:
        value, pattern = _typed(kind, text)
    except Unfit:
        return text, "General"
    is_same = value is not None and cell_text(value, pattern) == text
    return (value, pattern) if is_same else (text, "General")


def _typed(kind: Kind, text: str) -> tuple[Any, str]:
    if kind.name == "date":
        instant = fit(kind, text).astimezone(UTC).replace(tzinfo=None)
        return instant, _DAY if len(text) == len("2024-01-31") else _INSTANT
    if kind.name not in ("int", "float", "bool", "dated"):
        return None, ""
    value = resolve_plain(text)
    if isinstance(value, float) and float(f"{value:.16G}") != value:
        return None, ""  # XlsxWriter writes 16 digits (and not-a-number differs from itself)
    if isinstance(value, float) and not isfinite(value):
        return None, ""
    decimals = re.fullmatch(r"-?\d+\.(\d*0)", text)
    return value, f"0.{'0' * len(decimals[1])}" if decimals else "General"
