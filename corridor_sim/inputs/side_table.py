"""A CSV table about the data, not of the model: figures, provenance."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from corridor_sim.inputs.csv_table import CsvError, FileUsed, Line, split_lines
from corridor_sim.inputs.network import is_workbook, network_lines
from corridor_sim.inputs.places import Place
from corridor_sim.inputs.problems import Problem, Where, did_you_mean, show
from corridor_sim.inputs.yaml_file import decode, read_bytes


@dataclass
class SideTable:
    """Rows by column with the place of each row; what is wrong with the file; its hash."""

    rows: list[tuple[Where, dict[str, str]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    files: list[FileUsed] = field(default_factory=list)


def read_side_table(study: Path, display: str, role: str, columns: Sequence[str]) -> SideTable:
    """A file of a study that must have these columns, in any order; others are passed over.

    Raises
    ------
    InputError    the file cannot be read, or is not UTF-8
    """
    path = study / display
    if not path.resolve().is_relative_to(study.resolve()):
        what, fix = "is a link that leads out of the study folder", "copy the file here"
        return SideTable(problems=[Problem(Where(display), "", what, fix)])
    data = read_bytes(path, display)
    used = (role, display, hashlib.sha256(data).hexdigest())
    table = SideTable(files=[used])
    try:
        add_lines(table, split_lines(decode(data, display), display), display, columns)
    except CsvError as error:
        table.problems.append(error.problem)
    return table


def read_network_table(network: Place, name: str, columns: Sequence[str]) -> SideTable:
    """`<name>.csv` of a network's folder, or the sheet `<name>` of its workbook; may be missing."""
    if is_workbook(network):
        table, lines = SideTable(), network_lines(network).get(name)
        if lines is not None:
            add_lines(table, lines, f"{network.display}:{name}", columns)
        return table
    if not (network.path / f"{name}.csv").is_file():
        return SideTable()
    return read_side_table(network.study, f"{network.display}/{name}.csv", name, columns)


def add_lines(
    table: SideTable, lines: Iterable[Line], display: str, columns: Sequence[str]
) -> None:
    """Add the rows below a header line."""
    lines = iter(lines)
    head = next(lines, None)
    header = [] if head is None else [cell.strip() for cell in head.cells]
    missing = [column for column in columns if column not in header]
    if missing:
        what = f"the header has no column {missing[0]} (found {show(','.join(header))})"
        fix = f"the columns {','.join(columns)}"
        table.problems.append(Problem(Where(display), missing[0], what, fix))
        return
    table.rows += _rows(table, lines, display, header)


def _rows(
    table: SideTable, lines: Iterator[Line], display: str, header: list[str]
) -> Iterator[tuple[Where, dict[str, str]]]:
    for line in lines:
        cells = [cell.strip() for cell in line.cells]
        if not any(cells):
            continue
        where = Where(display, line.number)
        if len(cells) == len(header):
            yield where, dict(zip(header, cells, strict=True))
            continue
        what = f"has {len(cells)} cells where the header has {len(header)}"
        fix = "quotes around a text that holds a comma" if len(cells) > len(header) else "commas"
        table.problems.append(Problem(where, cells[0][:40], what, fix))


def unknown(where: Where, key: str, what: str, word: str, known: Iterable[str]) -> Problem:
    """The problem of a word that should be one of some names."""
    return Problem(where, key, f"{what} (found {show(word)})", did_you_mean(word, known, "one"))
