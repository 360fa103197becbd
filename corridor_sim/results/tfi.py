"""tfi: the four trade facilitation indicators of CAREC's corridor monitoring (CPMM)."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple

import numpy as np

from corridor_sim.facilities import BorderCrossing, BorderPost, Desk
from corridor_sim.history.weighted import summed_up
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.meaning import FlowMeaning
from corridor_sim.model.routes import calls_of
from corridor_sim.money.activities import TEU_PER_FEU
from corridor_sim.results import indicators as ind
from corridor_sim.results.paid_along import Invoice
from corridor_sim.results.progress import Journey

Rows = list[dict[str, Any]]

QUANTILES = (50, 95)
ALL = "all"


class _Crossing(NamedTuple):
    """Units of one flow at one border: how long each run took, and what one FEU paid."""

    seconds: np.ndarray
    units: np.ndarray
    usd_per_feu: float


class _Travel(NamedTuple):
    """Sums over the units of one or more flows, from leaving the origin to delivery."""

    units: float
    unit_km: float
    unit_h: float
    moving_h: float
    usd: float
    """Paid by all units."""
    t_km: float


def tfi_rows(scenario: Scenario, journeys: list[Journey]) -> Rows:
    """TFI1 and TFI2 of each border and direction, TFI3 and TFI4 of each demand row and route."""
    return _border_rows(scenario, journeys) + _route_rows(scenario, journeys)


def _border_rows(scenario: Scenario, journeys: list[Journey]) -> Rows:
    """One row a node with papers, and one a pair of neighbours of two countries, by direction."""
    borders, fees = Borders(scenario), Invoice(scenario, ("border",))
    found: dict[tuple[str, str, str], list[_Crossing]] = defaultdict(list)
    for journey in journeys:
        demand = scenario.demand[journey.flow.demand]
        feu = 1 / TEU_PER_FEU if demand.unit == "teu" else 1.0
        at_place = fees.along(journey.flow, journey.path).at_place
        for kind, name, first, last in borders.passed(journey):
            seconds = ind.border_time(journey.leave_s[:, last], journey.arrive_s[:, first])
            usd = ind.border_cost(float(at_place[first : last + 1].sum()), feu)
            key = (kind, name, demand.direction)
            found[key].append(_Crossing(seconds, journey.units, usd))
    return [
        _row(kind, name, ALL, direction) | _crossed(crossings)
        for (kind, name, direction), crossings in sorted(found.items())
    ]


class Borders:
    """Where which flows pass papers: border posts and crossings, and desks in ports."""

    def __init__(self, scenario: Scenario):
        self._scenario, self._calls = scenario, calls_of(scenario)

    def passed(self, journey: Journey) -> list[tuple[str, str, int, int]]:
        """Kind, name, first and last place of each border on a flow's path, pairs after singles."""
        kinds = self._kinds(journey.flow)
        at = [(i, n) for i, n in enumerate(journey.path.nodes) if n in kinds and journey.stayed[i]]
        found = [(kinds[node], node, i, i) for i, node in at]
        for (i, a), (j, b) in zip(at[:-1], at[1:], strict=True):
            if j == i + 1 and self._are_two_sides(a, b, journey.path.legs[j]):
                found.append(("pair", "+".join(sorted((a, b))), i, j))
        return found

    def _are_two_sides(self, a: str, b: str, leg: str) -> bool:
        """Of a border on land: neighbours in two countries."""
        nodes, row = self._scenario.nodes, self._scenario.legs.get(leg)
        return row is not None and row.mode != "sea" and nodes[a].country != nodes[b].country

    def _kinds(self, flow: FlowMeaning) -> dict[str, str]:
        """Node -> border or port: where the lots of a flow, or their trains, pass papers."""
        rows = [self._scenario.facilities[name] for name in self._facilities(flow)]
        kinds = {row.node: "port" for row in rows if isinstance(row, Desk)}
        return kinds | {
            row.node: "border" for row in rows if isinstance(row, BorderPost | BorderCrossing)
        }

    def _facilities(self, flow: FlowMeaning) -> list[str]:
        names = list(self._scenario.demand[flow.demand].via)
        for ride in flow.rides:
            calls = self._calls[ride.service]
            nodes = [call.node for call in calls]
            i = nodes.index(ride.start)
            while nodes[i] != ride.end:
                i = (i + 1) % len(nodes)
                names += calls[i].via
            names += calls[i].desks
        return names


def _crossed(crossings: list[_Crossing]) -> dict[str, Any]:
    seconds = np.rint(np.concatenate([c.seconds for c in crossings])).astype(np.int64)
    units = np.concatenate([c.units for c in crossings])
    time = summed_up(np.zeros(len(units), np.int64), seconds, units, 1, QUANTILES)
    paid = np.array([c.usd_per_feu for c in crossings])
    weights = np.array([c.units.sum() for c in crossings])
    return {
        "n": int(units.sum()),
        "tfi1_mean_h": float(time.mean_h[0]),
        **{f"tfi1_p{q}_h": float(time.quantile_h[q][0]) for q in QUANTILES},
        "tfi2_usd_per_feu": float((paid * weights).sum() / weights.sum()),
    }


def _route_rows(scenario: Scenario, journeys: list[Journey]) -> Rows:
    """One row a demand row and route, and `all` where there are several."""
    invoice = Invoice(scenario)
    by_demand: dict[str, dict[str, _Travel]] = defaultdict(dict)
    for journey in journeys:
        by_demand[journey.flow.demand][journey.flow.route] = _travel(scenario, invoice, journey)
    rows: Rows = []
    for demand, travels in sorted(by_demand.items()):
        if len(travels) > 1:
            travels = {ALL: _Travel(*map(sum, zip(*travels.values(), strict=True)))} | travels
        direction = scenario.demand[demand].direction
        rows += [
            _row("route", demand, route, direction) | _travelled(t) for route, t in travels.items()
        ]
    return rows


def _travel(scenario: Scenario, invoice: Invoice, journey: Journey) -> _Travel:
    """Sums over one flow."""
    units, km = journey.units, float(journey.path.km[-1])
    n = float(units.sum())
    running = journey.arrive_s[:, 1:] - journey.leave_s[:, :-1]
    whole = journey.leave_s[:, -1] - journey.leave_s[:, 0]
    paid = invoice.along(journey.flow, journey.path)
    return _Travel(
        units=n,
        unit_km=n * km,
        unit_h=float((whole * units).sum() / 3600),
        moving_h=float((running.sum(axis=1) * units).sum() / 3600),
        usd=n * float(paid.on_the_way.sum() + paid.at_place.sum()),
        t_km=n * km * scenario.demand[journey.flow.demand].tonnes_per_unit,
    )


def _travelled(travel: _Travel) -> dict[str, Any]:
    return {
        "n": int(travel.units),
        "tfi3_usd_per_500km_20t": ind.corridor_cost(travel.usd, travel.t_km),
        "swd_kmh": ind.speed_with_delay(travel.unit_km, travel.unit_h),
        "swod_kmh": ind.speed_without_delay(travel.unit_km, travel.moving_h),
    }


def _row(kind: str, name: str, route: str, direction: str) -> dict[str, Any]:
    return {"id": name, "kind": kind, "route": route, "direction": direction}
