"""node_dwell: hours of lots between arrival at a node and departure from it, and what they were.

A stay begins when a lot becomes ready at its origin, or when the ride (or the border post before)
that brought it ends; it ends when the next ride begins, at another node's facility, or when the lot
is delivered. Waiting in a yard, in a desk and aboard a vehicle that has not left are one stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from corridor_sim.history.causes import Cause
from corridor_sim.history.halves import ON_THE_WAY, Halves, Places, StockClock
from corridor_sim.history.ledger import stock_until
from corridor_sim.history.replay import Replay
from corridor_sim.history.segments import State
from corridor_sim.history.steps import BoolArray, expand
from corridor_sim.history.weighted import summed_up
from corridor_sim.inputs.schema import Demand, Scenario
from corridor_sim.model.compile import Built
from corridor_sim.primitives import IntArray

Rows = list[dict[str, Any]]

QUANTILES = (50, 90, 95)
IN_STOCK = -1
"""Stands where a half stands: this part of a stay is a wait in a stock."""


class Parts(NamedTuple):
    """What stays are made of (n_part,), in order of (block, time): a stock, or halves of a trip."""

    segment: IntArray
    first: IntArray
    """First half; IN_STOCK."""
    end: IntArray
    """Half after the last; IN_STOCK."""
    node: IntArray
    from_s: IntArray
    to_s: IntArray


@dataclass(frozen=True)
class Stays:
    """Stays of lots that were together (n,): those of a block, or of equal ready times.

    `stay` numbers those of blocks: a stay at the origin is one number with a row a ready time.
    """

    stay: IntArray
    node: IntArray
    flow: IntArray
    units: IntArray
    from_s: IntArray
    to_s: IntArray
    delivered_s: IntArray
    """-1: not before the horizon."""
    is_over: BoolArray
    """False: still there at the horizon."""
    parts: Parts
    of_part: IntArray
    """(n_part,) the stay that a part belongs to."""


def parts_of(replay: Replay, halves: Halves, places: Places) -> Parts:
    """Every stock and every run of halves at one node that a block passed, rides included."""
    segments, itinerary = replay.segments, replay.itinerary
    waits = np.flatnonzero((segments.stock >= 0) & (segments.state != State.NOT_READY))
    none = np.full(len(waits), IN_STOCK)
    until = stock_until(replay)[waits]
    stock = Parts(
        waits, none, none, places.stock[segments.stock[waits]], segments.since_s[waits], until
    )
    rides = np.flatnonzero(segments.loaded_s >= 0)
    carrier = segments.carrier[rides]
    a, b = 2 * segments.load_row[rides] + 1, 2 * segments.unload_row[rides] + 2
    born, still = np.flatnonzero(a < 0), np.flatnonzero(b <= 0)
    a[born] = 2 * np.searchsorted(itinerary.carrier, carrier[born])
    b[still] = 2 * np.searchsorted(itinerary.carrier, carrier[still], side="right")
    begins = _run_begins(halves, itinerary.carrier)
    run, number = np.flatnonzero(begins), np.cumsum(begins) - 1
    which, entry = expand(number[a], np.arange(len(rides)), number[b - 1] + 1)
    first = np.maximum(run[entry], a[which])
    end = np.minimum(np.append(run, len(halves.node))[entry + 1], b[which])
    moved = Parts(
        rides[which], first, end, halves.node[first], halves.from_s[first], halves.to_s[end - 1]
    )
    both = Parts(*(np.append(x, y) for x, y in zip(stock, moved, strict=True)))
    order = np.argsort(2 * both.segment + (both.first >= 0), kind="stable")
    return Parts(*(column[order] for column in both))


def _run_begins(halves: Halves, carrier: IntArray) -> BoolArray:
    """Whether a run of halves of one carrier at one node begins with each half (n_half,)."""
    owner = np.repeat(carrier, 2)
    begins = np.ones(len(owner), bool)
    begins[1:] = (owner[1:] != owner[:-1]) | (halves.node[1:] != halves.node[:-1])
    return begins


def stays_of(replay: Replay, parts: Parts) -> Stays:
    """Join parts of one block at one node; the origin's stock is told apart by ready times."""
    segments, arrivals = replay.segments, replay.arrivals
    block = segments.block[parts.segment]
    begins = np.ones(len(block), bool)
    begins[1:] = (block[1:] != block[:-1]) | (parts.node[1:] != parts.node[:-1])
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(block))[: len(first)] - 1
    segment, to_s = parts.segment[first], parts.to_s[last]
    at_origin = (parts.first[first] == IN_STOCK) & (segments.hop[segment] == 0)
    n_first = int(np.count_nonzero(segments.hop[arrivals.segment] == 0))
    entered = arrivals.segment[:n_first]  # arrivals at first hops stand first, sorted
    low = np.searchsorted(entered, segment[at_origin])
    high = np.searchsorted(entered, segment[at_origin], side="right")
    which, entry = expand(low, np.arange(len(low)), high)
    there, later = np.flatnonzero(at_origin)[which], np.flatnonzero(~at_origin)
    stay = np.append(there, later)
    keep = parts.node[first][stay] != ON_THE_WAY
    since = np.append(arrivals.since_s[entry], parts.from_s[first[later]])
    units = np.append(replay.arrival_units[entry], replay.segment_units[segment[later]])
    stay, since, units = stay[keep], since[keep], units[keep]
    return Stays(
        stay=stay,
        node=parts.node[first][stay],
        flow=segments.flow[segment[stay]],
        units=units,
        from_s=since,
        to_s=to_s[stay],
        delivered_s=replay.delivered_s[segments.first[segment[stay]]],
        is_over=to_s[stay] < replay.model.horizon_s,
        parts=parts,
        of_part=np.cumsum(begins) - 1,
    )


