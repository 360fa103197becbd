"""The plain engine: heaps, lists and nothing else, written from CONTRACT.md alone.

It is the oracle of the others, so it shares only the compiled arrays and the log's shape with them.
A line is looked at when something that its head waits for may have changed (*touched*): a counter
got more free, a stock or a claim changed, a meter went off, its head is new, or a timer fired.
"""

from __future__ import annotations

import random
from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Iterator
from heapq import heappop, heappush
from operator import itemgetter
from typing import Any

from corridor_sim.engine.heap_parts import (
    Aboard,
    Entry,
    Lists,
    Plan,
    Put,
    Quantity,
    Rank,
    Row,
    Stage,
    Stocked,
    Trip,
    cut,
)
from corridor_sim.engine.log import EventLog, log_from_rows
from corridor_sim.errors import DrawsExhausted, EngineError, RoundLimit
from corridor_sim.model.compiled import CompiledModel
from corridor_sim.terms import NOBODY, Amount, CountedFrom, Order
from corridor_sim.units import FOREVER

Event = tuple[Callable[[Any], None], Any]


def run(model: CompiledModel, *, max_rounds: int = 10_000, shuffle: int | None = None) -> EventLog:
    """The event log of a model.

    Parameters
    ----------
    max_rounds    more rounds of one instant are taken for a storm
    shuffle       seed of an order in which the B-events of each round are performed; the log is
                  the same for each

    Raises
    ------
    RoundLimit        one instant needs more rounds
    DrawsExhausted    a compiled stream of durations is too short
    """
    return Run(model, max_rounds, shuffle).log()


