"""A trip arrives at a call: what it passes, its berth or track, what it unloads into which yard."""

from __future__ import annotations

from corridor_sim.inputs.laws_of import law_of
from corridor_sim.model.carriers import UNITS
from corridor_sim.model.chains import chain
from corridor_sim.model.harbour import harbour_movement
from corridor_sim.model.meaning import FacilityVisit
from corridor_sim.model.service_itinerary import Itinerary
from corridor_sim.primitives import Line, Quantity, Stage
from corridor_sim.terms import Amount


def add_arrival(it: Itinerary, i: int) -> None:
    call, at = it.calls[i], it.at(i)
    home = i == 0
    leaves = home and not it.carrier.tokens
    after = (
        None
        if leaves or (it.ends and i + 1 == len(it.calls))
        else f"{at} {'alongside' if call.berth else 'load'}"
    )
    back = (Quantity(it.carrier.pool),) if home and it.carrier.pool else ()
    needs, column, clock, end, state = [], None, None, list(back), f"service:{call.node}"
    gate = None
    starts: tuple[Quantity, ...] = ()
    if call.berth:
        berth = it.berth(call)
        move = harbour_movement(it.bench, call.node)
        needs += [Quantity(berth.id), *move.needs]
        starts = move.puts_start
        column = it.call_draws(i, "discharge", 1 - berth.load_share)
        clock = it.bench.facility_clock(berth.id)
        gate = it.bench.berthing_gate(berth)
        state = f"service:{berth.id}"
        if after is None:
            end.append(Quantity(berth.id))
    elif call.unload:
        server = it.server(call.unload)
        needs.append(Quantity(server.id))
        law = law_of(server, "service", it.bench.scenario.laws)
        column = it.bench.draws(
            it.source,
            f"{at} unload",
            f"services.{it.name}.{call.id}.unload",
            law,
            n=it.n_draw,
        )
        clock = it.bench.facility_clock(server.id)
        end.append(Quantity(server.id))
        state = f"service:{server.id}"
    if call.yard:
        needs.append(Quantity(call.yard, kind=Amount.UNLOADED, dim=UNITS))
    it.bench.parts.lines.append(Line(f"{at} unload", (f"{at} unload",)))
    it.bench.parts.stages.append(
        Stage(
            f"{at} unload",
            state=state,
            gate=gate,
            needs=tuple(needs),
            place=at,
            work_column=column,
            clock=clock,
            puts_start=starts,
            puts_end=tuple(end),
            next_line=after,
            mark=True,
            turn_cause=f"wait:turn {at}",
        )
    )
    it.bench.meaning.nodes[f"{at} unload"] = call.node
    used = call.berth or call.unload
    if used:
        visit = FacilityVisit(used, it.name, f"{at} unload", f"{at} unload")
        it.bench.meaning.visits.append(visit)
    chain(
        it.bench,
        f"{at} via",
        call.via,
        by=it.name,
        source=it.source,
        stream=f"services.{it.name}.{call.id}.via",
        next_line=f"{at} unload",
        n_draw=it.n_draw,
    )
