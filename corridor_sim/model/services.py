"""Services: vehicles or pools, their calls, and the rides between them, as lines and stages."""

from __future__ import annotations

import numpy as np

from corridor_sim.model.arrival import add_arrival
from corridor_sim.model.build import Bench
from corridor_sim.model.carriers import Carrier, carrier, most
from corridor_sim.model.loading import add_loading
from corridor_sim.model.riding import add_paths, add_ride
from corridor_sim.model.service_itinerary import Itinerary
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
            _expand(Itinerary(bench, carriers[name]))
    add_paths(bench)
    return carriers


def _expand(it: Itinerary) -> None:
    for i in range(len(it.calls)):
        it.bench.parts.stocks.append(
            Stock(
                it.at(i),
                no_vehicle=f"wait:no vehicle {it.name}",
                others=f"wait:loading {it.name}",
            )
        )
        if not (i == 0 and it.ends):
            add_arrival(it, i)
        if not (i + 1 == len(it.calls) and it.ends and i > 0):
            add_loading(it, i)
            add_ride(it, i)
    _vehicles(it)


def _vehicles(it: Itinerary) -> None:
    n = sum(most(f) for f in it.carrier.fleets) if it.carrier.tokens else 1
    vehicles = (
        tuple(f"{it.name} {f.id}" for f in it.carrier.fleets for _ in range(most(f)))
        if it.carrier.tokens
        else None
    )
    births = Births(np.zeros(n, np.int64), vehicle=vehicles)
    line = f"{it.at(0)} roads" if it.calls[0].berth else f"{it.at(0)} load"
    it.bench.parts.sources.append(Source(it.source, line, births, tokens=it.carrier.tokens))
    it.bench.meaning.fleets[it.name] = 0 if it.ends else sum(most(f) for f in it.carrier.fleets)
