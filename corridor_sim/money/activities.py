"""Amounts of every item that lots used: from their routes, their stays, and the rides they rode.

Costs are linear in these, so of a run only their means by flow are kept, and any tariff is priced
from them. A *flow* is a row of demand on one of its routes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from corridor_sim.history.halves import Places, places_of
from corridor_sim.history.replay import Replay
from corridor_sim.inputs.schema import Demand, Scenario
from corridor_sim.inputs.tariff import Tariff
from corridor_sim.model.compile import Built
from corridor_sim.model.meaning import FlowMeaning, Ride
from corridor_sim.money.pricing import Item, items_of
from corridor_sim.money.vehicle_use import VehicleUse
from corridor_sim.money.yard_days import Used, YardStays, chargeable, yard_stays
from corridor_sim.primitives import IntArray
from corridor_sim.units import DAY_S

FloatArray = npt.NDArray[np.float64]

TEU_PER_FEU = 2.0
ON_ROUTE = ("per_feu_km", "per_t_km", "per_feu", "per_unit", "per_crossing")
IN_YARDS = ("per_teu_day", "per_wagon_day")
OF_VEHICLES = ("per_vessel_day", "per_train_km")


@dataclass(frozen=True)
class Activities:
    """What a run leaves for pricing: means over delivered units that were ready in the window."""

    flows: tuple[FlowMeaning, ...]
    items: tuple[Item, ...]
    n: IntArray
    """(n_flow,) such units"""
    amounts: FloatArray
    """(n_flow, n_item) of one unit, without the value of its cargo; NaN where n is 0"""


def activities_of(scenario: Scenario, built: Built, replay: Replay) -> Activities:
    """Count everything that the scenario's tariffs price."""
    use = Uses(scenario, built, replay)
    items = items_of(scenario.tariffs)
    flows = tuple(built.meaning.flows)
    columns = [use.means(item) for item in items]
    amounts = np.column_stack(columns) if columns else np.zeros((len(flows), 0))
    amounts[use.n == 0] = np.nan
    return Activities(flows, items, use.n, amounts)


