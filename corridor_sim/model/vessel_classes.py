"""Vessels of one service that the berths tell apart: each class has its own lines and draws."""

from __future__ import annotations

from corridor_sim.errors import ModelError
from corridor_sim.facilities import Berth, CranePool
from corridor_sim.inputs.laws_of import has_law
from corridor_sim.inputs.schema import Call, Fleet
from corridor_sim.model.build import Bench
from corridor_sim.model.carriers import Carrier

Fleets = tuple[Fleet, ...]


def vessel_classes(bench: Bench, carrier: Carrier) -> list[Fleets]:
    """The service's fleets, those together that every berth treats alike; in the order given.

    Raises
    ------
    ModelError    several classes under one timetable: whose would the next sailing be?
    """
    name = carrier.service.id
    groups: dict[tuple[object, ...], list[Fleet]] = {}
    for fleet in carrier.fleets if carrier.tokens else carrier.fleets[:1]:
        groups.setdefault(_treatment(bench, bench.calls[name], fleet), []).append(fleet)
    timed = [call for call in bench.calls[name] if call.sail_rule == "timetable"]
    if len(groups) > 1 and timed:
        raise ModelError(
            f"calls.{timed[0].id}.sail_rule: a timetable, but berths tell the vessels of {name} "
            "apart. Fix: a service for each class"
        )
    return [tuple(group) for group in groups.values()] or [()]


def berths_for(bench: Bench, call: Call, fleets: Fleets) -> list[Berth]:
    """The berths of a call that take these vessels, in the order in which they are tried."""
    rows = [bench.scenario.facilities[name] for name in call.berth_ids]
    berths = [row for row in rows if isinstance(row, Berth)]
    taken = [b for b in berths if not b.fleets or all(f.id in b.fleets for f in fleets)]
    if len(berths) < len(rows) or (berths and not taken):
        who = ", ".join(f.id for f in fleets)
        raise ModelError(f"calls.{call.id}: no berth of it takes {who}. Fix: name one that does")
    return taken


def has_two_decks(berth: Berth, fleets: Fleets) -> bool:
    """Whether the berth's `two_deck` law is the one for these vessels."""
    return has_law(berth, "two_deck") and any(f.decks == 2 for f in fleets)


def cranes_of(bench: Bench, berth: Berth) -> CranePool | None:
    """The crane pool that the work at a berth needs."""
    row = bench.scenario.facilities.get(berth.crane_pool or "")
    return row if isinstance(row, CranePool) else None


def _treatment(bench: Bench, calls: list[Call], fleet: Fleet) -> tuple[object, ...]:
    """All that a berth asks about a vessel; equal for vessels of one class."""
    asked: list[object] = []
    for call in calls:
        for berth in berths_for(bench, call, (fleet,)):
            cranes = cranes_of(bench, berth)
            by_moves = cranes is not None and cranes.moves_per_h is not None
            asked += [
                berth.id,
                has_two_decks(berth, (fleet,)),
                None if berth.depth_m is None else fleet.draught_m,
                fleet.capacity if by_moves and call.fill_min_share is not None else None,
            ]
    return tuple(asked)