def dwell_rows(
    scenario: Scenario,
    built: Built,
    replay: Replay,
    halves: Halves,
    places: Places,
    clock: StockClock,
    stays: Stays | None = None,
) -> Rows:
    """One row a node, direction and demand row (`all`: of all), of stays that began in the window.

    stays: of this replay, where they are known already.
    """
    begin, until, _ = built.window_s
    stays = stays or stays_of(replay, parts_of(replay, halves, places))
    cohort = (stays.from_s >= begin) & (stays.from_s < until)
    demand = _demand_of(scenario, built)
    ods = sorted({row.id for row in demand})
    ways = sorted({row.direction for row in demand})
    od = np.array([ods.index(row.id) for row in demand], np.int64)[stays.flow]
    way_of = np.array([ways.index(scenario.demand[name].direction) for name in ods], np.int64)
    n_node, n_od, n_way = len(places.nodes), len(ods), len(ways)
    group = stays.node * n_od + od
    seconds = cause_seconds(replay, stays, halves, clock, cohort, group, n_node * n_od)
    columns = _columns(stays, cohort, group, n_node * n_od, is_od=True)
    rows = [
        {"node": node, "direction": ways[way_of[i]], "od": ods[i]} | values
        for node, i, values in _rows(places.nodes, n_od, columns, seconds)
    ]
    by_node = seconds.reshape(len(Cause), n_node, n_od)
    sums = [by_node[:, :, way_of == way].sum(axis=2) for way in range(n_way)]
    whole = np.stack(sums, axis=2).reshape(len(Cause), -1) if sums else seconds
    group = stays.node * n_way + way_of[od]
    columns = _columns(stays, cohort, group, n_node * n_way, is_od=False)
    rows += [
        {"node": node, "direction": ways[i], "od": "all"} | values
        for node, i, values in _rows(places.nodes, n_way, columns, whole)
    ]
    return sorted(rows, key=lambda r: (r["node"], r["direction"], r["od"] != "all", r["od"]))