class Run(Lists):
    """The state of one run. Rules are small methods, so that tests can break one at a time."""

    def __init__(self, model: CompiledModel, max_rounds: int, shuffle: int | None):
        super().__init__(model)
        self.names = model.names
        self.horizon, self.max_rounds = model.horizon_s, max_rounds
        self.random = None if shuffle is None else random.Random(shuffle)
        self.t = 0
        self.pool: list[Event] = []
        """B-events of the round that runs, or of the next one of this instant."""
        self.later: dict[int, list[Event]] = {}
        self.instants: list[int] = [0]
        self.due: list[tuple[Trip, int]] = []
        self.wake = FOREVER
        self.busy: set[str] = set()
        self.births: list[Row] = []
        self.visits: list[Row] = []
        self.cargo: list[Row] = []
        self.switches: list[Row] = []
        self.waiting: list[Row] = []
        self.fixed = sorted(self._fixed_events(model), key=itemgetter(0), reverse=True)

    def _fixed_events(self, model: CompiledModel) -> Iterable[tuple[int, Event]]:
        """What the tables bring: births, lots ready, steps of capacity; (instant, event)."""
        sources, counters, cargo = model.sources, model.counters, model.cargo
        columns = (
            sources.birth_s, sources.birth_vehicle, sources.birth_first, sources.birth_end
        )  # fmt: skip
        for source, table in enumerate(
            zip(*(cut(sources.birth_ptr, column) for column in columns), strict=True)
        ):
            for i, (t, vehicle, first, end) in enumerate(zip(*table, strict=True)):
                k = -1 - i if self.is_tokens[source] else i
                hop = self.hop_ptr[bisect_right(self.lot_ptr, first) - 1] if end > first else 0
                yield t, (self.birth, (source, k, vehicle, hop, first, end))
        for flow, ready in enumerate(cut(cargo.lot_ptr, cargo.lot_ready_s)):
            hop, base, first = self.hop_ptr[flow], int(self.lot_ptr[flow]), 0
            while self.hop_stock[hop] >= 0 and first < len(ready):
                end = bisect_right(ready, ready[first], first)
                yield ready[first], (self.ready, (hop, base + first, base + end))
                first = end
        for counter, (at, by) in enumerate(
            zip(
                cut(counters.step_ptr, counters.step_at_s),
                cut(counters.step_ptr, counters.step_by),
                strict=True,
            )
        ):
            for t, change in zip(at, by, strict=True):
                yield t, (self.step, (counter, change))
        for vehicle, instants in enumerate(cut(cargo.step_ptr, cargo.step_at_s)):
            for i, t in enumerate(instants, int(cargo.step_ptr[vehicle])):
                yield t, (self.limit, (vehicle, cargo.step_cap[i].tolist()))

    # Instants and rounds

    def log(self) -> EventLog:
        """Performs every instant before the horizon."""
        while self.fixed and self.fixed[-1][0] < 0:
            self.fixed.pop()
        while self.instants or self.fixed:
            t = min(
                self.instants[0] if self.instants else FOREVER,
                self.fixed[-1][0] if self.fixed else FOREVER,
            )
            if t >= self.horizon:
                break
            self.instant(t)
        for line, entries in enumerate(self.lines):
            self.waiting += [
                (source, k, line, trip.joined)
                for _, source, k, stay, trip in entries
                if trip.stay == stay and trip.line >= 0
            ]
        return log_from_rows(
            self.births, self.visits, self.cargo, self.switches, self.waiting, self.lot_ptr
        )

    def instant(self, t: int) -> None:
        """Rounds of t until nothing is left that could happen."""
        self.t = t
        if self.instants and self.instants[0] == t:
            heappop(self.instants)
            self.pool = self.later.pop(t, [])
        while self.fixed and self.fixed[-1][0] == t:
            self.pool.append(self.fixed.pop()[1])
        n_rounds = 0
        while self.pool or self.touched or self.moved_meters:
            n_rounds += 1
            if n_rounds > self.max_rounds:
                raise RoundLimit(
                    f"more than {self.max_rounds} rounds at {t} s: {', '.join(sorted(self.busy))}"
                )
            self.busy.clear()
            self.events()
            self.meters()
            self.dispatch()
            self.give_ups()

    def schedule(self, at: int, act: Callable[[Any], None], what: Any) -> None:
        """A B-event: of this instant's running or next round, or of a later instant."""
        if at == self.t:
            self.pool.append((act, what))
        elif at < self.horizon:
            events = self.later.get(at)
            if events is None:
                self.later[at] = events = []
                heappush(self.instants, at)
            events.append((act, what))

    def events(self) -> None:
        """Phase B."""
        pool = self.pool
        if self.random is None:
            for act, what in pool:  # grows while it is read
                act(what)
            pool.clear()
            return
        while pool:
            i = self.random.randrange(len(pool))
            pool[i], pool[-1] = pool[-1], pool[i]
            act, what = pool.pop()
            act(what)

    def meters(self) -> None:
        """Phase M."""
        looking, self.moved_meters = self.moved_meters, set()
        for meter in sorted(looking):
            level = sum(w * (self.cap[c] - self.free[c]) for c, w in self.weights[meter])
            if not self.is_on[meter]:
                if level >= self.meter_on[meter]:
                    self.on_since[meter] = self.t
                    self.switch(meter, True, level)
                    if self.meter_min[meter]:
                        self.schedule(self.t + self.meter_min[meter], self.look_at_meter, meter)
            elif level <= self.meter_off[meter]:
                if self.t - self.on_since[meter] >= self.meter_min[meter]:
                    self.switch(meter, False, level)

    def switch(self, meter: int, on: bool, level: int) -> None:
        self.is_on[meter] = on
        self.switches.append((self.t, meter, int(on), level))
        self.busy.add(f"meter {self.names.meters[meter]}")
        self.moved_meters.add(meter)
        if not on:
            self.touch(self.meter_lines[meter])

    def dispatch(self) -> None:
        """Phase C."""
        heap: list[tuple[Rank, Entry]] = []
        while True:
            self.collect(heap)
            if not heap:
                return
            rank, entry = heappop(heap)
            self.is_touched[rank[1]] = False
            plan = self.feasible(rank, entry[4])
            if plan is not None:
                self.grant(rank[1], entry[4], plan)

    def collect(self, heap: list[tuple[Rank, Entry]]) -> None:
        """The heads of the touched lines go into the heap."""
        for line in self.touched:
            entry = self.head(line)
            if entry is None:
                self.is_touched[line] = False
            else:
                heappush(heap, (self.rank(line, entry), entry))
        self.touched.clear()

    def give_ups(self) -> None:
        """Phase D."""
        due, self.due = self.due, []
        for trip, stay in due:
            if trip.stay == stay and trip.line >= 0:
                self.leave(trip)

    def leave(self, trip: Trip) -> None:
        line = trip.line
        head = self.head(line)
        trip.line = -1
        if head is not None and head[4] is trip:
            self.new_head(line)
        self.busy.add(self.names.lines[line])
        self.visits.append((trip.source, trip.k, trip.visit, line, -1, 0, self.t, self.t))
        trip.visit += 1
        if self.else_line[line] >= 0:
            self.schedule(self.t, self.join, (trip, self.else_line[line]))

    # B-events

    def birth(self, what: tuple[int, int, int, int, int, int]) -> None:
        source, k, vehicle, hop, first, end = what
        trip = Trip(source, k, self.t, vehicle, [(hop, first, end)] if end > first else [])
        line = self.source_line[source]
        self.births.append((source, k, NOBODY, vehicle, line, self.t))
        self.join((trip, line))

    def join(self, what: tuple[Trip, int]) -> None:
        trip, line = what
        trip.joined, trip.line = self.t, line
        trip.stay += 1
        entry = (self.key(trip, line), trip.source, trip.k, trip.stay, trip)
        heappush(self.lines[line], entry)
        if self.head(line) is entry:
            self.new_head(line)
        due = self.give_up_time(trip, line)
        if due <= self.t:
            self.due.append((trip, trip.stay))
        elif due < FOREVER:
            self.schedule(due, self.fall_due, (trip, trip.stay))

    def fall_due(self, what: tuple[Trip, int]) -> None:
        self.due.append(what)

    def ready(self, what: Aboard) -> None:
        hop, first, end = what
        since = self.t
        flow, stock = self.hop_flow[hop], self.hop_stock[hop]
        order = since + self.flow_offset[flow]
        self.n_lots[stock][flow] = self.n_lots[stock].get(flow, 0) + end - first
        insort(self.stocks[stock], (order, first, end, hop, since))
        self.touch(self.stock_lines[stock])

    def step(self, what: tuple[int, int]) -> None:
        counter, by = what
        self.fill(counter)
        self.cap[counter] += by
        self.free[counter] += by
        self.touch(self.counter_lines[counter])

    def limit(self, what: tuple[int, list[int]]) -> None:
        vehicle, capacity = what
        self.capacity[vehicle] = capacity
        self.touch([line for lines in self.stock_lines for line in lines])

    def look(self, line: int) -> None:
        if self.look_at[line] == self.t:
            self.look_at[line] = FOREVER
        self.touch((line,))

    def look_at_meter(self, meter: int) -> None:
        self.moved_meters.add(meter)

    def put(self, what: tuple[int, int]) -> None:
        counter, amount = what
        if self.period[counter]:
            return
        self.free[counter] += amount
        self.touch(self.counter_lines[counter])
        self.moved_meters.update(self.counter_meters[counter])

    def over(self, what: tuple[Trip, Stage, list[Aboard], list[Put], bool]) -> None:
        """The end of a visit."""
        trip, stage, gone, puts, is_cut = what
        if stage.mark and not is_cut:
            trip.mark = self.t
        for hop, first, end in gone:
            self.cargo.append((trip.source, trip.k, trip.visit, -1, first, end))
            if hop + 1 < self.hop_ptr[self.hop_flow[hop] + 1]:
                self.ready((hop + 1, first, end))
        trip.visit += 1
        for put in puts:
            self.put_back(*put)
        loops = stage.loop_line >= 0 and stage.place >= 0
        if is_cut:
            self.join((trip, stage.cut_line))
        elif loops and any(self.hop_place[hop] == stage.place for hop, _, _ in trip.aboard):
            self.join((trip, stage.loop_line))
        elif stage.next_line >= 0:
            self.join((trip, stage.next_line))

    # Lines

    def key(self, trip: Trip, line: int) -> int:
        order = self.order[line]
        key = trip.born + self.due_s[trip.source] if order == Order.DUE else order * trip.joined
        if self.by_class[line]:
            key += self.source_offset[trip.source]
        return int(key + self.line_offset[line])

    def rank(self, line: int, entry: Entry) -> Rank:
        return (entry[0], line, entry[1], entry[2])

    def head(self, line: int) -> Entry | None:
        """The first that still waits; those that gave up are dropped at the front."""
        entries = self.lines[line]
        while entries:
            entry = entries[0]
            if entry[4].stay == entry[3] and entry[4].line >= 0:
                return entry
            heappop(entries)
        return None

    def give_up_time(self, trip: Trip, line: int) -> int:
        after = self.give_up_s[line]
        if after < 0:
            return FOREVER
        since = trip.joined
        if self.give_up_from[line] == CountedFrom.TIMETABLE:
            table = self.tables[self.give_up_table[line]]
            if not 0 <= trip.k < len(table):
                return FOREVER
            since = max(since, table[trip.k])
        return int(since + after)

    def touch(self, lines: Iterable[int]) -> None:
        for line in lines:
            if not self.is_touched[line]:
                self.is_touched[line] = True
                self.touched.append(line)

    def new_head(self, line: int) -> None:
        self.touch((line,))
        if self.claims[line]:
            self.claim_anew(line)

    def claim_anew(self, line: int) -> None:
        """The claim of a line's new head; its rivals look, as the old one may have been larger."""
        entry, stage = self.head(line), self.alternatives[line][0]
        self.claim[line] = None
        if entry is not None:
            trip = entry[4]
            vehicle = stage.vehicle if stage.vehicle >= 0 else trip.vehicle
            gone = self.unloading(stage, trip, vehicle)[0]
            claimed = stage.needs[: self.claims[line]]
            amounts = {q.counter: self.amount(stage, q, trip.aboard, gone, []) for q in claimed}
            for q in claimed:
                amounts[q.counter] += q.spare if amounts[q.counter] else 0
            self.claim[line] = (self.rank(line, entry), amounts)
        for need in stage.needs[: self.claims[line]]:
            self.touch(self.counter_lines[need.counter])

    def claimed(self, counter: int, rank: Rank) -> int:
        """What smaller keys claim of a counter."""
        total = 0
        for line in self.claimed_by[counter]:
            claim = self.claim[line]
            if claim is not None and claim[0] < rank:
                total += claim[1][counter]
        return total

    # Feasible

    def feasible(self, rank: Rank, trip: Trip) -> Plan | None:
        """The first feasible alternative, or None: then a timer is set if time alone may help."""
        line = rank[1]
        self.wake = FOREVER
        for stage in self.alternatives[line]:
            plan = self.test(stage, trip, rank)
            if plan is not None:
                return plan
        if self.wake < self.look_at[line]:
            self.look_at[line] = self.wake
            self.schedule(self.wake, self.look, line)
        return None

    def test(self, stage: Stage, trip: Trip, rank: Rank) -> Plan | None:
        """One alternative, in the order of the contract. The first condition that fails says when
        to look again: until it holds, the others do not matter."""
        t = self.t
        if stage.gate >= 0 and not self.calendars[stage.gate].is_open(t):
            self.wake = min(self.wake, self.calendars[stage.gate].next_opening(t))
            return None
        if stage.cut >= 0 and not self.calendars[stage.cut].is_open(t):
            self.wake = min(self.wake, self.calendars[stage.cut].next_opening(t))
            return None
        ordinal = self.ordinal(stage, trip)
        if stage.table >= 0:
            at = self.instant_of(stage.table, ordinal)
            if t < at:
                self.wake = min(self.wake, at)
                return None
        if stage.meter >= 0 and self.is_on[stage.meter]:
            return None
        vehicle = stage.vehicle if stage.vehicle >= 0 else trip.vehicle
        gone, kept = self.unloading(stage, trip, vehicle)
        loads: list[tuple[int, int]] = []
        loaded: list[Aboard] = []
        if stage.asks_for_cargo:
            is_late = self.is_late(stage, trip, vehicle, ordinal)
            most = self.most_units(stage, vehicle) + self.counted(stage, trip, vehicle)
            may_fill = stage.full or most >= stage.load_min
            if not is_late and not may_fill:
                return None
            loads, loaded, is_full = self.loadable(stage, trip, gone, vehicle, ordinal)
            if not self.has_cargo(stage, trip, vehicle, loaded, is_late, is_full):
                return None
        for need in stage.needs:
            amount = self.amount(stage, need, trip.aboard, gone, loaded)
            if amount and not self.has_free(need.counter, amount + need.spare, rank):
                return None
        return Plan(stage, ordinal, vehicle, loads, loaded, gone, kept)

    def ordinal(self, stage: Stage, trip: Trip) -> int:
        """Which instant of a table and which number of a stream are meant."""
        if not stage.cycle:
            return trip.k
        due = 0
        if stage.table >= 0:
            due = bisect_right(self.tables[stage.table], trip.joined)
        return max(self.next_k[trip.source], due - 1)

    def broken_off(self, plan: Plan, trip: Trip, end: int, work: int) -> Plan:
        """What is done of a visit that ends early; the trip keeps the rest of the work."""
        clock = plan.stage.clock
        done = end - self.t if clock < 0 else self.calendars[clock].open_time(self.t, end)
        trip.left = work - done
        moved = [*self.numbers(plan.gone), *self.numbers(plan.loaded)]
        first = set(moved[: len(moved) if work == 0 else len(moved) * done // work])
        loaded = self.only(plan.loaded, first)
        return plan._replace(
            loads=self.fewer(plan.loads, len(self.numbers(loaded))),
            loaded=loaded,
            gone=self.only(plan.gone, first),
            kept=self.only(trip.aboard, first, is_in=False),
        )

    @staticmethod
    def numbers(lots: list[Aboard]) -> list[tuple[int, int]]:
        """(hop, lot), one by one."""
        return [(hop, lot) for hop, first, end in lots for lot in range(first, end)]

    def only(
        self, lots: list[Aboard], chosen: set[tuple[int, int]], is_in: bool = True
    ) -> list[Aboard]:
        """Those lots that are chosen, or not, in touching ranges."""
        out: list[Aboard] = []
        for hop, first, end in lots:
            for lot in range(first, end):
                if ((hop, lot) in chosen) != is_in:
                    continue
                if out and out[-1][0] == hop and out[-1][2] == lot:
                    out[-1] = (hop, out[-1][1], lot + 1)
                else:
                    out.append((hop, lot, lot + 1))
        return out

    @staticmethod
    def fewer(loads: list[tuple[int, int]], n: int) -> list[tuple[int, int]]:
        """The first n lots of what would be taken from the stock."""
        out = []
        for position, lots in loads:
            if n > 0:
                out.append((position, min(lots, n)))
            n -= lots
        return out

    def instant_of(self, table: int, ordinal: int) -> int:
        instants = self.tables[table]
        return instants[ordinal] if 0 <= ordinal < len(instants) else FOREVER

    def has_free(self, counter: int, amount: int, rank: Rank) -> bool:
        self.fill(counter)
        free = self.free[counter]
        if self.claimed_by[counter]:
            free -= self.claimed(counter, rank)
        if amount <= free:
            return True
        period = self.period[counter]
        if period:
            self.wake = min(self.wake, (self.t // period + 1) * period)
        return False

    def fill(self, counter: int) -> None:
        """A periodic counter is made full when it is first used in a period."""
        period = self.period[counter]
        if period and self.filled[counter] < self.t // period:
            self.filled[counter] = self.t // period
            self.free[counter] = self.cap[counter]

    def has_cargo(
        self,
        stage: Stage,
        trip: Trip,
        vehicle: int,
        loaded: list[Aboard],
        is_late: bool,
        is_full: bool,
    ) -> bool:
        units = self.units(loaded, vehicle, stage.dim) + self.counted(stage, trip, vehicle)
        if is_late and units >= stage.load_floor:
            return True
        if units < stage.load_min and not (stage.full and is_full):
            return False
        if stage.board_min <= 0:
            return True
        return self.units(trip.aboard, vehicle, stage.dim) >= stage.board_min

    def counted(self, stage: Stage, trip: Trip, vehicle: int) -> int:
        """What is on board, if it counts for what is to be loaded."""
        return self.units(trip.aboard, vehicle, stage.dim) if stage.counts_board else 0

    def is_late(self, stage: Stage, trip: Trip, vehicle: int, ordinal: int) -> bool:
        """Whether the deadline has passed."""
        if stage.deadline_s < 0:
            return False
        start: int | None = trip.joined
        if stage.deadline_from == CountedFrom.OLDEST_LOT:
            start = next((lots[4] for _, lots in self.eligible(stage, vehicle, ordinal)), None)
        elif stage.deadline_from == CountedFrom.MARK:
            start = trip.born if trip.mark is None else trip.mark
        if start is None:
            return False
        if self.t < start + stage.deadline_s:
            self.wake = min(self.wake, start + stage.deadline_s)
            return False
        return True

    def most_units(self, stage: Stage, vehicle: int) -> int:
        """No more can be loadable: spares a walk through the stock at each lot that comes."""
        if stage.stock < 0:
            return 0
        in_stock = self.n_lots[stage.stock]
        sizes = self.size[vehicle]
        return sum(n * max(sizes[flow][stage.dim], 0) for flow, n in in_stock.items())

    def eligible(self, stage: Stage, vehicle: int, ordinal: int) -> Iterator[tuple[int, Stocked]]:
        """Position and range of what is neither refused nor cut off, in stock order."""
        if stage.stock < 0:
            return
        latest = FOREVER
        if stage.cutoff_s >= 0 and stage.table >= 0:
            latest = self.instant_of(stage.table, ordinal) - stage.cutoff_s
        sizes = self.size[vehicle]
        for position, lots in enumerate(self.stocks[stage.stock]):
            if lots[4] <= latest and min(sizes[self.hop_flow[lots[3]]]) >= 0:
                yield position, lots

    def loadable(
        self, stage: Stage, trip: Trip, gone: list[Aboard], vehicle: int, ordinal: int
    ) -> tuple[list[tuple[int, int]], list[Aboard], bool]:
        """(positions in the stock and lots taken, the ranges, whether one did not fit)."""
        loads: list[tuple[int, int]] = []
        loaded: list[Aboard] = []
        if stage.stock < 0 or not self.stocks[stage.stock]:
            return loads, loaded, False
        limits = self.room(stage, trip, gone, vehicle)
        sizes = self.size[vehicle]
        for position, (_, first, end, hop, _) in self.eligible(stage, vehicle, ordinal):
            size = sizes[self.hop_flow[hop]]
            n = end - first
            for dim, room in limits:
                if size[dim]:
                    n = min(n, max(room // size[dim], 0))
                elif room < 0:
                    n = 0
            if n:
                limits = [(dim, room - n * size[dim]) for dim, room in limits]
                loads.append((position, n))
                loaded.append((hop, first, first + n))
            if n < end - first:
                return loads, loaded, True
        return loads, loaded, False

    def room(
        self, stage: Stage, trip: Trip, gone: list[Aboard], vehicle: int
    ) -> list[tuple[int, int]]:
        """What limits loading: (dimension, room left)."""
        swapped = gone if stage.swap else []
        limits = [
            (dim, cap - self.units(trip.aboard, vehicle, dim) + self.units(swapped, vehicle, dim))
            for dim, cap in enumerate(self.capacity[vehicle])
            if cap >= 0
        ]
        if stage.load_max >= 0:
            limits.append((stage.dim, stage.load_max))
        return limits

    def unloading(
        self, stage: Stage, trip: Trip, vehicle: int
    ) -> tuple[list[Aboard], list[Aboard]]:
        """What is to be unloaded, and what stays aboard."""
        if stage.place < 0 or not trip.aboard:
            return [], trip.aboard
        gone: list[Aboard] = []
        kept: list[Aboard] = []
        room = stage.unload_max if stage.unload_max >= 0 else FOREVER
        for lots in trip.aboard:
            hop, first, end = lots
            if self.hop_place[hop] != stage.place or room < 0:
                kept.append(lots)
                continue
            one = self.size[vehicle][self.hop_flow[hop]][stage.dim]
            n = min(end - first, room // one) if one > 0 else end - first
            if not gone:
                n = max(n, 1)
            if n:
                gone.append((hop, first, first + n))
            room -= n * one
            if n < end - first:
                kept.append((hop, first + n, end))
                room = -1  # the first that does not fit ends it
        return gone, kept

    def units(self, lots: list[Aboard], vehicle: int, dim: int) -> int:
        sizes = self.size[vehicle]
        return sum((end - first) * sizes[self.hop_flow[hop]][dim] for hop, first, end in lots)

    def amount(
        self,
        stage: Stage,
        q: Quantity,
        aboard: list[Aboard],
        gone: list[Aboard],
        loaded: list[Aboard],
    ) -> int:
        if q.kind == Amount.CONSTANT:
            return q.n
        if q.kind == Amount.ON_BOARD:
            return q.n * self.units(aboard, 0, q.dim)
        unloaded, taken = self.units(gone, 0, q.dim), self.units(loaded, 0, q.dim)
        if q.kind == Amount.LOADED:
            unloaded, taken = taken, unloaded
        return q.n * (max(unloaded - taken, 0) if stage.swap else unloaded)

    # A grant

    def grant(self, line: int, trip: Trip, plan: Plan) -> None:
        t, stage = self.t, plan.stage
        work = self.work(trip, plan)
        end = t + work if stage.clock < 0 else self.calendars[stage.clock].finish(t, work)
        if stage.resume:
            trip.left = 0
        is_cut = stage.cut >= 0 and self.calendars[stage.cut].closing(t) <= end
        if is_cut:
            end = self.calendars[stage.cut].closing(t)
            plan = self.broken_off(plan, trip, end, work)
        _, _, vehicle, loads, loaded, gone, kept = plan
        heappop(self.lines[line])
        trip.line = -1
        self.new_head(line)
        self.busy.add(self.names.lines[line])
        if stage.cycle:
            self.begin_cycle(trip, line, plan.ordinal)
        trip.vehicle = vehicle
        aboard = trip.aboard
        for need in stage.needs:
            self.take(need.counter, self.amount(stage, need, aboard, gone, loaded))
        if loads:
            self.unstock(stage.stock, loads)
            kept = kept + loaded
        trip.aboard = kept  # nobody looks at a trip at work, so what will leave may leave now
        for q in stage.puts_start:
            self.put_back(q.counter, self.amount(stage, q, aboard, gone, loaded), q.lag)
        puts = [
            (q.counter, self.amount(stage, q, aboard, gone, loaded), q.lag) for q in stage.puts_end
        ]
        n_lots = sum(last - first for _, first, last in loaded)
        n_lots += sum(last - first for _, first, last in gone)
        self.visits.append((trip.source, trip.k, trip.visit, line, stage.number, n_lots, t, end))
        for _, first, last in loaded:
            self.cargo.append((trip.source, trip.k, trip.visit, 1, first, last))
        self.schedule(end, self.over, (trip, stage, gone, puts, is_cut))
        if stage.spawn >= 0:
            self.spawn(stage.spawn)

    def begin_cycle(self, trip: Trip, line: int, ordinal: int) -> None:
        old, source = trip.k, trip.source
        trip.k = ordinal
        self.give(source, ordinal)
        trip.visit, trip.born = 0, trip.joined
        self.births.append((source, trip.k, old, trip.vehicle, line, trip.joined))

    def give(self, source: int, ordinal: int) -> None:
        """The source's next ordinal is the one after."""
        self.next_k[source] = ordinal + 1
        self.touch(self.ordinal_lines)

    def spawn(self, source: int) -> None:
        if self.is_tokens[source]:
            k = self.next_token[source]
            self.next_token[source] = k - 1
        else:
            k = self.next_k[source]
            self.give(source, k)
        self.schedule(self.t, self.birth, (source, k, 0, 0, 0, 0))

    def take(self, counter: int, amount: int) -> None:
        self.free[counter] -= amount
        self.moved_meters.update(self.counter_meters[counter])

    def put_back(self, counter: int, amount: int, lag: int) -> None:
        if lag:
            self.schedule(self.t + lag, self.put, (counter, amount))
        else:
            self.put((counter, amount))

    def unstock(self, stock: int, loads: list[tuple[int, int]]) -> None:
        """The loaded lots leave; others look, as less to load may need less room."""
        ranges = self.stocks[stock]
        position, n = loads[-1]
        order, first, end, hop, since = ranges[position]
        rest = [(order, first + n, end, hop, since)] if first + n < end else []
        for at, taken_lots in loads:
            self.n_lots[stock][self.hop_flow[ranges[at][3]]] -= taken_lots
        taken = {position for position, _ in loads}
        skipped = [r for i, r in enumerate(ranges[:position]) if i not in taken]
        ranges[: position + 1] = skipped + rest
        self.touch(self.stock_lines[stock])

    def work(self, trip: Trip, plan: Plan) -> int:
        stage, ordinal, vehicle, _, loaded, gone, _ = plan
        if stage.resume and trip.left > 0:
            return trip.left
        work = stage.work_s + stage.unit_s * self.units(loaded + gone, vehicle, stage.dim)
        if stage.work_column >= 0:
            work += self.drawn(trip.source, stage.work_column, ordinal)
        if stage.slow >= 0:
            counter, steps = self.slows[stage.slow]
            in_use = self.cap[counter] - self.free[counter]
            share = 1000
            for level, per_mille in steps:
                if in_use >= level:
                    share = per_mille
            work = (work * share + 999) // 1000
        return work

    def drawn(self, source: int, column: int, ordinal: int) -> int:
        stream = self.draws[source * self.n_column + column]
        if ordinal < 0:
            name = self.names.sources[source]
            raise EngineError(
                f"{name}: ordinal {ordinal} draws from {self.names.columns[column]!r}"
            )
        if ordinal >= len(stream):
            raise DrawsExhausted(source, column)
        return stream[ordinal]
