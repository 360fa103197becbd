"""The ledger: one cause for every second of every trip and lot, in exact integers.

A wait is split by one condition after the other, in the order in which the contract charges them:
what the first lacks is labelled and done with, the rest goes on to the next, and what is left at
the end is the wait for one's turn. Nothing is sampled: labels of a lot sum to its transit time.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from corridor_sim.history.conditions import Conditions, Part
from corridor_sim.history.pieces import Pieces
from corridor_sim.history.replay import Replay
from corridor_sim.history.steps import Parts, Spans, cut, expand
from corridor_sim.primitives import IntArray


@dataclass(frozen=True)
class Ledger:
    """The pieces of all trips and stocks. Of a lot it holds nothing: see `history.seconds`."""

    replay: Replay
    trips: Pieces
    stocks: Pieces
    """Of every stock with a lot, [0, horizon): what its lots' wait is called."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Text of each label number."""
        return self.replay.model.names.labels


def ledger(replay: Replay) -> Ledger:
    """Label every second of every trip and stock; O(n log n), no loop over visits."""
    trips = _trip_pieces(replay)
    return Ledger(replay, trips, _stock_pieces(replay, trips))


def stock_until(replay: Replay) -> IntArray:
    """When each segment's wait in its stock ended (n_segment,): loaded, or the horizon."""
    loaded = replay.segments.loaded_s
    return np.where(loaded >= 0, loaded, replay.model.horizon_s)


def last_missing(book: Ledger) -> IntArray:
    """Label of what came last, by row of the itinerary (n_row,); -1: no wait."""
    waits = np.flatnonzero(book.trips.part >= Part.GATE)
    out = np.full(len(book.replay.itinerary.trip), -1, np.int64)
    # pieces are in order of time, so the last assignment of a row is its final piece
    out[book.trips.row[waits]] = book.trips.label[waits]
    return out


def _trip_pieces(replay: Replay) -> Pieces:
    """Waits and work of all trips, clipped to the horizon."""
    itinerary, horizon = replay.itinerary, replay.model.horizon_s
    conditions = Conditions(replay)
    rows = np.arange(len(itinerary.trip))
    waits = Parts(rows, itinerary.joined_s, itinerary.start_s).nonempty()
    found = [*conditions.split(waits)]
    works = Parts(rows, itinerary.start_s, np.minimum(itinerary.end_s, horizon)).nonempty()
    found += conditions.split_work(works)
    parts = [f[0] for f in found]
    row = np.concatenate([p.owner for p in parts])
    from_s = np.concatenate([p.from_s for p in parts])
    order = np.lexsort((from_s, row))  # rows are in order of time, so carriers are too
    return Pieces(
        owner=itinerary.carrier[row[order]],
        row=row[order],
        label=np.concatenate([f[1] for f in found])[order],
        part=np.concatenate([np.full(len(f[1]), f[2]) for f in found])[order],
        from_s=from_s[order],
        to_s=np.concatenate([p.to_s for p in parts])[order],
    )


def _stock_pieces(replay: Replay, trips: Pieces) -> Pieces:
    """At each second the label of the foremost trip that waits there to load; else no vehicle."""
    model, width = replay.model, replay.model.horizon_s + 1
    stock, row, from_s, to_s = _foremost(replay)
    parts = Parts(np.arange(len(row)), from_s, to_s)
    parts_of = trips.part
    waits = np.flatnonzero(parts_of >= Part.GATE)
    begin = np.searchsorted(trips.row[waits], np.arange(len(replay.itinerary.trip) + 1))
    spans = Spans(begin, trips.from_s[waits], trips.to_s[waits], trips.label[waits], width)
    covered, span, _ = cut(parts, row, spans)
    part = parts_of[waits][span]
    own = stock[covered.owner]
    label = np.where(part == Part.TURN, model.stocks.others[own], spans.label[span])
    seen = np.unique(replay.segments.stock[replay.segments.stock >= 0])
    whole = Parts(seen, np.zeros_like(seen), np.full_like(seen, width - 1))
    ptr = np.searchsorted(stock, np.arange(len(model.stocks.others) + 1))
    none = cut(whole, seen, Spans(ptr, from_s, to_s, np.zeros_like(stock), width)).rest
    owner = np.append(own, none.owner)
    starts = np.append(covered.from_s, none.from_s)
    order = np.lexsort((starts, owner))
    nobody = np.full(len(none.owner), -1)
    return Pieces(
        owner=owner[order],
        row=np.append(row[covered.owner], nobody)[order],
        label=np.append(label, model.stocks.no_vehicle[none.owner])[order],
        part=np.append(part, np.full(len(nobody), Part.NO_VEHICLE))[order],
        from_s=starts[order],
        to_s=np.append(covered.to_s, none.to_s)[order],
    )


