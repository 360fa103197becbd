"""capacity_chain: what limits each route, element by element in the order of the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from corridor_sim.facilities import Desk, Server, Yard
from corridor_sim.history.ledger import Ledger
from corridor_sim.inputs.schema import Call, Demand, Scenario
from corridor_sim.model.carriers import most
from corridor_sim.model.compile import Built
from corridor_sim.model.meaning import FlowMeaning, Ride
from corridor_sim.model.routes import calls_of
from corridor_sim.results import indicators as ind
from corridor_sim.results.capacity import Element, Stream, Traffic

Rows = list[dict[str, Any]]


class Link(NamedTuple):
    """An element on a way, and the stream that passes it there."""

    element: Element
    stream: Stream
    node: str | None


def chain_rows(scenario: Scenario, built: Built, book: Ledger) -> Rows:
    """Links of each demand row and route that some unit passed in the window, numbered."""
    chains = Chains(scenario, Traffic(scenario, built, book))
    rows: Rows = []
    for flow in sorted(built.meaning.flows, key=lambda f: (f.demand, f.route)):
        found = [_row(link) for link in chains.along(flow)]
        used = [row for row in found if row["achieved_units_per_day"] > 0]
        could = [row["achievable_units_per_day"] for row in used]
        least = min((units for units in could if units == units), default=ind.NAN)
        about = {"od": flow.demand, "route": flow.route}
        rows += [
            about | {"seq": seq} | row | {"is_minimum": row["achievable_units_per_day"] == least}
            for seq, row in enumerate(used, start=1)
        ]
    return rows


def _row(link: Link) -> dict[str, Any]:
    element, (_, units, fill) = link.element, link.stream
    nominal = ind.capacity(units, element.nominal_s, element.busy_s, fill)
    achievable = ind.capacity(units, element.achievable_s, element.busy_s, fill)
    return {
        "element": element.name,
        "kind": element.kind,
        "node": link.node,
        "nominal_units_per_day": nominal,
        "achievable_units_per_day": achievable,
        "achieved_units_per_day": units,
        "utilisation": ind.ratio(units, achievable),
        "busy_share": ind.ratio(element.busy_s, element.achievable_s),
        "fill_share": fill,
    }


class Chains:
    """The elements of every way; each element is worked out once."""

    def __init__(self, scenario: Scenario, traffic: Traffic):
        self._scenario, self._traffic, self._calls = scenario, traffic, calls_of(scenario)
        self._meaning = traffic.built.meaning
        self._visits: dict[str, list[str]] = defaultdict(list)
        """facility -> the stages that work there"""
        self._by: dict[tuple[str, str], list[str]] = defaultdict(list)
        """(facility, demand row or service) -> stages"""
        for visit in self._meaning.visits:
            self._visits[visit.facility].append(visit.stage)
            self._by[visit.facility, visit.by].append(visit.stage)
        self._users: dict[str, list[str]] = defaultdict(list)
        for service in scenario.services.values():
            for fleet in service.fleets:
                self._users[fleet].append(service.id)
        self._known: dict[str, Element | None] = {}
        self._rides: dict[tuple[str, str, str], list[Link]] = {}
        self._meant = {(call.service, call.node): call for call in self._meaning.calls}

    def along(self, flow: FlowMeaning) -> list[Link]:
        """All links with a limit, in order; some may have no traffic."""
        demand, links = self._scenario.demand[flow.demand], list[Link]()
        for name in demand.via:
            stages = [s for part in self._parts(name) for s in self._by[part, demand.id]]
            links += self._facility(name, stages)
        for ride in flow.rides:
            key = (ride.service, ride.start, ride.end)
            if key not in self._rides:
                self._rides[key] = list(self._ride(ride))
            links += self._rides[key]
        return [link for i, link in enumerate(links) if self._is_for(demand, link, links[:i])]

    def _is_for(self, demand: Demand, link: Link, before: list[Link]) -> bool:
        """Not a yard for other units, nor one that the lot came into before and now leaves."""
        row = self._scenario.facilities.get(link.element.name)
        if not isinstance(row, Yard):
            return True
        return row.unit in (None, demand.unit) and link.element not in {b.element for b in before}

    def _ride(self, ride: Ride) -> Iterator[Link]:
        calls = {call.node: call for call in self._calls[ride.service]}
        yield from self._yard(calls[ride.start].load_yard)
        yield from self._handling(calls[ride.start], self._loading(ride.service, ride.start))
        yield from self._fleets(ride)
        at = ride.start
        while at != ride.end:
            to = self._meant[ride.service, at].to
            yield from self._run(ride.service, at, calls[to])
            at = to
        yield from self._handling(calls[at], self._unloading(ride.service, at))
        yield from self._yard(calls[at].yard)
        for name in calls[at].desks:
            row = self._scenario.facilities[name]
            assert isinstance(row, Desk)
            stream = self._traffic.stream([name], fills=row.lots_max)
            yield Link(self._traffic.desk(row), stream, row.node)

    def _loading(self, service: str, node: str) -> list[str]:
        return list(self._meant[service, node].loads)

    def _unloading(self, service: str, node: str) -> list[str]:
        return self._traffic.unloading(f"{service}@{node}")

    def _handling(self, call: Call, stages: list[str]) -> Iterator[Link]:
        """Berths or servers at which some of these stages work."""
        for name in (*call.berth_ids, *(s for s in {call.load, call.unload} if s)):
            mine = set(self._visits[name])
            yield from self._facility(name, [stage for stage in stages if stage in mine])

    def _run(self, service: str, node: str, call: Call) -> Iterator[Link]:
        """From a call to the next: its legs, and at their nodes what is passed before arrival."""
        at, left = f"{service}@{call.node}", list(call.via)
        for leg, a, b in self._meaning.ways[self._meant[service, node].rides[0]]:
            yield from self._leg(service, node, (leg, a, b))
            here = [name for name in left if self._scenario.facilities[name].node == b]
            left = [name for name in left if name not in here]
            for name in here:
                yield from self._passed(name, service, at)
        for name in left:
            yield from self._passed(name, service, at)

    def _passed(self, name: str, service: str, at: str) -> Iterator[Link]:
        parts = self._parts(name)
        stages = [s for part in parts for s in self._by[part, service] if s.startswith(f"{at} ")]
        yield from self._facility(name, stages)

    def _parts(self, name: str) -> list[str]:
        """A facility, and its components if it has some."""
        return [name, *(f for f in self._visits if f.startswith(f"{name} "))]

    def _facility(self, name: str, stages: list[str]) -> Iterator[Link]:
        """Its servers or components, and what it accepts a day, as visits of these stages see it."""
        row = self._scenario.facilities[name]
        for part in self._parts(name):
            mine = set(self._visits[part])
            stream = self._traffic.stream([stage for stage in stages if stage in mine])
            element = self._once(part, lambda p=part: self._traffic.facility(p, self._visits[p]))
            if element is not None:
                yield Link(element, stream, row.node)
            per_day, limit = getattr(row, "per_day", None), part
            if isinstance(row, Server):
                limit = f"{part} a day"
            elif not part.endswith(" acceptance"):
                continue
            if per_day and self._traffic.has(limit):
                n = len(self._traffic.rows(self._visits[part]))
                clock = self._meaning.clocks.get(name)
                element = self._traffic.a_day(limit, "facility", per_day, n, clock)
                yield Link(element, stream, row.node)

    def _fleets(self, ride: Ride) -> Iterator[Link]:
        row = self._scenario.services[ride.service]
        stream = self._traffic.stream(list(self._meant[ride.service, ride.start].rides))
        fleets = [self._scenario.fleets[name] for name in row.fleets]
        users = sorted({s for fleet in fleets for s in self._users[fleet.id]})
        if fleets:
            name = "+".join(fleet.id for fleet in fleets)
            element = self._once(name, lambda: self._traffic.fleet(fleets, users))
            if element is not None:
                yield Link(element, stream, ride.start)
        for need in row.needs:
            counter, n = f"fleet {need}", most(self._scenario.fleets[need])
            if n and self._traffic.has(counter):
                element = self._traffic.held(counter, need, "locomotives", n)
                yield Link(element, stream, ride.start)

    def _leg(self, service: str, node: str, hop: tuple[str, str, str]) -> Iterator[Link]:
        leg, a, b = hop
        counter, row = f"paths {leg} {a}>{b}", self._scenario.legs[leg]
        if row.paths_per_day is None or not self._traffic.has(counter):
            return
        over = [stage for stage, way in self._meaning.ways.items() if hop in way]
        n = len(self._traffic.rows(over))
        element = self._traffic.a_day(counter, "leg", row.paths_per_day, n, None)
        stream = self._traffic.stream(list(self._meant[service, node].rides))
        yield Link(element._replace(name=leg), stream, a)

    def _yard(self, name: str | None) -> Iterator[Link]:
        """Places, and all that comes in: a stream that doubles doubles the places in use."""
        row = None if name is None else self._scenario.facilities[name]
        if isinstance(row, Yard):
            element = self._traffic.held(row.id, row.id, "yard")
            yield Link(element, self._traffic.taken(row.id), row.node)

    def _once(self, name: str, make: Any) -> Element | None:
        if name not in self._known:
            self._known[name] = make()
        return self._known[name]
