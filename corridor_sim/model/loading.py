"""A trip loads at a call and leaves by its sail rule, from the berth or from the roads."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np

from corridor_sim.inputs.laws_of import law_of
from corridor_sim.model.carriers import SHARE, UNITS
from corridor_sim.model.draws import draw_seconds, uniforms
from corridor_sim.model.harbour import harbour_movement
from corridor_sim.model.meaning import CallMeaning, FacilityVisit
from corridor_sim.model.service_itinerary import Itinerary
from corridor_sim.primitives import Counter, Line, Quantity, Stage
from corridor_sim.terms import Amount, CountedFrom
from corridor_sim.units import HOUR_S, seconds


def add_loading(it: Itinerary, i: int) -> None:
    call, at = it.calls[i], it.at(i)
    stages = [_load_stage(it, i, "load", own_berth=False)]
    lines = it.bench.parts.lines
    if call.berth:
        stages = [
            _load_stage(it, i, "alongside", own_berth=True),
            _load_stage(it, i, "roads", own_berth=False),
        ]
        leave = f"{at} leave"
        lines.append(
            Line(
                f"{at} alongside",
                (f"{at} alongside",),
                give_up_s=seconds(call.yield_h),
                else_line=leave,
            )
        )
        move = harbour_movement(it.bench, call.node)
        lines.append(Line(leave, (leave,)))
        lines.append(Line(f"{at} roads", (f"{at} roads",)))
        it.bench.parts.stages.append(
            Stage(
                leave,
                state=f"service:{call.berth}",
                needs=move.needs,
                puts_start=(Quantity(call.berth), *move.puts_start),
                next_line=f"{at} roads",
            )
        )
    else:
        lines.append(Line(f"{at} load", (f"{at} load",)))
    it.bench.parts.stages.extend(stages)
    names = [*(s.name for s in stages), f"{at} leave", f"{at} ride"]
    it.bench.meaning.nodes.update(dict.fromkeys(names, call.node))
    it.bench.meaning.calls.append(
        CallMeaning(
            it.name,
            call.node,
            it.calls[(i + 1) % len(it.calls)].node,
            tuple(s.name for s in stages),
            f"{at} ride",
            it.source,
            i == 0,
        )
    )


def _load_stage(it: Itinerary, i: int, what: str, own_berth: bool) -> Stage:
    call, at, home = it.calls[i], it.at(i), i == 0
    needs, ends, column, clock, gate = [], [], None, None, None
    starts: list[Quantity] = []
    if call.berth:
        berth = it.berth(call)
        gate = clock = it.bench.facility_clock(berth.id)
        column = it.call_draws(i, "loading", berth.load_share)
        if not own_berth:
            gate = it.bench.berthing_gate(berth)
            move = harbour_movement(it.bench, call.node)
            needs += [Quantity(berth.id), *move.needs]
            starts += move.puts_start
    elif call.load:
        server = it.server(call.load)
        law = law_of(server, "service", it.bench.scenario.laws)
        column = it.bench.draws(
            it.source,
            f"{at} loading",
            f"services.{it.name}.{call.id}.load",
            law,
            n=it.n_draw,
        )
        clock = it.bench.facility_clock(server.id)
        needs.append(Quantity(server.id))
        ends.append(Quantity(server.id))
        visit = FacilityVisit(server.id, it.name, f"{at} load", f"{at} load")
        it.bench.meaning.visits.append(visit)
    if home and it.carrier.pool:
        needs.append(Quantity(it.carrier.pool))
    if call.sail_rule == "hybrid" and call.min_headway_h:
        headway = f"headway {at}"
        if what in ("load", "roads"):
            it.bench.parts.counters.append(Counter(headway, 1, cause=f"wait:{headway}"))
        needs.append(Quantity(headway))
        starts.append(Quantity(headway, lag_s=seconds(call.min_headway_h)))
    if call.load_yard:
        starts.append(Quantity(call.load_yard, kind=Amount.LOADED, dim=UNITS))
    table = _table(it, i) if call.sail_rule == "timetable" else None
    return Stage(
        f"{at} {what}",
        state=f"service:{call.berth or call.load or call.node}",
        gate=gate,
        table=table,
        cutoff_s=seconds(call.cutoff_h) if table and call.cutoff_h is not None else -1,
        stock=at,
        needs=tuple(needs),
        puts_start=tuple(starts),
        work_column=column,
        clock=clock,
        puts_end=tuple(ends),
        next_line=f"{at} depart",
        cycle=home and it.carrier.tokens,
        spawn=it.source if home and not it.carrier.tokens else None,
        vehicle=None
        if it.carrier.tokens or not it.carrier.fleets
        else f"{it.name} {it.carrier.fleets[0].id}",
        fill_cause=f"wait:fill {it.name}",
        table_cause=f"wait:timetable {it.name}",
        turn_cause=f"wait:loading {it.name}",
        **_rule(it, i),
    )


def _rule(it: Itinerary, i: int) -> dict[str, Any]:
    """load_min, deadline and floor of a sail rule."""
    call, home = it.calls[i], i == 0
    if call.sail_rule in ("at_once", "timetable"):
        return {}
    wait = {"deadline_s": -1 if call.max_wait_h is None else seconds(call.max_wait_h)}
    if call.sail_rule == "on_demand":
        return {"load_min": 1, "deadline_from": CountedFrom.MARK, **wait}
    threshold: dict[str, Any] = {"load_min": call.fill_units, "dim": UNITS}
    if call.fill_units is None:
        share = 1.0 if call.fill_min_share is None else call.fill_min_share
        threshold = {"load_min": ceil(share * it.carrier.full_share - 1e-9), "dim": SHARE}
    if call.sail_rule == "fill":
        return threshold
    # a train or ship does not set out from home without any cargo; it does return without
    born_waiting = home and not it.carrier.tokens
    oldest = call.counted_from == "first_unit" or born_waiting
    start = CountedFrom.OLDEST_LOT if oldest else CountedFrom.MARK
    return threshold | wait | {"deadline_from": start, "load_floor": 1 if home else 0}


def _table(it: Itinerary, i: int) -> str:
    call, bench = it.calls[i], it.bench
    name = f"timetable {it.at(i)}"
    if name not in bench.parts.tables:
        first = call.offset_h * HOUR_S
        if call.every_h:
            at = np.arange(first, bench.horizon_s + call.every_h * HOUR_S, call.every_h * HOUR_S)
            bench.parts.tables[name] = np.rint(at).astype(np.int64)
        else:
            law = law_of(call, "headway", bench.scenario.laws)
            assert law is not None
            n = 64
            while True:
                u = uniforms(bench.seed, bench.rep, f"calls.{call.id}.headway", n)
                times = round(first) + np.cumsum(draw_seconds(law, u))
                if times[-1] > bench.horizon_s:
                    break
                n *= 2
            bench.parts.tables[name] = times
    return name
