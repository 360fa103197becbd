"""When a stock held too little for those who waited for cargo, second by second."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from corridor_sim.history.moved import vehicles_asked
from corridor_sim.history.replay import Replay, capacity_at, stock_changes
from corridor_sim.history.steps import Parts, Steps, cut, cut_at, spans_from, steps_of, true_spans
from corridor_sim.primitives import IntArray
from corridor_sim.terms import CountedFrom
from corridor_sim.units import FOREVER


class CargoQuestions:
    """Whether the loadable units reach what the stage asks for, for waits of the given rows.

    SIMPLIFIED: loadable = the units in the stock that the vehicle takes, in the stage's dimension,
    at most the room left and `load_max`. The engine walks lot by lot and stops at the first that
    does not fit, in any dimension; in a stock with lots of several sizes a wait for cargo may thus
    be charged to what comes next in order. Sums stay exact.
    """

    def __init__(self, replay: Replay, rows: IntArray, table_time_s: IntArray):
        self.replay, self.model = replay, replay.model
        self.width = self.model.horizon_s + 1
        n_row = len(replay.itinerary.trip)
        self.stage = replay.itinerary.wanted
        self.vehicle = vehicles_asked(self.model, replay.itinerary)
        self.least = np.zeros(n_row, np.int64)
        """Loadable units asked for before the deadline, by row; never: no amount suffices."""
        self.floor = np.zeros(n_row, np.int64)
        self.deadline = np.full(n_row, self.width)
        self.table_time = np.zeros(n_row, np.int64)
        self.table_time[rows] = table_time_s
        self.units: dict[bytes, Steps] = {}
        """By the sizes of the flows: most vehicles see lots in the same."""
        self._ask(rows)

    def _ask(self, rows: IntArray) -> None:
        stages, stage = self.model.stages, self.stage[rows]
        aboard, most = self._limits(rows)
        counted = np.where(stages.counts_board[stage] > 0, aboard, 0)
        least, floor = (
            np.maximum(column[stage] - counted, 0)
            for column in (stages.load_min, stages.load_floor)
        )
        # SIMPLIFIED: full = as many units in the stock as fit; one lot more would be exact
        least = np.where(stages.full[stage] > 0, np.minimum(least, most), least)
        least = np.where((aboard < stages.board_min[stage]) | (most < least), FOREVER, least)
        # past the deadline either amount will do
        floor = np.minimum(np.where(most < floor, FOREVER, floor), least)
        self.least[rows], self.floor[rows] = least, floor
        itinerary, after = self.replay.itinerary, stages.deadline_s[stage]
        since = np.where(
            stages.deadline_from[stage] == CountedFrom.MARK,
            itinerary.mark_s[rows],
            itinerary.joined_s[rows],
        )
        self.deadline[rows] = np.where(after < 0, self.width, np.minimum(since + after, self.width))

    def _limits(self, rows: IntArray) -> tuple[IntArray, IntArray]:
        """Units on board of each row, and the most that it could load, both in its dimension."""
        stages, stage = self.model.stages, self.stage[rows]
        aboard, most = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
        table = np.stack([self.vehicle[rows], stage], axis=1)
        keys, group = np.unique(table, axis=0, return_inverse=True)
        for g, (vehicle, s) in enumerate(keys.tolist()):
            mine = group.reshape(-1) == g
            aboard[mine] = self._aboard(vehicle, int(stages.dim[s]))[rows[mine]]
            if stages.stock[s] >= 0:
                most[mine] = self._most(vehicle, s, rows[mine])
        return aboard, most

    def _aboard(self, vehicle: int, dim: int) -> IntArray:
        """Units on board before each row, as many as there are rows in the itinerary."""
        return self.replay.before(np.maximum(self.model.cargo.size[vehicle, :, dim], 0))

    def _swapped(self, vehicle: int, stage: int, dim: int) -> IntArray:
        """Units on board, by row, in whose room a stage that swaps may load."""
        n_row = len(self.replay.itinerary.trip)
        if not self.model.stages.swap[stage]:
            return np.zeros(n_row, np.int64)
        size = np.maximum(self.model.cargo.size[vehicle, :, dim], 0)
        return self.replay.unloads.units(size, n_row)

    def _most(self, vehicle: int, stage: int, rows: IntArray) -> IntArray:
        """The room left and `load_max`; where all lots are of one size, in whole lots that fit."""
        cargo, stages = self.model.cargo, self.model.stages
        dim, limit = int(stages.dim[stage]), int(stages.load_max[stage])
        # SIMPLIFIED: a capacity that moves while a trip waits is taken as that of its grant
        cap = capacity_at(self.model, vehicle, self.replay.itinerary.start_s[rows])
        room = {
            d: cap[:, d] - self._aboard(vehicle, d)[rows] + self._swapped(vehicle, stage, d)[rows]
            for d in range(self.model.n_dim)
            if cargo.cap[vehicle, d] >= 0
        }
        most = np.full(len(rows), limit if limit >= 0 else FOREVER)
        flows = np.repeat(np.arange(len(cargo.offset_s)), np.diff(cargo.hop_ptr))
        sizes = cargo.size[vehicle, flows[cargo.hop_stock == stages.stock[stage]]]
        sizes = np.unique(sizes[(sizes >= 0).all(axis=1)], axis=0)
        if len(sizes) == 1 and sizes[0, dim] > 0:
            lots = most // sizes[0, dim]
            for d, left in room.items():
                if sizes[0, d] > 0:
                    lots = np.minimum(lots, np.maximum(left, 0) // sizes[0, d])
            return np.asarray(lots * sizes[0, dim])
        return np.asarray(np.maximum(np.minimum(most, room.get(dim, most)), 0))

    def split(self, parts: Parts) -> Iterator[tuple[Parts, Parts]]:
        """By kinds of question: with a cut-off, with the oldest lot's deadline, all others."""
        stages, stage = self.model.stages, self.stage[parts.owner]
        has_cutoff = (stages.cutoff_s[stage] >= 0) & (stages.table[stage] >= 0)
        by_oldest = stages.deadline_s[stage] >= 0
        by_oldest &= stages.deadline_from[stage] == CountedFrom.OLDEST_LOT
        # SIMPLIFIED: with a cut-off, a deadline of the oldest lot is taken as never passed
        self.deadline[parts.owner[has_cutoff & by_oldest]] = self.width
        yield self._split_oldest(parts.keep(by_oldest & ~has_cutoff))
        others = parts.keep(~by_oldest | has_cutoff)
        early, late = cut_at(others, self.deadline[others.owner])
        for phase, asked in ((early, self.least), (late, self.floor)):
            cuts = np.isin(phase.owner, parts.owner[has_cutoff])
            yield self._split_cutoff(phase.keep(cuts), asked)
            yield self._split_plain(phase.keep(~cuts), asked)

    def _split_plain(self, parts: Parts, asked: IntArray) -> tuple[Parts, Parts]:
        """Missing while the stock holds fewer units than asked for."""
        keys, question = self._questions(parts.owner, asked)
        rows = [self._below(stock, v, d, least) for stock, v, d, least, _, _ in keys]
        found = cut(parts, question, spans_from(rows, self.width))
        return found.covered, found.rest

    def _split_oldest(self, parts: Parts) -> tuple[Parts, Parts]:
        """As plain, but a deadline runs from the entry of the first lot in stock order."""
        keys, question = self._questions(parts.owner, self.least)
        rows = [self._below_or_old(*key) for key in keys]
        found = cut(parts, question, spans_from(rows, self.width))
        return found.covered, found.rest

    def _questions(self, row: IntArray, asked: IntArray) -> tuple[list[tuple[int, ...]], IntArray]:
        """Distinct (stock, vehicle, dim, units asked, floor, deadline) and which each row asks."""
        stages, stage = self.model.stages, self.stage[row]
        after = stages.deadline_s[stage]
        columns = (stages.stock[stage], self.vehicle[row], stages.dim[stage], asked[row])
        table = np.stack([*columns, self.floor[row], after], axis=1)
        keys, question = np.unique(table, axis=0, return_inverse=True)
        return [tuple(k) for k in keys.tolist()], question.reshape(-1)

    def _below(
        self, stock: int, vehicle: int, dim: int, least: int
    ) -> tuple[IntArray, IntArray, IntArray]:
        at, units = self._units(stock, vehicle, dim)
        return true_spans(at, units < least, self.width)

    def _below_or_old(
        self, stock: int, vehicle: int, dim: int, least: int, floor: int, after: int
    ) -> tuple[IntArray, IntArray, IntArray]:
        at, units = self._units(stock, vehicle, dim)
        head_at, head_since = self._oldest(stock, vehicle)
        due = head_since + after
        until = np.append(head_at[1:], self.width)
        extra = due[(due > head_at) & (due < until)]
        times = np.unique(np.concatenate([at, head_at, extra]))
        now = units[np.searchsorted(at, times, side="right") - 1]
        is_due = times >= due[np.searchsorted(head_at, times, side="right") - 1]
        return true_spans(times, (now < least) & ~(is_due & (now >= floor)), self.width)

    def _units(self, stock: int, vehicle: int, dim: int) -> tuple[IntArray, IntArray]:
        """Units in one stock over time, of what the vehicle takes, in its sizes."""
        if stock < 0:
            return np.zeros(1, np.int64), np.zeros(1, np.int64)
        size = self.model.cargo.size[vehicle]
        taken = np.where((size >= 0).all(axis=1), size[:, dim], 0)
        key = taken.tobytes()
        if key not in self.units:
            changes = stock_changes(self.replay.segments, self.replay.arrivals, taken)
            none = np.zeros(len(self.model.stocks.others), np.int64)
            self.units[key] = steps_of(*changes, none, self.width - 1)
        return self.units[key].row(stock)

    def _oldest(self, stock: int, vehicle: int) -> tuple[IntArray, IntArray]:
        """When the first lot in stock order that the vehicle takes changes, and when it entered.

        FOREVER: none is there. Of flows with one offset, stock order is order of entry; between
        groups of flows with different offsets the smallest key goes first.
        """
        segments, arrivals, cargo = self.replay.segments, self.replay.arrivals, self.model.cargo
        segment = arrivals.segment
        flow = segments.flow[segment]
        takes = (cargo.size[vehicle] >= 0).all(axis=1)
        mine = np.flatnonzero((segments.stock[segment] == stock) & takes[flow])
        offset = cargo.offset_s[flow[mine]]
        loaded = segments.loaded_s[segment[mine]]
        until = np.where(loaded >= 0, loaded, self.width)
        heads = [
            _heads(arrivals.since_s[mine][offset == o], until[offset == o])
            for o in np.unique(offset)
        ]
        times = np.unique(np.concatenate([[0], *(h[0] for h in heads)]))
        best, since = np.full(len(times), FOREVER), np.full(len(times), FOREVER)
        for o, (at, entered) in zip(np.unique(offset), heads, strict=True):
            found = np.searchsorted(at, times, side="right") - 1
            own = entered[found]
            key = np.where(own < FOREVER, own + o, FOREVER)
            since, best = np.where(key < best, own, since), np.minimum(best, key)
        return times, since

    def _split_cutoff(self, parts: Parts, asked: IntArray) -> tuple[Parts, Parts]:
        """Only lots in stock since the cut-off count: what came until then less what has left.

        SIMPLIFIED: lots leave in the order in which they came (one flow offset, nothing refused).
        What has left only grows, so the condition is missing from one instant on.
        """
        stages, stage = self.model.stages, self.stage[parts.owner]
        keys, question = self._questions(parts.owner, np.zeros_like(asked))
        missing_from = np.full(len(parts.owner), self.width)
        for q, (stock, vehicle, dim, *_) in enumerate(keys):
            mine = question == q
            least = asked[parts.owner[mine]]
            until = self.table_time[parts.owner[mine]] - stages.cutoff_s[stage[mine]]
            missing_from[mine] = self._out_of(stock, vehicle, dim, until, least)
        rest, missing = cut_at(parts, missing_from)
        return missing, rest

    def _out_of(
        self, stock: int, vehicle: int, dim: int, until: IntArray, least: IntArray
    ) -> IntArray:
        """First instant at which fewer than `least` units are left of those in stock by `until`."""
        size = np.maximum(self.model.cargo.size[vehicle, :, dim], 0)
        rows, at, units = stock_changes(self.replay.segments, self.replay.arrivals, size)
        order = np.flatnonzero(rows == stock)
        order = order[np.argsort(at[order], kind="stable")]
        at, units = at[order], units[order]
        came = np.append(0, np.cumsum(np.maximum(units, 0)))
        left = np.cumsum(np.maximum(-units, 0))
        spare = came[np.searchsorted(at, until, side="right")] - least
        first = np.searchsorted(left, spare, side="right")
        times = np.append(at, self.width)
        return np.where(
            (spare < 0) & (least > 0), 0, np.where(least <= 0, self.width, times[first])
        )


def _heads(since: IntArray, until: IntArray) -> tuple[IntArray, IntArray]:
    """Change times and entry of the first of a queue that is still there (FOREVER: none).

    since, until (n,): entry and departure of each, in any order.
    """
    order = np.argsort(since, kind="stable")
    since, until = since[order], until[order]
    ended = np.append(0, np.maximum.accumulate(until)[:-1])[: len(since)]
    start = np.maximum(since, ended)
    keep = until > start
    start, entered, end = start[keep], since[keep], until[keep]
    # a gap to the next head is a time in which nothing is there
    is_gap = np.append(end[:-1] < start[1:], True)[: len(end)]
    times = np.concatenate([[0], start, end[is_gap]])
    values = np.concatenate([[FOREVER], entered, np.full(int(is_gap.sum()), FOREVER)])
    order = np.argsort(times, kind="stable")
    return times[order], values[order]
