"""The reference engine: CONTRACT.md on SimPy.

SimPy keeps the clock and the queue of events. Every B-event is one kernel event with one callback;
phases M, C and D of a round run when the queue holds no more events of the instant. No process, no
resource, no interrupt.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right, insort
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

import numpy as np
import simpy
from simpy.events import NORMAL, Event

from corridor_sim.engine.log import EventLog, log_from_rows
from corridor_sim.engine.lookup import Clock, Cut, StageRow, stage_rows
from corridor_sim.errors import DrawsExhausted, RoundLimit
from corridor_sim.model.compiled import CompiledModel
from corridor_sim.primitives import IntArray
from corridor_sim.terms import NOBODY, Amount, CountedFrom
from corridor_sim.units import FOREVER


def run(model: CompiledModel, *, scan_all: bool = False, max_rounds: int = 10_000) -> EventLog:
    """Simulate; a pure function of the model.

    Parameters
    ----------
    scan_all      look at every line after every grant (a test mode: same bytes, slower)
    max_rounds    rounds allowed at one instant

    Raises
    ------
    RoundLimit        a storm of events at one instant
    DrawsExhausted    a compiled stream is too short
    """
    return _Run(model, scan_all, max_rounds).run()


def _merged(cuts: list[Cut]) -> list[Cut]:
    """Touching ranges as one: lots that came one by one go on together."""
    out = cuts[:1]
    for cut in cuts[1:]:
        flow, hop, first, end = out[-1]
        if cut[:3] == (flow, hop, end):
            out[-1] = (flow, hop, first, cut[3])
        else:
            out.append(cut)
    return out


def _flat(values: IntArray) -> array[int]:
    """Eight bytes a number, where a list of Python's takes forty."""
    return array("q", values.tobytes())


class _Trip:
    """One trip and its registers."""

    __slots__ = (
        "aboard",
        "born",
        "joined",
        "k",
        "key",
        "line",
        "mark",
        "source",
        "ticket",
        "vehicle",
        "visit",
    )

    def __init__(self, source: int, k: int, vehicle: int, born: int):
        self.source, self.k, self.vehicle = source, k, vehicle
        self.born = self.joined = born
        self.mark: int | None = None
        self.visit = self.ticket = self.key = 0
        self.line = -1
        self.aboard: list[Cut] = []


