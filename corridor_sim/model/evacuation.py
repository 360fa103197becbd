"""Evacuation: vessels leave the berth as they are and come back first, with the work that is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from corridor_sim.model.alongside import Place
from corridor_sim.model.build import CLASS_S, Bench
from corridor_sim.model.meaning import FacilityVisit
from corridor_sim.model.profiles import Closure
from corridor_sim.model.service_itinerary import Itinerary
from corridor_sim.primitives import Line, Stage

HEAD_S = -2 * CLASS_S
"""Offset of vessels that were driven out: before all who wait in the roads, windows or not."""


def cut_line(it: Itinerary, i: int, place: Place, work: str) -> str | None:
    """Where a vessel goes whose work (`unload`, `load`) an evacuation breaks off; None: none does."""
    return f"{it.label(i)} {work} cut{place.tag}" if place.cut else None


def add_resumption(it: Itinerary, i: int, work: str, stages: Sequence[Stage]) -> Line | None:
    """How work that was broken off is done after all: the line; None where no weather does so.

    stages    the work from the roads, one for each place of the call

    The vessel puts its berth back and joins the head of the roads; at any berth of the call it does
    what is left, which needs no new number.
    """
    if not any(place.cut for place in it.places[i]):
        return None
    again = f"{it.label(i)} {work} resume"
    names = [f"{again}{place.tag}" for place in it.places[i]]
    for name, stage, place in zip(names, stages, it.places[i], strict=True):
        left = replace(stage, name=name, resume=True, work_column=None, unit_s=0)
        it.bench.parts.stages.append(left)
        rest = FacilityVisit(place.berth.id, it.name, again, name, role="rest")
        it.bench.meaning.visits.append(rest)
    line = Line(again, tuple(names), offset_s=HEAD_S)
    it.bench.parts.lines.append(line)
    for place in it.places[i]:
        leaving = cut_line(it, i, place, work)
        if leaving is not None:
            add_leaving(it, i, place, leaving, again)
            names.append(leaving)
    it.bench.meaning.nodes.update(dict.fromkeys(names, it.calls[i].node))
    return line


def add_leaving(it: Itinerary, i: int, place: Place, name: str, next_line: str) -> None:
    """A line and stage in which a vessel puts its berth back at once."""
    it.bench.parts.lines.append(Line(name, (name,)))
    it.bench.parts.stages.append(
        Stage(name, _state(place), puts_start=(place.held,), next_line=next_line)
    )


def way_out(
    it: Itinerary, i: int, place: Place, name: str, next_line: str, cause: str
) -> list[str]:
    """The alternative by which a vessel that waits alongside is driven out, if any weather does so.

    SIMPLIFIED: all its wait before that is called `cause` (docs/assumptions.md#evacuation).
    """
    if place.cut is None:
        return []
    stage = Stage(
        name,
        _state(place),
        gate=_while_evacuated(it.bench, place.cut, cause),
        puts_start=(place.held,),
        next_line=next_line,
    )
    it.bench.parts.stages.append(stage)
    it.bench.meaning.nodes[name] = it.calls[i].node
    return [name]


def _state(place: Place) -> str:
    return f"service:{place.berth.id}"


def _while_evacuated(bench: Bench, calendar: str, cause: str) -> str | None:
    """The calendar that is open while another one is closed."""
    row = next(c for c in bench.parts.calendars if c.name == calendar)
    spans = zip(row.open_s.tolist(), row.close_s.tolist(), strict=True)
    kept_in = [Closure(a if a else -1, b, "calendar", cause) for a, b in spans]
    return bench.calendar(f"{calendar} in force, {cause}", kept_in)
