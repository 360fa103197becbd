"""A trip arrives at a call: what it passes, its berth or track, what it unloads into which yard."""

from __future__ import annotations

from dataclasses import replace

from corridor_sim.inputs.laws_of import law_of
from corridor_sim.model.alongside import Place
from corridor_sim.model.build import CLASS_S
from corridor_sim.model.chains import chain
from corridor_sim.model.discharge import add_load_first, add_rest, add_return, is_in_parts
from corridor_sim.model.evacuation import add_resumption, cut_line
from corridor_sim.model.holds import add_holds, taken_in
from corridor_sim.model.meaning import FacilityVisit
from corridor_sim.model.redeployment import end_line
from corridor_sim.model.service_itinerary import Itinerary
from corridor_sim.model.swap import swapped
from corridor_sim.model.yards import crowding, room
from corridor_sim.primitives import Line, Quantity, Stage
from corridor_sim.terms import Amount
from corridor_sim.units import seconds


def add_arrival(it: Itinerary, i: int) -> None:
    call, bench = it.calls[i], it.bench
    stages = [_berth_stage(it, i, place) for place in it.places[i]] or _track_stages(it, i)
    bench.parts.stages.extend(stages)
    if call.holds:
        add_holds(it, i, stages)
    else:
        first = [add_load_first(it, i, place) for place in it.places[i]] if call.load_first else []
        names = (*(stage.name for stage in stages), *first)
        _roads(it, i, names)
        add_return(it, i, names)
    if it.places[i]:
        add_resumption(it, i, "unload", stages)
    bench.meaning.nodes.update(dict.fromkeys((stage.name for stage in stages), call.node))
    used: list[str | None] = [place.berth.id for place in it.places[i]] or [call.unload] * len(
        stages
    )
    bench.meaning.visits += [
        FacilityVisit(facility, it.name, f"{it.label(i)} unload", stage.name)
        for facility, stage in zip(used, stages, strict=True)
        if facility
    ]
    chain(
        bench,
        f"{it.label(i)} via",
        call.via,
        by=it.name,
        source=it.source,
        stream=it.stream(call, "via"),
        next_line=f"{it.label(i)} unload",
        n_draw=it.n_draw,
    )


def _roads(it: Itinerary, i: int, stages: tuple[str, ...]) -> None:
    """Where it waits for a berth or track; with a window first among those who have priority."""
    line, grace_h = f"{it.label(i)} unload", it.calls[i].grace_h
    if grace_h is None or not it.places[i]:
        it.bench.parts.lines.append(Line(line, stages))
        return
    grace_s, late = seconds(grace_h), f"{line} late"
    first = Line(line, stages, offset_s=-CLASS_S, give_up_s=grace_s, else_line=late)
    # who was patient for its grace is as old as it came
    it.bench.parts.lines += [first, Line(late, stages, offset_s=-grace_s)]


def _berth_stage(it: Itinerary, i: int, place: Place) -> Stage:
    """Berthing and discharge in one visit."""
    next_line, puts = _after(it, i, place.tag)
    if next_line is None or next_line == end_line(it):
        puts = (*puts, place.held)
    cut = cut_line(it, i, place, "unload")
    if (cut is not None or is_in_parts(it.calls[i])) and puts:
        # a visit that is cut, or not the last, puts its `puts_end` too, so what is held goes back
        # in a stage behind
        next_line, puts = _off(it, i, place, puts, next_line), ()
    share = 1 - place.berth.load_share
    stage = replace(
        _unload_stage(it, i, place.tag),
        state=f"service:{place.berth.id}",
        gate=place.gate,
        cut=place.cut,
        needs=(place.held, *place.move.needs, *place.cranes, *_room(it, i)),
        work_column=it.draws(i, f"discharge{place.tag}", "call", place.law, share),
        unit_s=place.unit_s,
        clock=place.clock,
        puts_start=place.move.puts_start,
        puts_end=(*puts, *place.cranes),
        next_line=next_line,
        cut_line=cut,
    )
    return add_rest(it, i, place, stage) if is_in_parts(it.calls[i]) else stage


def _off(
    it: Itinerary, i: int, place: Place, puts: tuple[Quantity, ...], next_line: str | None
) -> str:
    """A line and stage in which a vessel that has discharged puts back what it holds."""
    name = f"{it.label(i)} off{place.tag}"
    state = f"service:{place.berth.id}"
    it.bench.parts.lines.append(Line(name, (name,)))
    it.bench.parts.stages.append(Stage(name, state, puts_start=puts, next_line=next_line))
    it.bench.meaning.nodes[name] = it.calls[i].node
    return name


def _track_stages(it: Itinerary, i: int) -> list[Stage]:
    """With room for all that it brings, or in exchange."""
    stage = _track_stage(it, i)
    return [stage, *swapped(it, i, stage)]


def _track_stage(it: Itinerary, i: int) -> Stage:
    """Unloading at a server, or at once."""
    call = it.calls[i]
    next_line, puts = _after(it, i, "")
    stage = replace(
        _unload_stage(it, i, ""),
        needs=_room(it, i),
        puts_start=taken_in(it, i),
        puts_end=puts,
        next_line=next_line,
    )
    if not call.unload:
        return stage
    server = it.server(call.unload)
    law = law_of(server, "service", it.bench.scenario.laws)
    return replace(
        stage,
        state=f"service:{server.id}",
        needs=(*server.needs, *stage.needs),
        work_column=it.draws(i, "unload", "unload", law),
        clock=it.bench.facility_clock(server.id),
        puts_end=(*puts, Quantity(server.id)),
    )


def _unload_stage(it: Itinerary, i: int, tag: str) -> Stage:
    return Stage(
        f"{it.label(i)} unload{tag}",
        state=f"service:{it.calls[i].node}",
        place=it.at(i),
        mark=it.calls[i].counted_from != "arrival",
        slow=crowding(it.bench, it.calls[i].yard),
        turn_cause=f"wait:turn {it.at(i)}",
    )


def _room(it: Itinerary, i: int) -> tuple[Quantity, ...]:
    """Room in the yard for what is unloaded."""
    return room(it.bench, it.calls[i].yard, Amount.UNLOADED, by_land=not it.places[i])


def _after(it: Itinerary, i: int, tag: str) -> tuple[str | None, tuple[Quantity, ...]]:
    """Where a trip goes when it has unloaded, and what of its fleet it then puts back."""
    home, carrier = i == 0, it.carrier
    if home and carrier.redeploys:
        return end_line(it), ()
    back = (Quantity(carrier.pool),) if home and carrier.pool else ()
    if (home and not carrier.tokens) or (it.ends and i + 1 == len(it.calls)):
        return None, back
    return f"{it.label(i)} {'alongside' if it.places[i] else 'load'}{tag}", back