class _Run:
    """State of one run; the methods are the phases of CONTRACT.md section 2."""

    def __init__(self, model: CompiledModel, scan_all: bool, max_rounds: int):
        self.model, self.scan_all, self.max_rounds = model, scan_all, max_rounds
        self.env = simpy.Environment()
        self.now = 0
        self.wake = FOREVER
        self.horizon = model.horizon_s
        self.stages: list[StageRow] = stage_rows(model)
        self.clocks = [Clock(model.calendars, i) for i in range(len(model.calendars.ptr) - 1)]
        self._read_lines()
        self._read_cargo()
        self._read_counters()
        self.waiting: list[list[tuple[int, int, int, int, _Trip]]] = [[] for _ in self.alts]
        self.wake_at = [FOREVER] * len(self.alts)
        self.touched: set[int] = set()
        self.candidates: list[tuple[int, int, int, int]] = []
        self.due: list[tuple[_Trip, int]] = []
        self.pending = True  # the first instant is performed whether anything happens in it or not
        self.round_at, self.rounds = -1, 0
        self.births = array("q")
        self.visits = array("q")
        self.moves = array("q")
        self.switches = array("q")

    # reading the arrays once

    def _read_lines(self) -> None:
        lines = self.model.lines
        ptr, alt = lines.alt_ptr.tolist(), lines.alt_stage.tolist()
        self.alts = [alt[a:b] for a, b in zip(ptr[:-1], ptr[1:], strict=True)]
        self.order, self.by_class = lines.order.tolist(), lines.by_class.tolist()
        self.line_offset, self.claim = lines.offset_s.tolist(), lines.claim.tolist()
        self.give_up, self.give_up_from = lines.give_up_s.tolist(), lines.give_up_from.tolist()
        self.give_up_table, self.else_line = lines.give_up_table.tolist(), lines.else_line.tolist()
        self.claimers = [i for i, claims in enumerate(self.claim) if claims]
        sources = self.model.sources
        self.class_offset, self.due_s = sources.offset_s.tolist(), sources.due_s.tolist()
        counts = (sources.birth_ptr[1:] - sources.birth_ptr[:-1]).tolist()
        self.tokens, self.source_line = sources.tokens.tolist(), sources.line.tolist()
        self.birth_ptr, self.birth_s = sources.birth_ptr.tolist(), _flat(sources.birth_s)
        self.birth_vehicle = _flat(sources.birth_vehicle)
        self.birth_first, self.birth_end = _flat(sources.birth_first), _flat(sources.birth_end)
        self.next_k = [0 if t else n for t, n in zip(self.tokens, counts, strict=True)]
        tables = self.model.tables
        ptr, at = tables.ptr.tolist(), tables.at_s.tolist()
        self.tables = [at[a:b] for a, b in zip(ptr[:-1], ptr[1:], strict=True)]
        self.draw_ptr, self.n_column = tables.draw_ptr.tolist(), tables.n_column
        self.draws = _flat(tables.draw_s)

    def _read_cargo(self) -> None:
        cargo = self.model.cargo
        self.size, self.cap = cargo.size.tolist(), cargo.cap.tolist()
        self.dims = range(self.model.n_dim)
        self.limits = [[d for d in self.dims if cap[d] >= 0] for cap in self.cap]
        self.refused = [
            {flow for flow, size in enumerate(sizes) if min(size) < 0} for sizes in self.size
        ]
        self.largest = [
            [max((s[d] for s in sizes), default=0) for d in self.dims] for sizes in self.size
        ]
        self.flow_offset, self.hop_ptr = cargo.offset_s.tolist(), cargo.hop_ptr.tolist()
        self.hop_stock, self.hop_place = cargo.hop_stock.tolist(), cargo.hop_place.tolist()
        self.lot_ptr, self.ready = cargo.lot_ptr.tolist(), _flat(cargo.lot_ready_s)
        # a stock is a sorted list of (since + offset, first, end, flow, hop, since)
        self.stock: list[list[tuple[int, int, int, int, int, int]]] = [
            [] for _ in self.model.stocks.others
        ]
        self.n_lots = [0] * len(self.stock)
        # lots enter the stock of their first hop when somebody looks: no event a lot
        self.first_flows: list[list[int]] = [[] for _ in self.stock]
        for flow, hop in enumerate(self.hop_ptr[:-1]):
            if hop < self.hop_ptr[flow + 1] and self.hop_stock[hop] >= 0:
                self.first_flows[self.hop_stock[hop]].append(flow)
        self.next_lot = self.lot_ptr[:-1]
        self.came = [0] * len(self.stock)
        self.coming = [_flat(self._coming(flows)) for flows in self.first_flows]

    def _coming(self, flows: list[int]) -> IntArray:
        """When lots of these flows become ready, sorted, and FOREVER behind the last."""
        ready = [self.model.cargo.lot_ready_s[self.lot_ptr[f] : self.lot_ptr[f + 1]] for f in flows]
        return np.sort(np.concatenate([*ready, np.array([FOREVER])]))

    def _read_counters(self) -> None:
        counters, meters = self.model.counters, self.model.meters
        self.free, self.cap_now = counters.free.tolist(), counters.cap.tolist()
        self.period = counters.period_s.tolist()
        self.filled = [0] * len(self.free)
        self.counter_lines: list[list[int]] = [[] for _ in self.free]
        self.stock_lines: list[list[int]] = [[] for _ in self.stock]
        self.meter_lines: list[list[int]] = [[] for _ in meters.on]
        for line, stages in enumerate(self.alts):
            for stage in (self.stages[s] for s in stages):
                for counter, *_ in stage.needs:
                    self.counter_lines[counter].append(line)
                if stage.stock >= 0:
                    self.stock_lines[stage.stock].append(line)
                if stage.meter >= 0:
                    self.meter_lines[stage.meter].append(line)
        ptr = meters.weight_ptr.tolist()
        weights = list(zip(meters.weight_counter.tolist(), meters.weight.tolist(), strict=True))
        self.weights = [weights[a:b] for a, b in zip(ptr[:-1], ptr[1:], strict=True)]
        self.meter_on, self.meter_off = meters.on.tolist(), meters.off.tolist()
        self.meter_min = meters.min_s.tolist()
        self.is_on, self.since_on = [False] * len(self.weights), [0] * len(self.weights)

    # the kernel

    def at(self, t: int, act: Callable[[Any], None], what: Any = None) -> None:
        """One kernel event: `act` is called with the event, whose value is `what`."""
        if t >= self.horizon:
            return
        event = Event(self.env)
        event._ok, event._value = True, what
        event.callbacks.append(act)
        self.env.schedule(event, NORMAL, t - self.now)

    def run(self) -> EventLog:
        counters = self.model.counters
        for source, first in enumerate(self.birth_ptr[:-1]):
            self._next_birth(source, first)
        for counter in range(len(self.free)):
            for i in range(int(counters.step_ptr[counter]), int(counters.step_ptr[counter + 1])):
                step = (counter, int(counters.step_by[i]))
                self.at(int(counters.step_at_s[i]), self._on_step, step)
        env = self.env
        while True:
            next_s = env.peek()
            if self.pending and next_s > self.now:
                self._round()
            elif next_s >= self.horizon:
                break
            else:
                self.now = int(next_s)
                env.step()
        return log_from_rows(
            self.births,
            self.visits,
            self.moves,
            self.switches,
            [
                (trip.source, trip.k, line, trip.joined)
                for line, queue in enumerate(self.waiting)
                for *_, ticket, trip in queue
                if trip.ticket == ticket
            ],
            self.model.cargo.lot_ptr,
        )

    def touch(self, lines: list[int]) -> None:
        self.touched.update(lines)
        for line in lines:
            head = self.head(line)
            if head is not None:
                heappush(self.candidates, (head.key, line, head.source, head.k))

    # B-events

    def _next_birth(self, source: int, row: int) -> None:
        if row < self.birth_ptr[source + 1]:
            self.at(self.birth_s[row], self._on_births, (source, row))

    def _on_births(self, event: Event) -> None:
        """All births of one source at one instant."""
        source, row = event._value
        ptr, last = self.birth_ptr[source], self.birth_ptr[source + 1]
        while row < last and self.birth_s[row] == self.now:
            k = ptr - row - 1 if self.tokens[source] else row - ptr
            trip = _Trip(source, k, self.birth_vehicle[row], self.now)
            first, end = self.birth_first[row], self.birth_end[row]
            if end > first:
                trip.aboard.append((bisect_right(self.lot_ptr, first) - 1, 0, first, end))
            self._born(trip)
            row += 1
        self._next_birth(source, row)

    def _on_spawn(self, event: Event) -> None:
        source, k = event._value
        self._born(_Trip(source, k, 0, self.now))

    def _born(self, trip: _Trip) -> None:
        line = self.source_line[trip.source]
        self.births.extend((trip.source, trip.k, NOBODY, trip.vehicle, line, self.now))
        self.join(trip, line)
        self.pending = True

    def _admit(self, stock: int) -> None:
        """Lots that became ready since the last look enter the stock, each at its own instant."""
        now, ready, rows = self.now, self.ready, self.stock[stock]
        if self.coming[stock][self.came[stock]] > now:
            return
        for flow in self.first_flows[stock]:
            first = self.next_lot[flow]
            last = self.lot_ptr[flow + 1]
            if first == last or ready[first] > now:
                continue
            end = bisect_right(ready, now, first, last)
            self.next_lot[flow] = end
            self.came[stock] += end - first
            self.n_lots[stock] += end - first
            offset = self.flow_offset[flow]
            while first < end:
                since = ready[first]
                until = first + 1
                while until < end and ready[until] == since:
                    until += 1
                insort(rows, (since + offset, first, until, flow, 0, since))
                first = until

    def _wake_at_ready(self, stock: int, lots: int = 1) -> None:
        """Look again when so many more lots have become ready."""
        i = self.came[stock] + lots - 1
        if i < len(self.coming[stock]):
            self.wake = min(self.wake, self.coming[stock][i])

    def _on_step(self, event: Event) -> None:
        counter, by = event._value
        self.cap_now[counter] += by
        self.free[counter] += by
        self.touch(self.counter_lines[counter])
        self.pending = True

    def _on_put(self, event: Event) -> None:
        self.put(*event._value)
        self.pending = True

    def _on_look(self, event: Event) -> None:
        line = event._value
        if line >= 0:
            if self.wake_at[line] <= self.now:
                self.wake_at[line] = FOREVER
            self.touch([line])
        self.pending = True

    def _on_give_up_due(self, event: Event) -> None:
        self.due.append(event._value)
        self.pending = True

    def _on_over(self, event: Event) -> None:
        """A visit is over: unload, put back, join the next line."""
        trip, stage, unloads, puts = event._value
        now = self.now
        if stage.mark:
            trip.mark = now
        if unloads:
            self._unload(trip, unloads)
        for counter, amount, lag in puts:
            self.put_later(counter, amount, lag)
        line = stage.next_line
        if stage.loop_line >= 0 and any(self.place(c) == stage.place for c in trip.aboard):
            line = stage.loop_line
        trip.visit += 1
        if line >= 0:
            self.join(trip, line)
        self.pending = True

    def _unload(self, trip: _Trip, unloads: list[Cut]) -> None:
        left = {first: end for _, _, first, end in unloads}
        aboard = []
        for flow, hop, first, end in trip.aboard:
            cut = left.get(first, first)
            if cut > first:
                self.moves.extend((trip.source, trip.k, trip.visit, -1, first, cut))
                if self.hop_ptr[flow] + hop + 1 < self.hop_ptr[flow + 1]:
                    self.enter_stock(flow, hop + 1, first, cut)
            if cut < end:
                aboard.append((flow, hop, cut, end))
        trip.aboard = aboard

    # state

    def place(self, cut: Cut) -> int:
        """Where this cargo gets off next."""
        place: int = self.hop_place[self.hop_ptr[cut[0]] + cut[1]]
        return place

    def enter_stock(self, flow: int, hop: int, first: int, end: int) -> None:
        stock, now = self.hop_stock[self.hop_ptr[flow] + hop], self.now
        insort(self.stock[stock], (now + self.flow_offset[flow], first, end, flow, hop, now))
        self.n_lots[stock] += end - first
        self.touch(self.stock_lines[stock])

    def put_later(self, counter: int, amount: int, lag: int) -> None:
        if lag > 0:
            self.at(self.now + lag, self._on_put, (counter, amount))
        else:
            self.put(counter, amount)

    def put(self, counter: int, amount: int) -> None:
        if self.period[counter] == 0 and amount:
            self.free[counter] += amount
            self.touch(self.counter_lines[counter])

    def free_now(self, counter: int) -> int:
        """Free units; a periodic counter is full again at each multiple of its period."""
        period = self.period[counter]
        if period and self.now // period > self.filled[counter]:
            self.filled[counter] = self.now // period
            self.free[counter] = self.cap_now[counter]
        free: int = self.free[counter]
        return free

    def join(self, trip: _Trip, line: int) -> None:
        now = self.now
        trip.joined, trip.line = now, line
        trip.ticket += 1
        order = self.order[line]
        trip.key = (
            order * now if order else trip.born + self.due_s[trip.source]
        ) + self.line_offset[line]
        if self.by_class[line]:
            trip.key += self.class_offset[trip.source]
        before = self.head(line)
        heappush(self.waiting[line], (trip.key, trip.source, trip.k, trip.ticket, trip))
        if self.head(line) is trip:
            self.head_changed(line, before)
        if self.give_up[line] >= 0:
            due = self._give_up_at(trip, line)
            self.at(max(due, now), self._on_give_up_due, (trip, trip.ticket))

    def _give_up_at(self, trip: _Trip, line: int) -> int:
        start = trip.joined
        if self.give_up_from[line] == CountedFrom.TIMETABLE:
            start = max(start, self.table_time(self.give_up_table[line], trip.k))
        after: int = self.give_up[line]
        return start + after

    def table_time(self, table: int, ordinal: int) -> int:
        times = self.tables[table]
        return int(times[ordinal]) if 0 <= ordinal < len(times) else FOREVER

    def head(self, line: int) -> _Trip | None:
        queue = self.waiting[line]
        while queue:
            *_, ticket, trip = queue[0]
            if trip.ticket == ticket:
                return trip
            heappop(queue)
        return None

    def leave(self, trip: _Trip) -> None:
        """Out of its line, wherever it stands."""
        line, was_head = trip.line, self.head(trip.line) is trip
        trip.ticket += 1
        trip.line = -1
        if was_head:
            self.head_changed(line, trip)

    def head_changed(self, line: int, before: _Trip | None) -> None:
        self.touch([line])
        if self.claim[line] and before is not None:
            for counter, *_ in self.stages[self.alts[line][0]].needs:
                self.touch(self.counter_lines[counter])

    # a round: M, C, D

    def _round(self) -> None:
        self.pending = False
        now = self.now
        self.rounds = self.rounds + 1 if now == self.round_at else 1
        self.round_at = now
        if self.rounds > self.max_rounds:
            names = sorted(self.model.names.lines[line] for line in self.touched)
            raise RoundLimit(
                f"more than {self.max_rounds} rounds at {now} s in: {', '.join(names)}"
            )
        happened = self._meters()
        happened |= self._grants()
        happened |= self._give_ups()
        # B-events of this instant ask for their own round; a meter may have to look again
        if self.candidates or (happened and self.weights):
            self.pending = True

    def _meters(self) -> bool:
        now, happened = self.now, False
        for meter, weights in enumerate(self.weights):
            level = sum(w * (self.cap_now[c] - self.free[c]) for c, w in weights)
            if self.is_on[meter]:
                switch = (
                    level <= self.meter_off[meter]
                    and now >= self.since_on[meter] + self.meter_min[meter]
                )
            else:
                switch = level >= self.meter_on[meter]
            if switch:
                happened = True
                self.is_on[meter] = not self.is_on[meter]
                self.since_on[meter] = now
                self.switches.extend((now, meter, int(self.is_on[meter]), level))
                self.touch(self.meter_lines[meter])
                if self.is_on[meter] and self.meter_min[meter]:
                    self.at(now + self.meter_min[meter], self._on_look, -1)
        return happened

    def _grants(self) -> bool:
        happened = False
        if self.scan_all:
            self.touch(list(range(len(self.alts))))
        while self.candidates:
            key, line, source, k = heappop(self.candidates)
            trip = self.head(line)
            if line not in self.touched or trip is None:
                continue
            if (trip.key, trip.source, trip.k) != (key, source, k):
                continue  # an older head's entry; the head has one of its own
            self.touched.discard(line)
            granted = self._first_feasible(trip, line)
            if granted is None:
                self._look_later(line)
                continue
            happened = True
            self._grant(trip, line, *granted)
            if self.scan_all:
                self.touch(list(range(len(self.alts))))
        self.touched.clear()
        return happened

    def _first_feasible(
        self, trip: _Trip, line: int
    ) -> tuple[StageRow, list[Cut], list[Cut], list[int]] | None:
        """The first alternative that can start now; else when to look again is in `self.wake`."""
        self.wake = FOREVER
        for index in self.alts[line]:
            stage = self.stages[index]
            plan = self._feasible(trip, line, stage)
            if plan is not None:
                return (stage, *plan)
        return None

    def _feasible(
        self, trip: _Trip, line: int, stage: StageRow
    ) -> tuple[list[Cut], list[Cut], list[int]] | None:
        """Looks at what is cheap first: which condition fails is not an engine's business.

        It is enough to be woken when the one that failed may hold: the others are looked at then.
        """
        now = self.now
        if stage.gate >= 0 and not self.clocks[stage.gate].is_open(now):
            self.wake = min(self.wake, self.clocks[stage.gate].next_opening(now))
            return None
        if stage.table >= 0:
            at = self.table_time(stage.table, self.ordinal(trip, stage))
            if now < at:
                self.wake = min(self.wake, at)
                return None
        if stage.meter >= 0 and self.is_on[stage.meter]:
            return None
        for counter, n in stage.constants:
            if n > self.free_now(counter):
                self._wake_at_period(counter)
                return None
        loads: list[Cut] = []
        if stage.stock >= 0 or stage.board_min:
            plan = self._cargo(trip, stage)
            if plan is None:
                return None
            loads = plan
        unloads = self._to_unload(trip, stage) if stage.place >= 0 and trip.aboard else []
        amounts = []
        for counter, kind, n, dim in stage.needs:
            amount = self.amount(kind, n, dim, trip.aboard, unloads, loads)
            if amount and amount > self.free_now(counter) - self._claimed(counter, trip, line):
                self._wake_at_period(counter)
                if kind == Amount.LOADED:
                    self._wake_at_ready(stage.stock)
                return None
            amounts.append(amount)
        return loads, unloads, amounts

    def _wake_at_period(self, counter: int) -> None:
        if self.period[counter]:
            period = self.period[counter]
            self.wake = min(self.wake, (self.now // period + 1) * period)

    def _cargo(self, trip: _Trip, stage: StageRow) -> list[Cut] | None:
        """The loadable lots, or None if there is too little and no deadline has passed."""
        now = self.now
        vehicle = stage.vehicle if stage.vehicle >= 0 else trip.vehicle
        start: int | None = None
        if stage.deadline_s >= 0 and stage.deadline_from != CountedFrom.OLDEST_LOT:
            start = self._deadline_start(trip, stage, None)
        lots = 0
        if stage.stock >= 0:
            self._admit(stage.stock)
            lots = self.n_lots[stage.stock]
        largest = self.largest[vehicle][stage.dim]
        if lots * largest < stage.load_min:
            # far from filled: no need to walk the stock unless a deadline may have passed
            if stage.deadline_s < 0 or (start is not None and now < start + stage.deadline_s):
                if start is not None:
                    self.wake = min(self.wake, start + stage.deadline_s)
                if stage.stock >= 0 and largest:
                    self._wake_at_ready(
                        stage.stock, -((lots * largest - stage.load_min) // largest)
                    )
                return None
            if start is None and not lots:
                self._wake_at_ready(stage.stock)
                return None
        sizes = self.size[vehicle]
        loads, oldest = self._loadable(trip, stage, vehicle)
        loaded = sum((end - first) * sizes[flow][stage.dim] for flow, _, first, end in loads)
        if loaded >= stage.load_min:
            board = 0
            if stage.board_min:
                board = sum((e - f) * sizes[flow][stage.dim] for flow, _, f, e in trip.aboard)
            if board >= stage.board_min:
                return loads
        if stage.stock >= 0:
            self._wake_at_ready(stage.stock)
        if stage.deadline_s < 0 or loaded < stage.load_floor:
            return None
        start = self._deadline_start(trip, stage, oldest)
        if start is None:
            return None
        if now >= start + stage.deadline_s:
            return loads
        self.wake = min(self.wake, start + stage.deadline_s)
        return None

    def _deadline_start(self, trip: _Trip, stage: StageRow, oldest: int | None) -> int | None:
        if stage.deadline_from == CountedFrom.OLDEST_LOT:
            return oldest
        if stage.deadline_from == CountedFrom.MARK:
            return trip.born if trip.mark is None else trip.mark
        return trip.joined

    def _loadable(self, trip: _Trip, stage: StageRow, vehicle: int) -> tuple[list[Cut], int | None]:
        """Lots in stock order up to the first that does not fit; and since when the first waits."""
        if stage.stock < 0:
            return [], None
        sizes = self.size[vehicle]
        dims = list(self.limits[vehicle])
        rooms = [self.cap[vehicle][d] for d in dims]
        for flow, _, first, end in trip.aboard:
            for i, d in enumerate(dims):
                rooms[i] -= (end - first) * sizes[flow][d]
        if stage.load_max >= 0:
            dims.append(stage.dim)
            rooms.append(stage.load_max)
        latest = FOREVER
        if stage.cutoff_s >= 0 and stage.table >= 0:
            latest = self.table_time(stage.table, self.ordinal(trip, stage)) - stage.cutoff_s
        refused = self.refused[vehicle]
        loads: list[Cut] = []
        oldest: int | None = None
        for _, first, end, flow, hop, since in self.stock[stage.stock]:
            if since > latest or flow in refused:
                continue
            if oldest is None:
                oldest = since
            size = sizes[flow]
            n = end - first
            for d, room in zip(dims, rooms, strict=True):
                if n * size[d] > room:
                    n = max(room // size[d], 0) if size[d] else 0
            if n:
                loads.append((flow, hop, first, first + n))
            if n < end - first:
                break
            for i, d in enumerate(dims):
                rooms[i] -= n * size[d]
        return loads, oldest

    def _to_unload(self, trip: _Trip, stage: StageRow) -> list[Cut]:
        sizes = self.size[stage.vehicle if stage.vehicle >= 0 else trip.vehicle]
        left = stage.unload_max
        out: list[Cut] = []
        for cut in trip.aboard:
            if self.place(cut) != stage.place:
                continue
            if stage.unload_max >= 0 and left < 0:
                break
            flow, hop, first, end = cut
            n, size = end - first, sizes[flow][stage.dim]
            if stage.unload_max >= 0 and size and n * size > left:
                n = left // size
                if not out:
                    n = max(n, 1)
            if n > 0:
                out.append((flow, hop, first, first + n))
                left -= n * size
            if n < end - first:
                break
        return out

    def ordinal(self, trip: _Trip, stage: StageRow) -> int:
        return int(self.next_k[trip.source]) if stage.cycle else trip.k

    def amount(
        self, kind: int, n: int, dim: int, board: list[Cut], unloads: list[Cut], loads: list[Cut]
    ) -> int:
        """Units of a counter, in ground sizes."""
        if kind == Amount.CONSTANT:
            return n
        cuts = board if kind == Amount.ON_BOARD else unloads if kind == Amount.UNLOADED else loads
        ground = self.size[0]
        return n * sum((end - first) * int(ground[flow][dim]) for flow, _, first, end in cuts)

    def _claimed(self, counter: int, trip: _Trip, line: int) -> int:
        """Units that heads of claiming lines with a smaller key count as theirs."""
        claimed = 0
        if not self.claimers:
            return 0
        mine = (trip.key, line, trip.source, trip.k)
        for other in self.claimers:
            head = self.head(other)
            if head is None or (head.key, other, head.source, head.k) >= mine:
                continue
            stage = self.stages[self.alts[other][0]]
            unloads: list[Cut] | None = None
            for c, kind, n, dim in stage.needs:
                if c == counter:
                    if unloads is None:
                        unloads = self._to_unload(head, stage) if stage.place >= 0 else []
                    claimed += self.amount(kind, n, dim, head.aboard, unloads, [])
        return claimed

    def _look_later(self, line: int) -> None:
        """Look again when time alone may have made the head feasible."""
        if self.wake < self.wake_at[line]:
            self.wake_at[line] = self.wake
            self.at(self.wake, self._on_look, line)

    def _grant(
        self,
        trip: _Trip,
        line: int,
        stage: StageRow,
        loads: list[Cut],
        unloads: list[Cut],
        amounts: list[int],
    ) -> None:
        now = self.now
        self.leave(trip)
        if stage.cycle:
            previous, trip.k = trip.k, self.next_k[trip.source]
            self.next_k[trip.source] += 1
            trip.visit, trip.born = 0, trip.joined
            self.births.extend((trip.source, trip.k, previous, trip.vehicle, line, trip.joined))
        if stage.vehicle >= 0:
            trip.vehicle = stage.vehicle
        for (counter, *_), amount in zip(stage.needs, amounts, strict=True):
            self.free[counter] -= amount
        board = trip.aboard
        if loads:
            self._take_from_stock(stage.stock, loads)
            loads = _merged(loads)
            trip.aboard = board + loads
            for _, _, first, end in loads:
                self.moves.extend((trip.source, trip.k, trip.visit, 1, first, end))
        for counter, kind, n, dim, lag in stage.puts_start:
            self.put_later(counter, self.amount(kind, n, dim, board, unloads, loads), lag)
        work = stage.work_s + self._draw(trip, stage)
        if stage.unit_s:
            sizes = self.size[trip.vehicle]
            moved = sum(
                (end - first) * sizes[flow][stage.dim] for flow, _, first, end in loads + unloads
            )
            work += stage.unit_s * moved
        end_s = now + work if stage.clock < 0 else self.clocks[stage.clock].finish(now, work)
        lots = sum(end - first for _, _, first, end in loads + unloads)
        self.visits.extend((trip.source, trip.k, trip.visit, line, stage.index, lots, now, end_s))
        if stage.spawn >= 0:
            self.at(now, self._on_spawn, (stage.spawn, self.next_k[stage.spawn]))
            self.next_k[stage.spawn] += 1
        puts = [
            (counter, self.amount(kind, n, dim, board, unloads, loads), lag)
            for counter, kind, n, dim, lag in stage.puts_end
        ]
        self.at(end_s, self._on_over, (trip, stage, unloads, puts))

    def _draw(self, trip: _Trip, stage: StageRow) -> int:
        if stage.work_column < 0:
            return 0
        row = trip.source * self.n_column + stage.work_column
        i = self.draw_ptr[row] + trip.k
        if trip.k < 0 or i >= self.draw_ptr[row + 1]:
            raise DrawsExhausted(trip.source, stage.work_column)
        return int(self.draws[i])

    def _take_from_stock(self, stock: int, loads: list[Cut]) -> None:
        taken = {first: end for _, _, first, end in loads}
        left = []
        for i, row in enumerate(self.stock[stock]):
            since, first, end, *rest = row
            cut = taken.pop(first, first)
            if cut < end:
                left.append((since, cut, end, *rest))
            if not taken:
                left += self.stock[stock][i + 1 :]
                break
        self.stock[stock] = left  # type: ignore[assignment]
        self.n_lots[stock] -= sum(end - first for _, _, first, end in loads)
        # what is left may be less to load, or begin with a lot that fits
        self.touch(self.stock_lines[stock])

    def _give_ups(self) -> bool:
        leaving = [
            (trip.key, trip.line, trip.source, trip.k, trip)
            for trip, ticket in self.due
            if trip.ticket == ticket
        ]
        self.due.clear()
        for _, line, source, k, trip in sorted(leaving, key=lambda row: row[:4]):
            self.leave(trip)
            now = self.now
            self.visits.extend((source, k, trip.visit, line, -1, 0, now, now))
            trip.visit += 1
            if self.else_line[line] >= 0:
                self.join(trip, self.else_line[line])
        return bool(leaving)
