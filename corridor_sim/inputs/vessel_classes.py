"""What berths ask about a vessel: vessels of which they ask the same are of one class."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from corridor_sim.facilities import Berth, CranePool
from corridor_sim.inputs.laws_of import has_law
from corridor_sim.inputs.schema import Call, Fleet

Facilities = Mapping[str, Any]


def berths_that_take(call: Call, facilities: Facilities, fleets: Iterable[Fleet]) -> list[Berth]:
    """The berths of a call that take all of these, in the order in which they are tried."""
    ids = {fleet.id for fleet in fleets}
    rows = [facilities.get(name) for name in call.berth_ids]
    return [b for b in rows if isinstance(b, Berth) and (not b.fleets or ids <= {*b.fleets})]


def has_two_decks(berth: Berth, fleets: Iterable[Fleet]) -> bool:
    """Whether the berth's `two_deck` law is the one for these vessels."""
    return has_law(berth, "two_deck") and any(f.decks == 2 for f in fleets)


def cranes_of(facilities: Facilities, berth: Berth) -> CranePool | None:
    """The crane pool that the work at a berth needs."""
    row = facilities.get(berth.crane_pool or "")
    return row if isinstance(row, CranePool) else None


def classes(
    calls: Iterable[Call], facilities: Facilities, fleets: Iterable[Fleet]
) -> list[tuple[Fleet, ...]]:
    """Fleets that every berth of these calls treats alike, together; in the order given."""
    groups: dict[tuple[object, ...], list[Fleet]] = {}
    calls = list(calls)
    for fleet in fleets:
        groups.setdefault(_treatment(calls, facilities, fleet), []).append(fleet)
    return [tuple(group) for group in groups.values()]


def _treatment(calls: list[Call], facilities: Facilities, fleet: Fleet) -> tuple[object, ...]:
    """All that a berth asks about a vessel; equal for vessels of one class."""
    asked: list[object] = []
    for call in calls:
        for berth in berths_that_take(call, facilities, (fleet,)):
            cranes = cranes_of(facilities, berth)
            by_moves = cranes is not None and cranes.moves_per_h is not None
            asked += [
                berth.id,
                has_two_decks(berth, (fleet,)),
                None if berth.depth_m is None else fleet.draught_m,
                fleet.capacity if by_moves and call.fill_min_share is not None else None,
            ]
    return tuple(asked)
