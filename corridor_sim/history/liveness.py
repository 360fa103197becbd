"""The reduction behind `stuck`: who can still move, growing from who is at work.

A waiting trip can move if each condition of one alternative of its line holds, or can be brought
about by who can move, by a date or by demand still to come, and who stands before it can move too.

Of `frozen` counters nobody took any for a month: then only who is known to come is believed to, and
a gate that was closed all the while opens only if that is written in its calendar.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corridor_sim.history.frozen import shut
from corridor_sim.history.long_lacks import month_ago_s
from corridor_sim.history.replay import Replay
from corridor_sim.history.room import Room
from corridor_sim.history.segments import State
from corridor_sim.history.standing import Need, Standing
from corridor_sim.history.steps import BoolArray, expand
from corridor_sim.primitives import IntArray
from corridor_sim.terms import CountedFrom, Order
from corridor_sim.units import FOREVER


class Lack(NamedTuple):
    """A condition that nobody who moves can bring about."""

    kind: str
    """gate, table, meter, cargo, room (on board), counter, line (someone stands before it), clock."""
    what: int
    amount: int = 0


class Liveness:
    """What can still happen after the horizon; `reduce` runs it to its end.

    Everything only ever grows from False to True, so the order of looking does not matter.
    """

    def __init__(self, replay: Replay, frozen: frozenset[int] = frozenset()):
        self.replay, self.model, self.frozen = replay, replay.model, frozen
        self.standing = Standing(replay)
        model = replay.model
        self.room = Room(replay)
        flows = np.arange(len(model.cargo.offset_s))
        self.flow_of_hop = np.repeat(flows, np.diff(model.cargo.hop_ptr))
        self.can_open = self._can_open()
        """By calendar: whether it is believed to open."""
        n_line, n_hop = len(self.standing.queues), len(model.cargo.hop_stock)
        self.n_live = [0] * n_line
        """By line: so many from its head can move."""
        is_fifo = (model.lines.order == Order.FIFO) & (model.lines.by_class == 0)
        self.is_strict: list[bool] = is_fifo.tolist()
        """By line: nobody who comes later goes first."""
        self.is_visited = np.zeros(n_line, bool)
        """By line: somebody can still come to it."""
        self.is_fired = np.zeros(len(model.stages.stock), bool)
        """By stage: somebody can still be granted it."""
        self.is_served = np.zeros(len(model.names.places), bool)
        self.loads_from = np.zeros(len(model.stocks.others), bool)
        self.live_carrier = np.zeros(len(replay.log.births.k), bool)
        self.renews = self.standing.steps_up.copy()
        """By counter: units of it can still come back."""
        self.supply = self.standing.hops_in(State.NOT_READY)
        """By hop: more lots can still come into its stock."""
        self.rides = self._rides()
        self.is_aboard = np.zeros(n_hop, bool)
        """By hop: somebody who moves has, or can get, such lots on board."""
        self.halted: list[int] = []
        """Rows at work along a clock that never runs."""
        self._work()
        self._births()

    def reduce(self) -> None:
        """Grow until nothing changes."""
        before = -1
        while before != (now := self._size()):
            before = now
            self._supply()
            for line in range(len(self.standing.queues)):
                self._advance(line)
                if self.is_visited[line] and self._lets_pass(line):
                    self._pass(line)

    def lacks(self, row: int, stage: int) -> list[Lack]:
        """What an alternative of a waiting trip lacks for ever; empty: it can be granted."""
        found = self._fixed_lacks(stage)
        if not self._has_cargo(row, stage):
            stock, least = int(self.model.stages.stock[stage]), self.standing.least(row, stage)
            is_full = self._is_enough(row, stage, least) and not self._fits(row, stage)
            found.append(Lack("room" if is_full else "cargo", stock, least))
        for need in self.standing.needs(row, stage):
            if not self._has_free(need):
                found.append(Lack("counter", need.counter, need.amount))
        return found

    def stuck_rows(self) -> list[int]:
        """Rows of the itinerary that wait and can never move, by line and place."""
        return [
            row
            for queue, n in zip(self.standing.queues, self.n_live, strict=True)
            for row in queue[n:]
        ]

    def blocker(self, row: int) -> int:
        """The first of the row's line that cannot move."""
        line = int(self.replay.itinerary.line[row])
        return self.standing.queues[line][self.n_live[line]]

    # Where it begins

    def _can_open(self) -> BoolArray:
        if not self.frozen:
            return self.standing.can_open
        closed = shut(self.model.calendars, month_ago_s(self.model), FOREVER)
        return self.standing.can_open & ~closed

    def _rides(self) -> IntArray:
        """(hop, carrier) of all that is aboard, each pair once (n, 2)."""
        segments = self.replay.segments
        rides = segments.state == State.ABOARD
        pairs = np.stack([self.standing.hop_of()[rides], segments.carrier[rides]], axis=1)
        return np.unique(pairs, axis=0)

    def _work(self) -> None:
        """Those at work, and what is on its way back."""
        itinerary, stages = self.replay.itinerary, self.model.stages
        horizon = self.model.horizon_s
        busy = np.flatnonzero((itinerary.stage >= 0) & (itinerary.end_s >= horizon))
        clock = stages.clock[itinerary.stage[busy]]
        dead = (clock >= 0) & (itinerary.end_s[busy] >= FOREVER)
        dead &= (
            ~self.standing.can_open[np.maximum(clock, 0)] if len(self.standing.can_open) else False
        )
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
                if stock >= 0 and (self.standing.in_stock[hop] or self.supply[hop]):
                    self.is_aboard[hop] |= self.loads_from[stock]

    def _advance(self, line: int) -> None:
        """From the head on, who can move."""
        queue, itinerary = self.standing.queues[line], self.replay.itinerary
        while self.n_live[line] < len(queue):
            row = queue[self.n_live[line]]
            can = [s for s in self.standing.alternatives(line) if not self.lacks(row, s)]
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
        return self.n_live[line] == len(self.standing.queues[line]) or not self.is_strict[line]

    def _pass(self, line: int) -> None:
        """Somebody unknown comes: whatever a suitable trip could be granted."""
        stages, lines = self.model.stages, self.model.lines
        for stage in self.standing.alternatives(line):
            if self.is_fired[stage] or self._fixed_lacks(stage):
                continue
            stock, needs = int(stages.stock[stage]), self.standing.needs(-1, stage)
            if any(self._is_frozen(n, stage) or not self._has_free(n) for n in needs):
                continue
            if stages.load_min[stage] <= 0 or self._may_load(stock, stage):
                self._fire(stage)
        if lines.give_up_s[line] >= 0:
            self._visit(int(lines.else_line[line]))

    def _is_frozen(self, need: Need, stage: int) -> bool:
        """Who swaps takes none of a counter that is asked for by load: it makes the places itself."""
        takes = need.amount > 0 or not self.model.stages.swap[stage]
        return takes and need.counter in self.frozen

    def _may_load(self, stock: int, stage: int) -> bool:
        stages = self.model.stages
        if stages.deadline_s[stage] >= 0 and stages.load_floor[stage] <= 0:
            return True
        if stages.counts_board[stage]:
            return True
        mine = self.model.cargo.hop_stock == stock
        return stock >= 0 and bool((mine & (self.standing.in_stock | self.supply)).any())

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

    def _can_switch_off(self, meter: int) -> bool:
        if not self.replay.meters.last()[meter]:
            return True
        weights = self.standing.weights_of(meter)
        level = sum(w * int(self.standing.cap[c] - self.standing.free[c]) for c, w in weights)
        return level <= self.model.meters.off[meter] or any(self.renews[c] for c, _ in weights)

    def _has_cargo(self, row: int, stage: int) -> bool:
        stages = self.model.stages
        if stages.load_min[stage] <= 0 and stages.board_min[stage] <= 0:
            return True
        least, floor = self.standing.enough(row, stage)
        vehicle, dim = self.standing.vehicle_at(row, stage), int(stages.dim[stage])
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

    def _is_on_board(self, row: int, stage: int, vehicle: int, dim: int) -> bool:
        least = self.model.stages.board_min[stage]
        return bool(least <= 0 or self.standing.aboard(row, vehicle, dim) >= least)

    def _loadable(self, row: int, stage: int, least: int) -> bool:
        return least <= 0 or (self._is_enough(row, stage, least) and self._fits(row, stage))

    def _is_enough(self, row: int, stage: int, least: int) -> bool:
        """Whether so many units are, or can come, where the stage loads, and are not too many."""
        stock, vehicle = int(self.model.stages.stock[stage]), self.standing.vehicle_at(row, stage)
        if stock < 0 or least > self.room.most(row, stage, vehicle):
            return False
        if self.standing.units_in(stock, vehicle, int(self.model.stages.dim[stage])) >= least:
            return True
        return bool((self.supply & (self.model.cargo.hop_stock == stock)).any())

    def _fits(self, row: int, stage: int) -> bool:
        """Whether the first lot in stock order, or one that can come to be it, has room on board."""
        stock, hop_stock = int(self.model.stages.stock[stage]), self.model.cargo.hop_stock
        fits = self.room.fits(row, stage, self.standing.vehicle_at(row, stage))
        may_be_first = self.supply.copy()
        if self.loads_from[stock] or self.model.stages.cutoff_s[stage] >= 0:
            may_be_first |= self.standing.in_stock
        if fits[self.flow_of_hop[may_be_first & (hop_stock == stock)]].any():
            return True
        first = self.room.first_flow(stock, self.standing.vehicle_at(row, stage))
        return first >= 0 and bool(fits[first])

    def _has_lots(self, row: int, stage: int) -> bool:
        """Whether a lot that the vehicle takes is, or can come, where the stage loads."""
        stock, vehicle = int(self.model.stages.stock[stage]), self.standing.vehicle_at(row, stage)
        takes = (self.model.cargo.size[vehicle] >= 0).all(axis=1)[self.flow_of_hop]
        here = takes & (self.model.cargo.hop_stock == stock)
        return stock >= 0 and bool((here & (self.standing.in_stock | self.supply)).any())

    def _has_free(self, need: Need) -> bool:
        counter, amount = need.counter, need.amount
        if amount <= 0 or amount <= self.standing.free[counter]:
            return True
        comes = self.renews[counter] or self.model.counters.period_s[counter] > 0
        return bool(comes and amount <= self.standing.best_cap[counter])

    def _gives_up(self, row: int, line: int) -> bool:
        lines, tables = self.model.lines, self.model.tables
        if lines.give_up_s[line] < 0:
            return False
        table = int(lines.give_up_table[line])
        if lines.give_up_from[line] != CountedFrom.TIMETABLE or table < 0:
            return True
        return bool(0 <= self.replay.itinerary.k[row] < tables.ptr[table + 1] - tables.ptr[table])
