"""Chains: the facilities that a trip passes one after another, with blocking after service."""

from __future__ import annotations

from corridor_sim.errors import ModelError
from corridor_sim.facilities import Server
from corridor_sim.facilities.server import Visit
from corridor_sim.inputs.laws_of import law_of
from corridor_sim.model.build import Bench
from corridor_sim.model.meaning import FacilityVisit
from corridor_sim.primitives import Quantity


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
    it is admitted.
    """
    names = [f"{prefix} {i}:{f}" for i, f in enumerate(facilities)]
    held: tuple[Quantity, ...] = ()
    for i, facility in enumerate(facilities):
        row = bench.scenario.facilities[facility]
        if not isinstance(row, Server):
            raise ModelError(
                f"facilities.{facility}: a {row.type} cannot stand in `via`. Fix: use a server"
            )
        last = i + 1 == len(facilities)
        after = None if last else bench.scenario.facilities[facilities[i + 1]]
        column = bench.draws(
            source,
            f"{prefix} {i}:{facility}",
            f"{stream}.{i}.{facility}",
            law_of(row, "service", bench.scenario.laws),
            happens_share=row.happens_share,
            n=n_draw,
        )
        visit = Visit(
            names[i],
            next_line=next_line if last else names[i + 1],
            place=place if last else None,
            clock=bench.facility_clock(facility),
            column=column,
            release=held,
            hold=isinstance(after, Server) and after.blocks,
            spawn=spawn if i == 0 else None,
        )
        held = row.expand(bench.parts, visit)
        enter = f"{names[i]} enter" if row.places is not None else None
        stages = [f"{names[i]} serve", *([enter] if enter else [])]
        bench.meaning.nodes.update(dict.fromkeys(stages, row.node))
        bench.meaning.visits.append(
            FacilityVisit(facility, by, names[i], f"{names[i]} serve", enter)
        )
    return names[0] if names else next_line
