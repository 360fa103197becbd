"""A network, folder or workbook: its tables as rows, or as the lines that people wrote."""

from __future__ import annotations

from typing import Any

from corridor_sim.errors import InputError
from corridor_sim.inputs import check_names, csv_table
from corridor_sim.inputs.csv_table import FileUsed, Line, split_lines
from corridor_sim.inputs.layers import Layer
from corridor_sim.inputs.places import Place
from corridor_sim.inputs.problems import Where
from corridor_sim.inputs.schema import TABLES
from corridor_sim.inputs.validate import records
from corridor_sim.inputs.view import View
from corridor_sim.inputs.xlsx_table import README, read_workbook, workbook_lines
from corridor_sim.inputs.yaml_file import decode, read_bytes


def read_network(place: Place) -> tuple[Layer, list[FileUsed]]:
    """All tables of a network; problems are collected in the layer."""
    return read_workbook(place) if is_workbook(place) else csv_table.read_network(place)


def checked_network(place: Place) -> View:
    """The records of a network without a scenario: each row valid, the ends of legs known.

    Raises
    ------
    InputError    every problem, one located line each
    """
    layer, _ = read_network(place)
    made, _ = records(layer)
    rows = {key: row for _, key, row in layer.rows()}
    # other tables may name what only a scenario adds
    tables: dict[str, dict[str, Any]] = {table: {} for table in TABLES}
    alone = ("nodes", "legs", "weather")
    tables |= {table: made[table] for table in alone}
    mine = {key: row for key, row in rows.items() if key.partition(".")[0] in alone}
    top, broken = Where(place.display), frozenset(layer.broken)
    view = View(tables, None, mine, top, not layer.problems, broken)
    problems = [*layer.problems, *check_names.problems(view)]
    if problems:
        raise InputError([str(problem) for problem in sorted(set(problems))])
    return View(made, None, rows, top, True, broken)


def is_workbook(place: Place) -> bool:
    """An .xlsx file; else a folder of CSV files."""
    return place.path.suffix == ".xlsx"


def network_lines(place: Place) -> dict[str, list[Line]]:
    """Table's file name without `.csv` -> lines with the header first; by name.

    All CSV files or sheets that are not empty, those for people (provenance) too.
    """
    if is_workbook(place):
        found = dict(workbook_lines(read_bytes(place.path, place.display), place.display))
        found.pop(README, None)
    else:
        found = {}
        for path in place.path.glob("*.csv"):
            display = f"{place.display}/{path.name}"
            found[path.stem] = list(
                split_lines(decode(read_bytes(path, display), display), display)
            )
    return {name: found[name] for name in sorted(found) if found[name]}
