"""One lot's story: every second from ready to delivered as steps in order, with who was ahead.

Steps are pieces of the ledger, so they touch, and sum exactly to the lot's time. A wait in a stock
is told by the foremost trip that waits there to load; a wait aboard by the lot's own trip.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

import numpy as np

from corridor_sim.history.conditions import Part
from corridor_sim.history.freed import NOBODY_FREED, Competition, Freed, How
from corridor_sim.history.halves import Places
from corridor_sim.history.ledger import Ledger, stock_until
from corridor_sim.history.pieces import Pieces
from corridor_sim.history.segments import State
from corridor_sim.primitives import IntArray


class What(Enum):
    """What a step is."""

    READY = "ready"
    """It may go from now on."""
    WAIT = "wait"
    WORK = "service"
    """A facility, or the vehicle at its call, works."""
    MOVE = "move"
    """On the way between two calls."""
    BOARD = "boards"
    """It is loaded."""
    UNLOAD = "leaves"
    """It is put down, and goes on by another service."""
    DELIVERED = "delivered"
    UNFINISHED = "not delivered"
    """The run ended, or its trip left the system with it."""


class Ahead(NamedTuple):
    """Who stood before it when a wait began, in the order in which they were to go."""

    trips: IntArray
    """Rows of the itinerary."""
    arrivals: IntArray
    """Rows of the replay's arrivals: lots in the same stock."""
    lots: int


NOBODY_AHEAD = Ahead(np.zeros(0, np.int64), np.zeros(0, np.int64), 0)


class Step(NamedTuple):
    """A stretch of a lot's time under one label; instants alone where from = to."""

    what: What
    from_s: int
    to_s: int
    label: int
    """Number of the label; -1: an instant."""
    part: int
    """A `Part`; -1: an instant."""
    node: int
    """Number of the node; ON_THE_WAY."""
    row: int
    """The itinerary's row of its trip, or (in a stock) of the foremost trip there; -1: none."""
    is_aboard: bool
    lots: int
    """Lots on board with it, itself included; 0: not aboard."""
    ahead: Ahead
    freed: Freed


