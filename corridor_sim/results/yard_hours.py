"""yard_hours: how long each yard and hold station was crowded or full in the window."""

from __future__ import annotations

from typing import Any

import numpy as np

from corridor_sim.facilities import HoldStation, Yard
from corridor_sim.history.replay import Replay
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built
from corridor_sim.primitives import IntArray
from corridor_sim.results.use_indicators import yard_fill
from corridor_sim.units import HOUR_S


def yard_rows(scenario: Scenario, built: Built, replay: Replay) -> list[dict[str, Any]]:
    """One row a yard and hold station, by name; times of the window only."""
    return [
        {"place": name, "kind": row.type, "node": row.node} | _hours(built, replay, row)
        for name, row in sorted(scenario.facilities.items())
        if isinstance(row, Yard | HoldStation)
    ]


def _hours(built: Built, replay: Replay, row: Yard | HoldStation) -> dict[str, Any]:
    lasts_s, used, cap = _levels(built, replay, row.id)
    share = yard_fill(used, cap)
    soft = row.soft_share if isinstance(row, Yard) else None
    return {
        "above_soft_h": None if soft is None else _sum_h(lasts_s[share > soft]),
        "full_h": _sum_h(lasts_s[used >= cap]),
        "fill_mean_share": float((share * lasts_s).sum() / lasts_s.sum()),
        "fill_p95_share": _quantile(share, lasts_s, 0.95),
        "fill_max_share": float(share.max()),
    }


def _levels(built: Built, replay: Replay, name: str) -> tuple[IntArray, IntArray, IntArray]:
    """Seconds that each level lasts, places in use, capacity; each (n,)."""
    begin, until, _ = built.window_s
    counter = built.model.names.counters.index(name)
    changes = np.concatenate([replay.free.row(counter)[0], replay.cap.row(counter)[0], [begin]])
    at = np.unique(changes[(changes >= begin) & (changes < until)])
    row = np.full(len(at), counter)
    cap = replay.cap.at(row, at)
    return np.diff(np.append(at, until)), cap - replay.free.at(row, at), cap


def _sum_h(lasts_s: IntArray) -> float:
    return float(lasts_s.sum() / HOUR_S)


def _quantile(value: np.ndarray, lasts_s: IntArray, share: float) -> float:
    """The least value that holds for at least such a share of the time."""
    order = np.argsort(value, kind="stable")
    done = np.cumsum(lasts_s[order])
    return float(value[order][np.searchsorted(done, share * done[-1])])
