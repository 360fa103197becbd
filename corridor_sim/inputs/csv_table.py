"""Networks as folders of CSV tables: UTF-8, commas, a header line, one row a line.

Sheets of a workbook become the same lines of text (`xlsx_table`) and are read by `read_lines`.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from corridor_sim.errors import InputError
from corridor_sim.inputs.kinds import columns, from_text
from corridor_sim.inputs.layers import BAD, Cell, Layer, Row, id_of
from corridor_sim.inputs.places import Place
from corridor_sim.inputs.problems import Problem, Unfit, Where, closest, did_you_mean, show
from corridor_sim.inputs.yaml_file import decode, read_bytes

FILES = {
    "node.csv": ("nodes", "node_id"),
    "link.csv": ("legs", "link_id"),
    "facilities.csv": ("facilities", "id"),
    "fleets.csv": ("fleets", "id"),
    "services.csv": ("services", "id"),
    "calls.csv": ("calls", "id"),
    "demand.csv": ("demand", "id"),
    "routes.csv": ("routes", "id"),
    "laws.csv": ("laws", "id"),
    "seasons.csv": ("seasons", "id"),
    "weather.csv": ("weather", "id"),
    "closures.csv": ("closures", "id"),
    "embargoes.csv": ("embargoes", "id"),
    "tariffs.csv": ("tariffs", "id"),
    "exchange_rates.csv": ("exchange_rates", "id"),
    "emission_factors.csv": ("emission_factors", "id"),
    "disruptions.csv": ("disruptions", "id"),
    "alternatives.csv": ("alternatives", "id"),
}
"""File name -> table and the column of its ids (nodes and links as in GMNS)."""

NO_TABLES = ("observations", "provenance")
"""Files beside the tables, which are not of the model."""

FileUsed = tuple[str, str, str]
"""Role, display name, SHA-256."""


class Line(NamedTuple):
    """One record of a table; `number` is the line on which it begins."""

    number: int
    cells: list[str]
    unreadable: Mapping[int, Unfit] = MappingProxyType({})
    """Position -> why a spreadsheet has no value there."""


def read_network(place: Place) -> tuple[Layer, list[FileUsed]]:
    """All tables of a network's folder; problems are collected in the layer."""
    layer, used = Layer(), list[FileUsed]()
    for path in sorted(place.path.glob("*.csv"), key=lambda path: path.name):
        display = f"{place.display}/{path.name}"
        if path.name not in FILES:
            layer.problems += misnamed(path.name, display)
            continue
        if not path.resolve().is_relative_to(place.study.resolve()):
            what, fix = "is a link that leads out of the study folder", "copy the file here"
            layer.problems.append(Problem(Where(display), "", what, fix))
            layer.broken.add(FILES[path.name][0])
            continue
        try:
            data = read_bytes(path, display)
            used.append(("network", display, hashlib.sha256(data).hexdigest()))
            read_table(layer, path.name, decode(data, display), display)
        except CsvError as error:
            layer.problems.append(error.problem)
            layer.broken.add(FILES[path.name][0])
        except InputError as error:
            raise InputError([*map(str, layer.problems), *error.problems]) from None
    return layer, used


class CsvError(InputError):
    """A table that cannot be read further."""

    def __init__(self, problem: Problem):
        self.problem = problem
        super().__init__(str(problem))


def misnamed(name: str, display: str) -> list[Problem]:
    """A table whose file name is almost right would be passed over in silence: say so."""
    stem = name.removesuffix(".csv")
    if stem in NO_TABLES:
        return []
    tables = {table: file for file, (table, _) in FILES.items()}
    meant = tables.get(stem) or closest(stem, {file.removesuffix(".csv") for file in FILES})
    if meant is None:
        return []
    fix = f"rename it {meant.removesuffix('.csv')}.csv"
    return [Problem(Where(display), "", f"no table is called {show(name)}", fix)]


def read_table(layer: Layer, file_name: str, text: str, display: str) -> None:
    """Add the rows of one CSV text to the layer."""
    read_lines(layer, file_name, split_lines(text, display), display)


def read_lines(layer: Layer, file_name: str, lines: Iterator[Line], display: str) -> None:
    """Add rows to the layer; the first line is the header."""
    table, id_column = FILES[file_name]
    header_line = next(lines, None)
    if header_line is None:
        raise CsvError(Problem(Where(display), table, "is empty", f"a header: {id_column},..."))
    header = _header(layer, table, id_column, _trimmed(header_line, 1), display)
    for line in lines:
        if any(cell.strip() for cell in line.cells):
            _add_line(layer, table, header, _trimmed(line, len(header)), display)


