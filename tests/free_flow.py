"""The free-flow plan of a row of demand: all work and all running at its mean, nobody waits."""

from __future__ import annotations

from corridor_sim.facilities import Berth, BorderCrossing
from corridor_sim.inputs.laws_of import law_of
from corridor_sim.inputs.schema import Call, Demand, Route, Scenario
from corridor_sim.laws import mean
from corridor_sim.model.routes import calls_of, rides_of, way


def main_route(scenario: Scenario, row: Demand) -> Route:
    """The route with the largest share; of equals the first by name."""
    routes = [r for _, r in sorted(scenario.routes.items()) if r.demand == row.id]
    return max(routes, key=lambda r: r.share)


def plan_h(scenario: Scenario, row: Demand) -> float:
    """Hours from ready to delivered on the main route, without a wait, a storm or an incident."""
    hours = sum(work_h(scenario, name) for name in row.via)
    calls = calls_of(scenario)
    for service, start, end in rides_of(scenario, calls, row, main_route(scenario, row).rides):
        stops = calls[service]
        nodes = [call.node for call in stops]
        i = nodes.index(start)
        hours += load_h(scenario, stops[i])
        while nodes[i] != end:
            j = (i + 1) % len(nodes)
            hours += run_h(scenario, service, nodes[i], nodes[j]) + arrive_h(scenario, stops[j])
            i = j
            if nodes[i] != end:
                hours += load_h(scenario, stops[i])
        hours += sum(work_h(scenario, desk) for desk in stops[i].desks)
    return hours


def run_h(scenario: Scenario, service: str, start: str, end: str) -> float:
    """Running time over the legs, at the speed of the fleets (of the first) or of the legs."""
    row = scenario.services[service]
    speeds = [scenario.fleets[f].speed_kmh for f in row.fleets]
    return way(scenario, row, start, end).mean_h(speeds[0] if all(speeds) else None)


def arrive_h(scenario: Scenario, call: Call) -> float:
    """What a trip passes at a call until its lots are off."""
    hours = sum(work_h(scenario, name) for name in call.via)
    if call.berth:
        return hours + call_h(scenario, call.berth, discharge=True)
    return hours + (work_h(scenario, call.unload) if call.unload else 0.0)


def load_h(scenario: Scenario, call: Call) -> float:
    """Loading at a call."""
    if call.berth:
        return call_h(scenario, call.berth, discharge=False)
    return work_h(scenario, call.load) if call.load else 0.0


def call_h(scenario: Scenario, name: str, *, discharge: bool) -> float:
    """The part of a berth's call."""
    berth = scenario.facilities[name]
    assert isinstance(berth, Berth)
    law = law_of(berth, "call", scenario.laws)
    assert law is not None
    return mean(law) * (1 - berth.load_share if discharge else berth.load_share)


def work_h(scenario: Scenario, name: str) -> float:
    """Mean work of a facility, times the share of trips that have it."""
    row = scenario.facilities[name]
    if isinstance(row, BorderCrossing):
        return sum(border_h(scenario, row, what) for what in row.components())
    law = law_of(row, "service", scenario.laws)
    return 0.0 if law is None else mean(law) * getattr(row, "happens_share", 1.0)


def border_h(scenario: Scenario, row: BorderCrossing, what: str) -> float:
    """Mean hours of one component of a border under its regime; acceptance takes no work."""
    law = None if what == "acceptance" else law_of(row, what, scenario.laws)
    return 0.0 if law is None else mean(law) * row.scale(what) * row.share(what)
