"""The reduction behind `stuck`: who can still move, growing from who is at work.

A waiting trip can move if each condition of one alternative of its line holds, or can be brought
about by who can move, by a date or by demand still to come, and who stands before it can move too.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

from corridor_sim.model.compiled import Calendars
from corridor_sim.primitives import IntArray
from corridor_sim.results.itinerary import STILL_WAITING
from corridor_sim.results.replay import Replay, vehicles_asked
from corridor_sim.results.segments import State
from corridor_sim.results.steps import BoolArray, expand, sums
from corridor_sim.terms import Amount, CountedFrom, Order
from corridor_sim.units import FOREVER


class Lack(NamedTuple):
    """A condition that nobody who moves can bring about."""

    kind: str
    """gate, table, meter, cargo, counter, line (someone stands before it) or clock."""
    what: int
    amount: int = 0


class Need(NamedTuple):
    """A counter and how much of it a stage asks for; `is_known` if the amount is certain."""

    counter: int
    amount: int
    is_known: bool


class Liveness:
    """The state at the horizon and what can still happen; `reduce` runs it to its end.

    Everything only ever grows from False to True, so the order of looking does not matter.
    """

    def __init__(self, replay: Replay):
        self.replay, self.model = replay, replay.model
        model, itinerary = replay.model, replay.itinerary
        self.vehicle = vehicles_asked(model, itinerary)
        self.queues = _queues(replay)
        """By line: rows of the itinerary that wait at the horizon, in order."""
        self.n_live = [0] * len(self.queues)
        """By line: so many from its head can move."""
        self.is_visited = np.zeros(len(self.queues), bool)
        """By line: somebody can still come to it."""
        self.is_fired = np.zeros(len(model.stages.stock), bool)
        """By stage: somebody can still be granted it."""
        self.is_served = np.zeros(len(model.names.places), bool)
        self.loads_from = np.zeros(len(model.stocks.others), bool)
        self.live_carrier = np.zeros(len(replay.log.births.k), bool)
        self.free, self.cap = replay.free.last(), replay.cap.last()
        self.best_cap, self.renews = _dated(replay)
        self.can_open = _can_open(model.calendars)
        self.halted: list[int] = []
        """Rows at work along a clock that never runs."""
        self._stand()
        self._work()
        self._births()

    def reduce(self) -> None:
        """Grow until nothing changes."""
        before = -1
        while before != (now := self._size()):
            before = now
            self._supply()
            for line in range(len(self.queues)):
                self._advance(line)
                if self.is_visited[line] and self._lets_pass(line):
                    self._pass(line)

    def lacks(self, row: int, stage: int) -> list[Lack]:
        """What an alternative of a waiting trip lacks for ever; empty: it can be granted."""
        found = self._fixed_lacks(stage)
        if not self._has_cargo(row, stage):
            found.append(Lack("cargo", int(self.model.stages.stock[stage]), self.least(row, stage)))
        for need in self.needs(row, stage):
            if not self._has_free(need):
                found.append(Lack("counter", need.counter, need.amount))
        return found

    def alternatives(self, line: int) -> list[int]:
        """Stages of a line."""
        lines = self.model.lines
        return [int(s) for s in lines.alt_stage[lines.alt_ptr[line] : lines.alt_ptr[line + 1]]]

    def stuck_rows(self) -> list[int]:
        """Rows of the itinerary that wait and can never move, by line and place."""
        return [row for queue, n in zip(self.queues, self.n_live, strict=True) for row in queue[n:]]

    def blocker(self, row: int) -> int:
        """The first of the row's line that cannot move."""
        line = int(self.replay.itinerary.line[row])
        return self.queues[line][self.n_live[line]]

    def units_in(self, stock: int, vehicle: int, dim: int) -> int:
        """Units in a stock at the horizon of what the vehicle takes, in its sizes."""
        return int(self._stock_units(vehicle, dim)[stock]) if stock >= 0 else 0

    def upstream(self, stock: int) -> IntArray:
        """Segments (n,) of lots in the system that would come to this stock, and have not yet."""
        segments, cargo = self.replay.segments, self.model.cargo
        where = np.flatnonzero(np.isin(segments.state, [State.IN_STOCK, State.ABOARD]))
        goes = np.zeros(len(where), bool)
        n_hop = np.diff(cargo.hop_ptr)[segments.flow[where]]
        for ahead in range(1, int(n_hop.max(initial=0))):
            hop = segments.hop[where] + ahead
            at = np.minimum(cargo.hop_ptr[segments.flow[where]] + hop, len(cargo.hop_stock) - 1)
            goes |= (hop < n_hop) & (cargo.hop_stock[at] == stock)
        return where[goes]

    def least(self, row: int, stage: int) -> int:
        """Loadable units that would be enough in the end."""
        stages = self.model.stages
        least, floor = int(stages.load_min[stage]), int(stages.load_floor[stage])
        return min(least, floor) if stages.deadline_s[stage] >= 0 else least

    def needs(self, row: int, stage: int) -> list[Need]:
        """What a stage asks of counters for a waiting trip; -1: for whoever comes."""
        stages = self.model.stages
        if row >= 0 and stage == self.replay.itinerary.wanted[row]:
            return self._asked[row]
        part = slice(int(stages.need_ptr[stage]), int(stages.need_ptr[stage + 1]))
        # of another alternative the amounts by load are not replayed: none is the safe guess
        return [
            Need(int(c), int(n) if kind == Amount.CONSTANT else 0, kind == Amount.CONSTANT)
            for c, kind, n in zip(
                stages.need_counter[part],
                stages.need_kind[part],
                stages.need_n[part],
                strict=True,
            )
        ]

    # The state at the horizon

    def _stand(self) -> None:
        replay, segments, cargo = self.replay, self.replay.segments, self.model.cargo
        rows = np.array([row for queue in self.queues for row in queue], np.int64)
        self._asked: dict[int, list[Need]] = {int(row): [] for row in rows}
        asked = replay.amounts("need", rows)
        known = asked.kind != Amount.LOADED
        for row, counter, amount, sure in zip(
            asked.row.tolist(),
            asked.counter.tolist(),
            np.where(known, asked.amount, 0).tolist(),
            known.tolist(),
            strict=True,
        ):
            self._asked[row].append(Need(counter, amount, sure))
        hop = cargo.hop_ptr[segments.flow] + segments.hop if len(segments.flow) else segments.hop
        n_hop = len(cargo.hop_stock)
        stands = segments.state == State.IN_STOCK
        self.in_stock = np.bincount(hop[stands], segments.lots[stands], n_hop) > 0
        unready = (segments.state == State.NOT_READY) & (segments.stock >= 0)
        self.supply = np.bincount(hop[unready], segments.lots[unready], n_hop) > 0
        """By hop: more lots can still come into its stock."""
        rides = segments.state == State.ABOARD
        self.rides = np.unique(np.stack([hop[rides], segments.carrier[rides]], axis=1), axis=0)
        self.is_aboard = np.zeros(n_hop, bool)
        """By hop: somebody who moves has, or can get, such lots on board."""
        self._units: dict[tuple[int, int], IntArray] = {}
        self._aboard: dict[tuple[int, int], IntArray] = {}

    def _work(self) -> None:
        """Those at work, and what is on its way back."""
        itinerary, stages = self.replay.itinerary, self.model.stages
        horizon = self.model.horizon_s
        busy = np.flatnonzero((itinerary.stage >= 0) & (itinerary.end_s >= horizon))
        clock = stages.clock[itinerary.stage[busy]]
        dead = (clock >= 0) & (itinerary.end_s[busy] >= FOREVER)
        dead &= ~self.can_open[np.maximum(clock, 0)] if len(self.can_open) else False
        self.halted = busy[dead].tolist()
        for row in busy[~dead].tolist():
            stage = int(itinerary.stage[row])
            self.live_carrier[itinerary.carrier[row]] = True
            self._after(stage)
            self._put("end", stage)
        granted = np.flatnonzero(itinerary.stage >= 0)
        over = granted[itinerary.end_s[granted] < horizon]
        kinds = (("start", granted, itinerary.start_s), ("end", over, itinerary.end_s))
        for kind, rows, base in kinds:
            ptr = getattr(stages, f"{kind}_ptr")
            which, entry = expand(ptr, itinerary.stage[rows])
            late = base[rows[which]] + getattr(stages, f"{kind}_lag_s")[entry] >= horizon
            self.renews[getattr(stages, f"{kind}_counter")[entry[late]]] = True

    def _births(self) -> None:
        """Trips that the tables bring after the horizon."""
        sources, cargo = self.model.sources, self.model.cargo
        source = np.repeat(np.arange(len(sources.line)), np.diff(sources.birth_ptr))
        late = sources.birth_s >= self.model.horizon_s
        self.is_visited[sources.line[source[late]]] = True
        first = sources.birth_first[late & (sources.birth_end > sources.birth_first)]
        flow = np.searchsorted(cargo.lot_ptr, first, side="right") - 1
        self.is_aboard[cargo.hop_ptr[flow]] = True

    # Growth

    def _size(self) -> int:
        grown = (
            self.is_visited,
            self.is_fired,
            self.is_served,
            self.loads_from,
            self.live_carrier,
            self.renews,
            self.supply,
            self.is_aboard,
        )
        return sum(self.n_live) + sum(int(g.sum()) for g in grown)

    def _supply(self) -> None:
        """Lots flow on where somebody who moves carries and unloads them."""
        cargo = self.model.cargo
        self.is_aboard[self.rides[self.live_carrier[self.rides[:, 1]], 0]] = True
        for flow in range(len(cargo.offset_s)):
            for hop in range(int(cargo.hop_ptr[flow]), int(cargo.hop_ptr[flow + 1])):
                stock = cargo.hop_stock[hop]
                if hop > cargo.hop_ptr[flow] and self.is_aboard[hop - 1]:
                    self.supply[hop] |= self.is_served[cargo.hop_place[hop - 1]]
                if stock >= 0 and (self.in_stock[hop] or self.supply[hop]):
                    self.is_aboard[hop] |= self.loads_from[stock]

    def _advance(self, line: int) -> None:
        """From the head on, who can move."""
        queue, itinerary = self.queues[line], self.replay.itinerary
        while self.n_live[line] < len(queue):
            row = queue[self.n_live[line]]
            can = [s for s in self.alternatives(line) if not self.lacks(row, s)]
            for stage in can:
                self._fire(stage)
            if self._gives_up(row, line):
                self._visit(int(self.model.lines.else_line[line]))
            elif not can:
                return
            self.live_carrier[itinerary.carrier[row]] = True
            self.n_live[line] += 1

    def _lets_pass(self, line: int) -> bool:
        """Whether who comes now can come to the front: nobody stuck stands there for certain."""
        lines = self.model.lines
        is_strict = lines.order[line] == Order.FIFO and not lines.by_class[line]
        return self.n_live[line] == len(self.queues[line]) or not is_strict

    def _pass(self, line: int) -> None:
        """Somebody unknown comes: whatever a suitable trip could be granted."""
        stages, lines = self.model.stages, self.model.lines
        for stage in self.alternatives(line):
            if self.is_fired[stage] or self._fixed_lacks(stage):
                continue
            stock = int(stages.stock[stage])
            needs = [n for n in self.needs(-1, stage) if not self._has_free(n)]
            if not needs and (stages.load_min[stage] <= 0 or self._may_load(stock, stage)):
                self._fire(stage)
        if lines.give_up_s[line] >= 0:
            self._visit(int(lines.else_line[line]))

    def _may_load(self, stock: int, stage: int) -> bool:
        if self.model.stages.deadline_s[stage] >= 0 and self.model.stages.load_floor[stage] <= 0:
            return True
        mine = self.model.cargo.hop_stock == stock
        return stock >= 0 and bool((mine & (self.in_stock | self.supply)).any())

    def _fire(self, stage: int) -> None:
        """Somebody can be granted a stage: all that may follow from it."""
        if self.is_fired[stage]:
            return
        self.is_fired[stage] = True
        stages = self.model.stages
        self._put("start", stage)
        self._put("end", stage)
        if stages.stock[stage] >= 0:
            self.loads_from[stages.stock[stage]] = True
        if stages.spawn[stage] >= 0:
            self._visit(int(self.model.sources.line[stages.spawn[stage]]))
        self._after(stage)

    def _after(self, stage: int) -> None:
        stages = self.model.stages
        if stages.place[stage] >= 0:
            self.is_served[stages.place[stage]] = True
        self._visit(int(stages.next_line[stage]))
        self._visit(int(stages.loop_line[stage]))
        self._visit(int(stages.cut_line[stage]))

    def _visit(self, line: int) -> None:
        if line >= 0:
            self.is_visited[line] = True

    def _put(self, kind: str, stage: int) -> None:
        ptr = getattr(self.model.stages, f"{kind}_ptr")
        counter = getattr(self.model.stages, f"{kind}_counter")
        self.renews[counter[ptr[stage] : ptr[stage + 1]]] = True

    # Conditions

    def _fixed_lacks(self, stage: int) -> list[Lack]:
        """Gate, timetable and meter.

        A calendar or timetable that merely ends says nothing: it may be compiled up to the horizon.
        """
        stages, tables = self.model.stages, self.model.tables
        found = []
        table, meter = int(stages.table[stage]), int(stages.meter[stage])
        for gate in (int(stages.gate[stage]), int(stages.cut[stage])):
            if gate >= 0 and not self.can_open[gate]:
                found.append(Lack("gate", gate))
        if table >= 0 and tables.ptr[table + 1] == tables.ptr[table]:
            found.append(Lack("table", table))
        if meter >= 0 and not self._can_switch_off(meter):
            found.append(Lack("meter", meter))
        return found

    def weights_of(self, meter: int) -> list[tuple[int, int]]:
        """(counter, weight) of a meter's plain counters."""
        meters = self.model.meters
        part = slice(int(meters.weight_ptr[meter]), int(meters.weight_ptr[meter + 1]))
        pairs = zip(meters.weight_counter[part].tolist(), meters.weight[part].tolist(), strict=True)
        return [(c, w) for c, w in pairs if self.model.counters.period_s[c] == 0]

    def _can_switch_off(self, meter: int) -> bool:
        if not self.replay.meters.last()[meter]:
            return True
        weights = self.weights_of(meter)
        level = sum(w * int(self.cap[c] - self.free[c]) for c, w in weights)
        return level <= self.model.meters.off[meter] or any(self.renews[c] for c, _ in weights)

    def _has_cargo(self, row: int, stage: int) -> bool:
        stages = self.model.stages
        if stages.load_min[stage] <= 0 and stages.board_min[stage] <= 0:
            return True
        least, floor = int(stages.load_min[stage]), int(stages.load_floor[stage])
        vehicle, dim = self.vehicle_at(row, stage), int(stages.dim[stage])
        if self._is_on_board(row, stage, vehicle, dim):
            # full: one lot that does not fit would do
            if stages.full[stage] and self._has_lots(row, stage):
                return True
            if self._loadable(row, stage, least):
                return True
        if stages.deadline_s[stage] < 0 or not self._loadable(row, stage, floor):
            return False
        starts_with_a_lot = stages.deadline_from[stage] == CountedFrom.OLDEST_LOT
        return not starts_with_a_lot or self._has_lots(row, stage)

    def vehicle_at(self, row: int, stage: int) -> int:
        """The vehicle with which a stage reckons the trip's cargo."""
        named = int(self.model.stages.vehicle[stage])
        return named if named >= 0 else int(self.replay.itinerary.vehicle[row])

    def aboard(self, row: int, vehicle: int, dim: int) -> int:
        """Units on board of a waiting trip."""
        if (vehicle, dim) not in self._aboard:
            size = np.maximum(self.model.cargo.size[vehicle, :, dim], 0)
            self._aboard[vehicle, dim] = self.replay.before(size)
        return int(self._aboard[vehicle, dim][row])

    def _is_on_board(self, row: int, stage: int, vehicle: int, dim: int) -> bool:
        least = self.model.stages.board_min[stage]
        return bool(least <= 0 or self.aboard(row, vehicle, dim) >= least)

    def limit(self, row: int, stage: int) -> int:
        """Most units that could be loaded."""
        stages, cargo = self.model.stages, self.model.cargo
        vehicle, dim = self.vehicle_at(row, stage), int(stages.dim[stage])
        part = slice(int(cargo.step_ptr[vehicle]), int(cargo.step_ptr[vehicle + 1]))
        cap = int(np.append(cargo.step_cap[part, dim], cargo.cap[vehicle, dim]).max())
        most = int(stages.load_max[stage])
        room = cap - self.aboard(row, vehicle, dim) if cap >= 0 else FOREVER
        return min(room, most if most >= 0 else FOREVER)

    def _loadable(self, row: int, stage: int, least: int) -> bool:
        if least <= 0:
            return True
        stock, vehicle = int(self.model.stages.stock[stage]), self.vehicle_at(row, stage)
        if stock < 0 or least > self.limit(row, stage):
            return False
        if self.units_in(stock, vehicle, int(self.model.stages.dim[stage])) >= least:
            return True
        return bool((self.supply & (self.model.cargo.hop_stock == stock)).any())

    def _has_lots(self, row: int, stage: int) -> bool:
        """Whether a lot that the vehicle takes is, or can come, where the stage loads."""
        stock, vehicle = int(self.model.stages.stock[stage]), self.vehicle_at(row, stage)
        flow = np.repeat(
            np.arange(len(self.model.cargo.offset_s)), np.diff(self.model.cargo.hop_ptr)
        )
        takes = (self.model.cargo.size[vehicle] >= 0).all(axis=1)[flow]
        here = takes & (self.model.cargo.hop_stock == stock)
        return stock >= 0 and bool((here & (self.in_stock | self.supply)).any())

    def _stock_units(self, vehicle: int, dim: int) -> IntArray:
        if (vehicle, dim) not in self._units:
            segments, size = self.replay.segments, self.model.cargo.size[vehicle]
            taken = np.where((size >= 0).all(axis=1), size[:, dim], 0)
            here = segments.state == State.IN_STOCK
            units = np.zeros(len(self.model.stocks.others), np.int64)
            np.add.at(units, segments.stock[here], (segments.lots * taken[segments.flow])[here])
            self._units[vehicle, dim] = units
        return self._units[vehicle, dim]

    def _has_free(self, need: Need) -> bool:
        counter, amount = need.counter, need.amount
        if amount <= 0 or amount <= self.free[counter]:
            return True
        comes = self.renews[counter] or self.model.counters.period_s[counter] > 0
        return bool(comes and amount <= self.best_cap[counter])

    def _gives_up(self, row: int, line: int) -> bool:
        lines, tables = self.model.lines, self.model.tables
        if lines.give_up_s[line] < 0:
            return False
        table = int(lines.give_up_table[line])
        if lines.give_up_from[line] != CountedFrom.TIMETABLE or table < 0:
            return True
        return bool(0 <= self.replay.itinerary.k[row] < tables.ptr[table + 1] - tables.ptr[table])