def _rows(
    nodes: tuple[str, ...], n: int, columns: dict[str, np.ndarray], seconds: np.ndarray
) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Node, number within it, and the values of each group that some lot came to."""
    for g in np.flatnonzero(columns["n"]).tolist():
        mine = seconds[:, g]
        shares = mine / mine.sum() if mine.any() else mine
        values = {name: column[g].item() for name, column in columns.items()}
        named = {f"{c.name.lower()}_share": shares[c].item() for c in SHARES}
        yield nodes[g // n], g % n, values | named


SHARES = tuple(c for c in Cause if c != Cause.MOVING)
"""Nobody stays while moving."""


def _demand_of(scenario: Scenario, built: Built) -> list[Demand]:
    """Demand row of each flow number."""
    row_of = {f.flow: f.demand for f in built.meaning.flows}
    return [scenario.demand[row_of[name]] for name in built.model.names.flows]


def _columns(
    stays: Stays, cohort: BoolArray, group: IntArray, n_group: int, is_od: bool
) -> dict[str, np.ndarray]:
    """n, mean and quantiles of stays, and of the time from arrival here to delivery (of an OD)."""
    lasts = np.where(stays.is_over, stays.to_s - stays.from_s, -1)
    onward = np.where(stays.delivered_s >= 0, stays.delivered_s - stays.from_s, -1)
    units, mine = stays.units[cohort], group[cohort]
    stay = summed_up(mine, lasts[cohort], units, n_group, QUANTILES)
    out: dict[str, np.ndarray] = {"n": stay.n, "mean_h": stay.mean_h}
    out |= {f"p{q}_h": stay.quantile_h[q] for q in QUANTILES}
    none = np.full(n_group, np.nan)
    if not is_od:
        return out | {"onward_p50_h": none, "onward_p90_h": none}
    rest = summed_up(mine, onward[cohort], units, n_group, (50, 90))
    return out | {f"onward_p{q}_h": rest.quantile_h[q] for q in (50, 90)}


def cause_seconds(
    replay: Replay,
    stays: Stays,
    halves: Halves,
    clock: StockClock,
    cohort: BoolArray,
    group: IntArray,
    n_group: int,
) -> np.ndarray:
    """Unit-seconds of the cohort by cause and group (n_cause, n_group)."""
    parts, n_stay = stays.parts, int(stays.of_part.max(initial=-1)) + 1
    group_of = np.zeros(n_stay, np.int64)
    group_of[stays.stay] = group
    of_part = group_of[stays.of_part]
    units = np.bincount(stays.stay[cohort], stays.units[cohort], n_stay)[stays.of_part]
    aboard = np.flatnonzero((parts.first != IN_STOCK) & (units > 0))
    marks = _stock_marks(replay, stays, units, cohort, group)
    pieces = [(mark, clock.find(mark.stock, mark.at_s)) for mark in marks]
    out = np.zeros((len(Cause), n_group))
    for cause in SHARES:
        seconds = halves.seconds(parts.first[aboard], parts.end[aboard], cause)
        out[cause] = np.bincount(of_part[aboard], seconds * units[aboard], n_group)
        for mark, piece in pieces:
            until = clock.until(piece, mark.at_s, cause)
            out[cause] += np.bincount(mark.group, until * mark.units, n_group)
    return out


class _Marks(NamedTuple):
    """Beginnings (units < 0) or ends of waits in stocks (n,)."""

    group: IntArray
    stock: IntArray
    at_s: IntArray
    units: np.ndarray


def _stock_marks(
    replay: Replay, stays: Stays, units: np.ndarray, cohort: BoolArray, group: IntArray
) -> list[_Marks]:
    """Ends of all waits; beginnings of those after an arrival by a ride; ready times at origins."""
    parts, segments = stays.parts, replay.segments
    stock = segments.stock[parts.segment]
    waits = np.flatnonzero((parts.first == IN_STOCK) & (units > 0))
    is_origin = segments.hop[parts.segment] == 0
    later = waits[~is_origin[waits]]
    n_stay = int(stays.of_part.max(initial=-1)) + 1
    group_of = np.zeros(n_stay, np.int64)
    group_of[stays.stay] = group
    stock_of = np.full(n_stay, -1, np.int64)
    first = waits[is_origin[waits]]
    stock_of[stays.of_part[first]] = stock[first]
    ready = np.flatnonzero(cohort & (stock_of[stays.stay] >= 0))
    of_part = group_of[stays.of_part]
    return [
        _Marks(of_part[waits], stock[waits], parts.to_s[waits], units[waits]),
        _Marks(of_part[later], stock[later], parts.from_s[later], -units[later]),
        _Marks(group[ready], stock_of[stays.stay[ready]], stays.from_s[ready], -stays.units[ready]),
    ]