class Story:
    """What the steps of one replication's lots are told from."""

    def __init__(self, book: Ledger, places: Places):
        self._book, self._places, self._replay = book, places, book.replay
        self._competition = Competition(book.replay)
        model = book.replay.model
        self._until = stock_until(book.replay)
        self._aboard = book.replay.before(np.ones(len(model.cargo.offset_s), np.int64))
        self._trips, self._stocks = _Stretches(book.trips), _Stretches(book.stocks)

    def steps(self, lot: int) -> list[Step]:
        """All steps of a lot (its number among all), in order; empty: never ready in the run."""
        segments = self._replay.segments
        first = int(np.searchsorted(segments.first, lot, side="right")) - 1
        if first < 0:
            return []
        mine = np.flatnonzero(segments.block == segments.block[first]).tolist()
        told = [s for s in mine if segments.state[s] != State.NOT_READY]
        if not told:
            return []
        out = [self._instant(What.READY, int(self._replay.ready_s[lot]), int(told[0]))]
        for place, s in enumerate(told):
            if segments.stock[s] >= 0:
                out += self._waits(lot, int(s))
            if segments.loaded_s[s] >= 0:
                out += self._rides(int(s), is_last=place + 1 == len(told))
        if segments.state[told[-1]] == State.IN_STOCK:
            out.append(self._instant(What.UNFINISHED, self._replay.model.horizon_s, int(told[-1])))
        return out

    def _instant(self, what: What, at_s: int, segment: int) -> Step:
        """Something that takes no time, in a segment's stock or on its trip."""
        segments = self._replay.segments
        stock, row = int(segments.stock[segment]), -1
        if what == What.BOARD:
            row = int(segments.load_row[segment])
        elif what in (What.UNLOAD, What.DELIVERED):
            row = int(segments.unload_row[segment])
        elif what == What.UNFINISHED or stock < 0:
            carrier = int(segments.carrier[segment])
            row = self._row_at(carrier, at_s) if carrier >= 0 else -1
        in_stock = row < 0 or what == What.BOARD
        node = self._places.stock[stock] if in_stock else self._node_of(row, what)
        lots = 0
        if what == What.BOARD:
            lots = int(self._replay.loads.lots[self._replay.loads.row == row].sum())
        return Step(
            what, at_s, at_s, -1, -1, int(node), row, False, lots, NOBODY_AHEAD, NOBODY_FREED
        )

    def _node_of(self, row: int, what: What) -> int:
        """Where an instant of a row is: a lot is put down where the row works."""
        places, stage = self._places, self._replay.itinerary.wanted[row]
        is_down = what in (What.UNLOAD, What.DELIVERED) and not places.is_ride[stage]
        return int((places.work if is_down else places.stage)[stage])

    def _row_at(self, carrier: int, at_s: int) -> int:
        itinerary = self._replay.itinerary
        rows = np.flatnonzero((itinerary.carrier == carrier) & (itinerary.joined_s <= at_s))
        return int(rows[-1])

    def _waits(self, lot: int, segment: int) -> Iterator[Step]:
        """In a stock, from ready or unloaded to loaded."""
        segments, model = self._replay.segments, self._replay.model
        stock, until = int(segments.stock[segment]), int(self._until[segment])
        is_first = segments.hop[segment] == 0
        since = int(model.cargo.lot_ready_s[lot] if is_first else segments.since_s[segment])
        for p, from_s, to_s in self._stocks.within(stock, since, until):
            row, part = int(self._book.stocks.row[p]), int(self._book.stocks.part[p])
            own = int(segments.load_row[segment])
            if to_s == segments.loaded_s[segment] and row != own:
                freed = self._let_go(own, to_s)
            else:
                freed = self._competition.freed(row, part, self._cause(p, row, part), to_s, stock)
            yield Step(
                What.WAIT,
                from_s,
                to_s,
                int(self._book.stocks.label[p]),
                part,
                int(self._places.stock[stock]),
                row,
                False,
                0,
                self._ahead_in_stock(lot, segment, since, from_s),
                freed if to_s < model.horizon_s else NOBODY_FREED,
            )

    def _cause(self, piece: int, row: int, part: int) -> int:
        """What the foremost trip lacks, where its turn has another name for lots."""
        label = int(self._book.stocks.label[piece])
        if row < 0 or part != Part.TURN:
            return label
        return int(self._replay.model.stages.turn_cause[self._replay.itinerary.wanted[row]])

    def _let_go(self, row: int, at_s: int) -> Freed:
        """What let a trip load at an instant that was not the foremost just before."""
        pieces = np.flatnonzero(self._book.trips.row == row)
        ends = pieces[self._book.trips.to_s[pieces] == at_s]
        if not len(ends):
            return Freed(How.ARRIVED, (row,))
        part, label = (int(c[ends[0]]) for c in (self._book.trips.part, self._book.trips.label))
        return self._competition.freed(row, part, label, at_s)

    def _ahead_in_stock(self, lot: int, segment: int, since: int, at_s: int) -> Ahead:
        """Lots of the stock that come before this one, and came before it or go first."""
        replay = self._replay
        segments, arrivals, offset = replay.segments, replay.arrivals, replay.model.cargo.offset_s
        there = segments.stock[arrivals.segment] == segments.stock[segment]
        there &= (arrivals.since_s <= at_s) & (self._until[arrivals.segment] > at_s)
        rows = np.flatnonzero(there)
        of = arrivals.segment[rows]
        key = arrivals.since_s[rows] + offset[segments.flow[of]]
        own = since + int(offset[segments.flow[segment]])
        is_before = (key < own) | ((key == own) & (segments.first[of] < segments.first[segment]))
        rows, key, of = rows[is_before], key[is_before], of[is_before]
        rows = rows[np.lexsort((segments.first[of], key))]
        return Ahead(np.zeros(0, np.int64), rows, int(arrivals.lots[rows].sum()))

    def _rides(self, segment: int, is_last: bool) -> Iterator[Step]:
        """From loaded to unloaded."""
        segments = self._replay.segments
        if segments.load_row[segment] >= 0:
            yield self._instant(What.BOARD, int(segments.loaded_s[segment]), segment)
        carrier, until = int(segments.carrier[segment]), int(segments.until_s[segment])
        for p, from_s, to_s in self._trips.within(carrier, int(segments.loaded_s[segment]), until):
            yield self._on_trip(p, from_s, to_s, int(segments.unload_row[segment]))
        if segments.state[segment] != State.UNLOADED:
            yield self._instant(What.UNFINISHED, until, segment)
        elif is_last and not self._has_more(segment):
            yield self._instant(What.DELIVERED, until, segment)
        else:
            yield self._instant(What.UNLOAD, until, segment)

    def _has_more(self, segment: int) -> bool:
        cargo, segments = self._replay.model.cargo, self._replay.segments
        n_hop = np.diff(cargo.hop_ptr)[segments.flow[segment]]
        return bool(segments.hop[segment] + 1 < n_hop)

    def _on_trip(self, piece: int, from_s: int, to_s: int, down: int) -> Step:
        """A wait or work of the trip that it is on; down: the row in which it is put down."""
        trips, itinerary = self._book.trips, self._replay.itinerary
        row, part, label = (int(c[piece]) for c in (trips.row, trips.part, trips.label))
        stage = int(itinerary.wanted[row])
        works = part <= Part.CLOSED
        moves = works and bool(self._places.is_ride[stage])
        ahead, freed = NOBODY_AHEAD, NOBODY_FREED
        if not works:
            rows = self._competition.ahead(row, part, label, from_s)
            ahead = Ahead(rows, NOBODY_AHEAD.arrivals, 0)
        if part != Part.WORK and to_s < self._replay.model.horizon_s:
            freed = self._competition.freed(row, part, label, to_s)
        what = What.WAIT if part != Part.WORK else What.MOVE if moves else What.WORK
        node = int((self._places.work if works else self._places.stage)[stage])
        lots = int(self._aboard[row])
        if works and row != down:
            lots += self._more_lots(row)
        return Step(what, from_s, to_s, label, part, node, row, True, lots, ahead, freed)

    def _more_lots(self, row: int) -> int:
        """Lots that a row loads, without those that make room for them in a swap."""
        loads, unloads = self._replay.loads, self._replay.unloads
        loaded = int(loads.lots[loads.row == row].sum())
        return loaded - int(unloads.lots[unloads.row == row].sum()) if loaded else 0


class _Stretches:
    """Pieces of owners, to be cut out by time."""

    def __init__(self, pieces: Pieces):
        self._owner, self._from_s, self._to_s = pieces.owner, pieces.from_s, pieces.to_s
        self._label, self._row, self._part = pieces.label, pieces.row, pieces.part

    def within(self, owner: int, from_s: int, to_s: int) -> Iterator[tuple[int, int, int]]:
        """(last piece, from, to) of what an owner's pieces say of [from, to), like ones together."""
        low, high = np.searchsorted(self._owner, [owner, owner + 1])
        low += np.searchsorted(self._to_s[low:high], from_s, side="right")
        begun = -1
        for p in range(int(low), int(high)):
            if self._from_s[p] >= to_s:
                break
            begun = max(int(self._from_s[p]), from_s) if begun < 0 else begun
            goes_on = p + 1 < high and self._from_s[p + 1] < to_s and self._alike(p, p + 1)
            if not goes_on:
                yield p, begun, min(int(self._to_s[p]), to_s)
                begun = -1

    def _alike(self, a: int, b: int) -> bool:
        """One label, for one reason, of one trip."""
        columns = (self._label, self._part, self._row)
        return all(column[a] == column[b] for column in columns)
