"""The valid records of a scenario and where everything stands: what the checks read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from corridor_sim.inputs.layers import Row
from corridor_sim.inputs.problems import Problem, Where
from corridor_sim.inputs.schema import Simulation

PARTS = ("warm_up", "window", "drain")
"""Parts of a run, in order; each is given in hours or in days."""


def part_h(simulation: Simulation, part: str) -> float:
    """Length of one part of the run, hours."""
    hours, days = getattr(simulation, f"{part}_h"), getattr(simulation, f"{part}_d")
    return float(hours or 24 * (days or 0.0))


@dataclass(frozen=True)
class View:
    """Records by table and id; `rows` also has those that are not valid."""

    tables: dict[str, dict[str, Any]]
    simulation: Simulation | None
    rows: dict[str, Row]
    top: Where
    is_whole: bool
    """Every row is valid: checks over the whole network make sense."""
    broken: frozenset[str] = frozenset()
    """Tables that could not be read."""

    def ids(self, table: str) -> set[str]:
        """Ids of a table, those of rows that are not valid too."""
        return {key.partition(".")[2] for key in self.rows if key.startswith(f"{table}.")}

    def items(self, table: str) -> Iterator[tuple[str, Any]]:
        """Key path and record."""
        for row_id, record in self.tables[table].items():
            yield f"{table}.{row_id}", record

    def where(self, key: str, column: str) -> Where:
        """Where a column stands, else its row."""
        row = self.rows.get(key)
        if row is None:
            return self.top
        return row.cells[column].where if column in row.cells else row.where

    def problem(self, key: str, column: str, what: str, fix: str = "") -> Problem:
        """A problem at a column of a row."""
        path = f"{key}.{column}" if column else key
        return Problem(self.where(key, column), path, what, fix)
