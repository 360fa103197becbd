"""Seconds of lots and segments by label, read off the ledger.

Sparse: of the hundreds of labels a lot meets a dozen, and what the lots of a block share is said
once. Sums come from the sparse form; a full table is made only for who wants every lot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from corridor_sim.history.ledger import Ledger, stock_until
from corridor_sim.history.pieces import Pieces
from corridor_sim.history.segments import Segments, State
from corridor_sim.history.steps import BoolArray, Parts, Spans, cut, sums
from corridor_sim.primitives import IntArray


class Marks(NamedTuple):
    """What the pieces of a ledger are called, in numbers below `n`: labels, unless finer."""

    trips: IntArray
    """(n_piece,)"""
    stocks: IntArray
    """(n_piece,)"""
    n: int


class Entries(NamedTuple):
    """Seconds of owners under labels (n,); a pair may occur more than once, no entry is 0."""

    owner: IntArray
    label: IntArray
    seconds: IntArray

    def of(self, owners: IntArray) -> Entries:
        """The same with owner i called `owners[i]`."""
        return Entries(owners[self.owner], self.label, self.seconds)

    def add_to(self, table: IntArray) -> None:
        """Add to a table (n_owner, n_label)."""
        np.add.at(table, (self.owner, self.label), self.seconds)


@dataclass(frozen=True)
class LotSeconds:
    """What was spent by some lots (n,): what their blocks share, and each one's first wait.

    The sum of a lot is `delivered - ready` exactly; of a lot that was not delivered, the time from
    ready to the horizon, or to the instant at which it left with its trip.
    """

    lots: IntArray
    block: IntArray
    """(n,)"""
    flow: IntArray
    """(n_block,)"""
    boarded_s: IntArray
    """(n_block,) when each was first loaded from a stock; -1: never."""
    shared: Entries
    """Of blocks, for each of their lots."""
    is_before: BoolArray
    """(n_shared,) before it was first loaded from a stock."""
    own: Entries
    """Of places in `lots`: waits in first stocks, so before."""
    size: tuple[int, int]
    """Numbers of flows and of labels."""

    def table(self) -> IntArray:
        """By lot and label (n, n_label)."""
        shared = np.zeros((len(self.flow), self.size[1]), np.int64)
        self.shared.add_to(shared)
        out = shared[self.block]
        self.own.add_to(out)
        return out

    def by_lot(self) -> IntArray:
        """Over all labels (n,)."""
        shared = sums(self.shared.owner, self.shared.seconds, len(self.flow))
        return shared[self.block] + sums(self.own.owner, self.own.seconds, len(self.lots))

    def by_flow(self, which: BoolArray) -> IntArray:
        """Lot-seconds by flow and label (n_flow, n_label) of the lots that a mask (n,) names."""
        n_lot = np.bincount(self.block[which], minlength=len(self.flow))
        own_flow = self.flow[self.block[self.own.owner]]
        n_flow, n_label = self.size
        at = np.append(self.flow[self.shared.owner], own_flow) * n_label
        at += np.append(self.shared.label, self.own.label)
        seconds = np.append(
            self.shared.seconds * n_lot[self.shared.owner],
            self.own.seconds * which[self.own.owner],
        )
        return sums(at, seconds, n_flow * n_label).reshape(n_flow, n_label)


def seconds_of(
    book: Ledger, lots: IntArray | None = None, marks: Marks | None = None
) -> LotSeconds:
    """Of all lots, or of those of the given numbers; under labels, or under finer marks."""
    segments, model = book.replay.segments, book.replay.model
    marks = marks or Marks(book.trips.label, book.stocks.label, len(book.labels))
    lots = np.arange(int(model.cargo.lot_ptr[-1])) if lots is None else lots
    first_hop = first_hops(segments)
    block = block_of(segments, lots)
    until, has_waited = stock_until(book.replay), _has_waited(segments)
    later = np.flatnonzero(has_waited & (segments.hop > 0))
    waits = in_stock(
        book.stocks, segments.stock[later], segments.since_s[later], until[later], marks.stocks
    ).of(later)
    mine = np.flatnonzero(has_waited[first_hop][block])
    hop = first_hop[block[mine]]
    ready_s = model.cargo.lot_ready_s[lots[mine]]
    own = in_stock(book.stocks, segments.stock[hop], ready_s, until[hop], marks.stocks)
    rides = aboard(book, marks.trips)
    boards = _boarding(segments)
    before = (
        segments.hop[waits.owner] <= boards.hop[segments.block[waits.owner]],
        segments.hop[rides.owner] < boards.hop[segments.block[rides.owner]],
    )
    shared = zip(waits.of(segments.block), rides.of(segments.block), strict=True)
    return LotSeconds(
        lots=lots,
        block=block,
        flow=segments.flow[first_hop],
        boarded_s=boards.at_s,
        shared=Entries(*(np.concatenate(c) for c in shared)),
        is_before=np.concatenate(before),
        own=own.of(mine),
        size=(len(model.cargo.lot_ptr) - 1, marks.n),
    )


def first_hops(segments: Segments) -> IntArray:
    """The segment with which each block begins (n_block,)."""
    begins = np.append(True, segments.block[1:] != segments.block[:-1])
    return np.flatnonzero(begins[: len(segments.block)])


def block_of(segments: Segments, lots: IntArray) -> IntArray:
    """The block of each lot (n,)."""
    first = segments.first[first_hops(segments)]
    return np.asarray(np.searchsorted(first, lots, side="right") - 1)


class _Boarding(NamedTuple):
    """By block (n_block,): the hop on which it was first loaded from a stock, and when.

    Never: no hop of any block is as large, and -1.
    """

    hop: IntArray
    at_s: IntArray


def _boarding(segments: Segments) -> _Boarding:
    """Loads in reverse order, so that the first of a block is what stays."""
    n_block = len(first_hops(segments))
    loads = np.flatnonzero((segments.stock >= 0) & (segments.loaded_s >= 0))[::-1]
    hop, at_s = np.full(n_block, len(segments.hop) + 1), np.full(n_block, -1)
    hop[segments.block[loads]] = segments.hop[loads]
    at_s[segments.block[loads]] = segments.loaded_s[loads]
    return _Boarding(hop, at_s)


def lot_seconds(book: Ledger, lots: IntArray | None = None) -> IntArray:
    """Seconds by lot and label (n, n_label); all lots, or those of the given numbers."""
    return seconds_of(book, lots).table()


def totals(book: Ledger) -> IntArray:
    """Lot-seconds by label (n_label,), over all lots."""
    seconds = seconds_of(book)
    return np.asarray(seconds.by_flow(np.ones(len(seconds.lots), bool)).sum(axis=0))


def aboard(book: Ledger, marks: IntArray | None = None) -> Entries:
    """Of each segment what its trip was doing from loading to unloading; owner = segment.

    marks (n_piece,): what the pieces of trips are called, if not by their labels.
    """
    segments, trips = book.replay.segments, book.trips
    rides = np.flatnonzero(segments.loaded_s >= 0)
    ptr = np.searchsorted(trips.owner, np.arange(len(book.replay.log.births.k) + 1))
    marks = trips.label if marks is None else marks
    spans = Spans(ptr, trips.from_s, trips.to_s, marks, book.replay.model.horizon_s + 1)
    parts = Parts(rides, segments.loaded_s[rides], segments.until_s[rides])
    found = cut(parts, segments.carrier[rides], spans)
    covered, span = found.covered, found.span
    return Entries(covered.owner, spans.label[span], covered.to_s - covered.from_s)


def in_stock(
    pieces: Pieces,
    stock: IntArray,
    from_s: IntArray,
    to_s: IntArray,
    marks: IntArray | None = None,
) -> Entries:
    """Of each wait [from, to) in a stock what it is called (n,); owner = number of the wait.

    A difference of two running totals for each label, so a long queue costs no more than its lots.
    marks (n_piece,): what the pieces are called, if not by their labels.
    """
    owner, begin_s, label = pieces.owner, pieces.from_s, pieces.label if marks is None else marks
    lasts = pieces.to_s - begin_s
    order = np.argsort(stock, kind="stable")
    ptr = np.searchsorted(stock[order], np.arange(int(stock.max(initial=-1)) + 2))
    none = np.zeros(0, np.int64)
    found = [Entries(none, none, none)]
    for s in np.flatnonzero(np.diff(ptr)).tolist():
        mine = order[ptr[s] : ptr[s + 1]]
        here = slice(*np.searchsorted(owner, [s, s + 1]).tolist())
        starts, names = begin_s[here], label[here]
        low, high = (np.searchsorted(starts, t[mine], "right") - 1 for t in (from_s, to_s))
        after_low, after_high = from_s[mine] - starts[low], to_s[mine] - starts[high]
        for name in np.unique(names):
            is_it = names == name
            in_it = np.where(is_it, lasts[here], 0)
            before = np.cumsum(in_it) - in_it
            seconds = before[high] + after_high * is_it[high]
            seconds -= before[low] + after_low * is_it[low]
            has = np.flatnonzero(seconds)
            found.append(Entries(mine[has], np.full(len(has), name), seconds[has]))
    return Entries(*(np.concatenate(c) for c in zip(*found, strict=True)))


def _has_waited(segments: Segments) -> BoolArray:
    """(n_segment,) whether its lots came into a stock."""
    return np.asarray((segments.stock >= 0) & (segments.state != State.NOT_READY))
