"""Chains: the facilities that a trip passes one after another, with blocking after service."""

from __future__ import annotations

from dataclasses import dataclass, replace

from corridor_sim.errors import ModelError
from corridor_sim.facilities import BorderCrossing, Server
from corridor_sim.facilities.border_crossing import FORMAL, Work
from corridor_sim.facilities.server import Visit
from corridor_sim.inputs.laws_of import law_of
from corridor_sim.model.build import Bench
from corridor_sim.model.meaning import FacilityVisit
from corridor_sim.model.profiles import daily
from corridor_sim.primitives import Quantity


@dataclass(frozen=True)
class _Whose:
    """Whose trips pass a chain, and how long their streams are at least."""

    by: str
    source: str
    n_draw: int


def chain(
    bench: Bench,
    prefix: str,
    facilities: tuple[str, ...],
    *,
    by: str,
    source: str,
    stream: str,
    next_line: str | None,
    place: str | None = None,
    spawn: str | None = None,
    n_draw: int = 0,
) -> str | None:
    """Add one itinerary's visits of `facilities` in order; the first line, or `next_line` if none.

    A facility with places and `when_full: block` makes the trip keep the server before it until
    it is admitted. A border crossing whose papers were all dealt with before is left out.
    """
    rows = [_row(bench, name) for name in facilities]
    passed = [i for i, row in enumerate(rows) if _has_work(row, facilities[:i])]
    names = [f"{prefix} {i}:{facilities[i]}" for i in passed]
    held: tuple[Quantity, ...] = ()
    for n, i in enumerate(passed):
        row, last = rows[i], n + 1 == len(passed)
        after = None if last else rows[passed[n + 1]]
        visit = Visit(
            names[n],
            next_line=next_line if last else names[n + 1],
            place=place if last else None,
            release=held,
            hold=isinstance(after, Server) and after.blocks,
            spawn=spawn if n == 0 else None,
        )
        whose, named = _Whose(by, source, n_draw), f"{stream}.{i}.{row.id}"
        if isinstance(row, Server):
            held = _serve(bench, row, visit, whose, named)
        else:
            held = _cross(bench, row, visit, whose, named, facilities[:i])
    return names[0] if names else next_line


def _row(bench: Bench, name: str) -> Server | BorderCrossing:
    row = bench.scenario.facilities[name]
    if not isinstance(row, Server | BorderCrossing):
        raise ModelError(
            f"facilities.{name}: a {row.type} cannot stand in `via`. Fix: use a server"
        )
    return row


def _has_work(row: Server | BorderCrossing, before: tuple[str, ...]) -> bool:
    return isinstance(row, Server) or bool(row.components(before))


def _serve(
    bench: Bench, row: Server, visit: Visit, whose: _Whose, stream: str
) -> tuple[Quantity, ...]:
    """One visit of a server; gives what the trip still holds after."""
    column = bench.draws(
        whose.source,
        visit.name,
        stream,
        law_of(row, "service", bench.scenario.laws),
        happens_share=row.happens_share,
        n=whose.n_draw,
    )
    held = row.expand(
        bench.parts, replace(visit, column=column, clock=bench.facility_clock(row.id))
    )
    enter = f"{visit.name} enter" if row.places is not None else None
    stages = [f"{visit.name} serve", *([enter] if enter else [])]
    bench.meaning.nodes.update(dict.fromkeys(stages, row.node))
    bench.meaning.visits.append(
        FacilityVisit(row.id, whose.by, visit.name, f"{visit.name} serve", enter)
    )
    return held


def _cross(
    bench: Bench,
    row: BorderCrossing,
    visit: Visit,
    whose: _Whose,
    stream: str,
    before: tuple[str, ...],
) -> tuple[Quantity, ...]:
    """One passage of a border crossing; gives what the trip still holds after."""
    what_is_done = row.components(before)
    work = {what: _work(bench, row, what, visit, whose, stream) for what in what_is_done}
    held = row.expand(bench.parts, visit, work)
    for what in work:
        stage = f"{visit.name} {what}"
        line = visit.name if what == what_is_done[0] else stage
        bench.meaning.nodes[stage] = row.node
        bench.meaning.servers[f"{row.id} {what}"] = row.limits.get(what, 0)
        bench.meaning.visits.append(FacilityVisit(f"{row.id} {what}", whose.by, line, stage))
    return held


def _work(
    bench: Bench, row: BorderCrossing, what: str, visit: Visit, whose: _Whose, stream: str
) -> Work:
    """The seconds of one component, each from a stream of its own, and its calendar."""
    if what == "acceptance":
        return Work(calendar=_calendar(bench, row, what, None))
    column = bench.draws(
        whose.source,
        f"{visit.name} {what}",
        f"{stream}.{what}",
        law_of(row, what, bench.scenario.laws),
        scale=row.scale(what),
        happens_share=row.share(what),
        n=whose.n_draw,
    )
    if what in FORMAL:
        return Work(column, bench.facility_clock(row.id))
    return Work(column, _calendar(bench, row, what, row.physical_open_daily))


def _calendar(bench: Bench, row: BorderCrossing, what: str, hours: str | None) -> str | None:
    """When a component that is no paperwork is open: its own hours, less dated closures."""
    closures = list(bench.works[f"facilities.{row.id}"])
    if hours:
        cause = f"closed {row.id} {what}"
        closures += daily(hours, row.utc_offset_h, bench.horizon_s, cause)
    return bench.calendar(f"{what} {row.id}", closures)
