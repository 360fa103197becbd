"""Published figures: `seeds/figures.csv` of the study folder over the packaged one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from corridor_sim.inputs.problems import Problem, Where
from corridor_sim.inputs.side_table import SideTable, read_side_table, unknown

DISPLAY = "seeds/figures.csv"
GRADES = ("A", "B", "C", "D")


class Figure(NamedTuple):
    """A published number as it was read; all texts, empty where not known."""

    id: str
    value: str
    low: str
    high: str
    unit: str
    date: str
    definition: str
    publisher: str
    title: str
    url: str
    grade: str


def read_figures(folders: Iterable[Path]) -> tuple[dict[str, Figure], SideTable]:
    """Figures by id, those of earlier folders first; and what is wrong with the files.

    Raises
    ------
    InputError    a file cannot be read
    """
    figures: dict[str, Figure] = {}
    read = SideTable()
    for folder in reversed(list(folders)):
        if (folder / DISPLAY).is_file():
            table = read_side_table(folder, DISPLAY, "figures", Figure._fields)
            figures |= _figures(table)
            read.problems += table.problems
            read.files += table.files
    return figures, read


def _figures(table: SideTable) -> dict[str, Figure]:
    """The figures of one file; problems are added to it."""
    first: dict[str, Where] = {}
    found = {}
    for where, row in table.rows:
        figure = Figure(*(row[column] for column in Figure._fields))
        table.problems += _problems(where, figure, first)
        first.setdefault(figure.id, where)
        found[figure.id] = figure
    return found


def _problems(where: Where, figure: Figure, first: dict[str, Where]) -> Iterable[Problem]:
    if not figure.id:
        yield Problem(where, "id", "the row has no id (an empty cell)", "a new id, such as Y001")
    elif figure.id in first:
        what = f"there are two figures of this id (first at {first[figure.id].short})"
        yield Problem(where, figure.id, what, "rename one, or delete it")
    if figure.grade not in GRADES:
        yield unknown(where, f"{figure.id}.grade", "must be a grade", figure.grade, GRADES)
