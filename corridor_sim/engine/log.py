"""The event log: what a simulation is. Columnar, integer, canonically ordered, append-only."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from corridor_sim.primitives import IntArray

LOG_VERSION = 1

Int32Array = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Births:
    """One row a trip ordinal: when it joined its first line, in which vehicle, after which ordinal.

    `previous` is the ordinal that the same vehicle had before (NOBODY if none).
    """

    source: Int32Array
    k: Int32Array
    previous: Int32Array
    vehicle: Int32Array
    line: Int32Array
    joined_s: IntArray


@dataclass(frozen=True)
class Visits:
    """One row a visit, written at the grant; a give-up is a row with stage -1 and start = end.

    `line` is where the trip waited, `lots` how many lots the visit loads plus unloads.
    """

    source: Int32Array
    k: Int32Array
    visit: Int32Array
    line: Int32Array
    stage: Int32Array
    lots: Int32Array
    start_s: IntArray
    end_s: IntArray


@dataclass(frozen=True)
class CargoMoves:
    """Half-open ranges of lots loaded (direction 1, at the start) or unloaded (-1, at the end)."""

    source: Int32Array
    k: Int32Array
    visit: Int32Array
    direction: Int32Array
    first: IntArray
    end: IntArray


@dataclass(frozen=True)
class Switches:
    """Meters that switched: on = 1 or 0, and the weighted level that made them."""

    t_s: IntArray
    meter: Int32Array
    on: Int32Array
    level: IntArray


@dataclass(frozen=True)
class Waiting:
    """Who stands in which line at the horizon."""

    source: Int32Array
    k: Int32Array
    line: Int32Array
    joined_s: IntArray


@dataclass(frozen=True)
class EventLog:
    """The result of a run; equal bytes for every engine that keeps the contract."""

    births: Births
    visits: Visits
    cargo: CargoMoves
    switches: Switches
    waiting: Waiting

    def same(self, other: EventLog) -> bool:
        """Whether both hold the same bytes."""
        return self.tobytes() == other.tobytes()

    def tobytes(self) -> bytes:
        """All columns of all tables, in order."""
        tables = (getattr(self, f.name) for f in fields(self))
        return b"".join(getattr(t, c.name).tobytes() for t in tables for c in fields(t))

    @property
    def nbytes(self) -> int:
        """Memory of all columns, bytes."""
        tables = (getattr(self, f.name) for f in fields(self))
        return sum(int(getattr(t, c.name).nbytes) for t in tables for c in fields(t))


_LONG = {"joined_s", "start_s", "end_s", "t_s", "first", "end", "level"}


Rows: TypeAlias = "Iterable[tuple[int, ...]] | array[int]"
"""Rows as tuples, or all their numbers one after another."""


def log_from_rows(
    births: Rows,
    visits: Rows,
    cargo: Rows,
    switches: Rows,
    waiting: Rows,
    lot_ptr: IntArray,
) -> EventLog:
    """Rows in any order (columns as declared) to the canonical log: sorted by their columns.

    Touching cargo ranges of one visit, direction and flow are merged: how a stock was cut into
    ranges is an engine's own business.
    """
    kinds = (Births, Visits, CargoMoves, Switches, Waiting)
    tables = [
        _table(k, r) for k, r in zip(kinds, (births, visits, cargo, switches, waiting), strict=True)
    ]
    tables[2] = _merged(tables[2], lot_ptr)
    return EventLog(*tables)


def _merged(cargo: CargoMoves, lot_ptr: IntArray) -> CargoMoves:
    if len(cargo.first) < 2:
        return cargo
    flow = np.searchsorted(lot_ptr, cargo.first, side="right")
    same = (flow[1:] == flow[:-1]) & (cargo.first[1:] == cargo.end[:-1])
    for column in (cargo.source, cargo.k, cargo.visit, cargo.direction):
        same &= column[1:] == column[:-1]
    starts = np.concatenate([[True], ~same])
    ends = np.concatenate([~same, [True]])
    columns = {f.name: getattr(cargo, f.name)[starts] for f in fields(cargo)}
    columns["end"] = cargo.end[ends]
    for column in columns.values():
        column.flags.writeable = False
    return CargoMoves(**columns)


def _table(kind: type, rows: Rows) -> Any:
    names = [f.name for f in fields(kind)]
    plain = (
        np.frombuffer(rows, np.int64) if isinstance(rows, array) else np.array(list(rows), np.int64)
    )
    data = plain.reshape(-1, len(names))
    order = np.lexsort(data.T[::-1])
    columns = {}
    for i, name in enumerate(names):
        column = data[order, i].astype(np.int64 if name in _LONG else np.int32)
        column.flags.writeable = False
        columns[name] = column
    return kind(**columns)
