"""Slots of timetables, and those that nobody sailed: by the weather, or for want of a vessel."""

from __future__ import annotations

import numpy as np

from corridor_sim.history.replay import Replay
from corridor_sim.model.compile import Built
from corridor_sim.model.meaning import CallMeaning
from corridor_sim.primitives import IntArray


def cancelled_n(built: Built, replay: Replay, call: CallMeaning) -> int:
    """Sailings of the window that did not take place, by `cancel_after_h` or skipped."""
    begin, until, _ = built.window_s
    by_weather = built.meaning.cancelled.get((call.service, call.node), ())
    instants = [*by_weather, *skipped_s(built, replay, call).tolist()]
    return sum(begin <= t < until for t in instants)


def skipped_s(built: Built, replay: Replay, call: CallMeaning) -> IntArray:
    """Instants of slots that no vessel took, though one took a later slot; sorted."""
    at_s, births = timetable_s(built, call), replay.log.births
    if not len(at_s):
        return at_s
    sources = [built.model.names.sources.index(source) for source in call.sources]
    taken = np.unique(births.k[np.isin(births.source, sources) & (births.k >= 0)])
    until = min(int(taken.max(initial=0)), len(at_s))
    return np.delete(at_s[:until], taken[taken < until])


def timetable_s(built: Built, call: CallMeaning) -> IntArray:
    """The instants of a call's timetable, by trip; none without one."""
    tables, stages = built.model.tables, built.model.stages
    names = built.model.names.stages
    found = {int(stages.table[names.index(stage)]) for stage in call.loads} - {-1}
    if not found:
        return np.zeros(0, np.int64)
    (table,) = found
    return tables.at_s[int(tables.ptr[table]) : int(tables.ptr[table + 1])]
