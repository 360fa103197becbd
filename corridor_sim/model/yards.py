"""Yards as calls use them: room for lots by part, and work that a crowded yard makes longer."""

from __future__ import annotations

from corridor_sim.facilities import Yard
from corridor_sim.model.build import Bench
from corridor_sim.model.carriers import UNITS
from corridor_sim.primitives import Quantity, Slow
from corridor_sim.terms import Amount


def room(
    bench: Bench, name: str | None, kind: Amount, *, by_land: bool = False
) -> tuple[Quantity, ...]:
    """Places of a yard for the lots that a stage moves, and for those of each limited part.

    Asked together, so all or none are granted; () without a yard. by_land: what vessels need to
    swap is left free (decision 0006).
    """
    yard = _yard(bench, name)
    if yard is None:
        return ()
    groups = bench.lot_groups
    dim = groups.dim(yard.id, "") if yard.unit else UNITS
    whole = Quantity(yard.id, kind=kind, dim=dim, spare=yard.swap_places if by_land else 0)
    parts = (
        Quantity(f"{yard.id} {part}", kind=kind, dim=groups.dim(yard.id, part))
        for part in yard.parts
    )
    return (whole, *parts)


def crowding(bench: Bench, name: str | None) -> str | None:
    """The table by which work at a yard takes longer; None: it never does."""
    yard = _yard(bench, name)
    steps = () if yard is None else yard.slow_steps()
    if yard is None or not steps:
        return None
    table = f"crowded {yard.id}"
    if not any(slow.name == table for slow in bench.parts.slows):
        bench.parts.slows.append(Slow(table, yard.id, steps))
    return table


def _yard(bench: Bench, name: str | None) -> Yard | None:
    row = bench.scenario.facilities.get(name or "")
    return row if isinstance(row, Yard) else None
