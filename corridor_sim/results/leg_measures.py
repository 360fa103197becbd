"""leg_kpi: what ran over each leg in each direction, from the rides that began in the window.

A ride is one stage over all legs between two calls, so the log knows what it carried, when it began
and how long it took, but not when it passed from leg to leg. Hours on one leg are therefore given
only where some rides run over that leg alone; speed is that of whole rides, and a path is counted
on the day on which its ride begins (that is when the engine takes it).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from corridor_sim.history.halves import Aboard
from corridor_sim.history.ledger import Ledger
from corridor_sim.history.replay import Replay
from corridor_sim.history.steps import expand
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built
from corridor_sim.model.meaning import Meaning
from corridor_sim.primitives import IntArray
from corridor_sim.units import DAY_S, HOUR_S

Rows = list[dict[str, Any]]
KG = 2
"""The dimension of cargo that is kilograms."""
Passage = tuple[str, str, str]
"""Leg, from node, to node."""


class _Rides(NamedTuple):
    """Rides that began in the window: their rows, and each passage of a leg by one of them."""

    row: IntArray
    """(n_ride,) row of the itinerary."""
    hours: np.ndarray
    """(n_ride,)"""
    ride: IntArray
    """(n_passage,) which ride."""
    passage: IntArray
    """(n_passage,) which leg and direction."""


def leg_rows(scenario: Scenario, built: Built, replay: Replay, book: Ledger) -> Rows:
    """One row a leg and direction that some service runs over, sorted."""
    passages = sorted({hop for way in built.meaning.ways.values() for hop in way})
    if not passages:
        return []
    ptr, values = _stage_passages(built, passages)
    rides = _rides(built, replay, ptr, values)
    columns = _loads(scenario, built, replay, rides, len(passages))
    columns |= _running(scenario, passages, ptr, replay, rides)
    columns |= _paths(scenario, built, passages, rides, replay)
    columns["path_wait_h"] = _path_waits(built, book, passages, ptr, values, rides)
    ways = _directions(scenario, built.meaning)
    return [
        {
            "leg": leg,
            "from_node": a,
            "to_node": b,
            "direction": "both" if len(ways[leg, a, b]) > 1 else "".join(ways[leg, a, b]),
            "mode": scenario.legs[leg].mode,
        }
        | {name: values[i].item() for name, values in columns.items()}
        for i, (leg, a, b) in enumerate(passages)
    ]


def _stage_passages(built: Built, passages: list[Passage]) -> tuple[IntArray, IntArray]:
    """CSR by stage: the passages of its ride."""
    number = {hop: i for i, hop in enumerate(passages)}
    lists = [[number[h] for h in built.meaning.ways.get(s, ())] for s in built.model.names.stages]
    ptr = np.cumsum([0, *(len(x) for x in lists)]).astype(np.int64)
    return ptr, np.array([i for x in lists for i in x], np.int64)


def _rides(built: Built, replay: Replay, ptr: IntArray, values: IntArray) -> _Rides:
    begin, until, _ = built.window_s
    visits = replay.itinerary
    known = np.maximum(visits.stage, 0)
    is_ride = (visits.stage >= 0) & (ptr[known + 1] > ptr[known])
    row = np.flatnonzero(is_ride & (visits.start_s >= begin) & (visits.start_s < until))
    which, entry = expand(ptr, visits.stage[row])
    hours = (visits.end_s[row] - visits.start_s[row]) / HOUR_S
    return _Rides(row, hours, which, values[entry])


def _loads(
    scenario: Scenario, built: Built, replay: Replay, rides: _Rides, n: int
) -> dict[str, np.ndarray]:
    """Trips and what they carried, by passage (n,)."""
    segments, cargo, aboard = replay.segments, built.model.cargo, Aboard(replay)
    per_lot = cargo.units_per_lot
    rows = [scenario.demand[f.demand] for f in built.meaning.flows]
    index = [built.model.names.flows.index(f.flow) for f in built.meaning.flows]
    laden = np.zeros(len(built.model.names.flows), np.int64)
    laden[index] = [row.laden for row in rows]
    unit = np.full(len(laden), "", object)
    unit[index] = [row.unit for row in rows]

    def carried(size: IntArray) -> IntArray:
        on = aboard.units(segments.lots * size[segments.flow])[rides.row][rides.ride]
        return np.bincount(rides.passage, on, n).astype(np.int64)

    on = aboard.units(replay.segment_units)[rides.row][rides.ride]
    total, full = np.bincount(rides.passage, on, n).astype(np.int64), carried(laden * per_lot)
    return {
        "trips": np.bincount(rides.passage, minlength=n),
        "empty_trips": np.bincount(rides.passage[on == 0], minlength=n),
        "laden_units": full,
        "empty_units": total - full,
        "cargo_teu": carried((unit == "teu") * per_lot),
        "cargo_wagons": carried((unit == "wagon") * per_lot),
        "cargo_trucks": carried((unit == "truck") * per_lot),
        "cargo_t": carried(cargo.size[0, :, KG]) / 1000,
    }


def _running(
    scenario: Scenario, passages: list[Passage], ptr: IntArray, replay: Replay, rides: _Rides
) -> dict[str, np.ndarray]:
    """Hours of rides over one leg alone, and the speed of whole rides, by passage."""
    n = len(passages)
    km = np.array([scenario.legs[leg].length_km for leg, _, _ in passages])
    n_leg = np.diff(ptr)[replay.itinerary.stage[rides.row]]
    way_km = np.bincount(rides.ride, km[rides.passage], len(rides.row))
    total_km = np.bincount(rides.passage, way_km[rides.ride], n)
    total_h = np.bincount(rides.passage, rides.hours[rides.ride], n)
    alone = n_leg[rides.ride] == 1
    mean, p90 = np.full(n, np.nan), np.full(n, np.nan)
    for i in np.unique(rides.passage[alone]):
        hours = rides.hours[rides.ride[alone & (rides.passage == i)]]
        mean[i], p90[i] = hours.mean(), np.quantile(hours, 0.9)
    speed = np.divide(total_km, total_h, out=np.full(n, np.nan), where=total_h > 0)
    return {"run_mean_h": mean, "run_p90_h": p90, "speed_kmh": speed}


def _paths(
    scenario: Scenario, built: Built, passages: list[Passage], rides: _Rides, replay: Replay
) -> dict[str, np.ndarray]:
    """Paths used a day and their share of those left for these trains, by passage."""
    begin, until, _ = built.window_s
    n, n_day = len(passages), -(-until // DAY_S)
    day = replay.itinerary.start_s[rides.row] // DAY_S
    used = np.bincount(rides.passage * n_day + day[rides.ride], minlength=n * n_day)
    mean = used.reshape(n, n_day).sum(axis=1) / ((until - begin) / DAY_S)
    names = built.model.names.counters
    at = {name: i for i, name in enumerate(names) if name.startswith("paths ")}
    left = np.array(
        [
            built.model.counters.cap[at[name]] if name in at else np.nan
            for name in (f"paths {leg} {a}>{b}" for leg, a, b in passages)
        ]
    )
    share = np.divide(mean, left, out=np.full(n, np.nan), where=left > 0)
    return {
        "paths_mean_per_day": np.where(np.isnan(left), np.nan, mean),
        "paths_max_per_day": np.where(np.isnan(left), np.nan, used.reshape(n, n_day).max(axis=1)),
        "paths_used_share": share,
    }


def _path_waits(
    built: Built,
    book: Ledger,
    passages: list[Passage],
    ptr: IntArray,
    values: IntArray,
    rides: _Rides,
) -> np.ndarray:
    """Trip-hours that rides of the window waited for a path on this leg (n_passage,)."""
    itinerary, pieces = book.replay.itinerary, book.trips
    labels = {name: i for i, name in enumerate(book.labels)}
    label = np.array([labels.get(f"wait:paths {leg}", -1) for leg, _, _ in passages])
    in_window = np.zeros(len(itinerary.trip), bool)
    in_window[rides.row] = True
    row, missed = pieces.row, pieces.label
    mine = np.flatnonzero(in_window[row] & np.isin(missed, label[label >= 0]))
    which, entry = expand(ptr, itinerary.stage[row[mine]])
    fits = label[values[entry]] == missed[mine][which]
    seconds = (pieces.to_s - pieces.from_s)[mine][which][fits]
    return np.bincount(values[entry][fits], seconds, len(passages)) / HOUR_S


def _directions(scenario: Scenario, meaning: Meaning) -> dict[Passage, list[str]]:
    """The directions of the demand rows that ride over each passage, sorted."""
    found: dict[Passage, set[str]] = {h: set() for way in meaning.ways.values() for h in way}
    to = {(call.service, call.node): call.to for call in meaning.calls}
    ride_of = {(call.service, call.node): call.rides[0] for call in meaning.calls}
    for flow in meaning.flows:
        for ride in flow.rides:
            at = ride.start
            while at != ride.end:
                for hop in meaning.ways[ride_of[ride.service, at]]:
                    found[hop].add(scenario.demand[flow.demand].direction)
                at = to[ride.service, at]
    return {hop: sorted(ways) for hop, ways in found.items()}
