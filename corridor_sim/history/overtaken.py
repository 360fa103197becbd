"""Who waits and waits because others always go first: priority that starves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corridor_sim.history.long_lacks import MOST, LongLack, Month
from corridor_sim.history.replay import Amounts, Replay
from corridor_sim.primitives import IntArray


class Overtaken(NamedTuple):
    """Trips that starve, the longest wait first."""

    rows: tuple[int, ...]
    """Of the itinerary."""
    passed: tuple[int, ...]
    """How many that joined later went first, each in the last 30 days."""


def overtaken(replay: Replay, month: Month) -> Overtaken:
    """Who waits at the horizon, since 30 days or more, for what others took who joined later."""
    itinerary = replay.itinerary
    lacks = [lack for lack in month.lacks if _lacks_one(replay, lack.row)]
    found = [(lack.row, n) for lack in lacks if (n := _passed(replay, lack, month.taken))]
    found.sort(key=lambda f: (int(itinerary.joined_s[f[0]]), f[0]))
    return Overtaken(tuple(row for row, _ in found), tuple(n for _, n in found))


def _lacks_one(replay: Replay, row: int) -> bool:
    """Whether nothing is free at the horizon: who needs more than others may wait longer."""
    stages, stage = replay.model.stages, replay.itinerary.wanted[row]
    part = slice(int(stages.need_ptr[stage]), int(stages.need_ptr[stage + 1]))
    return bool((replay.free.last()[stages.need_counter[part]] < stages.need_n[part]).any())


def _passed(replay: Replay, lack: LongLack, taken: Amounts) -> int:
    """How many of those who took something joined later and took what it lacked, while it did.

    0 unless they are most of those who did: in a long queue that moves a few may pass.
    """
    itinerary = replay.itinerary
    took = _takers(taken, lack.counters)
    start = itinerary.start_s[took]
    piece = np.searchsorted(lack.from_s, start, side="right") - 1
    joined = itinerary.joined_s[took[(piece >= 0) & (start < lack.to_s[piece])]]
    later = int(np.count_nonzero(joined > itinerary.joined_s[lack.row]))
    return later if later > MOST * len(joined) else 0


def _takers(taken: Amounts, counters: IntArray) -> IntArray:
    """Rows that took units of each of these counters."""
    mine = np.isin(taken.counter, counters) & (taken.amount > 0)
    rows, n = np.unique(taken.row[mine], return_counts=True)
    return np.asarray(rows[n == len(counters)])
