"""Who stands before a waiting trip, and what ended its wait: read off the replay, instant by instant.

Facts only: what was given back, reopened, arrived or fell due at the very second in which a piece of
a wait ends. Where nothing did (another cause has come on top), nothing is said.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

import numpy as np

from corridor_sim.history.conditions import Part
from corridor_sim.history.itinerary import GAVE_UP
from corridor_sim.history.moved import vehicles_asked
from corridor_sim.history.replay import Replay
from corridor_sim.history.steps import BoolArray
from corridor_sim.primitives import IntArray
from corridor_sim.terms import CountedFrom


class How(Enum):
    """What ended a wait."""

    NOTHING = ""
    """Another cause, or another foremost trip, came before it was over; its turn came with what it
    lacked; or the run ended."""
    PUT_BACK = "put back"
    """A trip gave back what was lacking."""
    MORE = "more capacity"
    """Works over, an outage over, a dated capacity."""
    NEW_PERIOD = "new day"
    """A daily number begins anew."""
    REOPENED = "reopened"
    TIMETABLE = "timetable"
    LIFTED = "lifted"
    """An embargo ended."""
    LOTS = "lots came"
    """Enough cargo is there."""
    DEADLINE = "waited long enough"
    WENT = "went"
    """The one ahead was granted."""
    GAVE_UP = "gave up"
    """The trip that waited left the line for another: to make room, or without its locomotive."""
    ARRIVED = "arrived"
    """A trip that can load has come."""


class Freed(NamedTuple):
    """What ended a wait, at its end."""

    how: How
    rows: tuple[int, ...] = ()
    """Rows of the itinerary: trips that gave back, brought, went, or came."""
    counter: int = -1
    """What was given back."""
    lasted_s: int = 0
    """Of a closure, an embargo, a longest wait, a wait that was given up."""
    lots: int = 0
    """Lots that came; of no row: ready here."""


NOBODY_FREED = Freed(How.NOTHING)


class Competition:
    """Questions about who competes with a waiting row of the itinerary for what."""

    def __init__(self, replay: Replay):
        self._replay, self._model = replay, replay.model
        self._vehicle = vehicles_asked(replay.model, replay.itinerary)

    def ahead(self, row: int, part: int, label: int, at_s: int) -> IntArray:
        """Rows that wait at an instant and go before the given one, in the order of their grants.

        Those before it in its line; where it lacks something, also those of other lines who need
        the same and get it first.
        """
        it = self._replay.itinerary
        waits = (it.joined_s <= at_s) & (it.start_s > at_s)
        same = waits & (it.line == it.line[row]) & self._is_before(row)
        if part == Part.NEED:
            needs = self._needs(self._lacking(row, label))[it.wanted]
            same |= waits & needs & (it.line != it.line[row]) & (it.start_s < it.start_s[row])
        rows = np.flatnonzero(same)
        return rows[np.lexsort((it.k[rows], it.source[rows], it.key[rows], it.start_s[rows]))]

    def _is_before(self, row: int) -> BoolArray:
        """By row: a smaller (key, source, k)."""
        it = self._replay.itinerary
        key, source, k = it.key[row], it.source[row], it.k[row]
        ties = (it.key == key) & ((it.source < source) | ((it.source == source) & (it.k < k)))
        return np.asarray((it.key < key) | ties)

    def _lacking(self, row: int, label: int) -> list[int]:
        """Counters that the row's stage needs, and whose lack has this label."""
        stages, stage = self._model.stages, int(self._replay.itinerary.wanted[row])
        part = slice(int(stages.need_ptr[stage]), int(stages.need_ptr[stage + 1]))
        counters = stages.need_counter[part]
        return [int(c) for c in counters if self._model.counters.cause[c] == label]

    def _needs(self, counters: list[int]) -> BoolArray:
        """By stage: whether it needs any of them."""
        return self._lists("need", counters)

    def _lists(self, kind: str, counters: list[int]) -> BoolArray:
        """By stage: whether its list (need, start, end) holds any of the counters."""
        stages = self._model.stages
        ptr, counter = getattr(stages, f"{kind}_ptr"), getattr(stages, f"{kind}_counter")
        has = np.append(0, np.cumsum(np.isin(counter, counters)))
        return np.asarray(has[ptr[1:]] > has[ptr[:-1]])

    def freed(self, row: int, part: int, label: int, at_s: int, stock: int = -1) -> Freed:
        """What ended a piece of a wait at an instant; row -1: of lots for whom no trip waits."""
        if part == Part.NO_VEHICLE:
            return self._arrived(stock, at_s)
        if row < 0:
            return NOBODY_FREED
        it = self._replay.itinerary
        if it.stage[row] == GAVE_UP and it.start_s[row] == at_s:
            return Freed(How.GAVE_UP, (row,), lasted_s=at_s - int(it.joined_s[row]))
        if part in (Part.GATE, Part.CLOSED):
            return self._reopened(row, label, at_s)
        ask = {
            Part.TABLE: self._due,
            Part.METER: self._lifted,
            Part.CARGO: self._filled,
            Part.TURN: self._went,
        }
        if part == Part.NEED:
            return self._given_back(row, label, at_s)
        return ask[Part(part)](row, at_s)

    def _arrived(self, stock: int, at_s: int) -> Freed:
        """Trips that joined a line from which the stock is loaded."""
        it, lines, stages = self._replay.itinerary, self._model.lines, self._model.stages
        of_line = np.repeat(np.arange(len(lines.order)), np.diff(lines.alt_ptr))
        loads = np.unique(of_line[stages.stock[lines.alt_stage] == stock])
        rows = np.flatnonzero((it.joined_s == at_s) & np.isin(it.line, loads))
        return Freed(How.ARRIVED, _few(rows)) if len(rows) else NOBODY_FREED

    def _reopened(self, row: int, label: int, at_s: int) -> Freed:
        """The calendar whose gap of this label ends at the instant."""
        stages, stage = self._model.stages, int(self._replay.itinerary.wanted[row])
        calendars = self._model.calendars
        for calendar in (int(c[stage]) for c in (stages.gate, stages.cut, stages.clock)):
            if calendar < 0:
                continue
            part = slice(int(calendars.ptr[calendar]), int(calendars.ptr[calendar + 1]))
            begins = np.append(0, calendars.close_s[part])
            gap = np.flatnonzero(calendars.open_s[part] == at_s)
            names = calendars.gap_cause[int(calendars.gap_ptr[calendar]) :]
            if len(gap) and names[gap[0]] == label:
                return Freed(How.REOPENED, lasted_s=at_s - int(begins[gap[0]]))
        return NOBODY_FREED

    def _due(self, row: int, at_s: int) -> Freed:
        """Its place in the timetable; a piece before it ends nowhere else."""
        tables, stage = self._model.tables, int(self._replay.itinerary.wanted[row])
        table = int(self._model.stages.table[stage])
        part = slice(int(tables.ptr[table]), int(tables.ptr[table + 1]))
        return Freed(How.TIMETABLE) if at_s in tables.at_s[part] else NOBODY_FREED

    def _lifted(self, row: int, at_s: int) -> Freed:
        """The meter went off."""
        meter = int(self._model.stages.meter[self._replay.itinerary.wanted[row]])
        at, on = self._replay.meters.row(meter)
        i = int(np.searchsorted(at, at_s))
        if i < len(at) and i > 0 and at[i] == at_s and on[i] == 0:
            return Freed(How.LIFTED, lasted_s=at_s - int(at[i - 1]))
        return NOBODY_FREED

    def _filled(self, row: int, at_s: int) -> Freed:
        """Lots that came into the stock, or a longest wait that was over."""
        stock = int(self._model.stages.stock[self._replay.itinerary.wanted[row]])
        arrivals, segments = self._replay.arrivals, self._replay.segments
        here = np.flatnonzero(segments.stock[arrivals.segment] == stock)
        due = self._deadline(row, at_s, arrivals.since_s[here])
        came = here[arrivals.since_s[here] == at_s]
        if not len(came) or (due.how == How.DEADLINE and not self._is_filled(row)):
            return due
        of = arrivals.segment[came]
        before = segments.unload_row[np.maximum(of - 1, 0)]
        rows = np.unique(before[segments.hop[of] > 0])
        return Freed(How.LOTS, _few(rows), lots=int(arrivals.lots[came].sum()))

    def _is_filled(self, row: int) -> bool:
        """Whether it loaded what its rule asks for."""
        stages, loads = self._model.stages, self._replay.loads
        stage, vehicle = (int(c[row]) for c in (self._replay.itinerary.wanted, self._vehicle))
        mine = loads.row == row
        size = self._model.cargo.size[vehicle, loads.flow[mine], stages.dim[stage]]
        return bool((loads.lots[mine] * size).sum() >= stages.load_min[stage])

    def _deadline(self, row: int, at_s: int, entered_s: IntArray) -> Freed:
        stages, it = self._model.stages, self._replay.itinerary
        stage = int(it.wanted[row])
        after = int(stages.deadline_s[stage])
        since = {
            CountedFrom.JOINING: it.joined_s[row : row + 1],
            CountedFrom.MARK: it.mark_s[row : row + 1],
            CountedFrom.OLDEST_LOT: entered_s,
        }[CountedFrom(int(stages.deadline_from[stage]))]
        if after >= 0 and (since + after == at_s).any():
            return Freed(How.DEADLINE, lasted_s=after)
        return NOBODY_FREED

    def _went(self, row: int, at_s: int) -> Freed:
        """Whoever of its own line, or of those who compete with it, was granted; else, of a swap, lots
        that came: with each that it takes away it needs less room."""
        it, stages = self._replay.itinerary, self._model.stages
        stage = int(it.wanted[row])
        part = slice(int(stages.need_ptr[stage]), int(stages.need_ptr[stage + 1]))
        rivals = self._needs(stages.need_counter[part].tolist())[it.wanted]
        rivals |= it.line == it.line[row]
        went = rivals & (it.start_s == at_s) & (np.arange(len(it.line)) != row)
        rows = np.flatnonzero(went & (it.joined_s < at_s))
        if len(rows) or not stages.swap[stage]:
            return Freed(How.WENT, _few(rows)) if len(rows) else NOBODY_FREED
        return self._filled(row, at_s)

    def _given_back(self, row: int, label: int, at_s: int) -> Freed:
        """Puts to what it lacked, a rise of its capacity, or its new period."""
        counters = self._model.counters
        for counter in self._lacking(row, label):
            rows = self._putters(counter, at_s)
            rows = rows[rows != row]
            if len(rows):
                return Freed(How.PUT_BACK, _few(rows), counter)
            part = slice(int(counters.step_ptr[counter]), int(counters.step_ptr[counter + 1]))
            if (counters.step_by[part][counters.step_at_s[part] == at_s] > 0).any():
                return Freed(How.MORE, counter=counter)
            period = int(counters.period_s[counter])
            if period and at_s % period == 0:
                return Freed(How.NEW_PERIOD, counter=counter, lasted_s=period)
        return NOBODY_FREED

    def _putters(self, counter: int, at_s: int) -> IntArray:
        """Rows that put it back at an instant, themselves."""
        it, found = self._replay.itinerary, []
        for kind, base in (("start", it.start_s), ("end", it.end_s)):
            rows = np.flatnonzero((it.stage >= 0) & self._lists(kind, [counter])[it.wanted])
            # a lag is at most what the lists say: only rows near the instant can be meant
            lag = int(getattr(self._model.stages, f"{kind}_lag_s").max(initial=0))
            rows = rows[(base[rows] <= at_s) & (base[rows] + lag >= at_s)]
            puts = self._replay.amounts(kind, rows)
            is_it = (puts.counter == counter) & (base[puts.row] + puts.lag_s == at_s)
            found.append(puts.row[is_it & (puts.amount > 0)])
        return np.unique(np.concatenate(found))


def _few(rows: IntArray) -> tuple[int, ...]:
    return tuple(rows.tolist())
