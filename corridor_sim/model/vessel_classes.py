"""Vessels of one service that the berths tell apart: each class has its own lines and draws."""

from __future__ import annotations

from corridor_sim.errors import ModelError
from corridor_sim.facilities import Berth
from corridor_sim.inputs.schema import Call, Fleet
from corridor_sim.inputs.vessel_classes import berths_that_take, classes
from corridor_sim.model.build import Bench
from corridor_sim.model.carriers import Carrier

Fleets = tuple[Fleet, ...]


def vessel_classes(bench: Bench, carrier: Carrier) -> list[Fleets]:
    """The service's fleets, those together that every berth treats alike; in the order given."""
    fleets = carrier.fleets if carrier.tokens else carrier.fleets[:1]
    calls = bench.calls[carrier.service.id]
    return classes(calls, bench.scenario.facilities, fleets) or [()]


def berths_for(bench: Bench, call: Call, fleets: Fleets) -> list[Berth]:
    """The berths of a call that take these vessels, in the order in which they are tried."""
    rows = [bench.scenario.facilities[name] for name in call.berth_ids]
    taken = berths_that_take(call, bench.scenario.facilities, fleets)
    if any(not isinstance(row, Berth) for row in rows) or (rows and not taken):
        who = ", ".join(f.id for f in fleets)
        raise ModelError(f"calls.{call.id}: no berth of it takes {who}. Fix: name one that does")
    return taken