def _trimmed(line: Line, width: int) -> Line:
    """The line without empty cells at its end, which spreadsheets add at will."""
    n = len(line.cells)
    while n > width and not line.cells[n - 1].strip() and n - 1 not in line.unreadable:
        n -= 1
    return line._replace(cells=line.cells[:n])


def split_lines(text: str, display: str) -> Iterator[Line]:
    """Records of a CSV text with the lines on which they begin."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise CsvError(_broken(str(error), text, number, display)) from None
        if cells:
            yield Line(number, cells)


def _broken(reason: str, text: str, number: int, display: str) -> Problem:
    lines = text.splitlines()
    written = lines[number - 1] if number <= len(lines) else ""
    col = written[: written.rfind('"')].count(",") + 1 if '"' in written else 1
    if "unexpected end" in reason or "field larger" in reason:
        reason = "a quoted cell begins here and never ends"
    return Problem(Where(display, number, col), "", reason, 'close the quotes: "..."')


def _header(layer: Layer, table: str, id_column: str, line: Line, display: str) -> dict[int, str]:
    """Position -> column; unknown and repeated names are problems."""
    _refuse_separator(line, display)
    header: dict[int, str] = {}
    for number, name in enumerate(cell.strip() for cell in line.cells):
        where = Where(display, line.number, number + 1)
        column = "id" if name == id_column else name
        if not name:
            problem = Problem(where, table, "a column without a name", "name it, or delete it")
        elif column in header.values():
            problem = Problem(where, f"{table}.{name}", "two columns of this name", "delete one")
        elif column not in columns(table) or (name == "id" and id_column != "id"):
            known = (columns(table).keys() - {"id"}) | {id_column}
            fix = did_you_mean(name, known, "one")
            problem = Problem(where, f"{table}.{name}", f"unknown column (found {show(name)})", fix)
        else:
            header[number] = column
            continue
        header[number] = ""
        layer.problems.append(problem)
    if "id" not in header.values() and table != "calls":
        found = show(",".join(line.cells))
        what = f"the header has no column {id_column} (found {found})"
        raise CsvError(Problem(Where(display, line.number), table, what, f"a column {id_column}"))
    return header


def _refuse_separator(line: Line, display: str) -> None:
    """Spreadsheets of many countries write `;` between cells and `,` in numbers."""
    for mark, word in ((";", "semicolons"), ("\t", "tabs")):
        if len(line.cells) <= 2 and line.cells[0].count(mark) >= 1:
            what = f"cells are separated by {word}, not commas (found {show(line.cells[0])})"
            fix = "save it as `CSV UTF-8 (comma delimited)`, with a point for decimals"
            raise CsvError(Problem(Where(display, line.number), "", what, fix))


def _add_line(layer: Layer, table: str, header: dict[int, str], line: Line, display: str) -> None:
    if len(line.cells) != len(header):
        what = f"has {len(line.cells)} cells where the header has {len(header)}"
        col = min(len(line.cells), len(header)) + 1
        fix = "quotes around a text that holds a comma" if col > len(header) else "add commas"
        where = Where(display, line.number, col)
        layer.problems.append(Problem(where, f"{table}.{line.cells[0].strip()[:40]}", what, fix))
        layer.broken.add(table)
        return
    row = _row(layer, table, header, line, display)
    row_id = id_of(table, row)
    if row_id is None:
        what = "the row has no id (an empty cell)"
        layer.problems.append(Problem(row.where, table, what, "a name of a-z, 0-9 and _"))
    elif row_id is not BAD:
        layer.add(table, row_id, row)


def _row(layer: Layer, table: str, header: dict[int, str], line: Line, display: str) -> Row:
    """Cells by column; an empty cell is one that is not given."""
    row = Row(Where(display, line.number))
    texts = [cell.strip() for cell in line.cells]
    named = [text for number, text in enumerate(texts) if header[number] == "id"]
    for number, text in enumerate(texts):
        column, where = header[number], Where(display, line.number, number + 1)
        if not text or not column:
            continue
        try:
            if number in line.unreadable:
                raise line.unreadable[number]
            value = from_text(columns(table)[column], text)
        except Unfit as unfit:
            path = ".".join([table, *named, column])
            layer.problems.append(Problem(where, path, unfit.what, unfit.fix))
            value = BAD
        row.cells[column] = Cell(value, where)
    return row
