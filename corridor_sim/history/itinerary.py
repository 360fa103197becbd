"""Itineraries: every wait and every visit of every trip, in order, with what held at each.

A *carrier* is a vehicle over all its ordinals: a trip of a fleet's source takes a new ordinal at
each cycle and keeps its cargo, its vehicle and its mark. It is named by its first row of births.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from corridor_sim.engine.log import EventLog
from corridor_sim.history.steps import BoolArray
from corridor_sim.model.compiled import CompiledModel
from corridor_sim.primitives import IntArray
from corridor_sim.terms import NOBODY, Order

AnyInts = npt.NDArray[np.signedinteger[Any]]

GAVE_UP = -1
"""Stands where a stage stands, when the trip left its line ungranted (as in the log)."""
STILL_WAITING = -2
"""The same for a trip that waits at the horizon."""


@dataclass(frozen=True)
class Itinerary:
    """One row a wait (n,), all int64, sorted by (carrier, time); rows of a carrier touch in time.

    A row is a visit of the log, or (the last of its carrier) a wait that the horizon cut short.
    """

    trip: IntArray
    """Row of the births table: source and k (in a cycle's visit: the new k)."""
    carrier: IntArray
    """Row of the births table: the carrier's first."""
    visit: IntArray
    """Row of the visits table; -1: still waiting."""
    line: IntArray
    stage: IntArray
    """Granted stage, GAVE_UP or STILL_WAITING."""
    wanted: IntArray
    """Granted stage; without a grant the first alternative of the line."""
    vehicle: IntArray
    """From the grant on."""
    joined_s: IntArray
    start_s: IntArray
    end_s: IntArray
    """As logged: it may lie beyond the horizon."""
    mark_s: IntArray
    """The trip's mark while it waited."""
    key: IntArray
    """Its key in the line."""
    source: IntArray
    k: IntArray
    """Ordinal while it waited (before a cycle's grant)."""
    ordinal: IntArray
    """Ordinal of tables and draws: k, or that of the source's next where the wanted stage cycles."""


def itineraries(model: CompiledModel, log: EventLog) -> Itinerary:
    """All waits and visits, vectorised; O(n log n)."""
    previous = _previous(log)
    root, depth = _roots(previous)
    trip, line, stage, start, end = _rows(model, log)
    n_visit = len(log.visits.k)
    visit = np.append(np.arange(n_visit), np.full(len(log.waiting.k), -1))
    number = np.append(log.visits.visit.astype(np.int64), np.full(len(log.waiting.k), 2**31))
    order = np.lexsort((number, depth[trip], root[trip]))
    trip, line, stage, start, end = (x[order] for x in (trip, line, stage, start, end))
    is_first = np.append(True, trip[1:] != trip[:-1])[: len(trip)]
    joined = np.append(0, end[:-1])[: len(trip)]
    joined[is_first] = log.births.joined_s[trip[is_first]]
    wanted = np.where(stage >= 0, stage, model.lines.alt_stage[model.lines.alt_ptr[line]])
    carrier = root[trip]
    held = np.where(is_first & (previous[trip] >= 0), previous[trip], trip)
    source, k = log.births.source[trip].astype(np.int64), log.births.k[held].astype(np.int64)
    born = log.births.joined_s[held]
    return Itinerary(
        trip=trip,
        carrier=carrier,
        visit=visit[order],
        line=line,
        stage=stage,
        wanted=wanted,
        vehicle=_vehicles(model, log, trip, carrier, stage),
        joined_s=joined,
        start_s=start,
        end_s=end,
        mark_s=_marks(model, carrier, stage, start, end, born),
        key=_keys(model, line, source, joined, born),
        source=source,
        k=k,
        ordinal=_ordinals(model, log, trip, source, stage, wanted, joined, start),
    )


def trip_rows(log: EventLog, source: AnyInts, k: AnyInts) -> IntArray:
    """Rows of the births table of many trips (source, k), shapes as given."""
    births = log.births
    if not len(births.k):
        return np.zeros(len(k), np.int64)
    low = int(births.k.min())
    width = int(births.k.max()) - low + 1
    keys = births.source.astype(np.int64) * width + births.k - low
    return np.asarray(np.searchsorted(keys, source.astype(np.int64) * width + k - low))


def _rows(model: CompiledModel, log: EventLog) -> tuple[IntArray, ...]:
    """Trip, line, stage, start, end of all visits and then of all who still wait."""
    visits, waiting = log.visits, log.waiting
    horizon = np.full(len(waiting.k), model.horizon_s, np.int64)
    source = np.append(visits.source, waiting.source)
    trip = trip_rows(log, source, np.append(visits.k, waiting.k))
    line = np.append(visits.line, waiting.line).astype(np.int64)
    stage = np.append(visits.stage.astype(np.int64), np.full(len(horizon), STILL_WAITING))
    return trip, line, stage, np.append(visits.start_s, horizon), np.append(visits.end_s, horizon)


def _previous(log: EventLog) -> IntArray:
    """Row of the ordinal before (n_trip,), -1: none."""
    births = log.births
    previous = np.full(len(births.k), -1, np.int64)
    has = np.flatnonzero(births.previous != NOBODY)
    previous[has] = trip_rows(log, births.source[has], births.previous[has])
    return previous


def _roots(previous: IntArray) -> tuple[IntArray, IntArray]:
    """First row of each chain and the place in it, by doubling the reach of the links."""
    own = np.arange(len(previous))
    link = np.where(previous < 0, own, previous)
    depth = (previous >= 0).astype(np.int64)
    while (link[link] != link).any():
        depth = depth + depth[link]
        link = link[link]
    return link, depth


def _vehicles(
    model: CompiledModel, log: EventLog, trip: IntArray, carrier: IntArray, stage: IntArray
) -> IntArray:
    """The last vehicle that a granted stage named, else the one at birth."""
    named = np.where(stage >= 0, model.stages.vehicle[np.maximum(stage, 0)], -1)
    is_start = np.append(True, carrier[1:] != carrier[:-1])[: len(carrier)]
    at_birth = log.births.vehicle[trip].astype(np.int64)
    named = np.where((named < 0) & is_start, at_birth, named)
    last = np.maximum.accumulate(np.where(named >= 0, np.arange(len(named)), 0))
    return np.asarray(named[last])


def was_cut(model: CompiledModel, stage: IntArray, start: IntArray, end: IntArray) -> BoolArray:
    """Whether visits (n,) were broken off: they end where their stage's `cut` closes."""
    calendars = model.calendars
    cut = np.where(stage >= 0, model.stages.cut[np.maximum(stage, 0)], -1)
    found = np.zeros(len(stage), bool)
    for calendar in np.unique(cut[cut >= 0]):
        part = slice(int(calendars.ptr[calendar]), int(calendars.ptr[calendar + 1]))
        mine = cut == calendar
        at = np.searchsorted(calendars.open_s[part], start[mine], side="right") - 1
        found[mine] = calendars.close_s[part][at] == end[mine]
    return found


def _marks(
    model: CompiledModel,
    carrier: IntArray,
    stage: IntArray,
    start: IntArray,
    end: IntArray,
    born: IntArray,
) -> IntArray:
    """End of the carrier's last visit before this row that set the mark, else when it was born."""
    n = len(carrier)
    sets = (stage >= 0) & (model.stages.mark[np.maximum(stage, 0)] > 0) & (end < model.horizon_s)
    sets &= ~was_cut(model, stage, start, end)
    is_start = np.append(True, carrier[1:] != carrier[:-1])[:n]
    first = np.maximum.accumulate(np.where(is_start, np.arange(n), 0))
    last = np.maximum.accumulate(np.where(sets, np.arange(n), -1))
    last = np.append(-1, last[:-1])[:n]
    return np.where(last >= first, end[np.maximum(last, 0)], born)


def _keys(
    model: CompiledModel, line: IntArray, source: IntArray, joined: IntArray, born: IntArray
) -> IntArray:
    lines, sources = model.lines, model.sources
    order = lines.order[line]
    own = np.where(order == Order.DUE, born + sources.due_s[source], order * joined)
    by_class = np.where(lines.by_class[line] > 0, sources.offset_s[source], 0)
    return np.asarray(own + lines.offset_s[line] + by_class)


def _ordinals(
    model: CompiledModel,
    log: EventLog,
    trip: IntArray,
    source: IntArray,
    stage: IntArray,
    wanted: IntArray,
    joined: IntArray,
    start: IntArray,
) -> IntArray:
    """k of the visit; for those who never got their cycle stage, what it would have been at the end:
    the source's next, or the last slot that was due when they joined."""
    ordinal = log.births.k[trip].astype(np.int64)
    open_ = np.flatnonzero((stage < 0) & (model.stages.cycle[wanted] > 0))
    visits = log.visits
    given = np.flatnonzero((visits.stage >= 0) & (model.stages.cycle[visits.stage] > 0))
    for s in np.unique(source[open_]):
        mine = open_[source[open_] == s]
        taken = given[visits.source[given] == s]
        starts, ks = np.sort(visits.start_s[taken]), np.sort(visits.k[taken]).astype(np.int64)
        following = np.append(0, ks + 1)[np.searchsorted(starts, start[mine], side="right")]
        ordinal[mine] = np.maximum(following, _last_due(model, wanted[mine], joined[mine]))
    return ordinal


def _last_due(model: CompiledModel, stage: IntArray, joined: IntArray) -> IntArray:
    """Last slot of the timetable of stages (n,) that is not after `joined` (n,); -1: none."""
    tables, table = model.tables, model.stages.table[stage]
    last = np.full(len(stage), -1, np.int64)
    for i in np.unique(table[table >= 0]):
        at_s = tables.at_s[int(tables.ptr[i]) : int(tables.ptr[i + 1])]
        last[table == i] = np.searchsorted(at_s, joined[table == i], side="right") - 1
    return last
