"""trips: every departure of a call, with what it unloaded, loaded and waited for since it came."""

from __future__ import annotations

from typing import Any

import numpy as np

from corridor_sim.history.causes import Cause
from corridor_sim.history.halves import Aboard, Halves
from corridor_sim.history.replay import Replay
from corridor_sim.history.steps import BoolArray
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built
from corridor_sim.primitives import IntArray
from corridor_sim.units import HOUR_S

Rows = list[dict[str, Any]]

WAITS = tuple(c for c in Cause if c not in (Cause.MOVING, Cause.SERVICE))
UNITS = ("teu", "wagon", "truck", "unit")
SHARE = 1
"""The dimension of cargo that is shares of the vehicle."""
NEVER = -1
"""Stands where an instant stands."""


def trip_rows(scenario: Scenario, built: Built, replay: Replay, halves: Halves) -> Rows:
    """One row a ride that departed in the window, sorted by service, call and trip."""
    begin, until, _ = built.window_s
    names, visits = built.model.names, replay.itinerary
    call_of = {ride: call for call in built.meaning.calls for ride in call.rides}
    ride_of = np.array([name in call_of for name in names.stages], bool)
    is_ride = (visits.stage >= 0) & ride_of[visits.wanted]
    row = np.flatnonzero(is_ride & (visits.start_s >= begin) & (visits.start_s < until))
    columns = _instants(built, replay, is_ride, row)
    columns |= _cargo(scenario, built, replay, row, columns)
    first = columns.pop("first")
    for cause in WAITS:
        # waits alone: every second half is a work
        waits = np.append(0, np.cumsum(np.diff(halves.total_s[:, cause])[::2]))
        columns[f"{cause.name.lower()}_h"] = (waits[row + 1] - waits[first]) / HOUR_S
    calls = [call_of[names.stages[stage]] for stage in visits.stage[row]]
    vehicles = [names.vehicles[v] for v in visits.vehicle[row]]
    number = list(columns)
    lists = zip(*(columns[name].tolist() for name in number), strict=True)
    rows: Rows = [
        {"service": call.service, "call": call.node, "to": call.to, "trip": trip}
        | {"vehicle": vehicle.removeprefix(f"{call.service} ")}
        | dict(zip(number, values, strict=True))
        for call, trip, vehicle, values in zip(
            calls, visits.k[row].tolist(), vehicles, lists, strict=True
        )
    ]
    return sorted(rows, key=lambda r: (r["service"], r["call"], r["trip"]))


def _instants(
    built: Built, replay: Replay, is_ride: BoolArray, row: IntArray
) -> dict[str, IntArray]:
    """Seconds from the start, by ride (n,); `first` is the first row since it came to the call."""
    names, visits = built.model.names, replay.itinerary
    n_row = len(visits.stage)
    is_new = np.append(True, visits.carrier[1:] != visits.carrier[:-1])[:n_row]
    after_ride = np.append(False, is_ride[:-1])[:n_row]
    first = _last(is_new | after_ride, row)
    loads = {name for call in built.meaning.calls for name in call.loads}
    is_load = _granted(replay, [name in loads for name in names.stages])
    has_place = (built.model.stages.place >= 0).tolist()
    load, put = _last(is_load, row), _last(_granted(replay, has_place), row)
    has_load, has_put = load >= first, put >= first
    return {
        "first": first,
        "load": np.where(has_load, load, NEVER),
        "arrived_s": np.where(after_ride[first], visits.joined_s[first], NEVER),
        "unload_start_s": np.where(has_put, visits.start_s[put], NEVER),
        "unloaded_s": np.where(has_put, visits.end_s[put], NEVER),
        "load_start_s": np.where(has_load, visits.start_s[load], NEVER),
        "ready_s": np.where(has_load, visits.end_s[load], NEVER),
        "departed_s": visits.start_s[row],
        "arrived_next_s": visits.end_s[row],
    }


def _left_behind(built: Built, replay: Replay, row: IntArray, load: IntArray) -> IntArray:
    """Units in the call's stock just after each loading began (n,): past the cut-off, or no room."""
    names, visits = built.model.names, replay.itinerary
    stock_of = {
        ride: names.stocks.index(f"{call.service}@{call.node}")
        for call in built.meaning.calls
        for ride in call.rides
    }
    stock = np.array([stock_of[names.stages[s]] for s in visits.stage[row]], np.int64)
    begun = np.where(load >= 0, visits.start_s[load], 0)
    return replay.stocks.at(stock * built.model.n_dim, begun)


def _granted(replay: Replay, is_one: list[bool]) -> BoolArray:
    """Rows of the itinerary whose granted stage is one of these (n_row,)."""
    visits = replay.itinerary
    return np.asarray((visits.stage >= 0) & np.array(is_one, bool)[visits.wanted])


def _last(marked: BoolArray, row: IntArray) -> IntArray:
    """The last marked row at or before each given row (n,); NEVER: none."""
    return np.asarray(np.maximum.accumulate(np.where(marked, np.arange(len(marked)), NEVER))[row])


def _cargo(
    scenario: Scenario, built: Built, replay: Replay, row: IntArray, at: dict[str, IntArray]
) -> dict[str, np.ndarray]:
    """Units unloaded and loaded at the call, units on board by kind, and the share filled."""
    segments, cargo, n_row = replay.segments, built.model.cargo, len(replay.itinerary.trip)
    aboard, units, per_lot = Aboard(replay), replay.segment_units, cargo.units_per_lot
    loaded, unloaded = replay.loads.units(per_lot, n_row), replay.unloads.units(per_lot, n_row)
    load, first = at.pop("load"), at["first"]
    unit_of = {f.flow: scenario.demand[f.demand].unit for f in built.meaning.flows}
    kind = np.array([UNITS.index(unit_of[name]) for name in built.model.names.flows], np.int64)
    # over all visits since it came: an evacuation may have broken one off
    total = {
        name: np.append(0, np.cumsum(units))
        for name, units in (("unloaded_units", unloaded), ("loaded_units", loaded))
    }
    out: dict[str, np.ndarray] = {n: units[row + 1] - units[first] for n, units in total.items()}
    out["rolled_units"] = np.where(load >= 0, _left_behind(built, replay, row, load), 0)
    for i, name in enumerate(UNITS):
        on = aboard.units(units * (kind[segments.flow] == i))
        out[f"on_board_{name}{'' if name == 'teu' else 's'}"] = on[row]
    vehicle = np.where(segments.load_row >= 0, replay.itinerary.vehicle[segments.load_row], 0)
    share = np.maximum(cargo.size[vehicle, segments.flow, SHARE], 0)
    cap = cargo.cap[replay.itinerary.vehicle[row], SHARE]
    filled = aboard.units(segments.lots * share)[row]
    out["fill_share"] = np.where(cap > 0, filled / np.where(cap > 0, cap, 1), np.nan)
    return out
