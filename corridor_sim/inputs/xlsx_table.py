"""Networks as one Excel workbook: a sheet a table, read as the lines of text that a CSV would hold.

Excel types what people enter; `cell_text` says what each typed cell means in a CSV, so that both
kinds of network have one set of rules and of messages (`FILE:SHEET:ROW:COLUMN`).
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from xml.etree.ElementTree import ParseError

from corridor_sim.errors import InputError
from corridor_sim.inputs.csv_table import FILES, CsvError, FileUsed, Line, misnamed, read_lines
from corridor_sim.inputs.layers import Layer
from corridor_sim.inputs.places import Place
from corridor_sim.inputs.problems import Problem, Unfit, Where, show
from corridor_sim.inputs.yaml_file import read_bytes

README = "README"
"""The sheet for people: never read."""
LARGEST_UNPACKED_BYTES = 100_000_000
MOST_ROWS, MOST_COLUMNS = 200_000, 500
_BROKEN_FILE = (
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    NotImplementedError,
    OSError,
    ParseError,
    RuntimeError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
)
"""What openpyxl and zipfile raise on files that are no workbooks, or damaged ones."""


def read_workbook(place: Place) -> tuple[Layer, list[FileUsed]]:
    """All tables of a workbook; problems are collected in the layer."""
    layer = Layer()
    data = read_bytes(place.path, place.display)
    for sheet, lines in workbook_lines(data, place.display).items():
        display = f"{place.display}:{sheet}"
        name = f"{sheet}.csv"
        if name not in FILES:
            layer.problems += [] if sheet == README else misnamed(name, display)
            continue
        try:
            read_lines(layer, name, iter(lines), display)
        except CsvError as error:
            layer.problems.append(error.problem)
            layer.broken.add(FILES[name][0])
    return layer, [("network", place.display, hashlib.sha256(data).hexdigest())]


@lru_cache(maxsize=2)  # the tables, the sources and the observations ask one after another
def workbook_lines(data: bytes, display: str) -> Mapping[str, list[Line]]:
    """Sheet -> its rows that are not empty, in the order of the workbook.

    Raises
    ------
    InputError    no workbook, a damaged or huge one, or openpyxl is not installed
    """
    try:
        from openpyxl import load_workbook
    except ImportError:
        what = "openpyxl, which reads workbooks, is not installed"
        raise InputError(
            str(Problem(Where(display), "", what, "pip install openpyxl xlsxwriter"))
        ) from None
    try:
        _refuse_huge(data, display)
        # one reading gives formulas, the other the values that Excel last reckoned
        written, reckoned = (
            load_workbook(io.BytesIO(data), read_only=True, data_only=only, keep_links=False)
            for only in (False, True)
        )
        found = {
            sheet.title: list(_lines(sheet, reckoned[sheet.title], f"{display}:{sheet.title}"))
            for sheet in written.worksheets
        }
        return MappingProxyType(found)
    except InputError:
        raise
    except _BROKEN_FILE as error:
        what = f"is no workbook that can be read ({type(error).__name__})"
        fix = "save it in Excel as .xlsx, without a password"
        raise InputError(str(Problem(Where(display), "", what, fix))) from None


def _refuse_huge(data: bytes, display: str) -> None:
    """A small file may unpack to gigabytes."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        unpacked = sum(member.file_size for member in archive.infolist())
    if unpacked > LARGEST_UNPACKED_BYTES:
        what = f"unpacks to {unpacked:,} bytes; at most {LARGEST_UNPACKED_BYTES:,} are read"
        raise InputError(str(Problem(Where(display), "", what, "delete what is no table")))


def _lines(written: Any, reckoned: Any, display: str) -> Iterator[Line]:
    """Rows of one sheet; empty cells at a row's end are cut to the header's width."""
    for sheet in (written, reckoned):
        sheet.reset_dimensions()
    width = n_rows = 0
    pairs = zip(written.iter_rows(), reckoned.iter_rows(), strict=True)
    for number, (formulas, values) in enumerate(pairs, start=1):
        if not values:
            continue
        line = _line(number, formulas, values)
        while line.cells and not line.cells[-1].strip():
            line.cells.pop()
        if not line.cells:
            continue
        width, n_rows = width or len(line.cells), n_rows + 1
        if n_rows > MOST_ROWS or len(line.cells) > MOST_COLUMNS:
            what = f"is larger than {MOST_ROWS:,} rows of {MOST_COLUMNS} columns"
            fix = "delete what lies behind the table"
            raise InputError(str(Problem(Where(display, number), "", what, fix)))
        yield line._replace(cells=line.cells + [""] * (width - len(line.cells)))


def _line(number: int, formulas: Any, values: Any) -> Line:
    cells, unreadable = [], {}
    for position, (formula, cell) in enumerate(zip(formulas, values, strict=True)):
        # a formula that gives an empty text has been reckoned: it is an empty cell
        if formula.value is not None and cell.value is None and cell.data_type != "str":
            unreadable[position] = Unfit(
                "a formula without a value", "open the file in Excel and save it, or type the value"
            )
            # an array formula is an object
            cells.append(formula.value if isinstance(formula.value, str) else "=")
        elif cell.data_type == "e":
            unreadable[position] = Unfit(
                f"an error of Excel (found {show(cell.value)})",
                "repair the formula, or type the value",
            )
            cells.append(str(cell.value))
        else:
            cells.append("" if cell.value is None else cell_text(cell.value, cell.number_format))
    return Line(number, cells, unreadable)


def cell_text(value: Any, number_format: str = "General") -> str:
    """What a typed cell means in a CSV; instants of Excel have no zone and are UTC.

    >>> cell_text(2.0), cell_text(True), cell_text("007"), cell_text(22.0, "0.0")
    ('2', 'true', '007', '22.0')
    >>> cell_text(datetime(2024, 5, 20), "yyyy-mm-dd"), cell_text(datetime(2024, 5, 20, 6))
    ('2024-05-20', '2024-05-20T06:00:00Z')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return _number_text(value, number_format)
    if isinstance(value, datetime):
        has_hours = value.time() != time() or "h" in number_format.lower()
        return value.isoformat() + "Z" if has_hours else value.date().isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value)


def _number_text(value: float, number_format: str) -> str:
    """All digits that the cell holds; those that its format adds, never those that it hides."""
    shown = re.fullmatch(r"0\.(0+)", number_format)
    if shown:
        text = f"{value:.{len(shown[1])}f}"
        if float(text) == value:
            return text
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
