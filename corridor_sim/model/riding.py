"""A trip rides from one call to the next: legs, paths, locomotives, running time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from corridor_sim.inputs.laws_of import law_of
from corridor_sim.laws import Law
from corridor_sim.model.alongside import Place
from corridor_sim.model.build import Bench
from corridor_sim.model.carriers import fleet_counter, most
from corridor_sim.model.draws import draw_seconds, uniforms
from corridor_sim.model.evacuation import way_out
from corridor_sim.model.harbour import Movement
from corridor_sim.model.holds import approach, keeps_locomotive
from corridor_sim.model.profiles import Closure
from corridor_sim.model.routes import Way, way
from corridor_sim.model.service_itinerary import Itinerary
from corridor_sim.model.slow_legs import slowed_by
from corridor_sim.primitives import Counter, Line, Quantity, Stage


@dataclass(frozen=True)
class _Departure:
    """What a trip waits for before it sets out, and what it gives back when the ride is over."""

    closures: tuple[Closure, ...]
    needs: tuple[Quantity, ...]
    puts_end: tuple[Quantity, ...]


def add_ride(it: Itinerary, i: int) -> None:
    label, parts = it.label(i), it.bench.parts
    departure, column = _departure(it, i), _ride_column(it, i)
    j = (i + 1) % len(it.calls)
    ride = Stage(
        f"{label} ride",
        state=f"move:{it.name}",
        puts_end=departure.puts_end,
        work_column=column,
        slow=slowed_by(it.bench, _path(it, i)) if it.service.mode else None,
        next_line=it.arrival_line(j),
        mark=it.calls[j].counted_from == "arrival",
        turn_cause=f"wait:turn {it.at(i)}",
    )
    if len(it.places[i]) > 1 or any(place.cut for place in it.places[i]):
        parts.lines.append(Line(f"{label} away", (ride.name,)))
        for place in it.places[i]:
            _add_cast_off(it, i, place, departure)
    else:
        here = it.places[i][0] if it.places[i] else None
        ride = replace(ride, **_setting_out(it, i, departure, here))
        parts.lines.append(Line(f"{label} depart", (ride.name,)))
    parts.stages.append(ride)


def _departure(it: Itinerary, i: int) -> _Departure:
    bench, j = it.bench, (i + 1) % len(it.calls)
    closures = list(bench.not_before(it.service.open_from, it.name))
    if it.places[j]:
        closures += bench.zone(it.places[j][0].berth.weather_zone).bound
    needs, ends = [], []
    if it.service.mode is not None:
        path = _path(it, i)
        closures += _leg_closures(it, path)
        for leg, start, end in path.hops:
            if leg.paths_per_day is not None:
                needs.append(Quantity(f"paths {leg.id} {start}>{end}"))
    for fleet in it.service.needs:
        _pool(it, fleet)
        needs.append(Quantity(f"fleet {fleet}"))
        if not keeps_locomotive(it.calls[j]):
            ends.append(Quantity(f"fleet {fleet}"))
    needs += approach(it, j)
    return _Departure(tuple(closures), tuple(needs), tuple(ends))


def _setting_out(
    it: Itinerary, i: int, departure: _Departure, place: Place | None, afloat: bool = False
) -> dict[str, Any]:
    """Gate, needs and puts of the stage in which a trip leaves, from a place or from the roads."""
    closures, move = list(departure.closures), Movement()
    if place is not None:
        closures += it.bench.zone(place.berth.weather_zone).departing
        move = Movement() if afloat else place.move
    held = () if place is None or afloat else (place.held,)
    return {
        "gate": it.bench.calendar(f"gate {it.label(i)}{place.tag if place else ''}", closures),
        "needs": (*departure.needs, *move.needs),
        "puts_start": (*held, *move.puts_start),
    }


def _add_cast_off(it: Itinerary, i: int, place: Place, departure: _Departure) -> None:
    """A vessel casts off from its berth; if weather drives it out, it sets sail from the roads."""
    label, parts, tag = it.label(i), it.bench.parts, place.tag
    away = Stage(
        f"{label} cast off{tag}",
        state=f"service:{place.berth.id}",
        next_line=f"{label} away",
        turn_cause=f"wait:turn {it.at(i)}",
    )
    shelter, sail = f"{label} shelter{tag}", f"{label} set sail{tag}"
    out = way_out(it, i, place, shelter, sail, f"weather {place.berth.weather_zone}")
    parts.lines.append(Line(f"{label} depart{tag}", (away.name, *out)))
    parts.stages.append(replace(away, **_setting_out(it, i, departure, place)))
    names = [away.name, sail] if out else [away.name]
    if out:
        parts.lines.append(Line(sail, (sail,)))
        afloat = _setting_out(it, i, departure, place, afloat=True)
        parts.stages.append(replace(away, name=sail, **afloat))
    it.bench.meaning.nodes.update(dict.fromkeys(names, it.calls[i].node))


def _path(it: Itinerary, i: int) -> Way:
    j = (i + 1) % len(it.calls)
    return way(it.bench.scenario, it.service, it.calls[i].node, it.calls[j].node)


def _ride_column(it: Itinerary, i: int) -> str | None:
    """The stream of running times; what the ride passes goes into the meaning."""
    ways, ride = it.bench.meaning.ways, f"{it.label(i)} ride"
    if it.service.mode is None:
        ways[ride] = ()
        return it.draws(i, "ride", "run", law_of(it.service, "run", it.bench.scenario.laws))
    path = _path(it, i)
    ways[ride] = tuple((leg.id, a, b) for leg, a, b in path.hops)
    return _ride_draws(it, i, path)


def _leg_closures(it: Itinerary, path: Way) -> list[Closure]:
    closures = []
    for leg, _, _ in path.hops:
        closures += it.bench.not_before(leg.open_from, leg.id)
        closures += it.bench.works[f"legs.{leg.id}"]
    return closures


def _ride_draws(it: Itinerary, i: int, path: Way) -> str | None:
    """Running time of the whole ride plus incidents by leg, each its own stream."""
    bench, call = it.bench, it.calls[i]
    speed = _speed(it)
    mean, cv = path.mean_h(speed), path.cv(speed)
    law = Law("lognormal", mean=mean, cv=cv) if cv else Law("constant", mean=mean)
    stream = it.stream(call, "run")
    column = it.draws(i, "ride", "run", law)
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
    pairs = [(most(f), f.speed_kmh) for f in it.fleets]
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
