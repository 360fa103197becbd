"""Laws that every log and ledger must keep, whatever the engine: named, counted, with a tolerance.

Each looks at the replay or its ledger only, so it also catches a fault of these themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridor_sim.history.ledger import Ledger
from corridor_sim.history.moved import vehicles_asked
from corridor_sim.history.replay import Replay, capacity_at, conservation
from corridor_sim.history.steps import expand
from corridor_sim.primitives import IntArray
from corridor_sim.terms import Order


@dataclass(frozen=True)
class Check:
    """One law: how many things were looked at, and how many broke it."""

    name: str
    tolerance: int
    found: int
    n: int

    @property
    def ok(self) -> bool:
        """Whether no more broke it than is tolerated."""
        return self.found <= self.tolerance


def check(replay: Replay) -> list[Check]:
    """All checks of one replay, in a fixed order; every tolerance is 0.

    Raises nothing: a planner reads the table, a test asserts `all(c.ok for c in check(replay))`.
    """
    laws = {
        "time never goes back": _time(replay),
        "a trip joins when its last visit ends": _joins(replay),
        "units in use are never negative": _in_use(replay),
        "free units are never negative but by a dated cut": _free(replay),
        "no grant takes more than is free": _grants(replay),
        "no stock holds fewer than no lots": _stocks(replay),
        "lots are moved only from where they are": _moves(replay),
        "no vehicle is loaded beyond its capacity": _vehicles(replay),
        "visits move as many lots as they say": _lots(replay),
        "first in, first out": _fifo(replay),
        "meters switch in turn": _meters(replay),
        "every lot is in one place": _conserved(replay),
    }
    return [Check(name, 0, int(broken), int(n)) for name, (broken, n) in laws.items()]


def check_hours(book: Ledger) -> list[Check]:
    """Checks of the hours of trips and vehicles: each second once, and none left out."""
    laws = {
        "every second of a trip has one cause": _one_cause(book),
        "hours of every vehicle sum to the horizon": _whole(book),
    }
    return [Check(name, 0, broken, n) for name, (broken, n) in laws.items()]


Found = tuple[int, int]
"""(how many broke it, how many were looked at)."""


def _count(broken: IntArray | np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Found:
    return int(np.count_nonzero(broken)), len(broken)


def _time(replay: Replay) -> Found:
    itinerary, segments = replay.itinerary, replay.segments
    rides = segments.loaded_s >= 0
    hops = segments.until_s[rides] < segments.loaded_s[rides]
    waits = itinerary.start_s < itinerary.joined_s
    return _count(np.concatenate([waits, itinerary.end_s < itinerary.start_s, hops]))


def _joins(replay: Replay) -> Found:
    """The log's own joining times: of cycles and of those who still wait."""
    itinerary, log = replay.itinerary, replay.log
    same = np.append(False, itinerary.carrier[1:] == itinerary.carrier[:-1])[: len(itinerary.trip)]
    before = np.append(0, itinerary.end_s[:-1])[: len(same)]
    waits = np.flatnonzero(itinerary.visit < 0)
    order = np.lexsort((log.waiting.k, log.waiting.source))
    mine = np.lexsort((itinerary.k[waits], itinerary.source[waits]))
    said = itinerary.joined_s[waits][mine] != log.waiting.joined_s[order]
    return _count(np.concatenate([same & (itinerary.joined_s != before), said]))


def _plain(replay: Replay) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Counter, instant, free and value before of every entry of the counters that are not periodic.

    Of a row's first entry the value before is itself.
    """
    free = replay.free
    row = np.repeat(np.arange(len(free.ptr) - 1), np.diff(free.ptr))
    before = np.append(0, free.value[:-1])[: len(row)]
    first = free.ptr[:-1]
    before[first] = free.value[first]
    plain = replay.model.counters.period_s[row] == 0
    return row[plain], free.at_s[plain], free.value[plain], before[plain]


def _in_use(replay: Replay) -> Found:
    row, at, value, _ = _plain(replay)
    cap = replay.cap
    steps = np.repeat(np.arange(len(cap.ptr) - 1), np.diff(cap.ptr))
    plain = replay.model.counters.period_s[steps] == 0
    at_steps = cap.value[plain] < replay.free.at(steps[plain], cap.at_s[plain])
    return _count(np.concatenate([value > cap.at(row, at), at_steps]))


def _free(replay: Replay) -> Found:
    """Below zero, free units may fall only at a step down of the capacity."""
    row, at, value, before = _plain(replay)
    cap = replay.cap
    now, earlier = cap.at(row, at), cap.before(row, np.maximum(at, 1))
    is_cut = (at > 0) & (now < earlier) | (at == 0) & (now < replay.model.counters.cap[row])
    return _count((value < 0) & (value < before) & ~is_cut)


def _grants(replay: Replay) -> Found:
    """At the end of the instant of a grant, what it took is free no less than zero."""
    itinerary = replay.itinerary
    granted = np.flatnonzero(itinerary.stage >= 0)
    taken = replay.amounts("need", granted)
    took = taken.amount > 0
    at = itinerary.start_s[taken.row[took]]
    return _count(replay.free.at(taken.counter[took], at) < 0)


def _stocks(replay: Replay) -> Found:
    """By units, and lot by lot: none is loaded before it came."""
    segments, arrivals = replay.segments, replay.arrivals
    loaded = segments.loaded_s[arrivals.segment]
    early = (loaded >= 0) & (loaded < arrivals.since_s)
    return _count(np.concatenate([replay.stocks.value < 0, early]))


def _moves(replay: Replay) -> Found:
    """Each load is from its stage's stock, each unload at its place and off the same carrier."""
    segments, itinerary, model = replay.segments, replay.itinerary, replay.model
    loads = np.flatnonzero(segments.load_row >= 0)
    stage = itinerary.stage[segments.load_row[loads]]
    wrong_stock = model.stages.stock[stage] != segments.stock[loads]
    unloads = np.flatnonzero(segments.unload_row >= 0)
    row = segments.unload_row[unloads]
    place = model.cargo.hop_place[
        model.cargo.hop_ptr[segments.flow[unloads]] + segments.hop[unloads]
    ]
    wrong_place = model.stages.place[itinerary.stage[row]] != place
    wrong_carrier = itinerary.carrier[row] != segments.carrier[unloads]
    moved = int((replay.log.cargo.end - replay.log.cargo.first).sum())
    lost = moved - int(segments.lots[loads].sum() + segments.lots[unloads].sum())
    broken, n = _count(np.concatenate([wrong_stock, wrong_place, wrong_carrier]))
    return broken + abs(lost), n + moved


