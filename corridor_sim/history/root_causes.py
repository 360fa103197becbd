"""Root causes: waits followed through those who held what was missing, to where it began.

Lots wait for a ferry because the ferries wait for a berth, and the berth is held by one that waits
for cargo: their hours belong to the cargo. For each cause that is a shared thing (servers, berths,
locomotives, vehicles, places of a yard) it is asked what its holders did while none was free: in
the same proportions its hours are handed on to what they waited for, and from there again. What its
holders spent on work and on the move stays with it: there is too little of it, or it is too slow.

SIMPLIFIED: hours are handed on by the mean behaviour of all holders while none was free, not holder
by holder; of vehicles while lots lacked one; of yards by the lots that lie in them. See
docs/assumptions.md#root-causes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corridor_sim.history.conditions import Part, below
from corridor_sim.history.ledger import Ledger
from corridor_sim.history.open_time import unit_s
from corridor_sim.history.steps import Parts, Spans, cut, spans_from, true_spans
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built
from corridor_sim.primitives import IntArray
from corridor_sim.terms import Amount


def root_hours(direct_h: np.ndarray, held_s: np.ndarray, is_work: np.ndarray) -> np.ndarray:
    """Hours of waiting by where they began; their sum is that of the hours waited.

    Formula: hours of a cause, and those handed on to it, x share of its holders' time spent on work
        and movement; the rest is handed on to what its holders waited for, in the same proportions.
        Holders: trips that hold a server, berth, track or locomotive while none is free, vehicles of
        a service while lots lack one, lots in a yard. What nobody holds (weather, opening hours,
        timetables, cargo that has not come, paths) keeps its hours
    Unit: unit-hours
    Columns: bottlenecks.root_unit_h
    Source: own definition; absorbing Markov chain: Kemeny and Snell 1960, Finite Markov Chains

    Parameters
    ----------
    direct_h    (n,) hours waited by label
    held_s      (n, n) seconds that the holders of a label's thing spent under each label; a row
                without any: nobody holds it, its hours stay
    is_work     (n,) labels of work and movement: they keep the hours where they are

    Half of the time in which lots lack a vehicle (0), vehicles wait for a berth (1); a third of the
    time in which berths are taken, their vessels wait for cargo (2).

    >>> held = np.array([[0, 3, 0, 3], [0, 0, 1, 2], [0, 0, 0, 0], [0, 0, 0, 0]])
    >>> root_hours(np.array([12.0, 0, 0, 0]), held, np.array([False, False, False, True])).tolist()
    [6.0, 4.0, 2.0, 0.0]
    """
    # most labels of a model never occur
    used = np.flatnonzero((direct_h != 0) | held_s.any(axis=0) | held_s.any(axis=1))
    held, n = held_s[np.ix_(used, used)], len(used)
    total = held.sum(axis=1)[:, None]
    share = np.divide(held, total, out=np.zeros((n, n)), where=total > 0)
    share[:, is_work[used]] = 0.0
    np.fill_diagonal(share, 0.0)
    # in a gridlock all hours would go round for ever: a billionth stays where it is
    share *= 1 - 1e-9
    passed = np.linalg.solve(np.eye(n) - share.T, direct_h[used])
    root = np.zeros(len(direct_h))
    root[used] = passed * (1 - share.sum(axis=1))
    return root


class _Held(NamedTuple):
    """Who held, of what which label is about, and when; each (n,)."""

    label: IntArray
    carrier: IntArray
    from_s: IntArray
    to_s: IntArray


def holders_s(scenario: Scenario, built: Built, book: Ledger, asked: IntArray) -> np.ndarray:
    """Seconds by label of those who held what each asked label is about (n_label, n_label)."""
    n_label, trips = len(built.model.names.labels), book.trips
    found = np.zeros((n_label, n_label))
    ptr = np.searchsorted(trips.owner, np.arange(len(book.replay.log.births.k) + 1))
    spans = Spans(ptr, trips.from_s, trips.to_s, trips.label, built.model.horizon_s + 1)
    for held in (_of_counters(built, book, asked), _of_vehicles(built, book, asked)):
        parts = Parts(np.arange(len(held.label)), held.from_s, held.to_s)
        pieces = cut(parts, held.carrier, spans)
        lasts = pieces.covered.to_s - pieces.covered.from_s
        np.add.at(found, (held.label[pieces.covered.owner], spans.label[pieces.span]), lasts)
    _add_yards(scenario, built, book, asked, found)
    return found


def _of_counters(built: Built, book: Ledger, asked: IntArray) -> _Held:
    """From taking one of a thing to putting it back, while none of it was free."""
    model, replay, visits = built.model, book.replay, book.replay.itinerary
    is_asked = np.isin(model.counters.cause, asked) & (model.counters.period_s == 0)
    events = []
    for kind, sign in (("need", 1), ("start", -1), ("end", -1)):
        ptr, counter = (getattr(model.stages, f"{kind}_{c}") for c in ("ptr", "counter"))
        of_stage = np.repeat(np.arange(len(ptr) - 1), np.diff(ptr))
        stages = np.unique(of_stage[is_asked[counter]])
        rows = np.flatnonzero((visits.stage >= 0) & np.isin(visits.stage, stages))
        moved = replay.amounts(kind, rows)
        mine = is_asked[moved.counter] & (moved.kind == Amount.CONSTANT)
        at = (visits.end_s if kind == "end" else visits.start_s)[moved.row[mine]]
        carrier = visits.carrier[moved.row[mine]]
        events.append((carrier, moved.counter[mine], at + moved.lag_s[mine], sign * moved.n[mine]))
    carrier, counter, at, change = (np.concatenate(c) for c in zip(*events, strict=True))
    order = np.lexsort((at, counter, carrier))
    carrier, counter, at, change = (c[order] for c in (carrier, counter, at, change))
    same = (carrier[1:] == carrier[:-1]) & (counter[1:] == counter[:-1])
    until = np.append(np.where(same, at[1:], model.horizon_s), model.horizon_s)[: len(at)]
    total = np.cumsum(change)
    first = np.flatnonzero(np.append(True, ~same)[: len(at)])
    before = np.repeat(total[first] - change[first], np.diff(np.append(first, len(at))))
    holds = np.flatnonzero((total > before) & (until > at))
    return _while_none(built, book, counter[holds], carrier[holds], at[holds], until[holds])


def _while_none(
    built: Built, book: Ledger, counter: IntArray, carrier: IntArray, a: IntArray, b: IntArray
) -> _Held:
    model = built.model
    spans, row = below(book.replay.free, counter, np.ones_like(counter), model.horizon_s + 1)
    pieces = cut(Parts(np.arange(len(counter)), a, np.minimum(b, model.horizon_s)), row, spans)
    at = pieces.covered.owner
    label = model.counters.cause[counter[at]]
    return _Held(label, carrier[at], pieces.covered.from_s, pieces.covered.to_s)


def _of_vehicles(built: Built, book: Ledger, asked: IntArray) -> _Held:
    """All vehicles of a service while lots lay in one of its stocks and none was there to load."""
    model, replay, pieces = built.model, book.replay, book.stocks
    here = np.flatnonzero((pieces.part == Part.NO_VEHICLE) & np.isin(pieces.label, asked))
    names, births = model.names, replay.log.births
    cycles = (model.sources.tokens[births.source] > 0) & (births.k < 0)
    service = np.array([name.split()[0] for name in names.vehicles], object)[births.vehicle]
    found = [np.zeros((4, 0), np.int64)]
    for stock in np.unique(pieces.owner[here]).tolist():
        lacks = here[pieces.owner[here] == stock]
        mine = _while_lots_lie(book, stock, pieces.from_s[lacks], pieces.to_s[lacks])
        vehicles = np.flatnonzero(cycles & (service == names.stocks[stock].split("@")[0]))
        n, k = len(mine.owner), len(vehicles)
        label = np.full(n * k, model.stocks.no_vehicle[stock])
        when = (np.repeat(t, k) for t in (mine.from_s, mine.to_s))
        found.append(np.stack([label, np.tile(vehicles, n), *when]))
    return _Held(*np.concatenate(found, axis=1))


def _while_lots_lie(book: Ledger, stock: int, from_s: IntArray, to_s: IntArray) -> Parts:
    """The parts of some times (n,) in which there was anything in a stock."""
    at_s, units = book.replay.stocks.row(stock * book.replay.model.n_dim)
    width = book.replay.model.horizon_s + 1
    spans = spans_from([true_spans(at_s, units > 0, width)], width)
    return cut(Parts(np.arange(len(from_s)), from_s, to_s), np.zeros_like(from_s), spans).covered


def _add_yards(
    scenario: Scenario, built: Built, book: Ledger, asked: IntArray, found: np.ndarray
) -> None:
    """Unit-seconds of lots in the stocks that a yard holds, by what they wait for."""
    model, pieces = built.model, book.stocks
    owner, label, from_s, to_s = pieces.owner, pieces.label, pieces.from_s, pieces.to_s
    for call in scenario.calls.values():
        stock, yard = f"{call.service}@{call.node}", call.load_yard
        if yard is None or stock not in model.names.stocks or yard not in model.names.counters:
            continue
        cause = int(model.counters.cause[model.names.counters.index(yard)])
        at = model.names.stocks.index(stock)
        if cause in asked:
            mine = np.flatnonzero(owner == at)
            lie = unit_s(book.replay.stocks, at * model.n_dim, from_s[mine], to_s[mine])
            found[cause] += np.bincount(label[mine], lie, len(found))