class Uses:
    """Amounts of one replication by item, counted when they are asked for."""

    def __init__(self, scenario: Scenario, built: Built, replay: Replay):
        self._scenario, self._built, self._replay = scenario, built, replay
        self._flows = tuple(built.meaning.flows)
        self._rows = [scenario.demand[f.demand] for f in self._flows]
        names, cargo = built.model.names.flows, built.model.cargo
        self._index = np.array([names.index(f.flow) for f in self._flows], np.int64)
        self._per_lot = cargo.units_per_lot[self._index]
        begin, until, _ = built.window_s
        ready, delivered = replay.ready_s, replay.delivered_s
        self._cohort = (ready >= begin) & (ready < until) & (delivered >= 0)
        self._before = np.append(0, np.cumsum(self._cohort))
        first, end = cargo.lot_ptr[self._index], cargo.lot_ptr[self._index + 1]
        self.n: IntArray = (self._before[end] - self._before[first]) * self._per_lot
        """(n_flow,) units of the cohort: delivered, and ready in the window"""
        self._paid: dict[tuple[str, tuple[str, ...]], FloatArray] = {}

    @cached_property
    def _vehicles(self) -> VehicleUse:
        return VehicleUse(self._scenario, self._built, self._replay)

    @cached_property
    def _places(self) -> Places:
        return places_of(self._scenario, self._built)

    @cached_property
    def _stays(self) -> YardStays:
        """Of the flows whose days in yards any tariff prices."""
        priced = np.zeros(len(self._built.model.names.flows))
        for tariff in self._scenario.tariffs.values():
            if tariff.basis in IN_YARDS:
                priced += chargeable(self._scenario, self._built, tariff.units, tariff.basis)
        return yard_stays(self._replay, self._places, priced > 0)

    def means(self, item: Item) -> FloatArray:
        """(n_flow,) of a unit, over the cohort's units; 0 where there are none."""
        tariff = item.tariff
        if tariff.basis in ON_ROUTE:
            return np.array([on_route(self._scenario, f, tariff) for f in self._flows])
        if tariff.basis in (*IN_YARDS, *OF_VEHICLES):
            return self._mean_of(self.used(item))
        mean, sigma = self._days()
        return sigma if tariff.basis == "ratio" else mean

    def used(self, item: Item) -> Used:
        """Amounts of an item that is not the same for all lots of a flow, by lot."""
        if item.tariff.basis in IN_YARDS:
            return self._in_yards(item.tariff)
        return self._of_vehicles(item.tariff)

    def of_lot(self, item: Item, lot: int) -> float:
        """What one delivered lot used; of days without the value of its cargo."""
        flow, tariff = self.flow_of(lot), item.tariff
        if tariff.basis in (*IN_YARDS, *OF_VEHICLES):
            used = self.used(item)
            return float(used.amount[(used.first <= lot) & (lot < used.end)].sum())
        if tariff.basis in ON_ROUTE or tariff.basis == "ratio":
            return float(self.means(item)[flow] * self._per_lot[flow])
        days = (self._replay.delivered_s[lot] - self._replay.ready_s[lot]) / DAY_S
        return float(days * self._per_lot[flow])

    def flow_of(self, lot: int) -> int:
        """Place in the flows of a lot."""
        ptr = self._built.model.cargo.lot_ptr
        return int(np.flatnonzero((ptr[self._index] <= lot) & (lot < ptr[self._index + 1]))[0])

    def _mean_of(self, used: Used) -> FloatArray:
        lots = self._before[used.end] - self._before[used.first]
        n_flow = len(self._built.model.names.flows)
        total = np.bincount(used.flow, used.amount * lots, n_flow)[self._index]
        return total / np.maximum(self.n, 1)

    def _days(self) -> tuple[FloatArray, FloatArray]:
        """(n_flow,) mean and standard deviation of days from ready to delivered."""
        lots = np.flatnonzero(self._cohort)
        ptr, n_flow = self._built.model.cargo.lot_ptr, len(self._built.model.names.flows)
        flow = np.searchsorted(ptr, lots, side="right") - 1
        days = (self._replay.delivered_s[lots] - self._replay.ready_s[lots]) / DAY_S
        n = np.maximum(np.bincount(flow, minlength=n_flow), 1)
        mean = np.bincount(flow, days, n_flow) / n
        squares = np.bincount(flow, (days - mean[flow]) ** 2, n_flow)
        return mean[self._index], np.sqrt(squares / n)[self._index]

    def _in_yards(self, tariff: Tariff) -> Used:
        at = np.array([node in tariff.nodes for node in self._places.nodes], bool)
        of = chargeable(self._scenario, self._built, tariff.units, tariff.basis)
        of[self._index] *= [_is_way(tariff, row) for row in self._rows]
        return self._stays.beyond(tariff.free_d, at, of)

    def _of_vehicles(self, tariff: Tariff) -> Used:
        key = (tariff.basis, tariff.fleets)
        if key not in self._paid:
            self._paid[key] = self._vehicles.per_lot(self._vehicles.quantity(*key))
        counts = np.zeros(len(self._built.model.names.flows))
        counts[self._index] = [_is_for(tariff, row) for row in self._rows]
        segments = self._replay.segments
        paid = self._paid[key] * counts[segments.flow]
        has = np.flatnonzero(paid)
        return Used(segments.flow[has], segments.first[has], segments.end[has], paid[has])


def _is_way(tariff: Tariff, row: Demand) -> bool:
    return tariff.direction in (None, row.direction)


def _is_for(tariff: Tariff, row: Demand) -> bool:
    return _is_way(tariff, row) and (not tariff.units or row.unit in tariff.units)


def on_route(scenario: Scenario, flow: FlowMeaning, tariff: Tariff) -> float:
    """How much of a tariff one unit of a flow uses on its route.

    per_feu_km: FEU x km; per_t_km: tonnes x km; per_feu, per_crossing: FEU at each passage of the
    nodes or legs; per_unit: units. A TEU is half a FEU; a wagon or truck counts as one FEU.
    """
    row = scenario.demand[flow.demand]
    if not _is_for(tariff, row):
        return 0.0
    feu = 1 / TEU_PER_FEU if row.unit == "teu" else 1.0
    legs = [leg for ride in flow.rides for leg in ride.legs]
    km = sum(scenario.legs[leg].length_km for leg in legs if leg in tariff.legs)
    if tariff.basis == "per_feu_km":
        return feu * km
    if tariff.basis == "per_t_km":
        return row.tonnes_per_unit * km
    passages = sum(leg in tariff.legs for leg in legs)
    passages += sum(node in tariff.nodes for node in nodes_of(scenario, row, flow.rides))
    return passages * (1.0 if tariff.basis == "per_unit" else feu)


def nodes_of(scenario: Scenario, row: Demand, rides: Sequence[Ride]) -> list[str]:
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
