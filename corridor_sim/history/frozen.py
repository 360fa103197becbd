"""Places that are never enough: somebody lacks more than is free, and for a month nobody took one.

The reduction of `liveness` believes that somebody unknown may come who needs no more than is free.
Of a frozen counter that is not believed: thirty days without one say enough.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from corridor_sim.history.long_lacks import Month, month_ago_s
from corridor_sim.history.reach import Reach
from corridor_sim.history.replay import Replay
from corridor_sim.history.steps import BoolArray
from corridor_sim.model.compiled import Calendars, CompiledModel
from corridor_sim.primitives import IntArray
from corridor_sim.terms import Amount


def frozen(replay: Replay, month: Month) -> frozenset[int]:
    """Counters that somebody lacked for most of the last 30 days, while no grant took any of them.

    Not those to which somebody may still come who had no chance in these days: at work all the
    while, before a gate that was closed all the while, or born after them and not in them.
    """
    lacked = {int(c) for lack in month.lacks for c in lack.counters}
    lacked -= set(month.taken.counter[_is_taken(replay, month)].tolist())
    if not lacked:
        return frozenset()
    late = (*_of_work(replay), *_of_gates(replay), *_of_births(replay.model))
    return frozenset(lacked - needed_ahead(replay.model, late))


def _is_taken(replay: Replay, month: Month) -> BoolArray:
    """Whether each grant took any (n,): also who unloaded into places that it emptied itself."""
    taken = month.taken
    swaps = replay.model.stages.swap[replay.itinerary.wanted[taken.row]] > 0
    swaps &= (taken.kind == Amount.UNLOADED) & np.isin(taken.row, replay.unloads.row)
    return np.asarray((taken.amount > 0) | swaps)


def needed_ahead(model: CompiledModel, lines: Iterable[int]) -> set[int]:
    """Counters that trips may ask for who stand in these lines or come to them; -1: none."""
    reach = Reach(model)
    ahead = {stage for line in {*lines} - {-1} for stage in reach.stages(line)}
    return {counter for stage in ahead for counter in reach.needs(stage)}


def shut(calendars: Calendars, from_s: int, to_s: int) -> BoolArray:
    """By calendar: whether it is closed in all of [from_s, to_s)."""
    is_open = (calendars.open_s < to_s) & (calendars.close_s > from_s)
    return np.asarray(np.diff(np.append(0, np.cumsum(is_open))[calendars.ptr]) == 0)


def _of_work(replay: Replay) -> list[int]:
    """Lines to which those come who have been at work all the while."""
    itinerary, stages = replay.itinerary, replay.model.stages
    is_late = (itinerary.stage >= 0) & (itinerary.start_s <= month_ago_s(replay.model))
    stage = itinerary.stage[is_late & (itinerary.end_s >= replay.model.horizon_s)]
    ways = (stages.next_line, stages.loop_line, stages.cut_line)
    return [int(line) for way in ways for line in way[stage]]


def _of_gates(replay: Replay) -> list[int]:
    """Lines of those who have waited all the while for a gate that was closed."""
    itinerary, stages, model = replay.itinerary, replay.model.stages, replay.model
    since = month_ago_s(model)
    rows = np.flatnonzero((itinerary.visit < 0) & (itinerary.joined_s <= since))
    closed = np.append(shut(model.calendars, since, model.horizon_s), False)
    wanted = itinerary.wanted[rows]
    is_late = closed[stages.gate[wanted]] | closed[stages.cut[wanted]]
    return [int(line) for line in itinerary.line[rows[is_late]]]


def _of_births(model: CompiledModel) -> IntArray:
    """Lines of sources that bear after the horizon, and did not in the last 30 days."""
    sources = model.sources
    source = np.repeat(np.arange(len(sources.line)), np.diff(sources.birth_ptr))
    later = source[sources.birth_s >= model.horizon_s]
    lately = source[(sources.birth_s < model.horizon_s) & (sources.birth_s >= month_ago_s(model))]
    return np.asarray(sources.line[np.setdiff1d(later, lately)])
