"""From routes and tariffs to the activities and prices that the cost core multiplies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridor_sim.inputs.schema import Demand, Scenario, Tariff
from corridor_sim.model.meaning import FlowMeaning, Ride
from corridor_sim.results.costs import generalised_cost, time_items, time_rates

TEU_PER_FEU = 2.0


@dataclass(frozen=True)
class Prices:
    """One set of tariffs: items priced by activity, and the two prices of time."""

    items: tuple[str, ...]
    rate_usd: np.ndarray
    """(n_item,) USD per unit of activity"""
    inventory_share_per_day: float
    vot_share_per_day: float


def prices_of(tariffs: dict[str, Tariff]) -> Prices:
    """Read the rows: items sorted by id; shares of value a day are summed."""
    items = tuple(sorted(n for n, t in tariffs.items() if t.part not in ("inventory", "time")))
    return Prices(
        items,
        np.array([tariffs[n].value_usd for n in items], float),
        sum(t.value_usd for t in tariffs.values() if t.part == "inventory"),
        sum(t.value_usd for t in tariffs.values() if t.part == "time"),
    )


def activity_of(scenario: Scenario, flow: FlowMeaning, items: tuple[str, ...]) -> np.ndarray:
    """(n_item,) how much of each item one lot of a flow uses.

    per_feu_km: FEU x km; per_t_km: tonnes x km; per_feu, per_crossing: FEU at each passage of the
    nodes or legs; per_unit: lots. A TEU is half a FEU; a wagon or truck counts as one FEU.
    """
    row = scenario.demand[flow.demand]
    return np.array(
        [_activity(scenario, row, flow.rides, scenario.tariffs[item]) for item in items]
    )


def _activity(scenario: Scenario, row: Demand, rides: tuple[Ride, ...], tariff: Tariff) -> float:
    if tariff.units and row.unit not in tariff.units:
        return 0.0
    feu = 1 / TEU_PER_FEU if row.unit == "teu" else 1.0
    legs = [leg for ride in rides for leg in ride.legs]
    km = sum(scenario.legs[leg].length_km for leg in legs if leg in tariff.legs)
    if tariff.basis == "per_feu_km":
        return feu * km
    if tariff.basis == "per_t_km":
        return row.tonnes_per_unit * km
    passages = sum(leg in tariff.legs for leg in legs)
    passages += sum(node in tariff.nodes for node in _nodes(scenario, row, rides))
    return passages * (1.0 if tariff.basis == "per_unit" else feu)


def _nodes(scenario: Scenario, row: Demand, rides: tuple[Ride, ...]) -> list[str]:
    """Every node that a lot passes, once in a row."""
    nodes = [row.origin]
    for ride in rides:
        at = ride.start
        for name in ride.legs:
            leg = scenario.legs[name]
            at = leg.to_node_id if leg.from_node_id == at else leg.from_node_id
            nodes.append(at)
        if not ride.legs:
            nodes.append(ride.end)
    return nodes


def lot_cost(scenario: Scenario, flow: FlowMeaning, transit_d: np.ndarray) -> np.ndarray:
    """Generalised cost of lots of one flow (n_lot,), USD a lot, with the scenario's own tariffs."""
    prices = prices_of(scenario.tariffs)
    activity = activity_of(scenario, flow, prices.items)
    n = len(transit_d)
    value = np.full(n, scenario.demand[flow.demand].value_usd_per_unit)
    # The value of time is a share of the cargo's value a day: the value stands in for the TEU.
    days = time_items(transit_d, np.zeros(n), value, value)
    use = np.hstack([np.broadcast_to(activity, (n, len(activity))), days])
    share, vot = prices.inventory_share_per_day, prices.vot_share_per_day
    rates = np.concatenate([prices.rate_usd, time_rates([share], [vot], [0.0])[:, 0]])
    return generalised_cost(use, rates[:, None])[:, 0]
