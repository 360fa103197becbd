"""A vessel that does not find room for its whole discharge: by instalments, or after loading first.

What is left is done alongside: the berth stays taken, cranes are taken for the work alone.
"""

from __future__ import annotations

from dataclasses import replace

from corridor_sim.inputs.schema import Call
from corridor_sim.model.alongside import Place
from corridor_sim.model.carriers import UNITS
from corridor_sim.model.evacuation import HEAD_S, way_out
from corridor_sim.model.meaning import FacilityVisit
from corridor_sim.model.service_itinerary import Itinerary
from corridor_sim.model.yards import crowding, room
from corridor_sim.primitives import Line, Stage
from corridor_sim.terms import Amount


def is_in_parts(call: Call) -> bool:
    """Whether a discharge may go on after its first visit."""
    return call.unload_max_units is not None or call.load_first


def add_rest(it: Itinerary, i: int, place: Place, stage: Stage) -> Stage:
    """Add what a vessel alongside does with the rest; gives the visit from the roads before it."""
    call, bench, rest = it.calls[i], it.bench, f"{it.label(i)} rest{place.tag}"
    most = -1 if call.unload_max_units is None else call.unload_max_units
    stage = replace(stage, unload_max=most, dim=UNITS, loop_line=rest)
    needs = (*place.cranes, *room(bench, call.yard, Amount.UNLOADED))
    # the hours of a law are all in the first visit: how many more there will be is not known
    again = replace(
        stage, name=rest, gate=place.clock, needs=needs, puts_start=(), work_column=None
    )
    names = [rest]
    if call.load_first:
        names.append(f"{rest} load first")
        bench.parts.stages.append(_loading(it, i, place, names[-1]))
    driven = way_out(it, i, place, f"{rest} out", _first(it, i), f"wait:{call.yard}")
    bench.parts.stages.append(again)
    bench.parts.lines.append(Line(rest, (*names, *driven)))
    bench.meaning.nodes.update(dict.fromkeys(names, call.node))
    bench.meaning.visits += [
        FacilityVisit(place.berth.id, it.name, rest, name, role="rest") for name in names
    ]
    return stage


def add_return(it: Itinerary, i: int, stages: tuple[str, ...]) -> None:
    """Add the line of who was driven out between two parts: before all others in the roads."""
    if is_in_parts(it.calls[i]) and any(place.cut for place in it.places[i]):
        it.bench.parts.lines.append(Line(_first(it, i), stages, offset_s=HEAD_S))


def _first(it: Itinerary, i: int) -> str:
    return f"{it.label(i)} unload first"


def add_load_first(it: Itinerary, i: int, place: Place) -> str:
    """The way alongside of a vessel that finds no room: it loads, and discharges after that."""
    name = f"{it.label(i)} load first{place.tag}"
    stage = _loading(it, i, place, name)
    it.bench.parts.stages.append(
        replace(
            stage,
            gate=place.gate,
            needs=(place.held, *place.move.needs, *stage.needs),
            puts_start=(*place.move.puts_start, *stage.puts_start),
        )
    )
    it.bench.meaning.nodes[name] = it.calls[i].node
    line = f"{it.label(i)} unload"
    it.bench.meaning.visits.append(FacilityVisit(place.berth.id, it.name, line, name, role="rest"))
    return name


def _loading(it: Itinerary, i: int, place: Place, name: str) -> Stage:
    """Loading, alongside, of what is here and fits; then the discharge is tried again.

    SIMPLIFIED: a storm that drives ships out lets it end (docs/assumptions.md#evacuation).
    """
    call, bench = it.calls[i], it.bench
    column = it.draws(i, f"loading{place.tag}", "call", place.law, place.berth.load_share)
    return Stage(
        name,
        state=f"service:{place.berth.id}",
        gate=place.clock,
        stock=it.at(i),
        load_min=1,
        dim=UNITS,
        needs=place.cranes,
        puts_start=room(bench, call.load_yard, Amount.LOADED),
        puts_end=place.cranes,
        work_column=column,
        unit_s=place.unit_s,
        clock=place.clock,
        slow=crowding(bench, call.load_yard),
        next_line=f"{it.label(i)} rest{place.tag}",
        turn_cause=f"wait:turn {it.at(i)}",
    )