def _queues(replay: Replay) -> list[list[int]]:
    """By line, rows of the itinerary that wait at the horizon, in the order of their keys."""
    itinerary = replay.itinerary
    rows = np.flatnonzero(itinerary.stage == STILL_WAITING)
    columns = (itinerary.k, itinerary.source, itinerary.key, itinerary.line)
    rows = rows[np.lexsort([c[rows] for c in columns])]
    ptr = np.searchsorted(itinerary.line[rows], np.arange(len(replay.model.lines.order) + 1))
    flat = rows.tolist()
    return [flat[a:b] for a, b in itertools.pairwise(ptr.tolist())]


def _dated(replay: Replay) -> tuple[IntArray, BoolArray]:
    """By counter: the largest capacity from now on, and whether a step up is still to come."""
    counters, cap = replay.model.counters, replay.cap.last()
    best, renews = cap.copy(), np.zeros(len(cap), bool)
    for i in range(len(cap)):
        part = slice(int(counters.step_ptr[i]), int(counters.step_ptr[i + 1]))
        by = counters.step_by[part][counters.step_at_s[part] >= replay.model.horizon_s]
        best[i] += int(np.cumsum(by).max(initial=0))
        renews[i] = bool((by > 0).any())
    return best, renews


def _can_open(calendars: Calendars) -> BoolArray:
    """By calendar: whether it is ever open at all."""
    # intervals, not seconds: an open end is FOREVER, and three of them leave int64
    total = np.append(0, np.cumsum(calendars.close_s > calendars.open_s))
    return np.asarray(total[calendars.ptr[1:]] > total[calendars.ptr[:-1]])


def holdings(replay: Replay) -> tuple[IntArray, IntArray, IntArray]:
    """(carrier, counter, units) that carriers took and have not put back; units > 0; each (n,).

    What is taken for lots that get off is held by the lots, not by the trip that brought them.
    """
    itinerary, model = replay.itinerary, replay.model
    granted = np.flatnonzero(itinerary.stage >= 0)
    over = granted[itinerary.end_s[granted] < model.horizon_s]
    found = []
    for kind, rows, sign in (("need", granted, 1), ("start", granted, -1), ("end", over, -1)):
        some = replay.amounts(kind, rows)
        own = some.kind != Amount.UNLOADED
        if kind == "need":
            own &= some.kind != Amount.LOADED
        carrier = itinerary.carrier[some.row]
        found.append((carrier[own], some.counter[own], sign * some.amount[own]))
    carrier, counter, units = (np.concatenate([f[i] for f in found]) for i in range(3))
    n_counter = max(len(model.counters.cap), 1)
    pairs, place = np.unique(carrier * n_counter + counter, return_inverse=True)
    held = sums(place, units, len(pairs))
    carrier, counter = np.divmod(pairs[held > 0], n_counter)
    return carrier, counter, held[held > 0]
