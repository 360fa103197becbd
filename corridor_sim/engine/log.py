"""The event log: what a simulation is. Columnar, integer, canonically ordered, append-only."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, fields
from itertools import chain
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
"""Rows as tuples, or all their numbers one after another in an array("q")."""

_CHUNK = 256
"""Rows that are moved at a time."""


def log_from_rows(
    births: Rows,
    visits: Rows,
    cargo: Rows,
    switches: Rows,
    waiting: Rows,
    lot_ptr: IntArray,
) -> EventLog:
    """Rows in any order (columns as declared) to the canonical log: sorted by their columns.

    Arrays are emptied: they shrink as the log grows. Touching cargo ranges of one visit, direction
    and flow are merged: how a stock was cut into ranges is an engine's own business.
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
    plain = rows if isinstance(rows, array) else array("q", chain.from_iterable(rows))
    columns = _columns(plain, names)
    order = _order(columns)
    for name in names:
        columns[name] = columns[name][order]
        columns[name].flags.writeable = False
    return kind(**columns)


def _columns(rows: array[int], names: list[str]) -> dict[str, npt.NDArray[Any]]:
    """The columns of rows, which are emptied: whatever column is out, the array is shorter by."""
    columns = {}
    for width in range(len(names), 0, -1):
        name = names[width - 1]
        data = np.frombuffer(rows, np.int64).reshape(-1, width)
        columns[name] = data[:, -1].astype(np.int64 if name in _LONG else np.int32)
        n, flat = len(data), data.reshape(-1)
        for at in range(0, n, _CHUNK):
            kept = data[at : at + _CHUNK, :-1].flatten()
            flat[at * (width - 1) :][: len(kept)] = kept
        # a buffer that numpy still looks at cannot shrink
        del data, flat
        del rows[n * (width - 1) :]
    return {name: columns[name] for name in names}


def _order(columns: dict[str, npt.NDArray[Any]]) -> IntArray:
    """Row numbers in the order of all columns, the first one foremost.

    One number is made of as many leading columns as it can hold. As a rule they tell all rows
    apart, and it is all that needs sorting.
    """
    key, room = np.zeros(len(next(iter(columns.values()))), np.int64), 2**62
    if not len(key):
        return key
    for column in columns.values():
        low = int(column.min())
        span = int(column.max()) - low + 1
        room //= span
        if not room:
            break
        key *= span
        key += column
        key -= low
    order = np.argsort(key)
    key = key[order]
    if (key[1:] > key[:-1]).all():
        return order
    return np.lexsort(list(columns.values())[::-1])
