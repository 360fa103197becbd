"""What a unit pays where along its route: prices on legs as it runs, at nodes as it passes them.

Only what the route alone decides: line haul, handling, border and broker. What depends on how long
it stays (storage, demurrage) and the price of its time stand in costs.csv.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corridor_sim.inputs.schema import Scenario
from corridor_sim.inputs.tariff import Part, Tariff
from corridor_sim.model.meaning import FlowMeaning
from corridor_sim.money.activities import ON_ROUTE, TEU_PER_FEU
from corridor_sim.money.pricing import Item, items_of, rates_of
from corridor_sim.results.progress import Path


class PaidAlong(NamedTuple):
    """USD of one unit by place of its path; each (n_place,)."""

    on_the_way: np.ndarray
    """On the leg that leads to the place."""
    at_place: np.ndarray


class Invoice:
    """The scenario's prices that the route alone decides; parts to be left out are not asked for."""

    def __init__(self, scenario: Scenario, parts: tuple[Part, ...] = ()):
        """`parts`: only these; none: all of the shipper's price."""
        self._scenario = scenario
        items = [i for i in items_of(scenario.tariffs) if _is_asked(i, parts)]
        self._priced = list(zip(items, rates_of(scenario, items).tolist(), strict=True))

    def along(self, flow: FlowMeaning, path: Path) -> PaidAlong:
        """What one unit of a flow pays at each place of its path."""
        n = len(path.nodes)
        paid = PaidAlong(np.zeros(n), np.zeros(n))
        for item, rate in self._priced:
            on_legs, at_nodes = amounts_along(self._scenario, flow, path, item.tariff)
            paid.on_the_way[:] += rate * on_legs
            paid.at_place[:] += rate * at_nodes
        return paid


def amounts_along(
    scenario: Scenario, flow: FlowMeaning, path: Path, tariff: Tariff
) -> tuple[np.ndarray, np.ndarray]:
    """How much of a tariff one unit uses on the leg to each place, and at it; each (n_place,)."""
    row, none = scenario.demand[flow.demand], np.zeros(len(path.nodes))
    is_for = tariff.direction in (None, row.direction) and row.unit in (tariff.units or (row.unit,))
    if not is_for:
        return none, none
    on_leg = np.array([leg in tariff.legs for leg in path.legs], float)
    km, feu = np.diff(path.km, prepend=0.0), 1 / TEU_PER_FEU if row.unit == "teu" else 1.0
    if tariff.basis == "per_feu_km":
        return on_leg * km * feu, none
    if tariff.basis == "per_t_km":
        return on_leg * km * row.tonnes_per_unit, none
    # a ride without legs passes no node before its end
    seen = [bool(leg) or i in path.rides for i, leg in enumerate(path.legs)]
    at_node = np.array([n in tariff.nodes for n in path.nodes], float) * seen
    each = 1.0 if tariff.basis == "per_unit" else feu
    return on_leg * each, at_node * each


def _is_asked(item: Item, parts: tuple[Part, ...]) -> bool:
    is_asked = item.part in parts if parts else item.ledger == "shipper_price"
    return is_asked and item.tariff.basis in ON_ROUTE
