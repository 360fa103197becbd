"""emissions: CO2e of the lots delivered in the window, by route and emission factor.

As in ISO 14083 and the GLEC framework (v3): activity x factor, summed over the elements of each
transport chain. The activity of a ride is tonnes x km over its legs, of a hub the containers that
pass it. Default intensities hold average load and empty running: an empty lot is no freight, its
rides have no activity, and nothing is multiplied by an empty factor (docs/assumptions.md#emissions).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from corridor_sim.history.replay import Replay
from corridor_sim.inputs.emission_factor import EmissionFactor
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built
from corridor_sim.model.meaning import FlowMeaning, Ride
from corridor_sim.primitives import IntArray

Rows = list[dict[str, Any]]
FloatArray = npt.NDArray[np.float64]

MODES = ("rail", "sea", "road")
SELECTORS = ("fleets", "services", "legs", "nodes")
"""What a factor may name; where several factors fit, one that names the first of these counts."""
G_PER_KG = 1000.0


class Column(NamedTuple):
    """One kind of activity: of a factor, or of a mode where no factor fits (`factor` None)."""

    mode: str
    factor: EmissionFactor | None

    @property
    def kg(self) -> float:
        """kg CO2e (WTW) per tonne-km or per TEU; NaN without a factor."""
        return float("nan") if self.factor is None else kg_of(self.factor)


class Activity(NamedTuple):
    """What lots delivered in the window did; flows as in `Meaning.flows`."""

    units: IntArray
    """(n_flow,) units delivered"""
    columns: tuple[Column, ...]
    amount: FloatArray
    """(n_flow, n_column) tonne-km, or TEU at hubs"""

    @property
    def t_km(self) -> FloatArray:
        """(n_flow, n_column) tonne-km; 0 at hubs."""
        is_ride = np.array([c.mode != "hub" for c in self.columns], bool)
        return np.where(is_ride, self.amount, 0.0)


def kg_of(factor: EmissionFactor) -> float:
    """Kilograms of CO2e, well to wheel, per unit of the basis."""
    return factor.value / (G_PER_KG if factor.unit == "g" else 1.0) * (factor.wtw_factor or 1.0)


def emitted_kg(amount: npt.ArrayLike, kg: npt.ArrayLike) -> FloatArray:
    """CO2e by flow and factor: amount x factor.

    Parameters
    ----------
    amount    (n_flow, n_factor), tonne-km or TEU
    kg        (n_factor,), kg CO2e (WTW) per tonne-km or TEU

    Returns
    -------
    (n_flow, n_factor) float64, kg CO2e

    One FEU (2 TEU) with 28 t of cargo, 3 000 km by rail at 25 g, 468 km by sea at 25 g, and three
    hubs at 8 kg a TEU:

    ============================================  ==========
    28 t x 3 000 km = 84 000 t-km x 0.025 kg      2 100.0 kg
    28 t x 468 km = 13 104 t-km x 0.025 kg          327.6 kg
    3 hubs x 2 TEU = 6 TEU x 8 kg                    48.0 kg
    one FEU                                       2 475.6 kg
    ============================================  ==========

    2 475.6 kg / 97 104 t-km are 25.5 g a tonne-km.

    >>> parts = emitted_kg([[84_000, 13_104, 6]], [0.025, 0.025, 8])
    >>> parts.round(1).tolist(), round(parts.sum().item(), 1)
    ([[2100.0, 327.6, 48.0]], 2475.6)
    """
    return np.multiply(np.asarray(amount, np.float64), np.asarray(kg, np.float64))


def chosen(
    factors: Iterable[EmissionFactor], basis: str, mode: str, at: dict[str, str]
) -> EmissionFactor | None:
    """The factor that counts, of those that fit; None: none fits.

    at: selector (`legs`, ...) -> the id that is asked for; a factor that names others does not fit.
    """

    def fits(factor: EmissionFactor) -> bool:
        named = ((at.get(name), getattr(factor, name)) for name in SELECTORS)
        return all(not ids or asked in ids for asked, ids in named)

    fitting = [f for f in factors if f.basis == basis and f.mode == mode and fits(f)]
    return max(fitting, key=rank, default=None)


def rank(factor: EmissionFactor) -> tuple[bool, ...]:
    """Which selectors it names; the larger counts. Two of one rank may not fit one place."""
    return tuple(bool(getattr(factor, name)) for name in SELECTORS)


class _Ridden(NamedTuple):
    """Lots of a flow delivered in the window that took a ride on vehicles of one fleet."""

    flow: int
    ride: Ride
    fleet: str
    units: int


def activity_of(scenario: Scenario, built: Built, replay: Replay) -> Activity:
    """Tonne-km and TEU by flow and factor: units are counted by numpy, rides and legs by name."""
    flows = built.meaning.flows
    counted = _counted(built, replay)
    ptr = built.model.cargo.lot_ptr
    index = [built.model.names.flows.index(flow.flow) for flow in flows]
    units = np.diff(counted[ptr])[index]
    parts = [*_transport(scenario, built, replay, counted), *_hubs(scenario, flows, units)]
    columns = _columns(scenario)
    at = {column: i for i, column in enumerate(_key(c) for c in columns)}
    amount = np.zeros((len(flows), len(columns)))
    for flow, column, part in parts:
        amount[flow, at[_key(column)]] += part
    return Activity(units, columns, amount)


def _counted(built: Built, replay: Replay) -> IntArray:
    """(n_lot + 1,) units of the lots before each that were delivered in the window."""
    begin, until, _ = built.window_s
    inside = (replay.delivered_s >= begin) & (replay.delivered_s < until)
    cargo = built.model.cargo
    return np.append(0, np.cumsum(inside * np.repeat(cargo.units_per_lot, np.diff(cargo.lot_ptr))))


def _columns(scenario: Scenario) -> tuple[Column, ...]:
    """Factors of rides and hubs by id, then a column for each mode without a factor."""
    known = [
        Column(factor.mode, factor)
        for _, factor in sorted(scenario.emission_factors.items())
        if factor.basis != "per_vessel_h"
    ]
    return (*known, *(Column(mode, None) for mode in MODES))


def _key(column: Column) -> tuple[str, str]:
    return column.mode, "" if column.factor is None else column.factor.id


def _transport(
    scenario: Scenario, built: Built, replay: Replay, counted: IntArray
) -> Iterator[tuple[int, Column, float]]:
    """Flow, column, tonne-km of each ride's legs: km as ridden, the way of the service."""
    factors = tuple(scenario.emission_factors.values())
    found: dict[tuple[str, str, str], Column] = {}
    for ridden in _ridden(built, replay, counted):
        row = scenario.demand[built.meaning.flows[ridden.flow].demand]
        tonnes = ridden.units * row.tonnes_per_unit if row.laden else 0.0
        for leg in ridden.ride.legs:
            place = (ridden.fleet, ridden.ride.service, leg)
            if place not in found:
                mode = scenario.legs[leg].mode
                at = dict(zip(SELECTORS, place, strict=False))
                found[place] = Column(mode, chosen(factors, "per_t_km", mode, at))
            yield ridden.flow, found[place], tonnes * scenario.legs[leg].length_km


