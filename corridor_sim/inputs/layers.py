"""Rows as written, before they are records: every cell knows where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from corridor_sim.inputs.kinds import Kind, columns, fit
from corridor_sim.inputs.problems import Problem, Unfit, Where, did_you_mean, show
from corridor_sim.inputs.schema import TABLES
from corridor_sim.inputs.yaml_file import Node

BAD: Any = object()
"""Stands for a value that was refused already: no second complaint about it."""


class Cell(NamedTuple):
    """One value, converted, and where it stands."""

    value: Any
    where: Where


@dataclass
class Row:
    """One row: its cells by column."""

    where: Where
    cells: dict[str, Cell] = field(default_factory=dict)


@dataclass
class Layer:
    """The rows of one or more files: table -> id -> row; `simulation` is one row."""

    tables: dict[str, dict[str, Row]] = field(default_factory=lambda: {t: {} for t in TABLES})
    simulation: Row | None = None
    problems: list[Problem] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    """Tables that could not be read: rows that name theirs are not to blame."""
    missed: set[str] = field(default_factory=set)
    """Rows (key paths) in which a setting named no column: they are not as they were meant."""

    def rows(self) -> Iterator[tuple[str, str, Row]]:
        """Table, key path and row of everything, `simulation` last."""
        for table, rows in self.tables.items():
            for row_id, row in rows.items():
                yield table, f"{table}.{row_id}", row
        if self.simulation is not None:
            yield "simulation", "simulation", self.simulation

    def add(self, table: str, row_id: str, row: Row) -> None:
        """A row of this layer; the second of one name is a problem."""
        first = self.tables[table].get(row_id)
        if first is None:
            self.tables[table][row_id] = row
            return
        fix = "give each call an `id`" if table == "calls" else "rename one, or delete it"
        what = f"there are two rows of this name (first at {first.where.short})"
        self.problems.append(Problem(row.where, f"{table}.{row_id}", what, fix))

    def put_over(self, other: Layer) -> None:
        """This layer's columns over those of `other`, which is changed."""
        for table, rows in self.tables.items():
            for row_id, row in rows.items():
                below = other.tables[table].setdefault(row_id, Row(row.where))
                put_cells(below, row.cells)
        if self.simulation is not None:
            other.simulation = other.simulation or Row(self.simulation.where)
            put_cells(other.simulation, self.simulation.cells)
        other.problems += self.problems
        other.broken |= self.broken
        other.missed |= self.missed


def put_cells(row: Row, cells: dict[str, Cell]) -> None:
    """New cells over a row's; a rate replaces the mean, days replace hours."""
    for column in cells:
        rival = _rival(column)
        if rival is not None and rival not in cells:
            row.cells.pop(rival, None)
    row.cells.update(cells)


def _rival(column: str) -> str | None:
    """The column that says the same in another unit."""
    if column.endswith("_mean_h"):
        return column.removesuffix("_mean_h") + "_rate_per_h"
    if column.endswith("_rate_per_h"):
        return column.removesuffix("_rate_per_h") + "_mean_h"
    for one, other in (("_h", "_d"), ("_d", "_h")):
        base = column.removesuffix(one)
        if base != column and base in ("warm_up", "window", "drain"):
            return base + other
    return None


def add_table(layer: Layer, table: str, node: Node) -> None:
    """A table of a scenario file: a list of rows, or a mapping of ids to rows."""
    if isinstance(node.value, list):
        for number, member in enumerate(node.value):
            _add_member(layer, table, member, number)
    elif isinstance(node.value, dict):
        for row_id, member in node.value.items():
            row = _row(layer, table, f"{table}.{row_id}", member)
            if row is not None:
                _agree(layer, table, row_id, row)
                layer.add(table, row_id, row)
    elif node.value is not None:
        what = f"must be a mapping of names to rows, or a list of rows (found {show(node.value)})"
        layer.problems.append(Problem(node.where, table, what, f"{table}: {{name: {{...}}}}"))
        layer.broken.add(table)


def _add_member(layer: Layer, table: str, member: Node, number: int) -> None:
    row = _row(layer, table, f"{table}.{number}", member)
    if row is None:
        return
    row_id = id_of(table, row)
    if row_id is None:
        fix = "id: some_name" if table != "calls" else "service: and node: (or an id)"
        layer.problems.append(Problem(member.where, f"{table}.{number}", "has no id", fix))
    elif row_id is not BAD:
        layer.add(table, row_id, row)


def id_of(table: str, row: Row) -> Any:
    """The id of a row, taken out of its cells; of a call `<service>_<node>` by default."""
    cell = row.cells.pop("id", None)
    if cell is not None and cell.value is not None:
        return cell.value
    parts = [row.cells.get(column) for column in ("service", "node")]
    if table == "calls" and all(part is not None and part.value is not None for part in parts):
        values = [part.value for part in parts if part is not None]
        return BAD if BAD in values else "_".join(values)
    return None


def _agree(layer: Layer, table: str, row_id: str, row: Row) -> None:
    """A row in a mapping may repeat its id, but not another."""
    cell = row.cells.pop("id", None)
    if cell is not None and cell.value not in (row_id, BAD, None):
        what = f"is called {row_id!r} and has another id (found {show(cell.value)})"
        layer.problems.append(Problem(cell.where, f"{table}.{row_id}.id", what, "delete the id"))


def _row(layer: Layer, table: str, path: str, node: Node) -> Row | None:
    if node.value is None:
        return Row(node.where)
    if not isinstance(node.value, dict):
        what = f"must be a mapping of columns to values (found {show(node.value)})"
        layer.problems.append(Problem(node.where, path, what, "{column: value, ...}"))
        layer.broken.add(table)
        return None
    return Row(node.where, cells_of(layer, table, path, node.value))


def cells_of(layer: Layer, table: str, path: str, members: dict[str, Node]) -> dict[str, Cell]:
    """Converted cells of a mapping; what does not fit is a problem and BAD."""
    cells: dict[str, Cell] = {}
    for column, node in members.items():
        kind = columns(table).get(column)
        if kind is None:
            layer.problems.append(unknown_column(table, path, column, node.where))
            continue
        cells[column] = Cell(_value(layer, kind, f"{path}.{column}", node), node.where)
    return cells


def _value(layer: Layer, kind: Kind, key: str, node: Node) -> Any:
    """The converted value, or BAD and its problem."""
    if node.holds_refused():
        return BAD
    try:
        return fit(kind, node.plain())
    except Unfit as unfit:
        fix = f"{key.rpartition('.')[2]}: {unfit.fix}" if unfit.fix else ""
        layer.problems.append(Problem(node.where, key, unfit.what, fix))
        return BAD


def unknown_column(table: str, path: str, column: str, where: Where) -> Problem:
    """The problem of a column that no row of the table has."""
    fix = did_you_mean(column, columns(table), "one")
    return Problem(where, f"{path}.{column}", f"unknown key (found {show(column)})", fix)