def _vehicles(replay: Replay) -> Found:
    """After each loading (a swap: when both ways are done), in every dimension that has a limit."""
    model, itinerary = replay.model, replay.itinerary
    swaps = model.stages.swap[itinerary.wanted] > 0
    vehicle = vehicles_asked(model, itinerary)
    rows = np.unique(replay.loads.row)
    over = []
    for v in np.unique(vehicle[rows]):
        mine = rows[vehicle[rows] == v]
        for dim in np.flatnonzero(model.cargo.cap[v] >= 0):
            size = model.cargo.size[v, :, dim]
            aboard = replay.before(size) + replay.loads.units(size, len(vehicle))
            aboard = aboard - np.where(swaps, replay.unloads.units(size, len(vehicle)), 0)
            over.append(aboard[mine] > capacity_at(model, int(v), itinerary.start_s[mine])[:, dim])
    return _count(np.concatenate([np.zeros(0, bool), *over]))


def _lots(replay: Replay) -> Found:
    itinerary = replay.itinerary
    one = np.ones(len(replay.model.cargo.offset_s), np.int64)
    n_row = len(itinerary.trip)
    moved = replay.loads.units(one, n_row) + replay.unloads.units(one, n_row)
    granted = itinerary.stage >= 0
    return _count(moved[granted] != replay.log.visits.lots[itinerary.visit[granted]])


def _fifo(replay: Replay) -> Found:
    """In a FIFO line without classes none is granted before one that joined earlier.

    Who joined in one instant may have done so in different rounds of it.
    """
    itinerary, lines = replay.itinerary, replay.model.lines
    line = itinerary.line
    is_law = (
        (lines.order[line] == Order.FIFO) & (lines.by_class[line] == 0) & (itinerary.stage >= 0)
    )
    rows = np.flatnonzero(is_law)
    columns = (itinerary.start_s, itinerary.key, line)
    rows = rows[np.lexsort([c[rows] for c in columns])]
    start = itinerary.start_s[rows]
    return _count((line[rows][1:] == line[rows][:-1]) & (start[1:] < start[:-1]))


def _meters(replay: Replay) -> Found:
    """On or off at the end of each instant, never twice on; and at a level that allows it."""
    switches, meters = replay.log.switches, replay.model.meters
    twice = (replay.meters.value != 0) & (replay.meters.value != 1)
    on, off = meters.on[switches.meter], meters.off[switches.meter]
    wrong = np.where(switches.on > 0, switches.level < on, switches.level > off)
    return _count(np.concatenate([twice, wrong]))


def _conserved(replay: Replay) -> Found:
    """By flow: delivered + in stock + aboard + not ready + left == all; and as the times say."""
    model = replay.model
    counts = conservation(replay)
    total = np.diff(model.cargo.lot_ptr)
    flow = np.repeat(np.arange(len(total)), total)
    delivered = np.bincount(flow, replay.delivered_s >= 0, len(total)).astype(np.int64)
    last, _ = expand(model.cargo.hop_ptr, np.arange(len(total)))
    has_hops = np.bincount(last, minlength=len(total)) > 0
    lost = counts.sum(axis=1) != total
    lost |= (counts[:, 0] != delivered) & has_hops
    return _count(lost)


def _one_cause(book: Ledger) -> Found:
    """Pieces of a trip touch: no gap, no second twice; from its first joining to its last end."""
    trips, itinerary = book.trips, book.replay.itinerary
    owner, from_s, to_s = trips.owner, trips.from_s, trips.to_s
    same = owner[1:] == owner[:-1]
    apart = (to_s[:-1] != from_s[1:])[same]
    spent = np.bincount(trips.row, to_s - from_s, len(itinerary.trip))
    lasted = np.minimum(itinerary.end_s, book.replay.model.horizon_s) - itinerary.joined_s
    return _count(np.concatenate([to_s <= from_s, apart, spent != lasted]))


def _whole(book: Ledger) -> Found:
    """Of every vehicle that goes round and round: what it does adds up to its life in the run."""
    model, births, trips = book.replay.model, book.replay.log.births, book.trips
    vehicles = np.flatnonzero((model.sources.tokens[births.source] > 0) & (births.k < 0))
    spent = np.bincount(trips.owner, trips.to_s - trips.from_s, len(births.k))[vehicles]
    return _count(spent != model.horizon_s - births.joined_s[vehicles])
