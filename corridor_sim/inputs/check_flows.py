"""Demand gets where it wants to go: arrivals, shares, connected rides, legs on one gauge."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from corridor_sim.inputs.check_laws import SUM_TOLERANCE
from corridor_sim.inputs.problems import Problem, listed
from corridor_sim.inputs.view import View


def share_problems(view: View) -> Iterator[Problem]:
    """Rows of demand without arrivals, shares of routes that do not sum, batches too large."""
    for key, demand in view.items("demand"):
        yield from _arrival_problems(view, key, demand)
        yield from _batch_problems(view, key, demand)
    for key, leg in view.items("legs"):
        if leg.from_node_id == leg.to_node_id:
            what = f"leads from a node to itself (found {leg.to_node_id!r})"
            yield view.problem(key, "to_node_id", what, "the node at the other end")
    shares = defaultdict(list)
    for key, route in view.items("routes"):
        shares[route.demand].append((key, route))
    for name, routes in shares.items():
        always = [route.share for _, route in routes if route.open_from is None]
        total = math.fsum(route.share for _, route in routes)
        if abs(total - 1) > SUM_TOLERANCE:
            what = f"the shares of the routes of {name} must sum to 1 (found {total:g})"
            yield view.problem(routes[0][0], "share", what, "shares that sum to 1")
        elif not always or math.fsum(always) == 0:
            what = f"no route of {name} is open before open_from"
            yield view.problem(routes[0][0], "open_from", what, "one route without open_from")


def _arrival_problems(view: View, key: str, demand: Any) -> Iterator[Problem]:
    ways = {
        "units_per_year": demand.units_per_year is not None,
        "every_h": demand.every_h is not None,
        "an arrival law": any(
            getattr(demand, f"arrival_{name}") is not None
            for name in ("mean_h", "rate_per_h", "low_h")
        )
        or demand.arrival_law not in (None, "exponential", "lognormal", "gamma", "weibull"),
    }
    given = [name for name, is_given in ways.items() if is_given]
    if not given and demand.at_start == 0:
        what = "nothing ever arrives: no units_per_year, arrival law, every_h or at_start"
        yield view.problem(key, "", what, "add units_per_year: 1000, for example")
    if len(given) > 1 and not (given[0] == "units_per_year" and given[1:] == ["an arrival law"]):
        what = f"arrivals are given twice, by {listed(given)}"
        yield view.problem(key, "", what, "keep one of them")
    if demand.arrival_law == "saturated" and not demand.via:
        what = "saturated (there is always one more) needs facilities in `via`"
        yield view.problem(key, "arrival_law", what, "via: [name of a facility]")
    has_rate = demand.arrival_mean_h is not None or demand.arrival_rate_per_h is not None
    if demand.arrival_law == "saturated" and not demand.split:
        what = "there is always one more trip, and no batch that could be split"
        yield view.problem(key, "split", what, "take it out")
    if demand.units_per_year is not None and has_rate:
        column = "arrival_mean_h" if demand.arrival_mean_h is not None else "arrival_rate_per_h"
        what = "units_per_year gives the rate, a mean of arrivals would not count"
        yield view.problem(key, column, what, "take one of the two out")
    if demand.season is not None and demand.units_per_year is None:
        what = "a season spreads units_per_year, which is not given"
        yield view.problem(key, "season", what, "add units_per_year, or take season out")


def _batch_problems(view: View, key: str, demand: Any) -> Iterator[Problem]:
    """A batch that its yard can never hold, or that does not divide a number of lots."""
    for column in ("at_start", "lots_limit"):
        lots = getattr(demand, column) or 0
        if lots % demand.batch:
            what = f"{lots} lots are not whole batches of {demand.batch}"
            fix = f"{column}: {max(lots // demand.batch, 1) * demand.batch}, or another batch"
            yield view.problem(key, column, what, fix)
    for _, call in view.items("calls"):
        places = getattr(view.tables["facilities"].get(call.load_yard), "places", None)
        if call.node == demand.origin and places is not None and demand.batch > places:
            what = f"a batch of {demand.batch} is larger than the yard {call.load_yard} ({places})"
            yield view.problem(key, "batch", what, f"batch: {places}, or a larger yard")
            return


def path_problems(view: View) -> Iterator[Problem]:
    """Services without a path of legs, routes that do not connect, places out of reach."""
    stops: dict[str, list[str]] = defaultdict(list)
    for _, call in sorted(view.items("calls"), key=lambda item: (item[1].seq, item[0])):
        stops[call.service].append(call.node)
    for key, service in view.items("services"):
        if service.mode is not None:
            yield from _leg_problems(view, key, service, stops[service.id])
    routed = {route.demand for _, route in view.items("routes")}
    for key, demand in view.items("demand"):
        if demand.id not in routed:
            yield from _reach_problems(view, key, demand, stops)
    for key, route in view.items("routes"):
        yield from _ride_problems(view, key, route, stops)


def _reach_problems(
    view: View, key: str, demand: Any, stops: dict[str, list[str]]
) -> Iterator[Problem]:
    if demand.origin == demand.destination or (demand.via and not stops):
        return  # facilities alone, as in a textbook's queue
    neighbours: dict[str, set[str]] = defaultdict(set)
    for nodes in stops.values():
        for node in nodes:
            neighbours[node].update(nodes)
    reached = _reached(demand.origin, lambda node: neighbours[node])
    if demand.destination not in reached:
        there = sorted(reached - {demand.origin})
        found = f"from {demand.origin} services reach {listed(there) or 'nothing'}"
        what = f"unreachable destination {demand.destination}: {found}"
        yield view.problem(key, "destination", what, "add a service or a call, or a route")


def _ride_problems(
    view: View, key: str, route: Any, stops: dict[str, list[str]]
) -> Iterator[Problem]:
    demand = view.tables["demand"].get(route.demand)
    if demand is None:
        return
    if not route.rides:
        yield view.problem(key, "rides", "a route without a ride", "rides: [name of a service]")
        return
    here = {demand.origin}
    for service in route.rides:
        if not here & set(stops[service]):
            what = f"{service} does not call where the lots are ({listed(sorted(here))})"
            fix = f"a service that calls there; {service} calls at {listed(stops[service])}"
            yield view.problem(key, "rides", what, fix)
            return
        here = set(stops[service])
    if demand.destination not in here:
        what = f"the last ride does not call at {demand.destination} (it calls at {listed(here)})"
        yield view.problem(key, "rides", what, f"a last ride to {demand.destination}")


def _leg_problems(view: View, key: str, service: Any, nodes: list[str]) -> Iterator[Problem]:
    """Between consecutive calls there must be legs of the mode, on the gauge."""
    pairs = list(zip(nodes, nodes[1:] + nodes[:1], strict=True)) if len(nodes) > 1 else []
    for start, end in dict.fromkeys(pairs):
        if end in _reached(start, _next_nodes(view, service, service.gauge_mm)):
            continue
        what = f"no {service.mode} legs lead from {start} to {end}"
        fix = f"add the missing row of `legs` (mode {service.mode})"
        if service.gauge_mm is not None and end in _reached(
            start, _next_nodes(view, service, None)
        ):
            what += f" on {service.gauge_mm} mm: a gauge break without a gauge change"
            fix = "end the service at the break; a second service goes on from there"
        yield view.problem(key, "", what, fix)
        return


def _next_nodes(view: View, service: Any, gauge_mm: int | None) -> Callable[[str], Iterable[str]]:
    after: dict[str, list[str]] = defaultdict(list)
    for _, leg in view.items("legs"):
        if leg.mode != service.mode or (gauge_mm and leg.gauge_mm not in (None, gauge_mm)):
            continue
        after[leg.from_node_id].append(leg.to_node_id)
        if not leg.directed:
            after[leg.to_node_id].append(leg.from_node_id)
    return lambda node: after[node]


def _reached(start: str, following: Callable[[str], Iterable[str]]) -> set[str]:
    seen, waiting = {start}, deque([start])
    while waiting:
        new = set(following(waiting.popleft())) - seen
        seen |= new
        waiting.extend(new)
    return seen
