"""anchorage: what vessels emit in ports and before them, apart from the emissions of lots.

An intensity a tonne-km already holds the fuel of usual port calls, so these kilograms are never
added to those of lots: they say what waiting costs, and who waits.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from corridor_sim.history.causes import Cause, causes_of
from corridor_sim.history.ledger import Ledger
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built
from corridor_sim.primitives import IntArray
from corridor_sim.results.emissions import chosen, kg_of
from corridor_sim.units import HOUR_S

Rows = list[dict[str, Any]]

STATES = {
    "under_way_h": (Cause.MOVING,),
    "weather_h": (Cause.WEATHER,),
    "berth_wait_h": (Cause.QUEUE, Cause.YARD, Cause.PATH, Cause.EMBARGO, Cause.CLOSED),
    "alongside_h": (Cause.SERVICE,),
    "cargo_wait_h": (Cause.SAIL_RULE,),
}
"""Column -> causes; all but the first count. A vessel out of service (VEHICLE) is in none."""


def anchorage_rows(scenario: Scenario, built: Built, book: Ledger) -> Rows:
    """One row a service and class of vessels that sailed in the window and has a factor; sorted."""
    hours, (teu, units) = _hours(scenario, built, book), _loaded(scenario, built, book)
    factors = tuple(scenario.emission_factors.values())
    at = {name: i for i, name in enumerate(built.model.names.vehicles)}
    rows: Rows = []
    for service, fleet in sorted((s.id, f) for s in scenario.services.values() for f in s.fleets):
        factor = chosen(factors, "per_vessel_h", "hub", {"services": service, "fleets": fleet})
        v = at[f"{service} {fleet}"]
        if factor is None or scenario.fleets[fleet].kind != "vessel" or not hours[v, 0]:
            continue
        kg = float(hours[v, 1:].sum()) * kg_of(factor)
        is_teu = 0 < units[v] == teu[v]
        rows.append(
            {"service": service, "fleet": fleet, "factor": factor.id, "scope": factor.scope}
            | dict(zip(STATES, hours[v].tolist(), strict=True))
            | {"loaded_units": int(units[v]), "kg_co2e": kg}
            | {"kg_co2e_per_teu": kg / int(teu[v]) if is_teu else float("nan")}
        )
    return rows


def _hours(scenario: Scenario, built: Built, book: Ledger) -> np.ndarray:
    """(n_vehicle, n_state) hours of the window, all vessels of a class together."""
    begin, until, _ = built.window_s
    pieces, itinerary = book.trips, book.replay.itinerary
    cause = causes_of(scenario, book.labels)[pieces.label]
    state = np.full(len(Cause), len(STATES))
    for i, causes in enumerate(STATES.values()):
        state[list(causes)] = i
    lasts_s = np.minimum(pieces.to_s, until) - np.maximum(pieces.from_s, begin)
    key = itinerary.vehicle[pieces.row] * (len(STATES) + 1) + state[cause]
    n_vehicle = len(built.model.names.vehicles)
    sums = np.bincount(key, np.maximum(lasts_s, 0), n_vehicle * (len(STATES) + 1))
    return np.asarray(sums.reshape(n_vehicle, -1)[:, : len(STATES)] / HOUR_S)


def _loaded(scenario: Scenario, built: Built, book: Ledger) -> tuple[IntArray, IntArray]:
    """TEU, and units of all kinds, loaded in the window by class of vehicle (n_vehicle,)."""
    begin, until, _ = built.window_s
    names, segments, itinerary = built.model.names, book.replay.segments, book.replay.itinerary
    inside = (segments.load_row >= 0) & (segments.loaded_s >= begin) & (segments.loaded_s < until)
    mine = np.flatnonzero(inside)
    unit_of = {f.flow: scenario.demand[f.demand].unit for f in built.meaning.flows}
    is_teu = np.array([unit_of[name] == "teu" for name in names.flows], bool)[segments.flow[mine]]
    vehicle = itinerary.vehicle[segments.load_row[mine]]
    units, n = book.replay.segment_units[mine], len(names.vehicles)
    teu, all_units = (np.bincount(vehicle, u, n).astype(np.int64) for u in (units * is_teu, units))
    return teu, all_units
