"""A berth as the vessels of one call use it: who may come, what the work needs, how long it takes."""

from __future__ import annotations

from dataclasses import dataclass

from corridor_sim.facilities import Berth
from corridor_sim.inputs.laws_of import law_of
from corridor_sim.inputs.schema import Call
from corridor_sim.inputs.vessel_classes import cranes_of, has_two_decks
from corridor_sim.laws import Law
from corridor_sim.model.build import Bench
from corridor_sim.model.harbour import Movement, harbour_movement
from corridor_sim.model.profiles import Closure
from corridor_sim.model.vessel_classes import Fleets, berths_for
from corridor_sim.primitives import Quantity
from corridor_sim.units import FOREVER


@dataclass(frozen=True)
class Place:
    """One of the berths at which vessels of a call may lie."""

    berth: Berth
    tag: str
    """Ends the names of what belongs to this berth, where a call has several."""
    gate: str | None
    """Open while a vessel may come alongside: weather, works, depth of water."""
    clock: str | None
    """Along which the work goes on."""
    cut: str | None
    """Closed while vessels are driven out (evacuation); None: they never are."""
    law: Law | None
    """Time of a call, discharge and loading together; None: there is none, or cranes set it."""
    cranes: tuple[Quantity, ...]
    """Taken for the work and put back after."""
    unit_s: int
    """Seconds of work for each unit moved."""
    move: Movement
    """What a movement in the harbour asks for."""

    @property
    def held(self) -> Quantity:
        """What a vessel alongside holds."""
        return Quantity(self.berth.id)


def places(bench: Bench, call: Call, fleets: Fleets) -> list[Place]:
    """The berths of a call for vessels of one class, in the order in which they are tried."""
    berths = berths_for(bench, call, fleets)
    return [
        _place(bench, call, berth, fleets, f" {berth.id}" if len(berths) > 1 else "")
        for berth in berths
    ]


def _place(bench: Bench, call: Call, berth: Berth, fleets: Fleets, tag: str) -> Place:
    # a calendar is called by its first use: work before berthing
    clock = bench.facility_clock(berth.id)
    pool = cranes_of(bench.scenario.facilities, berth)
    unit_s = 0 if pool is None else pool.unit_s(berth.cranes_needed)
    which = "two_deck" if has_two_decks(berth, fleets) else "call"
    return Place(
        berth=berth,
        tag=tag,
        gate=_gate(bench, berth, fleets),
        clock=clock,
        cut=bench.zone(berth.weather_zone).evacuate,
        law=None if unit_s else law_of(berth, which, bench.scenario.laws),
        cranes=() if pool is None else (Quantity(pool.id, berth.cranes_needed),),
        unit_s=unit_s,
        move=harbour_movement(bench, call.node),
    )


def _gate(bench: Bench, berth: Berth, fleets: Fleets) -> str | None:
    gate = bench.berthing_gate(berth)
    shallow = _shallow(bench, berth, fleets)
    if not shallow:
        return gate
    closures = [*(() if gate is None else bench.closures(gate)), *shallow]
    return bench.calendar(f"berthing {berth.id} {fleets[0].id}", closures)


def _shallow(bench: Bench, berth: Berth, fleets: Fleets) -> list[Closure]:
    """When the berth is not deep enough for these vessels, all of one draught."""
    draught = fleets[0].draught_m if fleets else None
    if draught is None or berth.depth_m is None:
        return []
    steps = bench.dated(berth.depth_m)
    ends = [at for at, _ in steps[1:]] + [FOREVER]
    return [
        Closure(at if at else -1, end, "not open", f"draught {berth.id}")
        for (at, depth), end in zip(steps, ends, strict=True)
        if depth < draught
    ]
