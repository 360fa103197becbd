"""Who waits and waits because others always go first: priority that starves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from corridor_sim.history.conditions import Conditions, Part
from corridor_sim.history.replay import Amounts, Replay
from corridor_sim.history.steps import BoolArray, Parts, expand
from corridor_sim.primitives import IntArray
from corridor_sim.units import DAY_S

STUCK_AFTER_D = 30
"""Who has waited for so long, and was passed all the while, is not late but starved (assumption)."""

MOST = 0.9
"""Of these days: it lacked the same place, not weather or cargo. Of those who took such a place
meanwhile: they had come later. An assumption."""


class Overtaken(NamedTuple):
    """Trips that starve, the longest wait first."""

    rows: tuple[int, ...]
    """Of the itinerary."""
    passed: tuple[int, ...]
    """How many that joined later went first, each in the last 30 days."""


def overtaken(replay: Replay) -> Overtaken:
    """Who waits at the horizon, since 30 days or more, for what others took who joined later."""
    itinerary = replay.itinerary
    since = replay.model.horizon_s - STUCK_AFTER_D * DAY_S
    waits = np.flatnonzero((itinerary.visit < 0) & (itinerary.joined_s <= since))
    waits = waits[_lacks_now(replay, waits)]
    lacks = list(_lacks(replay, waits, since))
    late = np.flatnonzero((itinerary.stage >= 0) & (itinerary.start_s >= since))
    taken = replay.amounts("need", late if lacks else late[:0])
    found = [(lack.row, n) for lack in lacks if (n := _passed(replay, lack, taken))]
    found.sort(key=lambda f: (int(itinerary.joined_s[f[0]]), f[0]))
    return Overtaken(tuple(row for row, _ in found), tuple(n for _, n in found))


def _lacks_now(replay: Replay, rows: IntArray) -> BoolArray:
    """Whether each row lacks a counter at the horizon (n,): looked at before what costs more."""
    stages, free = replay.model.stages, replay.free.last()
    which, entry = expand(stages.need_ptr, replay.itinerary.wanted[rows])
    short = free[stages.need_counter[entry]] < stages.need_n[entry]
    return np.bincount(which[short], minlength=len(rows)) > 0


class _Lack(NamedTuple):
    """What a waiting row lacked for most of the time."""

    row: int
    counters: IntArray
    from_s: IntArray
    """Beginnings of the stretches in which it did, sorted (n,)."""
    to_s: IntArray


def _lacks(replay: Replay, rows: IntArray, since: int) -> Iterator[_Lack]:
    """Of each row the counters, of one name, whose units it lacked for most of the time."""
    if not len(rows):
        return
    until = np.full(len(rows), replay.model.horizon_s)
    by_row: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for parts, label, part in Conditions(replay).split(
        Parts(rows, np.full(len(rows), since), until)
    ):
        if part == Part.NEED:
            columns = (parts.owner, label, parts.from_s, parts.to_s)
            for row, name, a, b in zip(*(c.tolist() for c in columns), strict=True):
                by_row[row, name].append((a, b))
    for (row, name), spans in by_row.items():
        from_s, to_s = np.array(sorted(spans)).T
        if (to_s - from_s).sum() > MOST * STUCK_AFTER_D * DAY_S:
            yield _Lack(row, _called(replay, row, name), from_s, to_s)


def _called(replay: Replay, row: int, name: int) -> IntArray:
    """Counters of this name among the needs of the stage that a row waits for."""
    stages, stage = replay.model.stages, replay.itinerary.wanted[row]
    needs = stages.need_counter[stages.need_ptr[stage] : stages.need_ptr[stage + 1]]
    return np.asarray(needs[replay.model.counters.cause[needs] == name])


def _passed(replay: Replay, lack: _Lack, taken: Amounts) -> int:
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