def _foremost(replay: Replay) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Stock, row, from, to: the foremost of those waiting in lines that load from a stock; who can
    do so only by swap comes last."""
    itinerary = replay.itinerary
    ptr, stocks, swaps = _stocks_of_lines(replay)
    rows = np.flatnonzero(itinerary.start_s > itinerary.joined_s)
    which, entry = expand(ptr, itinerary.line[rows])
    used = np.isin(stocks[entry], replay.segments.stock)
    row, stock, by_swap = rows[which[used]], stocks[entry[used]], swaps[entry[used]]
    columns = (itinerary.k, itinerary.source, itinerary.line, itinerary.key)
    order = np.lexsort((*(c[row] for c in columns), by_swap, stock))
    row, stock = row[order], stock[order]
    empty = np.zeros(0, np.int64)
    found = []
    for s in np.unique(stock):
        mine = row[stock == s]
        rank, from_s, to_s = _first_active(itinerary.joined_s[mine], itinerary.start_s[mine])
        found.append((np.full(len(rank), s), mine[rank], from_s, to_s))
    if not found:
        return empty, empty, empty, empty
    return (
        np.concatenate([f[0] for f in found]),
        np.concatenate([f[1] for f in found]),
        np.concatenate([f[2] for f in found]),
        np.concatenate([f[3] for f in found]),
    )


def _stocks_of_lines(replay: Replay) -> tuple[IntArray, IntArray, IntArray]:
    """CSR: the stocks from which the alternatives of each line load, each once; 1: only by swap.

    Who loads by swap has come to unload, and takes what is there: lots wait rather with a trip that
    has come for them.
    """
    lines, stages = replay.model.lines, replay.model.stages
    line = np.repeat(np.arange(len(lines.order)), np.diff(lines.alt_ptr))
    table = np.stack([line, stages.stock[lines.alt_stage], stages.swap[lines.alt_stage]], axis=1)
    table = np.unique(table[table[:, 1] >= 0], axis=0)
    # of a line and stock the way without a swap, if there is one, stands first
    table = table[np.unique(table[:, :2], axis=0, return_index=True)[1]]
    return np.searchsorted(table[:, 0], np.arange(len(lines.order) + 1)), table[:, 1], table[:, 2]


def _first_active(from_s: IntArray, to_s: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Which of the ranked spans [from, to) is the first that is active: rank, from, to.

    In a queue without overtaking each begins when all before it have ended. Where a later one goes
    first (classes, last in first out), it is inserted in turn.

    >>> [x.tolist() for x in _first_active(np.array([0, 3]), np.array([5, 9]))]
    [[0, 1], [0, 5], [5, 9]]
    >>> [x.tolist() for x in _first_active(np.array([3, 0]), np.array([5, 9]))]
    [[1, 0, 1], [0, 3, 5], [3, 5, 9]]
    """
    rank = np.arange(len(from_s))
    if (from_s[1:] >= from_s[:-1]).all():
        ended = np.append(0, np.maximum.accumulate(to_s)[:-1])[: len(rank)]
        start = np.maximum(from_s, ended)
        keep = to_s > start
        return rank[keep], start[keep], to_s[keep]
    return _by_turns(from_s, to_s)


def _by_turns(from_s: IntArray, to_s: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """`_first_active` in general: a heap of those that are active."""
    joins = np.argsort(from_s, kind="stable").tolist()
    begin, end = from_s.tolist(), to_s.tolist()
    heap: list[int] = []
    out: list[tuple[int, int, int]] = []
    i, t = 0, 0
    while heap or i < len(joins):
        if not heap:
            t = begin[joins[i]]
        while i < len(joins) and begin[joins[i]] <= t:
            heapq.heappush(heap, joins[i])
            i += 1
        while heap and end[heap[0]] <= t:
            heapq.heappop(heap)
        if heap:
            until = min(end[heap[0]], begin[joins[i]] if i < len(joins) else end[heap[0]])
            out.append((heap[0], t, until))
            t = until
    table = np.array(out, np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]
