"""Services: vehicles or pools, their calls, and the rides between them, as lines and stages."""

from __future__ import annotations

import numpy as np

from corridor_sim.model.arrival import add_arrival
from corridor_sim.model.build import Bench
from corridor_sim.model.carriers import Carrier, carrier, most
from corridor_sim.model.loading import Loading, add_loading
from corridor_sim.model.meaning import CallMeaning
from corridor_sim.model.redeployment import add_redeployment
from corridor_sim.model.riding import add_paths, add_ride
from corridor_sim.model.service_itinerary import Itinerary
from corridor_sim.model.vessel_classes import vessel_classes
from corridor_sim.primitives import Births, Source, Stock


def expand_services(bench: Bench) -> dict[str, Carrier]:
    """Add every service; gives how each is carried."""
    used_by: dict[str, list[str]] = {}
    for name in sorted(bench.scenario.services):
        for fleet in bench.scenario.services[name].fleets:
            used_by.setdefault(fleet, []).append(name)
    carriers = {}
    for name in sorted(bench.scenario.services):
        service = bench.scenario.services[name]
        carriers[name] = carrier(bench, service, used_by)
        if bench.calls[name]:
            _expand(bench, carriers[name])
    add_paths(bench)
    return carriers


def _expand(bench: Bench, carrier: Carrier) -> None:
    classes = vessel_classes(bench, carrier)
    its = [Itinerary(bench, carrier, fleets, len(classes) == 1) for fleets in classes]
    for i in range(len(its[0].calls)):
        it = its[0]
        bench.parts.stocks.append(
            Stock(
                it.at(i),
                no_vehicle=f"wait:no vehicle {it.name}",
                others=f"wait:loading {it.name}",
            )
        )
        for it in its:
            if not (i == 0 and it.ends):
                add_arrival(it, i)
        if not (i + 1 == len(it.calls) and it.ends and i > 0):
            loadings = [add_loading(it, i) for it in its]
            for it in its:
                add_ride(it, i)
            bench.meaning.calls.append(_meaning(its, i, loadings))
    for it in its:
        add_redeployment(it)
        _vehicles(it)
    total = sum(most(f) for f in carrier.fleets)
    bench.meaning.fleets[carrier.service.id] = 0 if its[0].ends else total


def _meaning(its: list[Itinerary], i: int, loadings: list[Loading]) -> CallMeaning:
    """One call of a service, of all classes together."""
    calls = its[0].calls
    return CallMeaning(
        its[0].name,
        calls[i].node,
        calls[(i + 1) % len(calls)].node,
        loads=tuple(name for loading in loadings for name in loading.stages),
        lines=tuple(name for loading in loadings for name in loading.lines),
        rides=tuple(f"{it.label(i)} ride" for it in its),
        sources=tuple(it.source for it in its),
        home=i == 0,
    )


def _vehicles(it: Itinerary) -> None:
    n = sum(most(f) for f in it.fleets) if it.carrier.tokens else 1
    vehicles = (
        tuple(f"{it.name} {f.id}" for f in it.fleets for _ in range(most(f)))
        if it.carrier.tokens
        else None
    )
    births = Births(np.zeros(n, np.int64), vehicle=vehicles)
    source = Source(it.source, it.first_line(0), births, tokens=it.carrier.tokens)
    it.bench.parts.sources.append(source)
