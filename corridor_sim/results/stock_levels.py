"""Stock levels: what waits in every stock, and what fills every yard, at each midnight (UTC)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from corridor_sim.facilities import Yard
from corridor_sim.history.halves import Places
from corridor_sim.history.replay import Replay
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built
from corridor_sim.primitives import IntArray
from corridor_sim.units import DAY_S


@dataclass(frozen=True)
class StockLevels:
    """Levels of one replication; rows sorted by key.

    A level is that of the end of its second: what comes at midnight sharp is in it. A yard counts
    what is on its ground and the room taken for a discharge that is under way.
    """

    keys: tuple[tuple[str, str, str, str], ...]
    """(place, kind, node, unit) of each row; kind is `stock` or `yard`."""
    day_s: IntArray
    """(n_day,) midnights of the window, seconds from the scenario start."""
    units: IntArray
    """(n_row, n_day)"""
    capacity: IntArray
    """(n_row, n_day); -1: no limit"""


def stock_levels(scenario: Scenario, built: Built, replay: Replay, places: Places) -> StockLevels:
    """All stocks by load unit, and all yards; stocks that stayed empty are left out."""
    day_s = midnights(scenario.simulation.start, *built.window_s[:2])
    stocks, levels = _stocks(scenario, built, replay, places, day_s)
    yards = [f for _, f in sorted(scenario.facilities.items()) if isinstance(f, Yard)]
    at = [built.model.names.counters.index(yard.id) for yard in yards]
    row = np.repeat(np.array(at, np.int64), len(day_s))
    cap = replay.cap.at(row, np.tile(day_s, len(at))).reshape(len(at), len(day_s))
    free = replay.free.at(row, np.tile(day_s, len(at))).reshape(len(at), len(day_s))
    keys = stocks + [(yard.id, "yard", yard.node, "places") for yard in yards]
    units = np.concatenate([levels, cap - free])
    capacity = np.concatenate([np.full(levels.shape, -1), cap])
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return StockLevels(tuple(keys[i] for i in order), day_s, units[order], capacity[order])


def midnights(start: datetime, begin_s: int, until_s: int) -> IntArray:
    """Seconds from `start` of every 00:00 UTC in [begin, until) (n_day,).

    >>> midnights(datetime(2024, 1, 1, 6, tzinfo=UTC), 0, 2 * 86_400).tolist()
    [64800, 151200]
    """
    day = start.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first = -round((start - day) / timedelta(seconds=1))
    at = np.arange(first, until_s, DAY_S, dtype=np.int64)
    return at[at >= begin_s]


def _stocks(
    scenario: Scenario, built: Built, replay: Replay, places: Places, day_s: IntArray
) -> tuple[list[tuple[str, str, str, str]], IntArray]:
    """Keys and levels (n_row, n_day) of stocks by load unit: what came in less what went out."""
    names, segments, arrivals = built.model.names, replay.segments, replay.arrivals
    unit_of = {f.flow: scenario.demand[f.demand].unit for f in built.meaning.flows}
    units = sorted(set(unit_of.values()))
    unit = np.array([units.index(unit_of[name]) for name in names.flows], np.int64)
    out = np.flatnonzero((segments.loaded_s >= 0) & (segments.stock >= 0))
    segment = np.append(arrivals.segment, out)
    at_s = np.append(arrivals.since_s, segments.loaded_s[out])
    change = np.append(replay.arrival_units, -replay.segment_units[out])
    row = segments.stock[segment] * len(units) + unit[segments.flow[segment]]
    n_row, n_day = len(names.stocks) * len(units), len(day_s)
    # a change counts from the first midnight at or after it; those after the last go to waste
    day = np.searchsorted(day_s, at_s)
    moved = np.bincount(row * (n_day + 1) + day, change, n_row * (n_day + 1))
    level = np.cumsum(np.rint(moved).astype(np.int64).reshape(n_row, n_day + 1), axis=1)[:, :n_day]
    used = np.unique(row)
    keys = [
        (names.stocks[i], "stock", places.nodes[places.stock[i]], str(units[j]))
        for i, j in (divmod(r, len(units)) for r in used.tolist())
    ]
    return keys, level[used]
