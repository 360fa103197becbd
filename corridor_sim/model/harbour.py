"""Harbour movements at a finite rate: what makes a port that reopens work off its queue slowly."""

from __future__ import annotations

from typing import NamedTuple

from corridor_sim.model.build import Bench
from corridor_sim.primitives import Counter, Quantity
from corridor_sim.units import HOUR_S


class Movement(NamedTuple):
    """What the stage of one movement asks for, and puts back at its start after a lag."""

    needs: tuple[Quantity, ...] = ()
    puts_start: tuple[Quantity, ...] = ()


def harbour_movement(bench: Bench, node: str) -> Movement:
    """The needs and puts of a stage in which a vessel comes alongside or leaves at `node`.

    The fairway `harbour <node>` is taken at the start of a movement and free again 1 / rate later,
    so that movements begin at least so long apart; the vessel itself loses no time, its manoeuvre
    is in the hours of the voyage and the call. All movements of a port stand in one queue, first
    come (joined) first: whoever lacks nothing but the fairway and waits longest is next.
    """
    rate = bench.scenario.nodes[node].movements_per_h
    if rate is None:
        return Movement()
    name = f"harbour {node}"
    if not any(c.name == name for c in bench.parts.counters):
        bench.parts.counters.append(Counter(name, 1, cause=f"wait:{name}"))
    lag_s = round(HOUR_S / rate)
    return Movement((Quantity(name),), (Quantity(name, lag_s=lag_s),))
