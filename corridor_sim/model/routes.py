"""The route graph: networkx finds paths over legs, and ways over services."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import networkx as nx

from corridor_sim.errors import ModelError
from corridor_sim.inputs.schema import Call, Demand, Leg, Scenario, Service


@dataclass(frozen=True)
class Way:
    """A path over legs: (leg, from node, to node) in order."""

    hops: tuple[tuple[Leg, str, str], ...]

    def mean_h(self, speed_kmh: float | None = None) -> float:
        """Free running time."""
        return sum(leg.length_km / (speed_kmh or leg.speed_kmh) for leg, _, _ in self.hops)

    def cv(self, speed_kmh: float | None = None) -> float:
        """Coefficient of variation of the sum of independent legs."""
        mean = self.mean_h(speed_kmh)
        parts = (
            leg.speed_cv * leg.length_km / (speed_kmh or leg.speed_kmh) for leg, _, _ in self.hops
        )
        return sqrt(sum(p * p for p in parts)) / mean if mean else 0.0


def leg_graph(legs: dict[str, Leg], service: Service) -> nx.MultiDiGraph:
    """The legs that a service may run on, weighted by hours."""
    graph = nx.MultiDiGraph()
    for name in sorted(legs):
        leg = legs[name]
        if leg.mode != service.mode:
            continue
        if service.gauge_mm and leg.gauge_mm and leg.gauge_mm != service.gauge_mm:
            continue
        hours = leg.length_km / leg.speed_kmh
        graph.add_edge(leg.from_node_id, leg.to_node_id, key=name, hours=hours)
        if not leg.directed:
            graph.add_edge(leg.to_node_id, leg.from_node_id, key=name, hours=hours)
    return graph


def way(scenario: Scenario, service: Service, start: str, end: str) -> Way:
    """The quickest path of a service from one call to the next, through its `path` nodes.

    Raises
    ------
    ModelError    there is none on its mode and gauge
    """
    graph = leg_graph(scenario.legs, service)
    between = [n for n in service.path if n not in (start, end)]
    for middle in (between, between[::-1]):
        stops = [start, *middle, end]
        try:
            hops = [
                hop
                for a, b in zip(stops[:-1], stops[1:], strict=True)
                for hop in _hops(scenario, graph, a, b)
            ]
        except (nx.NetworkXNoPath, nx.NodeNotFound):
            continue
        nodes = [start, *(to for _, _, to in hops)]
        if len(set(nodes)) == len(nodes):
            return Way(tuple(hops))
    raise ModelError(
        f"services.{service.id}: no path by {service.mode} from {start} to {end}"
        f"{f' on {service.gauge_mm} mm' if service.gauge_mm else ''}. Fix: add the legs, or a gauge change"
    )


def _hops(scenario: Scenario, graph: nx.MultiDiGraph, a: str, b: str) -> list[tuple[Leg, str, str]]:
    nodes = nx.shortest_path(graph, a, b, weight="hours")
    hops = []
    for u, v in zip(nodes[:-1], nodes[1:], strict=True):
        key = min(graph[u][v], key=lambda k: (graph[u][v][k]["hours"], k))
        hops.append((scenario.legs[key], u, v))
    return hops


def calls_of(scenario: Scenario) -> dict[str, list[Call]]:
    """service -> its calls in order; a vehicle's home is where its fleet starts, else the first."""
    out: dict[str, list[Call]] = {name: [] for name in sorted(scenario.services)}
    for call in scenario.calls.values():
        out[call.service].append(call)
    for name, calls in out.items():
        calls.sort(key=lambda c: (c.seq if c.seq is not None else 0, c.id))
        starts = {scenario.fleets[f].start_at for f in scenario.services[name].fleets} - {None}
        home = next((i for i, c in enumerate(calls) if c.node in starts), 0)
        out[name] = calls[home:] + calls[:home]
    return out


def rides_of(
    scenario: Scenario, calls: dict[str, list[Call]], row: Demand, services: tuple[str, ...]
) -> list[tuple[str, str, str]]:
    """(service, board node, alight node) for each ride; where to change follows from the calls.

    Lots change at the first node, in the order of the calls after boarding, that the next service
    calls at (the last ride: the destination).
    """
    rides, at = [], row.origin
    for i, service in enumerate(services):
        nodes = [c.node for c in calls[service]]
        if at not in nodes:
            raise ModelError(
                f"demand.{row.id}: its route rides {service}, which does not call at {at}. "
                f"Fix: a service that calls there"
            )
        wanted = (
            {row.destination}
            if i + 1 == len(services)
            else {c.node for c in calls[services[i + 1]]} - {at}
        )
        after = nodes[nodes.index(at) + 1 :] + nodes[: nodes.index(at)]
        end = next((n for n in after if n in wanted), None)
        if end is None:
            where = row.destination if i + 1 == len(services) else services[i + 1]
            raise ModelError(
                f"demand.{row.id}: its route rides {service} from {at}, which does not lead to "
                f"{where}. Fix: other `rides`"
            )
        rides.append((service, at, end))
        at = end
    return rides


def find_services(scenario: Scenario, calls: dict[str, list[Call]], row: Demand) -> tuple[str, ...]:
    """The services of the way with fewest rides from origin to destination; () if none is needed."""
    if row.origin == row.destination or not scenario.services:
        return ()
    graph = nx.DiGraph()
    for service, stops in calls.items():
        for a in stops:
            for b in stops:
                if a.node != b.node and not graph.has_edge(a.node, b.node):
                    graph.add_edge(a.node, b.node, service=service)
    try:
        nodes = nx.shortest_path(graph, row.origin, row.destination)
    except (nx.NetworkXNoPath, nx.NodeNotFound):
        return ()
    return tuple(graph[a][b]["service"] for a, b in zip(nodes[:-1], nodes[1:], strict=True))