def _ridden(built: Built, replay: Replay, counted: IntArray) -> Iterator[_Ridden]:
    """Rides by class of vehicle: one pass over segments, then as many steps as there are kinds."""
    names, cargo, segments = built.model.names, built.model.cargo, replay.segments
    loaded = np.flatnonzero(segments.load_row >= 0)
    hop, vehicle = segments.hop[loaded], replay.itinerary.vehicle[segments.load_row[loaded]]
    n_hop, n_vehicle = int(hop.max(initial=0)) + 1, len(names.vehicles)
    key = (segments.flow[loaded] * n_hop + hop) * n_vehicle + vehicle
    units = np.bincount(key, (counted[segments.end] - counted[segments.first])[loaded])
    rides = {
        (flow.flow, f"{ride.service}@{ride.start}"): (i, ride)
        for i, flow in enumerate(built.meaning.flows)
        for ride in flow.rides
    }
    for k in np.flatnonzero(units).tolist():
        flow, rest = divmod(k, n_hop * n_vehicle)
        stock = cargo.hop_stock[cargo.hop_ptr[flow] + rest // n_vehicle]
        at = rides.get((names.flows[flow], names.stocks[stock]))
        if at is not None:  # else a desk on the way
            fleet = names.vehicles[rest % n_vehicle].removeprefix(f"{at[1].service} ")
            yield _Ridden(*at, fleet, int(units[k]))


def _hubs(
    scenario: Scenario, flows: Iterable[FlowMeaning], units: IntArray
) -> Iterator[tuple[int, Column, float]]:
    """Flow, column, TEU at each node where containers begin, change or end their rides."""
    factors = tuple(scenario.emission_factors.values())
    for i, (flow, teu) in enumerate(zip(flows, units.tolist(), strict=True)):
        if scenario.demand[flow.demand].unit != "teu" or not flow.rides:
            continue
        for node in (flow.rides[0].start, *(ride.end for ride in flow.rides)):
            factor = chosen(factors, "per_teu", "hub", {"nodes": node})
            if factor is not None:
                yield i, Column("hub", factor), float(teu)


def emission_rows(scenario: Scenario, built: Built, replay: Replay) -> Rows:
    """One row a demand row, route and factor, and a row `all` of each demand row; sorted."""
    if not scenario.emission_factors:
        return []
    activity, flows = activity_of(scenario, built, replay), built.meaning.flows
    by_od: dict[str, list[int]] = {}
    for i in sorted(range(len(flows)), key=lambda i: (flows[i].demand, flows[i].route)):
        if activity.units[i]:
            by_od.setdefault(flows[i].demand, []).append(i)
    kg = emitted_kg(activity.amount, [c.kg for c in activity.columns])
    rows: Rows = []
    for od, mine in by_od.items():
        rows.append(_total(scenario, od, mine, activity, kg))
        rows += _parts(scenario, [(i, flows[i].route) for i in mine], rows[-1], activity, kg)
    return rows


def _total(
    scenario: Scenario, od: str, flows: list[int], activity: Activity, kg: FloatArray
) -> dict[str, Any]:
    """The row of a demand row over all routes; what has no factor is not in it, but flagged."""
    t_km = activity.t_km[flows].sum(axis=0)
    whole, known = float(t_km.sum()), float(np.nansum(kg[flows]))
    ttw = [c.factor is not None and c.factor.scope == "TTW" for c in activity.columns]
    missing = [c.factor is None for c in activity.columns]
    about = _about(scenario, od, "all", None)
    return (
        about
        | _figures(int(activity.units[flows].sum()), whole, known, about["unit"])
        | {
            "share": _ratio(known, known),
            "ttw_share": _ratio(float(t_km[ttw].sum()), whole),
            "missing_share": _ratio(float(t_km[missing].sum()), whole),
        }
    )


def _parts(
    scenario: Scenario,
    flows: list[tuple[int, str]],
    total: dict[str, Any],
    activity: Activity,
    kg: FloatArray,
) -> Iterator[dict[str, Any]]:
    """The rows of one demand row by route and factor, where there is an activity."""
    for i, route in flows:
        for j in np.flatnonzero(activity.amount[i]).tolist():
            factor = activity.columns[j].factor
            t_km, mine = float(activity.t_km[i, j]), float(kg[i, j])
            yield (
                _about(scenario, total["od"], route, activity.columns[j])
                | _figures(int(activity.units[i]), t_km, mine, total["unit"])
                | {
                    "share": _ratio(mine, total["kg_co2e"]),
                    "ttw_share": float(factor is not None and factor.scope == "TTW"),
                    "missing_share": float(factor is None),
                }
            )


def _about(scenario: Scenario, od: str, route: str, column: Column | None) -> dict[str, Any]:
    row, factor = scenario.demand[od], None if column is None else column.factor
    return {
        "od": od,
        "route": route,
        "direction": row.direction,
        "unit": row.unit,
        "mode": "all" if column is None else column.mode,
        "factor": "all" if column is None else "none" if factor is None else factor.id,
        "scope": None if factor is None else factor.scope,
    }


def _figures(units: int, t_km: float, kg: float, unit: str) -> dict[str, Any]:
    return {
        "units": units,
        "t_km": t_km,
        "kg_co2e": kg,
        "kg_co2e_per_unit": kg / units,
        "kg_co2e_per_teu": kg / units if unit == "teu" else float("nan"),
        "g_co2e_per_t_km": _ratio(kg * G_PER_KG, t_km),
    }


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
