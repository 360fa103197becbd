"""Who has waited for a month, and which places it lacked for most of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from corridor_sim.history.conditions import Conditions, Part
from corridor_sim.history.replay import Amounts, Replay
from corridor_sim.history.steps import BoolArray, Parts
from corridor_sim.model.compiled import CompiledModel
from corridor_sim.primitives import IntArray
from corridor_sim.units import DAY_S

STUCK_AFTER_D = 30
"""Who has waited for so long, and lacked a place all the while, may be more than late (assumption)."""

MOST = 0.9
"""Of these days: it lacked the same place, not weather or cargo. Of those who took such a place
meanwhile, to be overtaken: they had come later. An assumption."""


class LongLack(NamedTuple):
    """What a waiting row lacked for most of the last 30 days."""

    row: int
    """Of the itinerary."""
    counters: IntArray
    """Among the needs of the stage that it waits for: those of one name (n,)."""
    from_s: IntArray
    """Beginnings of the stretches in which it did, sorted (n,)."""
    to_s: IntArray


class Month(NamedTuple):
    """The last 30 days, of a run that is as long."""

    lacks: tuple[LongLack, ...]
    taken: Amounts
    """What their grants took; not looked at, and empty, where nobody lacked anything."""


def month_ago_s(model: CompiledModel) -> int:
    """The instant 30 days before the horizon; negative in a shorter run."""
    return model.horizon_s - STUCK_AFTER_D * DAY_S


def last_month(replay: Replay) -> Month:
    """What those lacked who wait at the horizon since 30 days or more, and what others took."""
    itinerary, lacks = replay.itinerary, tuple(_long_lacks(replay))
    late = (itinerary.stage >= 0) & (itinerary.start_s >= month_ago_s(replay.model))
    return Month(lacks, replay.amounts("need", np.flatnonzero(late & bool(lacks))))


def _long_lacks(replay: Replay) -> Iterator[LongLack]:
    """Of each row that waits at the horizon, since 30 days or more, the counters that it lacked."""
    itinerary, since = replay.itinerary, month_ago_s(replay.model)
    waits = np.flatnonzero((itinerary.visit < 0) & (itinerary.joined_s <= since))
    waits = waits[_lacks_now(replay, waits)]
    if not len(waits):
        return
    by_row: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    month = Parts(waits, np.full(len(waits), since), np.full(len(waits), replay.model.horizon_s))
    for parts, label, part in Conditions(replay).split(month):
        if part == Part.NEED:
            columns = (parts.owner, label, parts.from_s, parts.to_s)
            for row, name, a, b in zip(*(c.tolist() for c in columns), strict=True):
                by_row[row, name].append((a, b))
    for (row, name), spans in by_row.items():
        from_s, to_s = np.array(sorted(spans)).T
        if (to_s - from_s).sum() > MOST * STUCK_AFTER_D * DAY_S:
            yield LongLack(row, _called(replay, row, name), from_s, to_s)


def _lacks_now(replay: Replay, rows: IntArray) -> BoolArray:
    """Whether each row lacks a counter at the horizon (n,): looked at before what costs more."""
    asked = replay.amounts("need", rows)
    least = np.where(asked.amount > 0, asked.must_be_free, asked.n)
    short = replay.free.last()[asked.counter] < least
    return np.isin(rows, asked.row[short])


def _called(replay: Replay, row: int, name: int) -> IntArray:
    """Counters of this name among the needs of the stage that a row waits for."""
    stages, stage = replay.model.stages, replay.itinerary.wanted[row]
    needs = stages.need_counter[stages.need_ptr[stage] : stages.need_ptr[stage + 1]]
    return np.asarray(needs[replay.model.counters.cause[needs] == name])
