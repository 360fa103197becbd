"""A trip loads at a call and leaves by its sail rule, from the berth or from the roads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import ceil
from typing import Any, NamedTuple

from corridor_sim.errors import ModelError
from corridor_sim.inputs.laws_of import law_of
from corridor_sim.inputs.schema import Call, Fleet
from corridor_sim.model.alongside import Place
from corridor_sim.model.carriers import SHARE, UNITS
from corridor_sim.model.evacuation import HEAD_S, add_resumption, cut_line, way_out
from corridor_sim.model.meaning import FacilityVisit
from corridor_sim.model.service_itinerary import Itinerary
from corridor_sim.model.swap import after_swap
from corridor_sim.model.timetable import timetable
from corridor_sim.model.yards import crowding, room
from corridor_sim.primitives import Counter, Line, Quantity, Stage
from corridor_sim.terms import Amount, CountedFrom
from corridor_sim.units import seconds


class Loading(NamedTuple):
    """Names of what a call needs to load: the stages, and the lines in which trips wait for them."""

    stages: tuple[str, ...]
    lines: tuple[str, ...]


def add_loading(it: Itinerary, i: int) -> Loading:
    """Add the lines and stages in which a trip loads at a call, at a berth or at a track."""
    made = _at_berths(it, i) if it.places[i] else _at_track(it, i)
    names = [*made.stages, f"{it.label(i)} ride"]
    it.bench.meaning.nodes.update(dict.fromkeys(names, it.calls[i].node))
    return made


def _at_berths(it: Itinerary, i: int) -> Loading:
    """Alongside since it discharged, or from the roads; each at every berth of the call."""
    parts, own = it.bench.parts, it.places[i]
    roads = [_from_roads(it, i, place) for place in own]
    alongside = [_alongside(it, i, place) for place in own]
    parts.stages += [*alongside, *roads]
    for stages, line in ((alongside, None), (roads, f"{it.label(i)} roads")):
        it.bench.meaning.visits += [
            FacilityVisit(place.berth.id, it.name, line or stage.name, stage.name, role="rest")
            for place, stage in zip(own, stages, strict=True)
        ]
    names = tuple(stage.name for stage in roads)
    lines = [Line(f"{it.label(i)} roads", names)]
    if any(place.cut for place in own):
        lines.append(Line(f"{it.label(i)} roads first", names, offset_s=HEAD_S))
    parts.lines += lines
    left = [_left(it, i, place, stage) for place, stage in zip(own, roads, strict=True)]
    resumed = add_resumption(it, i, "load", left)
    again = () if resumed is None else resumed.alternatives
    lines += [] if resumed is None else [resumed]
    here = tuple(stage.name for stage in alongside)
    return Loading((*here, *names, *again), (*here, *(line.name for line in lines)))


def _alongside(it: Itinerary, i: int, place: Place) -> Stage:
    """It lies at the berth where it discharged: loads when it may, or makes room for others."""
    call, label, tag = it.calls[i], it.label(i), place.tag
    here, leave = f"{label} alongside{tag}", f"{label} leave{tag}"
    driven = way_out(
        it, i, place, f"{label} out{tag}", f"{label} roads first", f"wait:fill {it.name}"
    )
    it.bench.parts.lines += [
        Line(here, (here, *driven), give_up_s=seconds(call.yield_h), else_line=leave),
        Line(leave, (leave,)),
    ]
    it.bench.parts.stages.append(
        Stage(
            leave,
            state=f"service:{place.berth.id}",
            needs=place.move.needs,
            puts_start=(place.held, *place.move.puts_start),
            next_line=f"{label} roads",
        )
    )
    it.bench.meaning.nodes[leave] = call.node
    return replace(_berth_stage(it, i, place), name=here, gate=place.clock)


def _from_roads(it: Itinerary, i: int, place: Place) -> Stage:
    """It comes alongside when it may load."""
    stage = _berth_stage(it, i, place)
    return replace(
        stage,
        name=f"{it.label(i)} roads{place.tag}",
        gate=place.gate,
        needs=(place.held, *place.move.needs, *stage.needs),
        puts_start=(*place.move.puts_start, *stage.puts_start),
    )


def _left(it: Itinerary, i: int, place: Place, stage: Stage) -> Stage:
    """What is left of a loading that was broken off: no rule, and nothing of the fleet any more."""
    return Stage(
        stage.name,
        stage.state,
        gate=stage.gate,
        cut=stage.cut,
        cut_line=stage.cut_line,
        stock=stage.stock,
        needs=(place.held, *place.move.needs, *place.cranes),
        puts_start=(*place.move.puts_start, *_from_yard(it, i)),
        clock=stage.clock,
        puts_end=place.cranes,
        next_line=stage.next_line,
        turn_cause=stage.turn_cause,
    )


def _berth_stage(it: Itinerary, i: int, place: Place) -> Stage:
    """Loading of a vessel that is at a berth."""
    stage = _load_stage(it, i, place.unit_s > 0)
    column = it.draws(i, f"loading{place.tag}", "call", place.law, place.berth.load_share)
    return replace(
        stage,
        state=f"service:{place.berth.id}",
        cut=place.cut,
        cut_line=cut_line(it, i, place, "load"),
        needs=(*place.cranes, *stage.needs),
        work_column=column,
        unit_s=place.unit_s,
        clock=place.clock,
        puts_end=place.cranes,
        next_line=f"{it.label(i)} depart{place.tag}",
    )


def _at_track(it: Itinerary, i: int) -> Loading:
    """At a server, or at once."""
    call, bench, stage = it.calls[i], it.bench, _load_stage(it, i, False)
    if call.load:
        server = it.server(call.load)
        visit = FacilityVisit(server.id, it.name, stage.name, stage.name, role="load")
        bench.meaning.visits.append(visit)
        law = law_of(server, "service", bench.scenario.laws)
        stage = replace(
            stage,
            state=f"service:{server.id}",
            needs=(*server.needs, *stage.needs),
            work_column=it.draws(i, "loading", "load", law),
            clock=bench.facility_clock(server.id),
            puts_end=(Quantity(server.id),),
        )
    stages = [stage, *after_swap(it, i, stage)]
    bench.parts.stages += stages
    bench.parts.lines += [Line(s.name, (s.name,)) for s in stages]
    names = tuple(s.name for s in stages)
    return Loading(names, names)


def _load_stage(it: Itinerary, i: int, by_units: bool) -> Stage:
    """What every loading has: the sail rule, the fleet, the yard. `by_units`: work by units moved."""
    call, home, carrier = it.calls[i], i == 0, it.carrier
    pool = (Quantity(carrier.pool),) if home and carrier.pool else ()
    headway, running = _headway(it, i)
    table = timetable(it, i) if call.sail_rule == "timetable" else None
    return Stage(
        f"{it.label(i)} load",
        state=f"service:{call.node}",
        table=table,
        cutoff_s=seconds(call.cutoff_h) if table and call.cutoff_h is not None else -1,
        stock=it.at(i),
        needs=(*pool, *headway),
        puts_start=(*running, *_from_yard(it, i)),
        slow=crowding(it.bench, call.load_yard),
        next_line=f"{it.label(i)} depart",
        cycle=home and carrier.tokens,
        spawn=it.source if home and not carrier.tokens else None,
        vehicle=None if carrier.tokens or not it.fleets else f"{it.name} {it.fleets[0].id}",
        fill_cause=f"wait:fill {it.name}",
        table_cause=f"wait:timetable {it.name}",
        turn_cause=f"wait:loading {it.name}",
        **_rule(it, i, by_units),
    )


def _from_yard(it: Itinerary, i: int) -> tuple[Quantity, ...]:
    """Room that the lots loaded give back."""
    return room(it.bench, it.calls[i].load_yard, Amount.LOADED)


def _headway(it: Itinerary, i: int) -> tuple[tuple[Quantity, ...], tuple[Quantity, ...]]:
    """What a departure under a least headway takes, and what it gives back when that is over."""
    call, name = it.calls[i], f"headway {it.at(i)}"
    if call.sail_rule != "hybrid" or not call.min_headway_h:
        return (), ()
    if not any(c.name == name for c in it.bench.parts.counters):
        it.bench.parts.counters.append(Counter(name, 1, cause=f"wait:{name}"))
    return (Quantity(name),), (Quantity(name, lag_s=seconds(call.min_headway_h)),)


def _rule(it: Itinerary, i: int, by_units: bool) -> dict[str, Any]:
    """load_min, deadline and floor of a sail rule, and whether a full vessel leaves at once."""
    call, home = it.calls[i], i == 0
    if call.sail_rule in ("at_once", "timetable"):
        return {}
    wait = {"deadline_s": -1 if call.max_wait_h is None else seconds(call.max_wait_h)}
    if call.sail_rule == "on_demand":
        return {"load_min": 1, "deadline_from": CountedFrom.MARK, **wait}
    threshold = _threshold(it, i, by_units) | {"full": full_leaves(call, it.fleets)}
    if call.sail_rule == "fill":
        return threshold
    # a train or ship does not set out from home without any cargo; it does return without
    born_waiting = home and not it.carrier.tokens
    oldest = call.counted_from == "first_unit" or born_waiting
    start = CountedFrom.OLDEST_LOT if oldest else CountedFrom.MARK
    return threshold | wait | {"deadline_from": start, "load_floor": 1 if home else 0}


def _threshold(it: Itinerary, i: int, by_units: bool) -> dict[str, Any]:
    """Units, or shares of the vehicle; a stage whose work is counted in units counts in units."""
    call = it.calls[i]
    if call.fill_units is not None:
        return {"load_min": call.fill_units, "dim": UNITS}
    share = 1.0 if call.fill_min_share is None else call.fill_min_share
    if not by_units:
        return {"load_min": ceil(share * it.carrier.full_share - 1e-9), "dim": SHARE}
    sizes = {size for fleet in it.fleets for size in fleet.capacity if size}
    if len(sizes) != 1:
        raise ModelError(
            f"calls.{call.id}.fill_min_share: cranes work by the move, and the vessels take several "
            f"kinds of lots (found {sorted(sizes)}). Fix: fill_units instead"
        )
    return {"load_min": ceil(share * sizes.pop() - 1e-9), "dim": UNITS}


def full_leaves(call: Call, fleets: Iterable[Fleet]) -> bool:
    """Whether it leaves when the next lot does not fit: where asked for, where it may have loaded
    before (`load_first`), or by a dated payload."""
    asked = True if call.load_first else call.full_leaves
    return any(isinstance(f.payload_t, dict) for f in fleets) if asked is None else asked
