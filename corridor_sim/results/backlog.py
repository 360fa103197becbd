"""backlog: what was served of the demand, and whether what is in the system grows."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from corridor_sim.history.replay import Replay
from corridor_sim.history.segments import State
from corridor_sim.history.steps import expand
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built
from corridor_sim.primitives import IntArray
from corridor_sim.results import indicators as ind
from corridor_sim.units import DAY_S, FOREVER

Rows = list[dict[str, Any]]

BATCHES = 12
"""Stretches of equal length into which the window is cut, each a week at least."""


def backlog_rows(scenario: Scenario, built: Built, replay: Replay) -> Rows:
    """One row a demand row, over all its routes, sorted."""
    begin, until, _ = built.window_s
    gone = gone_s(replay)
    edges = np.linspace(begin, until, n_batch(until - begin) + 1)
    by_demand: dict[str, list[int]] = defaultdict(list)
    for flow in built.meaning.flows:
        by_demand[flow.demand].append(built.model.names.flows.index(flow.flow))
    return [
        {"od": demand, "unit": scenario.demand[demand].unit}
        | _served(built, replay, gone, f, edges)
        for demand, f in sorted(by_demand.items())
    ]


def n_batch(window_s: int) -> int:
    """How many stretches a window is cut into."""
    return min(BATCHES, window_s // (7 * DAY_S))


def gone_s(replay: Replay) -> IntArray:
    """(n_lot,) when each lot was delivered, or left the system on the way; FOREVER: not yet."""
    segments = replay.segments
    gone = np.where(replay.delivered_s >= 0, replay.delivered_s, FOREVER)
    left = np.flatnonzero(segments.state == State.LEFT)
    which, lot = expand(segments.first[left], np.arange(len(left)), segments.end[left])
    gone[lot] = np.minimum(gone[lot], segments.until_s[left][which])
    return gone


def _served(
    built: Built, replay: Replay, gone: IntArray, flows: list[int], edges: np.ndarray
) -> dict[str, Any]:
    begin, until, _ = built.window_s
    ptr, per_lot = built.model.cargo.lot_ptr, built.model.cargo.size[0, :, 0]
    lots = np.concatenate([np.arange(int(ptr[f]), int(ptr[f + 1])) for f in flows])
    units = np.concatenate([np.full(int(ptr[f + 1] - ptr[f]), per_lot[f]) for f in flows])
    ready, done, out = replay.ready_s[lots], replay.delivered_s[lots], gone[lots]
    offered = int(units[(ready >= begin) & (ready < until)].sum())
    delivered = int(units[(done >= begin) & (done < until)].sum())
    levels = _mean_levels(ready, out, units, edges)
    slope, lo, hi = ind.backlog_slope(levels, (until - begin) / DAY_S)
    return {
        "offered": offered,
        "delivered": delivered,
        "served_ratio": ind.demand_served(delivered, offered),
        "begin_units": int(units[(ready < begin) & (out >= begin)].sum()),
        "end_units": int(units[(ready < until) & (out >= until)].sum()),
        "mean_units": float(_mean_levels(ready, out, units, np.array([begin, until]))[0]),
        "slope_units_per_day": slope,
        "slope_lo_units_per_day": lo,
        "slope_hi_units_per_day": hi,
    }


def _mean_levels(
    ready: IntArray, out: IntArray, units: IntArray, edges: np.ndarray
) -> ind.FloatArray:
    """Mean units in the system between edges (n_edge - 1,): what has come less what has gone."""
    unit_s = np.diff(_since(ready, units, edges) - _since(out, units, edges))
    return np.asarray(unit_s / np.diff(edges), np.float64)


def _since(at: IntArray, units: IntArray, t: np.ndarray) -> np.ndarray:
    """Sum of units x seconds since their instants, by each of some times (n_t,)."""
    order = np.argsort(at, kind="stable")
    happens = at[order] < FOREVER
    when, n = at[order][happens].astype(float), units[order][happens].astype(float)
    k = np.searchsorted(when, t)
    came, weighted = (np.append(0.0, np.cumsum(x)) for x in (n, n * when))
    return np.asarray(came[k] * t - weighted[k])
