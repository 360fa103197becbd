"""A train that finds no room for all it brings is let in for what it takes away: box for box."""

from __future__ import annotations

from dataclasses import replace

from corridor_sim.model.carriers import UNITS
from corridor_sim.model.service_itinerary import Itinerary
from corridor_sim.model.yards import room
from corridor_sim.primitives import Stage
from corridor_sim.terms import Amount, CountedFrom


def swapped(it: Itinerary, i: int, stage: Stage) -> tuple[Stage, ...]:
    """The unloading of a train as an exchange with what waits for it here; () if the call has none.

    One visit of the same work: it needs a track, and room for as much as it brings more than it takes.
    """
    call = it.calls[i]
    if not call.swap:
        return ()
    return (
        replace(
            stage,
            name=f"{stage.name} swap",
            stock=it.at(i),
            swap=True,
            load_min=1,
            dim=UNITS,
            puts_start=(*stage.puts_start, *room(it.bench, call.load_yard, Amount.LOADED)),
            next_line=_line(it, i),
            # whatever it waits for, it waits because the yard is full
            fill_cause=f"wait:{call.yard}",
            turn_cause=f"wait:{call.yard}",
        ),
    )


def after_swap(it: Itinerary, i: int, stage: Stage) -> tuple[Stage, ...]:
    """The loading after an exchange: what is on board counts for the sail rule; () without a swap.

    It has cargo already, so its longest wait runs from the end of the exchange.
    """
    if not it.calls[i].swap:
        return ()
    return (
        replace(
            stage,
            name=_line(it, i),
            counts_board=stage.load_min > 0,
            load_floor=0,
            deadline_from=CountedFrom.MARK,
        ),
    )


def _line(it: Itinerary, i: int) -> str:
    return f"{it.label(i)} load after swap"
