"""Halves: every row of the itinerary as a wait and a work, each at a node or on the way.

Whoever is aboard from one half to another shares its hours: with running totals, the hours of a
stay by group of causes are a difference of two rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridor_sim.history.causes import Cause, causes_of
from corridor_sim.history.conditions import Part
from corridor_sim.history.itinerary import Itinerary
from corridor_sim.history.ledger import Ledger
from corridor_sim.history.replay import Replay
from corridor_sim.history.steps import BoolArray
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built
from corridor_sim.primitives import IntArray

ON_THE_WAY = -1
"""Stands where a node stands."""


@dataclass(frozen=True)
class Places:
    """Where stages and stocks are: numbers of nodes in the order of their ids."""

    nodes: tuple[str, ...]
    stage: IntArray
    """(n_stage,) the node where one waits for it; ON_THE_WAY where none is known."""
    work: IntArray
    """(n_stage,) the node where it works; ON_THE_WAY of a ride."""
    is_ride: BoolArray
    """(n_stage,) its work is a ride to the next call."""
    stock: IntArray
    """(n_stock,)"""

    def waits(self, itinerary: Itinerary) -> IntArray:
        """The node where each row of the itinerary waits (n_row,)."""
        return np.asarray(self.stage[itinerary.wanted])

    def works(self, itinerary: Itinerary) -> IntArray:
        """The node where each row works (n_row,); where it waits if it never began."""
        began = itinerary.stage >= 0
        return np.where(began, self.work[itinerary.wanted], self.waits(itinerary))


@dataclass(frozen=True)
class Halves:
    """Half 2i is the wait of row i of the itinerary, half 2i + 1 its work; both within the horizon.

    from_s, to_s (n_half,); node (n_half,); total_s (n_half + 1, n_cause): seconds by cause of all
    halves before; trips' seconds, not lot-seconds.
    """

    from_s: IntArray
    to_s: IntArray
    node: IntArray
    total_s: IntArray

    def seconds(self, first: IntArray, end: IntArray, cause: Cause) -> IntArray:
        """Seconds under one cause from each half `first` to before `end` (n,)."""
        total = self.total_s[:, cause]
        return np.asarray(total[end] - total[first])


def places_of(scenario: Scenario, built: Built) -> Places:
    """Resolve the names that the compiler wrote down."""
    names, stages, meaning = built.model.names, built.model.stages, built.meaning
    nodes = tuple(sorted(scenario.nodes))
    at = {name: i for i, name in enumerate(nodes)}
    stage, work = (
        np.array([at.get(node_of.get(name, ""), ON_THE_WAY) for name in names.stages], np.int64)
        for node_of in (meaning.nodes, meaning.nodes | meaning.work_nodes)
    )
    stock = np.full(len(names.stocks), ON_THE_WAY, np.int64)
    # a train that swaps may wait in a hold far from the lots that it will load
    loads = np.flatnonzero((stages.stock >= 0) & (stages.place < 0))
    stock[stages.stock[loads]] = stage[loads]
    is_ride = np.array([name in meaning.ways for name in names.stages], bool)
    return Places(nodes, stage, np.where(is_ride, ON_THE_WAY, work), is_ride, stock)


def halves_of(scenario: Scenario, built: Built, book: Ledger, places: Places) -> Halves:
    """Cut the itinerary in halves and sum up the ledger's pieces of trips by cause."""
    itinerary, horizon = book.replay.itinerary, built.model.horizon_s
    start, end = np.minimum(itinerary.start_s, horizon), np.minimum(itinerary.end_s, horizon)
    pieces, causes = book.trips, causes_of(scenario, book.labels)
    half = 2 * pieces.row + (pieces.part <= Part.CLOSED)
    cause, seconds = causes[pieces.label], pieces.to_s - pieces.from_s
    return Halves(
        from_s=np.stack([np.minimum(itinerary.joined_s, horizon), start], 1).ravel(),
        to_s=np.stack([start, end], 1).ravel(),
        node=np.stack([places.waits(itinerary), places.works(itinerary)], 1).ravel(),
        total_s=_totals(half, cause, seconds, 2 * len(start)),
    )


def _totals(half: IntArray, cause: IntArray, seconds: IntArray, n_half: int) -> IntArray:
    """Running totals by cause over halves (n_half + 1, n_cause)."""
    total = np.zeros((n_half + 1, len(Cause)), np.int64, order="F")
    for group in Cause:
        mine = cause == group
        # whole seconds stay exact in float64 below 2 ** 53
        sums = np.bincount(half[mine], seconds[mine], n_half)
        total[1:, group] = np.cumsum(sums.astype(np.int64))
    return total


@dataclass(frozen=True)
class StockClock:
    """Seconds by cause of what waits in each stock, as running totals over the ledger's pieces."""

    keys: IntArray
    """(n_piece,) stock and beginning in one number, sorted."""
    width: int
    from_s: IntArray
    lasts_s: IntArray
    cause: IntArray

    def find(self, stock: IntArray, t_s: IntArray) -> IntArray:
        """The piece of each stock in which an instant lies (n,)."""
        return np.searchsorted(self.keys, stock * self.width + t_s, side="right") - 1

    def until(self, piece: IntArray, t_s: IntArray, cause: Cause) -> IntArray:
        """Seconds under one cause until instants in these pieces, from one beginning for all (n,).

        Differences within one stock are what passed between two instants.
        """
        is_it = self.cause == cause
        lasts = np.where(is_it, self.lasts_s, 0)
        before = np.cumsum(lasts) - lasts
        inside = np.where(is_it[piece], t_s - self.from_s[piece], 0)
        return np.asarray(before[piece] + inside)


def stock_clock(scenario: Scenario, book: Ledger) -> StockClock:
    """The causes of waits in stocks; every stock that ever held a lot has pieces from 0 on."""
    pieces, width = book.stocks, book.replay.model.horizon_s + 1
    from_s, cause = pieces.from_s, causes_of(scenario, book.labels)[pieces.label]
    return StockClock(pieces.owner * width + from_s, width, from_s, pieces.to_s - from_s, cause)


class Aboard:
    """Units on board when each row of the itinerary begins; what is common to all is found once.

    What a row loads comes aboard for the row after it; a carrier begins with what it was born with.
    """

    def __init__(self, replay: Replay):
        itinerary, segments = replay.itinerary, replay.segments
        self._n_row = len(itinerary.trip)
        self._loads = np.flatnonzero(segments.load_row >= 0)
        self._unloads = np.flatnonzero(segments.unload_row >= 0)
        self._born = np.flatnonzero((segments.loaded_s >= 0) & (segments.load_row < 0))
        self._load_at = segments.load_row[self._loads] + 1
        self._unload_at = segments.unload_row[self._unloads] + 1
        begins = np.append(True, itinerary.carrier[1:] != itinerary.carrier[:-1])[: self._n_row]
        self._first = np.maximum.accumulate(np.where(begins, np.arange(self._n_row), 0))
        self._born_at = np.searchsorted(itinerary.carrier, segments.carrier[self._born])

    def units(self, of_segment: IntArray) -> IntArray:
        """Units by row (n_row,), with those of each segment (n_segment,)."""
        n = self._n_row
        came = np.bincount(self._load_at, of_segment[self._loads], n + 1)
        left = np.bincount(self._unload_at, of_segment[self._unloads], n + 1)
        begins = np.bincount(self._born_at, of_segment[self._born], n)
        total = np.cumsum(came - left)[:n]
        # the change of a carrier's last row lands on the next one's first: only totals are used
        return np.rint(total - total[self._first] + begins[self._first]).astype(np.int64)
