"""Free flow: the plan of a flow with all work and all running at its mean, where nobody waits.

No storm, no incident, no closing hours, no queue: the time over an empty corridor. Vessels of
several classes count by their numbers; where cranes work by the move, a full vessel is worked.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from corridor_sim.facilities import Berth, BorderCrossing, CranePool
from corridor_sim.inputs.laws_of import has_law, law_of
from corridor_sim.inputs.schema import Call, Fleet, Scenario
from corridor_sim.laws import mean
from corridor_sim.model.carriers import most
from corridor_sim.model.meaning import FlowMeaning, Ride
from corridor_sim.model.routes import calls_of
from corridor_sim.units import HOUR_S


class FreeFlow(NamedTuple):
    """Hours without a wait on the two clocks of a flow."""

    shipper_h: float
    """Ready to delivered."""
    carrier_h: float
    """First loaded to delivered: what a lot passes before its first ride is not in it."""


class Plan:
    """The mean hours of one scenario's works and runs; each is worked out once."""

    def __init__(self, scenario: Scenario):
        self.scenario, self.calls = scenario, calls_of(scenario)
        self._means: dict[tuple[str, str], float] = {}

    def of_flow(self, flow: FlowMeaning) -> FreeFlow:
        """Both clocks of one flow."""
        before = self._passed_h(self.scenario.demand[flow.demand].via)
        onward = sum(self._ride_h(ride) for ride in flow.rides)
        return FreeFlow(before + onward, onward if flow.rides else before)

    def _ride_h(self, ride: Ride) -> float:
        """Loading, running, and what is passed at each call until the lot is off and cleared."""
        calls = self.calls[ride.service]
        nodes = [call.node for call in calls]
        i = nodes.index(ride.start)
        hours, n_run = self.load_h(calls[i]), 0
        while nodes[i] != ride.end:
            i, n_run = (i + 1) % len(nodes), n_run + 1
            hours += self.arrive_h(calls[i])
            if nodes[i] != ride.end:
                hours += self.load_h(calls[i])
        desks = sum(self.work_h(desk) for desk in calls[i].desks)
        return hours + desks + self.run_h(ride.service, ride.legs, n_run)

    def run_h(self, service: str, legs: tuple[str, ...], n_run: int) -> float:
        """Running time over the legs; of a service without legs, that of so many runs."""
        row, rows = self.scenario.services[service], [self.scenario.legs[leg] for leg in legs]
        if row.mode is None:
            return n_run * self._mean_h(row, "run")
        fleets = [self.scenario.fleets[name] for name in row.fleets]
        speeds = {f.id: f.speed_kmh for f in fleets if f.speed_kmh is not None}
        if not fleets or len(speeds) < len(fleets):
            return sum(leg.length_km / leg.speed_kmh for leg in rows)
        km = sum(leg.length_km for leg in rows)
        return _weighted(fleets, [km / speeds[f.id] for f in fleets])

    def arrive_h(self, call: Call) -> float:
        """What a trip passes at a call until its lots are off."""
        passed = self._passed_h(call.via)
        if call.berth_ids:
            return passed + self._berth_h(call, is_load=False)
        return passed + (self.work_h(call.unload) if call.unload else 0.0)

    def load_h(self, call: Call) -> float:
        """Loading at a call."""
        if call.berth_ids:
            return self._berth_h(call, is_load=True)
        return self.work_h(call.load) if call.load else 0.0

    def work_h(self, name: str, before: tuple[str, ...] = ()) -> float:
        """Mean work of a facility, times the share of trips that have it."""
        row = self.scenario.facilities[name]
        if not isinstance(row, BorderCrossing):
            return self._mean_h(row, "service") * getattr(row, "happens_share", 1.0)
        parts = [what for what in row.components(before) if what != "acceptance"]
        return sum(self._mean_h(row, w) * row.scale(w) * row.share(w) for w in parts)

    def _passed_h(self, via: tuple[str, ...]) -> float:
        return sum(self.work_h(name, via[:i]) for i, name in enumerate(via))

    def _berth_h(self, call: Call, is_load: bool) -> float:
        """Discharge or loading at the first berth that takes the vessel, by class of vessel."""
        fleets = [
            self.scenario.fleets[name] for name in self.scenario.services[call.service].fleets
        ]
        rows = [self.scenario.facilities[name] for name in call.berth_ids]
        berths = [row for row in rows if isinstance(row, Berth)]
        if not fleets:
            return self._call_h(berths[0], None, is_load)
        first = [next(b for b in berths if not b.fleets or f.id in b.fleets) for f in fleets]
        hours = [self._call_h(b, f, is_load) for b, f in zip(first, fleets, strict=True)]
        return _weighted(fleets, hours)

    def _call_h(self, berth: Berth, fleet: Fleet | None, is_load: bool) -> float:
        cranes = self.scenario.facilities.get(berth.crane_pool or "")
        if isinstance(cranes, CranePool) and cranes.moves_per_h is not None:
            units = max([n for n in fleet.capacity if n] if fleet else [], default=0)
            return cranes.unit_s(berth.cranes_needed) * units / HOUR_S
        is_two = fleet is not None and fleet.decks == 2 and has_law(berth, "two_deck")
        share = berth.load_share if is_load else 1 - berth.load_share
        return share * self._mean_h(berth, "two_deck" if is_two else "call")

    def _mean_h(self, row: Any, what: str) -> float:
        """Mean of a law of a row; 0 where it has none."""
        key = (f"{type(row).__name__} {row.id}", what)
        if key not in self._means:
            law = law_of(row, what, self.scenario.laws)
            self._means[key] = 0.0 if law is None else mean(law)
        return self._means[key]


def _weighted(fleets: list[Fleet], hours: list[float]) -> float:
    """Mean over classes by their vehicles; a class without a number counts as one."""
    weights = [max(most(fleet), 1) for fleet in fleets]
    return sum(w * h for w, h in zip(weights, hours, strict=True)) / sum(weights)
