"""A trip rides from one call to the next: legs, paths, locomotives, running time."""

from __future__ import annotations

import numpy as np

from corridor_sim.inputs.laws_of import law_of
from corridor_sim.laws import Law
from corridor_sim.model.build import Bench
from corridor_sim.model.carriers import fleet_counter, most
from corridor_sim.model.draws import draw_seconds, uniforms
from corridor_sim.model.harbour import harbour_movement
from corridor_sim.model.profiles import Closure
from corridor_sim.model.routes import Way, way
from corridor_sim.model.service_itinerary import Itinerary
from corridor_sim.primitives import Counter, Line, Quantity, Stage


def add_ride(it: Itinerary, i: int) -> None:
    call, at, bench = it.calls[i], it.at(i), it.bench
    j = (i + 1) % len(it.calls)
    closures = list(bench.not_before(it.service.open_from, it.name))
    if call.berth:
        closures += bench.zone(it.berth(call).weather_zone).departing
    if it.calls[j].berth:
        closures += bench.zone(it.berth(it.calls[j]).weather_zone).bound
    needs, starts, ends = [], [], []
    bench.meaning.ways[f"{at} ride"] = ()
    if it.service.mode is None:
        law = law_of(it.service, "run", bench.scenario.laws)
        column = bench.draws(
            it.source,
            f"{at} ride",
            f"services.{it.name}.{call.id}.run",
            law,
            n=it.n_draw,
        )
    else:
        path = way(bench.scenario, it.service, call.node, it.calls[j].node)
        bench.meaning.ways[f"{at} ride"] = tuple((leg.id, a, b) for leg, a, b in path.hops)
        closures += _leg_closures(it, path)
        for leg, start, end in path.hops:
            if leg.paths_per_day is not None:
                needs.append(Quantity(f"paths {leg.id} {start}>{end}"))
        column = _ride_draws(it, i, path)
    for fleet in it.service.needs:
        _pool(it, fleet)
        needs.append(Quantity(f"fleet {fleet}"))
        ends.append(Quantity(f"fleet {fleet}"))
    if call.berth:
        move = harbour_movement(bench, call.node)
        needs += move.needs
        starts += [Quantity(call.berth), *move.puts_start]
    bench.parts.lines.append(Line(f"{at} depart", (f"{at} ride",)))
    bench.parts.stages.append(
        Stage(
            f"{at} ride",
            state=f"move:{it.name}",
            gate=bench.calendar(f"gate {at}", closures),
            needs=tuple(needs),
            puts_start=tuple(starts),
            puts_end=tuple(ends),
            work_column=column,
            next_line=it.arrival_line(j),
            turn_cause=f"wait:turn {at}",
        )
    )


def _leg_closures(it: Itinerary, path: Way) -> list[Closure]:
    closures = []
    for leg, _, _ in path.hops:
        closures += it.bench.not_before(leg.open_from, leg.id)
        closures += it.bench.works[f"legs.{leg.id}"]
    return closures


def _ride_draws(it: Itinerary, i: int, path: Way) -> str | None:
    """Running time of the whole ride plus incidents by leg, each its own stream."""
    bench, call, at = it.bench, it.calls[i], it.at(i)
    speed = _speed(it)
    mean, cv = path.mean_h(speed), path.cv(speed)
    law = Law("lognormal", mean=mean, cv=cv) if cv else Law("constant", mean=mean)
    stream = f"services.{it.name}.{call.id}.run"
    column = bench.draws(it.source, f"{at} ride", stream, law, n=it.n_draw)
    if column is None:
        return None
    total = bench.parts.draws[it.source, column]
    for leg, _, _ in path.hops:
        if leg.incident_share:
            incident = Law("lognormal", mean=leg.incident_mean_h, cv=leg.incident_cv)
            u = uniforms(bench.seed, bench.rep, f"{stream}.{leg.id}.incident", len(total))
            hit = uniforms(bench.seed, bench.rep, f"{stream}.{leg.id}.hit", len(total))
            total = total + np.where(hit < leg.incident_share, draw_seconds(incident, u), 0)
    bench.parts.draws[it.source, column] = total
    return column


def _speed(it: Itinerary) -> float | None:
    """The fleets' own speed, weighted by vehicles, where every class has one."""
    pairs = [(most(f), f.speed_kmh) for f in it.carrier.fleets]
    if not pairs or any(v is None for _, v in pairs):
        return None
    n = sum(max(m, 1) for m, _ in pairs)
    return n / sum(max(m, 1) / v for m, v in pairs if v)


def _pool(it: Itinerary, fleet: str) -> None:
    name = f"fleet {fleet}"
    if not any(c.name == name for c in it.bench.parts.counters):
        row = it.bench.scenario.fleets[fleet]
        it.bench.parts.counters.append(fleet_counter(it.bench, name, (row,)))


def add_paths(bench: Bench) -> None:
    """One periodic counter for each direction of a leg that trains use."""
    wanted = {
        q.counter for s in bench.parts.stages for q in s.needs if q.counter.startswith("paths ")
    }
    for name in sorted(wanted):
        leg = bench.scenario.legs[name.split()[1]]
        left = max(0, (leg.paths_per_day or 0) - leg.background_paths_per_day)
        bench.parts.counters.append(
            Counter(name, left, period_s=86_400, cause=f"wait:paths {leg.id}")
        )
