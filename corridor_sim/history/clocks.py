"""Clocks of units: when each was ready, first boarded and delivered.

A *unit* is a TEU, wagon or truck; a batch that stays whole is one lot of several units.
"""

from __future__ import annotations

import numpy as np

from corridor_sim.history.replay import Replay
from corridor_sim.history.steps import expand
from corridor_sim.model.compile import Built
from corridor_sim.model.meaning import FlowMeaning
from corridor_sim.primitives import IntArray
from corridor_sim.units import HOUR_S


def ready_in_window(built: Built, replay: Replay, flow: FlowMeaning) -> IntArray:
    """The lot of each unit of a flow that became ready in the window (n_unit,)."""
    begin, until, _ = built.window_s
    cargo, index = built.model.cargo, built.model.names.flows.index(flow.flow)
    lots = np.arange(int(cargo.lot_ptr[index]), int(cargo.lot_ptr[index + 1]))
    ready = replay.ready_s[lots]
    cohort = lots[(ready >= begin) & (ready < until)]
    return np.repeat(cohort, cargo.units_per_lot[index])


def transit_h(replay: Replay, units: list[IntArray], start_s: IntArray) -> np.ndarray:
    """Hours of units (n_unit,) from a clock of lots (n_lot,) to delivery; inf: not delivered."""
    lots = np.concatenate(units)
    start, delivered = start_s[lots], replay.delivered_s[lots]
    return np.where((delivered >= 0) & (start >= 0), (delivered - start) / HOUR_S, np.inf)


def first_boarded(replay: Replay) -> IntArray:
    """(n_lot,) when each lot was first loaded from a stock; -1: never."""
    segments = replay.segments
    out = np.full(len(replay.ready_s), -1, np.int64)
    loads = np.flatnonzero((segments.stock >= 0) & (segments.loaded_s >= 0))
    _, at = np.unique(segments.block[loads], return_index=True)
    first = loads[at]
    which, lot = expand(segments.first[first], np.arange(len(first)), segments.end[first])
    out[lot] = segments.loaded_s[first][which]
    return out
