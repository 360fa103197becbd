"""What stands at the end of a log, as far as it decides who can still move."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

from corridor_sim.history.itinerary import STILL_WAITING
from corridor_sim.history.replay import Replay
from corridor_sim.history.segments import State
from corridor_sim.history.steps import BoolArray, sums
from corridor_sim.model.compiled import Calendars
from corridor_sim.primitives import IntArray
from corridor_sim.terms import Amount


class Need(NamedTuple):
    """A counter and how much of it must be free; 0 where the amount is not certain."""

    counter: int
    amount: int


class Standing:
    """The state at the horizon: who waits, what is free, what lies in the stocks. It never changes."""

    def __init__(self, replay: Replay):
        self.replay, self.model = replay, replay.model
        self.queues = _queues(replay)
        """By line: rows of the itinerary that wait at the horizon, in order."""
        self.free, self.cap = replay.free.last(), replay.cap.last()
        self.best_cap, self.steps_up = _dated(replay)
        self.can_open = _can_open(replay.model.calendars)
        self.in_stock = self.hops_in(State.IN_STOCK)
        """By hop: lots lie in its stock."""
        self._asked = self._needs_of_waiting()
        self._units: dict[tuple[int, int], IntArray] = {}
        self._aboard: dict[tuple[int, int], IntArray] = {}

    def hop_of(self) -> IntArray:
        """Number of each segment's hop among those of all flows (n_segment,)."""
        segments = self.replay.segments
        return np.asarray(self.model.cargo.hop_ptr[segments.flow] + segments.hop)

    def hops_in(self, state: State) -> BoolArray:
        """By hop: lots that go over it by a stock are in this state."""
        segments = self.replay.segments
        mine = (segments.state == state) & (segments.stock >= 0)
        n_hop = len(self.model.cargo.hop_stock)
        return np.asarray(np.bincount(self.hop_of()[mine], segments.lots[mine], n_hop) > 0)

    def alternatives(self, line: int) -> list[int]:
        """Stages of a line."""
        lines = self.model.lines
        return [int(s) for s in lines.alt_stage[lines.alt_ptr[line] : lines.alt_ptr[line + 1]]]

    def needs(self, row: int, stage: int) -> list[Need]:
        """What a stage asks of counters for a waiting trip; -1: for whoever comes."""
        stages = self.model.stages
        if row >= 0 and stage == self.replay.itinerary.wanted[row]:
            return self._asked[row]
        part = slice(int(stages.need_ptr[stage]), int(stages.need_ptr[stage + 1]))
        # of another alternative the amounts by load are not replayed: none is the safe guess
        certain = (stages.need_kind[part] == Amount.CONSTANT) & (stages.need_n[part] > 0)
        amounts = np.where(certain, stages.need_n[part] + stages.need_spare[part], 0)
        return list(map(Need, stages.need_counter[part].tolist(), amounts.tolist()))

    def _needs_of_waiting(self) -> dict[int, list[Need]]:
        rows = np.array([row for queue in self.queues for row in queue], np.int64)
        asked = self.replay.amounts("need", rows)
        # nobody knows what a waiting trip will load, nor, if it swaps, how much less room it needs
        swaps = self.model.stages.swap[self.replay.itinerary.wanted[asked.row]] > 0
        unknown = (asked.kind == Amount.LOADED) | (swaps & (asked.kind == Amount.UNLOADED))
        amounts = np.where(unknown, 0, asked.must_be_free)
        found: dict[int, list[Need]] = {row: [] for row in rows.tolist()}
        columns = (asked.row.tolist(), asked.counter.tolist(), amounts.tolist())
        for row, counter, amount in zip(*columns, strict=True):
            found[row].append(Need(counter, amount))
        return found

    def least(self, row: int, stage: int) -> int:
        """Loadable units that would be enough in the end."""
        stages = self.model.stages
        least, floor = self.enough(row, stage)
        return min(least, floor) if stages.deadline_s[stage] >= 0 else least

    def enough(self, row: int, stage: int) -> tuple[int, int]:
        """Loadable units that are enough, before and after the deadline."""
        stages, counted = self.model.stages, 0
        if stages.counts_board[stage]:
            counted = self.aboard(row, self.vehicle_at(row, stage), int(stages.dim[stage]))
        return (
            max(int(stages.load_min[stage]) - counted, 0),
            max(int(stages.load_floor[stage]) - counted, 0),
        )

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

    def units_in(self, stock: int, vehicle: int, dim: int) -> int:
        """Units in a stock at the horizon of what the vehicle takes, in its sizes."""
        return int(self._stock_units(vehicle, dim)[stock]) if stock >= 0 else 0

    def _stock_units(self, vehicle: int, dim: int) -> IntArray:
        if (vehicle, dim) not in self._units:
            segments, size = self.replay.segments, self.model.cargo.size[vehicle]
            taken = np.where((size >= 0).all(axis=1), size[:, dim], 0)
            here = segments.state == State.IN_STOCK
            units = np.zeros(len(self.model.stocks.others), np.int64)
            np.add.at(units, segments.stock[here], (segments.lots * taken[segments.flow])[here])
            self._units[vehicle, dim] = units
        return self._units[vehicle, dim]

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

    def weights_of(self, meter: int) -> list[tuple[int, int]]:
        """(counter, weight) of a meter's plain counters."""
        meters = self.model.meters
        part = slice(int(meters.weight_ptr[meter]), int(meters.weight_ptr[meter + 1]))
        pairs = zip(meters.weight_counter[part].tolist(), meters.weight[part].tolist(), strict=True)
        return [(c, w) for c, w in pairs if self.model.counters.period_s[c] == 0]


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
