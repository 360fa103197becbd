"""How a service is carried: vehicles that cycle, a shared pool, or as many as there is cargo for."""

from __future__ import annotations

from dataclasses import dataclass
from math import lcm

from corridor_sim.errors import ModelError
from corridor_sim.inputs.schema import Fleet, Service
from corridor_sim.model import profiles
from corridor_sim.model.build import Bench
from corridor_sim.model.draws import hash64
from corridor_sim.primitives import Counter, Vehicle

UNITS, SHARE, KG = 0, 1, 2
"""Dimensions of cargo: units on the ground; shares of the vehicle; kilograms."""


@dataclass(frozen=True)
class Carrier:
    """How a service is carried: `tokens` vehicles that cycle, a `pool` counter, or neither."""

    service: Service
    fleets: tuple[Fleet, ...]
    tokens: bool
    pool: str | None
    full_share: int
    """The common capacity in the SHARE dimension: a multiple of every class's capacity."""
    redeploys: bool = False
    """The pool is one of several, between which vehicles are sent."""


def carrier(bench: Bench, service: Service, used_by: dict[str, list[str]]) -> Carrier:
    fleets = tuple(bench.scenario.fleets[f] for f in service.fleets)
    unlimited = not fleets or any(f.vessels == "unlimited" for f in fleets)
    shared = any(len(used_by[f.id]) > 1 for f in fleets)
    if (unlimited or shared) and len(fleets) > 1:
        raise ModelError(
            f"services.{service.id}.fleets: a fleet that is unlimited or shared must be the only one "
            f"(found {', '.join(service.fleets)}). Fix: give the service fleets of its own"
        )
    caps = [size for fleet in fleets for size in fleet.capacity if size]
    full = lcm(*caps) if caps else 1
    for fleet in fleets:
        bench.parts.vehicles.append(_vehicle(bench, service, fleet, full))
    redeploys = shared and fleets[0].allocation == "pooled"
    if redeploys:
        pool: str | None = add_pools(bench, fleets[0], used_by[fleets[0].id])[service.id]
    else:
        pool = _in_service(bench, service, fleets, unlimited, shared)
    return Carrier(service, fleets, not (unlimited or shared), pool, full, redeploys)


def _vehicle(bench: Bench, service: Service, fleet: Fleet, full: int) -> Vehicle:
    """A class of vehicles of one service; a payload by date is a draught limit."""
    share = -1 if all(size is None for size in fleet.capacity) else full
    payload = [] if fleet.payload_t is None else bench.dated(fleet.payload_t)
    limits = [(at, (-1, share, round(tonnes * 1000))) for at, tonnes in payload]
    first = limits[0][1] if limits else (-1, share, -1)
    return Vehicle(f"{service.id} {fleet.id}", first, steps=tuple(limits[1:]))


def most(fleet: Fleet) -> int:
    """Vehicles of a fleet at its largest."""
    if isinstance(fleet.vessels, dict):
        return max(fleet.vessels.values())
    return fleet.vessels if isinstance(fleet.vessels, int) else 0


def _in_service(
    bench: Bench, service: Service, fleets: tuple[Fleet, ...], unlimited: bool, shared: bool
) -> str | None:
    """The counter of vehicles in service, if it is not simply all of them all the time."""
    if unlimited:
        return None
    name = f"fleet {fleets[0].id}" if shared else f"fleet of {service.id}"
    steady = all(isinstance(f.vessels, int) and f.in_service_share == 1 for f in fleets)
    if steady and not shared and not any(bench.outages_of_fleet(f.id) for f in fleets):
        return None
    if not any(c.name == name for c in bench.parts.counters):
        bench.parts.counters.append(fleet_counter(bench, name, fleets))
    return name


def add_pools(bench: Bench, fleet: Fleet, services: list[str]) -> dict[str, str]:
    """The pools of a fleet, one at the first call of each of these services; service -> counter.

    The vehicles, and what their number does by date, are at `start_at`, else at the first of them.
    """
    nodes = {name: bench.calls[name][0].node for name in services if bench.calls[name]}
    start = fleet.start_at if fleet.start_at in nodes.values() else next(iter(nodes.values()))
    whole = fleet_counter(bench, f"fleet {fleet.id} at {start}", (fleet,))
    made = {c.name for c in bench.parts.counters}
    for node in sorted(set(nodes.values())):
        name = f"fleet {fleet.id} at {node}"
        if name not in made:
            empty = Counter(name, whole.cap, free=0, cause=f"wait:{name}")
            bench.parts.counters.append(whole if node == start else empty)
    return {name: f"fleet {fleet.id} at {node}" for name, node in nodes.items()}


def fleet_counter(bench: Bench, name: str, fleets: tuple[Fleet, ...]) -> Counter:
    """Vehicles in service by date: dated numbers less dated absences, summed over classes."""
    at: dict[int, int] = {}
    tracks = [bench.fleet_track(fleet.id, _track(bench, fleet)) for fleet in fleets]
    for t in sorted({t for track in tracks for t, _ in track}):
        at[t] = sum([n for u, n in track if u <= t][-1] for track in tracks)
    rows = sorted(at.items())
    steps = [rows[0]] + [b for a, b in zip(rows[:-1], rows[1:], strict=True) if a[1] != b[1]]
    return Counter(name, steps[0][1], steps=tuple(steps[1:]), cause=f"wait:{name}")


def _track(bench: Bench, fleet: Fleet) -> list[tuple[int, int]]:
    """Steps (instant, vehicles in service) from 0 on; a dated fleet has no absences besides."""
    if not isinstance(fleet.vessels, dict):
        # fleets are not all short of a vehicle at once: each has a phase of its own
        phase_s = hash64(f"fleets.{fleet.id}.absence") % profiles.ABSENCE_PERIOD_S
        share = fleet.in_service_share
        return profiles.absences(most(fleet), share, bench.horizon_s, phase_s)
    return [(at, round(n)) for at, n in bench.dated(fleet.vessels)]
