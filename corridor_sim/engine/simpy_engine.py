"""The reference engine: CONTRACT.md on SimPy.

SimPy keeps the clock and the queue of events. Every B-event is one kernel event with one callback
(a trip is itself the event that ends its visit); phases M, C and D of a round run when the queue
holds no more events of the instant. No process, no resource, no interrupt.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

import simpy
from simpy.events import NORMAL, Event

from corridor_sim.engine.cargo import Cargo, first_lots, n_lots
from corridor_sim.engine.lines import Entry, Lines, Trip
from corridor_sim.engine.log import EventLog, log_from_rows
from corridor_sim.engine.lookup import EIGHT, SIX, Clock, Cut, StageRow, flat, stage_rows, watchers
from corridor_sim.engine.meters import Meters, Slows
from corridor_sim.errors import DrawsExhausted, RoundLimit
from corridor_sim.model.compiled import CompiledModel
from corridor_sim.terms import NOBODY, Amount, CountedFrom
from corridor_sim.units import FOREVER

Plan = tuple[list[Cut], list[Cut], list[int]]
"""Of a stage that can start: the lots to load and to unload, and how much of each need."""


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


class _Act(Event):
    """A kernel event that has been decided: one thing to call when its time comes."""

    _ok = True

    def __init__(self, env: simpy.Environment, act: Callable[[Any], None], what: Any):
        self.env, self.callbacks, self._value = env, [act], what


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
        self.lines = Lines(model)
        self.cargo = Cargo(model)
        self._read_lines()
        self._read_tables()
        self._read_sources()
        self._read_counters()
        self.meters, self.slows = Meters(model), Slows(model)
        self.due: list[tuple[Trip, int]] = []
        self.spawned: list[tuple[int, int]] = []
        self.pending = True  # the first instant is performed whether anything happens in it or not
        self.round_at, self.rounds = -1, 0
        self.births = array("q")
        self.visits = array("q")
        self.switches = array("q")
        self.over = [self._on_over]

    # reading the arrays once

    def _read_lines(self) -> None:
        lines = self.model.lines
        self.alts = [[self.stages[s] for s in stages] for stages in self.lines.alts]
        claims = lines.claim.tolist()
        self.claims = {i: self.alts[i][0].needs[:n] for i, n in enumerate(claims) if n}
        self.claimed_by: dict[int, list[int]] = {}  # counter: lines whose heads claim it
        for line, needs in self.claims.items():
            for counter, *_ in needs:
                self.claimed_by.setdefault(counter, []).append(line)
        # the one alternative of a line, if it is plain and no claim can come before it
        self.plain = [
            alts[0]
            if len(alts) == 1 and alts[0].is_plain and not self._is_claimed(alts[0])
            else None
            for alts in self.alts
        ]
        self.give_up: list[int] = lines.give_up_s.tolist()
        self.give_up_from = lines.give_up_from.tolist()
        self.give_up_table, self.else_line = lines.give_up_table.tolist(), lines.else_line.tolist()
        self.wake_at = [FOREVER] * len(self.alts)

    def _read_tables(self) -> None:
        tables = self.model.tables
        ptr, at = tables.ptr.tolist(), tables.at_s.tolist()
        self.tables: list[list[int]] = [at[a:b] for a, b in zip(ptr[:-1], ptr[1:], strict=True)]
        self.draw_ptr: list[int] = tables.draw_ptr.tolist()
        self.n_column = tables.n_column
        self.draws: array[int] = flat(tables.draw_s)

    def _read_sources(self) -> None:
        sources = self.model.sources
        counts = (sources.birth_ptr[1:] - sources.birth_ptr[:-1]).tolist()
        self.tokens, self.source_line = sources.tokens.tolist(), sources.line.tolist()
        self.birth_ptr, self.birth_s = sources.birth_ptr.tolist(), flat(sources.birth_s)
        self.birth_vehicle = flat(sources.birth_vehicle)
        self.birth_first, self.birth_end = flat(sources.birth_first), flat(sources.birth_end)
        self.next_k: list[int] = [0 if t else n for t, n in zip(self.tokens, counts, strict=True)]

    def _read_counters(self) -> None:
        counters = self.model.counters
        self.free: list[int] = counters.free.tolist()
        self.cap_now: list[int] = counters.cap.tolist()
        self.period = counters.period_s.tolist()
        self.filled = [0] * len(self.free)
        self.counter_lines, self.stock_lines, self.meter_lines = watchers(self.model, self.alts)
        self.cutoff_lines = [
            line
            for line, stages in enumerate(self.alts)
            if any(s.cycle and s.table >= 0 and s.cutoff_s >= 0 for s in stages)
        ]
        for line, needs in self.claims.items():
            for counter, *_ in needs:
                self.lines.behind[line] += self.counter_lines[counter]

    # the kernel

    def at(self, t: int, act: Callable[[Any], None], what: Any = None) -> None:
        """One kernel event: `act` is called with the event, whose value is `what`."""
        if t >= self.horizon:
            return
        self.env.schedule(_Act(self.env, act, what), NORMAL, t - self.now)

    def run(self) -> EventLog:
        counters = self.model.counters
        for source, first in enumerate(self.birth_ptr[:-1]):
            self._next_birth(source, first)
        for counter in range(len(self.free)):
            for i in range(int(counters.step_ptr[counter]), int(counters.step_ptr[counter + 1])):
                step = (counter, int(counters.step_by[i]))
                self.at(int(counters.step_at_s[i]), self._on_step, step)
        cargo = self.model.cargo
        for vehicle in range(len(cargo.cap)):
            for i in range(int(cargo.step_ptr[vehicle]), int(cargo.step_ptr[vehicle + 1])):
                limit = (vehicle, cargo.step_cap[i].tolist())
                self.at(int(cargo.step_at_s[i]), self._on_limit, limit)
        peek, step_env = self.env.peek, self.env.step
        while True:
            next_s = peek()
            if next_s > self.now and self.pending:
                self._round()
            elif next_s >= self.horizon:
                break
            else:
                self.now = int(next_s)
                self.pending = True
                step_env()
        return log_from_rows(
            self.births,
            self.visits,
            self.cargo.moves,
            self.switches,
            self.lines.waiting(),
            self.model.cargo.lot_ptr,
        )

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
            trip = Trip(self.env, source, k, self.birth_vehicle[row], self.now)
            first, end = self.birth_first[row], self.birth_end[row]
            if end > first:
                trip.aboard.append((bisect_right(self.cargo.lot_ptr, first) - 1, 0, first, end))
            self._born(trip)
            row += 1
        self._next_birth(source, row)

    def _born(self, trip: Trip) -> None:
        line = self.source_line[trip.source]
        self.births.frombytes(SIX(trip.source, trip.k, NOBODY, trip.vehicle, line, self.now))
        self._join(trip, line)

    def _on_step(self, event: Event) -> None:
        counter, by = event._value
        self.cap_now[counter] += by
        self.free[counter] += by
        self.lines.look(self.counter_lines[counter])

    def _on_limit(self, event: Event) -> None:
        vehicle, cap = event._value
        self.cargo.cap[vehicle] = cap
        for lines in self.stock_lines:
            self.lines.look(lines)

    def _on_put(self, event: Event) -> None:
        self._put(*event._value)

    def _on_look(self, event: Event) -> None:
        line = event._value
        if line >= 0:
            if self.wake_at[line] <= self.now:
                self.wake_at[line] = FOREVER
            self.lines.look((line,))

    def _on_give_up_due(self, event: Event) -> None:
        self.due.append(event._value)

    def _on_over(self, trip: Trip) -> None:
        """A visit is over: unload, put back, join the next line."""
        stage = trip.stage
        was_cut = stage.cut >= 0 and trip.is_cut
        if stage.mark and not was_cut:
            trip.mark = self.now
        if trip.unloads:
            for stock in self.cargo.unload(trip, self.now):
                self.lines.look(self.stock_lines[stock])
        for counter, amount, lag in trip.puts:
            if lag:
                self.at(self.now + lag, self._on_put, (counter, amount))
            else:
                self._put(counter, amount)
        line = stage.next_line
        if was_cut:
            line, trip.is_cut = stage.cut_line, False
        elif stage.loop_line >= 0:
            place = self.cargo.place
            if any(place(cut) == stage.place for cut in trip.aboard):
                line = stage.loop_line
        trip.visit += 1
        if line >= 0:
            self._join(trip, line)

    # state

    def _put(self, counter: int, amount: int) -> None:
        if amount and not self.period[counter]:
            self.free[counter] += amount
            queues = self.lines.queues
            for line in self.counter_lines[counter]:
                if queues[line]:
                    heappush(self.lines.candidates, queues[line][0])

    def _free_now(self, counter: int) -> int:
        """Free units; a periodic counter is full again at each multiple of its period."""
        period = self.period[counter]
        if period and self.now // period > self.filled[counter]:
            self.filled[counter] = self.now // period
            self.free[counter] = self.cap_now[counter]
        return self.free[counter]

    def _join(self, trip: Trip, line: int) -> None:
        self.lines.join(trip, line, self.now)
        if self.give_up[line] >= 0:
            due = self._give_up_at(trip, line)
            if due <= self.now:
                self.due.append((trip, trip.ticket))  # may be a joiner of D: then of the next D
            else:
                self.at(due, self._on_give_up_due, (trip, trip.ticket))

    def _give_up_at(self, trip: Trip, line: int) -> int:
        start = trip.joined
        if self.give_up_from[line] == CountedFrom.TIMETABLE:
            start = max(start, self._table_time(self.give_up_table[line], trip.k))
        return start + self.give_up[line]

    def _table_time(self, table: int, ordinal: int) -> int:
        times = self.tables[table]
        return times[ordinal] if 0 <= ordinal < len(times) else FOREVER

    # a round: M, C, D

    def _round(self) -> None:
        self.pending = False
        now = self.now
        self.rounds = self.rounds + 1 if now == self.round_at else 1
        self.round_at = now
        if self.rounds > self.max_rounds:
            lines = {self.model.names.lines[line] for _, line, *_ in self.lines.candidates}
            raise RoundLimit(
                f"more than {self.max_rounds} rounds at {now} s in: {', '.join(sorted(lines))}"
            )
        if self.spawned:
            # born by a grant of the round before: B-events of this one, without the kernel
            for source, k in self.spawned:
                self._born(Trip(self.env, source, k, 0, now))
            self.spawned.clear()
        happened = bool(self.meters.weights) and self._meters()
        if self.scan_all:
            self.lines.look(range(len(self.alts)))
        if self.lines.candidates:
            happened |= self._grants()
        if self.due:
            happened |= self._give_ups()
        # a joiner of D, a trip just spawned; and a meter may have to look again
        if self.lines.candidates or self.spawned or self.due or (happened and self.meters.weights):
            self.pending = True

    def _meters(self) -> bool:
        now, meters = self.now, self.meters
        switched = meters.switch(now, self.cap_now, self.free)
        for meter, level in switched:
            self.switches.extend((now, meter, int(meters.is_on[meter]), level))
            self.lines.look(self.meter_lines[meter])
            if meters.is_on[meter] and meters.min_s[meter]:
                self.at(now + meters.min_s[meter], self._on_look, -1)
        return bool(switched)

    def _grants(self) -> bool:
        """Heads by rank until none is feasible."""
        candidates, queues, plain = self.lines.candidates, self.lines.queues, self.plain
        happened = False
        last: Entry | None = None
        while candidates:
            entry = heappop(candidates)
            line = entry[1]
            queue = queues[line]
            # an older head; or one looked at just now, and nothing has happened since
            if not queue or queue[0] is not entry or entry is last:
                continue
            last, trip = entry, entry[5]
            simple = plain[line]
            if simple is not None:
                if not self._grant_plain(trip, simple, line):
                    continue
            else:
                self.wake = FOREVER
                for stage in self.alts[line]:
                    plan = self._feasible(trip, line, stage)
                    if plan is not None:
                        self._grant(trip, line, stage, *plan)
                        break
                else:
                    if self.wake < FOREVER:
                        self._look_later(line)
                    continue
            happened = True
            if self.scan_all:
                self.lines.look(range(len(self.alts)))
        return happened

    def _grant_plain(self, trip: Trip, stage: StageRow, line: int) -> bool:
        """`_feasible` and `_grant` for the most usual stage: counters for a time."""
        free = self.free
        for counter, n in stage.constants:
            if n > free[counter]:
                return False
        for counter, n in stage.constants:
            free[counter] -= n
        self.lines.leave_head(trip)
        work = stage.work_s
        if stage.work_column >= 0:
            work += self._draw(trip, stage)
        now = self.now
        end_s = now + work if stage.clock < 0 else self.clocks[stage.clock].finish(now, work)
        self.visits.frombytes(
            EIGHT(trip.source, trip.k, trip.visit, line, stage.index, 0, now, end_s)
        )
        trip.stage, trip.unloads, trip.puts = stage, [], stage.constant_puts  # type: ignore[assignment]
        if end_s < self.horizon:
            trip.callbacks = self.over  # type: ignore[assignment]
            self.env.schedule(trip, NORMAL, end_s - now)
        return True

    def _feasible(self, trip: Trip, line: int, stage: StageRow) -> Plan | None:
        """What can start now; else when to look again is in `self.wake`.

        Looks at what is cheap first: which condition fails is not an engine's business.

        It is enough to be woken when the one that failed may hold: the others are looked at then.
        """
        if stage.is_timed and not self._is_time(trip, stage):
            return None
        for counter, n in stage.constants:
            if n > self._free_now(counter):
                self._wake_at_period(counter)
                return None
        unloads = self.cargo.to_unload(trip, stage) if stage.place >= 0 and trip.aboard else []
        loads: list[Cut] = []
        if stage.stock >= 0 or stage.board_min:
            plan = self._loads(trip, stage, unloads)
            if plan is None:
                return None
            loads = plan
        amounts = []
        for counter, kind, n, dim, spare in stage.needs:
            amount = n
            if kind != Amount.CONSTANT:
                amount = self.cargo.amount(stage, kind, n, dim, trip.aboard, unloads, loads)
            left = self._free_now(counter) - self._claimed(counter, trip, line)
            if amount and amount + spare > left:
                self._wake_at_period(counter)
                if kind == Amount.LOADED or stage.swap:
                    self._wake(self.cargo.next_ready(stage.stock))
                return None
            amounts.append(amount)
        return loads, unloads, amounts

    def _broken_off(
        self, trip: Trip, stage: StageRow, loads: list[Cut], unloads: list[Cut], work: int
    ) -> tuple[Plan, int]:
        """A visit that is cut: what is done by then, and when. The trip keeps the rest."""
        now = self.now
        cut_s = self.clocks[stage.cut].next_closing(now)
        done = cut_s - now
        if stage.clock >= 0:
            clock = self.clocks[stage.clock]
            done = clock.open_until(cut_s) - clock.open_until(now)
        n_unload, lots = n_lots(unloads), n_lots(unloads) + n_lots(loads)
        moved = lots * done // work if work else lots
        unloads, loads = first_lots(unloads, moved), first_lots(loads, moved - n_unload)
        trip.left, trip.is_cut = work - done, True
        amounts = [
            self.cargo.amount(stage, kind, n, dim, trip.aboard, unloads, loads)
            for _, kind, n, dim, _ in stage.needs
        ]
        return (loads, unloads, amounts), cut_s

    def _is_time(self, trip: Trip, stage: StageRow) -> bool:
        """Gate open, timetable reached, meter off."""
        now = self.now
        if stage.gate >= 0 and not self.clocks[stage.gate].is_open(now):
            self._wake(self.clocks[stage.gate].next_opening(now))
            return False
        if stage.cut >= 0 and not self.clocks[stage.cut].is_open(now):
            self._wake(self.clocks[stage.cut].next_opening(now))
            return False
        if stage.table >= 0:
            at = self._table_time(stage.table, self._ordinal(trip, stage))
            if now < at:
                self._wake(at)
                return False
        return stage.meter < 0 or not self.meters.is_on[stage.meter]

    def _wake(self, at: int) -> None:
        if at < self.wake:
            self.wake = at

    def _wake_at_period(self, counter: int) -> None:
        period = self.period[counter]
        if period:
            self._wake((self.now // period + 1) * period)

    def _loads(self, trip: Trip, stage: StageRow, unloads: list[Cut]) -> list[Cut] | None:
        """The loadable lots, or None if there is too little and no deadline has passed."""
        cargo, now = self.cargo, self.now
        vehicle = stage.vehicle if stage.vehicle >= 0 else trip.vehicle
        late_s: int | None = None
        if stage.deadline_s >= 0 and stage.deadline_from != CountedFrom.OLDEST_LOT:
            late_s = self._deadline_start(trip, stage) + stage.deadline_s
        lots = cargo.admit(stage.stock, now) if stage.stock >= 0 else 0
        largest = cargo.largest[vehicle][stage.dim]
        counted = cargo.units(trip.aboard, vehicle, stage.dim) if stage.counts_board else 0
        if lots * largest + counted < stage.load_min and not stage.full:
            # far from filled: no need to walk the stock unless a deadline may have passed
            if stage.deadline_s < 0 or (late_s is not None and now < late_s):
                if late_s is not None:
                    self._wake(late_s)
                if stage.stock >= 0 and largest:
                    missing = -((lots * largest + counted - stage.load_min) // largest)
                    self._wake(cargo.next_ready(stage.stock, missing))
                return None
            if late_s is None and not lots:
                self._wake(cargo.next_ready(stage.stock))
                return None
        loads: list[Cut] = []
        oldest: int | None = None
        is_full = False
        if stage.stock >= 0:
            latest = FOREVER
            if stage.cutoff_s >= 0 and stage.table >= 0:
                departs = self._table_time(stage.table, self._ordinal(trip, stage))
                latest = departs - stage.cutoff_s
            loads, oldest, is_full = cargo.loadable(trip, stage, unloads, vehicle, latest)
        loaded = cargo.units(loads, vehicle, stage.dim) + counted
        if (loaded >= stage.load_min or (stage.full and is_full)) and (
            not stage.board_min or cargo.units(trip.aboard, vehicle, stage.dim) >= stage.board_min
        ):
            return loads
        if stage.stock >= 0:
            self._wake(cargo.next_ready(stage.stock))
        if stage.deadline_s < 0 or loaded < stage.load_floor:
            return None
        if late_s is None:
            if oldest is None:
                return None
            late_s = oldest + stage.deadline_s
        if now >= late_s:
            return loads
        self._wake(late_s)
        return None

    def _deadline_start(self, trip: Trip, stage: StageRow) -> int:
        if stage.deadline_from == CountedFrom.MARK:
            return trip.born if trip.mark is None else trip.mark
        return trip.joined

    def _ordinal(self, trip: Trip, stage: StageRow) -> int:
        if not stage.cycle:
            return trip.k
        k = self.next_k[trip.source]
        if stage.table < 0:
            return k
        # slots that were over before it came are skipped
        return max(k, bisect_right(self.tables[stage.table], trip.joined) - 1)

    def _is_claimed(self, stage: StageRow) -> bool:
        return any(counter in self.claimed_by for counter, *_ in stage.needs)

    def _claimed(self, counter: int, trip: Trip, line: int) -> int:
        """Units that heads of claiming lines with a smaller rank count as theirs."""
        claimed = 0
        rivals = self.claimed_by.get(counter)
        if rivals is None:
            return 0
        mine = (trip.key, line, trip.source, trip.k)
        for other in rivals:
            entry = self.lines.head(other)
            if entry is None or entry[:4] >= mine:
                continue
            head, stage = entry[5], self.alts[other][0]
            unloads: list[Cut] | None = None
            for c, kind, n, dim, spare in self.claims[other]:
                if c == counter:
                    if unloads is None:
                        unloads = self.cargo.to_unload(head, stage) if stage.place >= 0 else []
                    amount = self.cargo.amount(stage, kind, n, dim, head.aboard, unloads, [])
                    claimed += amount + spare if amount else 0
        return claimed

    def _look_later(self, line: int) -> None:
        """Look again when time alone may have made the head feasible."""
        if self.wake < self.wake_at[line]:
            self.wake_at[line] = self.wake
            self.at(self.wake, self._on_look, line)

    def _grant(
        self,
        trip: Trip,
        line: int,
        stage: StageRow,
        loads: list[Cut],
        unloads: list[Cut],
        amounts: list[int],
    ) -> None:
        now, cargo = self.now, self.cargo
        work = self._work(trip, stage, loads, unloads)
        end_s = now + work if stage.clock < 0 else self.clocks[stage.clock].finish(now, work)
        if stage.resume:
            trip.left = 0
        if stage.cut >= 0 and self.clocks[stage.cut].next_closing(now) <= end_s:
            (loads, unloads, amounts), end_s = self._broken_off(trip, stage, loads, unloads, work)
        self.lines.leave_head(trip)
        if stage.cycle:
            self._begin_cycle(trip, line, stage)
        if stage.vehicle >= 0:
            trip.vehicle = stage.vehicle
        for (counter, *_), amount in zip(stage.needs, amounts, strict=True):
            self.free[counter] -= amount
        board = trip.aboard
        if loads:
            loads = cargo.load(trip, stage, loads)
            # what is left may be less to load, or begin with a lot that fits
            self.lines.look(self.stock_lines[stage.stock])
        for counter, kind, n, dim, lag in stage.puts_start:
            amount = cargo.amount(stage, kind, n, dim, board, unloads, loads)
            if lag:
                self.at(now + lag, self._on_put, (counter, amount))
            else:
                self._put(counter, amount)
        lots = n_lots(loads) + n_lots(unloads)
        self.visits.frombytes(
            EIGHT(trip.source, trip.k, trip.visit, line, stage.index, lots, now, end_s)
        )
        if stage.spawn >= 0:
            self.spawned.append((stage.spawn, self.next_k[stage.spawn]))
            self._given(stage.spawn, self.next_k[stage.spawn])
        trip.stage, trip.unloads = stage, unloads
        if stage.constant_puts is not None:
            trip.puts = stage.constant_puts
        else:
            trip.puts = [
                (counter, cargo.amount(stage, kind, n, dim, board, unloads, loads), lag)
                for counter, kind, n, dim, lag in stage.puts_end
            ]
        if end_s < self.horizon:
            trip.callbacks = self.over  # type: ignore[assignment]
            self.env.schedule(trip, NORMAL, end_s - now)

    def _work(self, trip: Trip, stage: StageRow, loads: list[Cut], unloads: list[Cut]) -> int:
        """Seconds of work, before anything is taken for it."""
        if stage.resume and trip.left:
            return trip.left
        work = stage.work_s
        if stage.work_column >= 0:
            work += self._draw(trip, stage)
        if stage.unit_s and (loads or unloads):
            vehicle = stage.vehicle if stage.vehicle >= 0 else trip.vehicle
            work += stage.unit_s * self.cargo.units(loads + unloads, vehicle, stage.dim)
        if stage.slow >= 0:
            work = self.slows.work_s(stage.slow, work, self.cap_now, self.free)
        return work

    def _begin_cycle(self, trip: Trip, line: int, stage: StageRow) -> None:
        previous, trip.k = trip.k, self._ordinal(trip, stage)
        self._given(trip.source, trip.k)
        trip.visit, trip.born = 0, trip.joined
        self.births.frombytes(SIX(trip.source, trip.k, previous, trip.vehicle, line, trip.joined))

    def _given(self, source: int, ordinal: int) -> None:
        """The next one of the source is the one after; a later cut-off lets more be loaded."""
        self.next_k[source] = ordinal + 1
        self.lines.look(self.cutoff_lines)

    def _draw(self, trip: Trip, stage: StageRow) -> int:
        row = trip.source * self.n_column + stage.work_column
        k = self._ordinal(trip, stage)
        i = self.draw_ptr[row] + k
        if k < 0 or i >= self.draw_ptr[row + 1]:
            raise DrawsExhausted(trip.source, stage.work_column)
        return self.draws[i]

    def _give_ups(self) -> bool:
        now = self.now
        leaving = [
            (trip.key, trip.line, trip.source, trip.k, trip)
            for trip, ticket in self.due
            if trip.ticket == ticket
        ]
        self.due.clear()
        for _, line, source, k, trip in sorted(leaving, key=lambda row: row[:4]):
            self.lines.leave(trip)
            self.visits.frombytes(EIGHT(source, k, trip.visit, line, -1, 0, now, now))
            trip.visit += 1
            if self.else_line[line] >= 0:
                self._join(trip, self.else_line[line])
        return bool(leaving)
