"""Demand: lots, their routes, and how they come: into a stock, or as trips through `via`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridor_sim.errors import ModelError
from corridor_sim.facilities import Desk
from corridor_sim.inputs.laws_of import law_of
from corridor_sim.inputs.schema import Demand, Fleet, Route
from corridor_sim.model.arrivals import arrival_s
from corridor_sim.model.build import AGEING_S, CLASS_S, N_DRAW, Bench
from corridor_sim.model.carriers import Carrier
from corridor_sim.model.chains import chain
from corridor_sim.model.embargo import (
    add_embargoes,
    add_entry,
    add_releases,
    embargoes_on,
    first_yard,
    has_quota,
)
from corridor_sim.model.meaning import FlowMeaning, Ride
from corridor_sim.model.routes import find_services, rides_of, way
from corridor_sim.primitives import Births, Flow, Hop, IntArray, Source

GOLDEN = 0.6180339887498949
"""Multiples of it modulo 1 fill [0, 1) evenly: the k-th batch's route, without a random number."""


@dataclass(frozen=True)
class _Way:
    name: str
    share: float
    services: tuple[str, ...]
    open_s: int


def expand_demand(bench: Bench, carriers: dict[str, Carrier]) -> None:
    """Add flows, the sources of lots that pass facilities, and the desks on the ways."""
    desks: set[str] = set()
    add_embargoes(bench)
    for name in sorted(bench.scenario.demand):
        row = bench.scenario.demand[name]
        if row.arrival_law == "saturated":
            _saturated(bench, row)
            continue
        window = (bench.start, *bench.window_s)
        times = arrival_s(
            row, bench.scenario.laws, bench.scenario.seasons, window, bench.seed, bench.rep
        )
        ways = _ways(bench, row)
        which = _assign(times, ways)
        for i, a_way in enumerate(ways):
            desks |= _flow(bench, row, a_way, times[which == i], carriers)
    for desk in sorted(desks):
        facility = bench.scenario.facilities[desk]
        assert isinstance(facility, Desk)
        law = law_of(facility, "service", bench.scenario.laws)
        stream = f"facilities.{desk}.service"
        column = bench.draws(f"desk {desk}", f"desk {desk}", stream, law, n=4 * N_DRAW)
        facility.expand(bench.parts, column, bench.facility_clock(desk))
        bench.meaning.nodes.update(dict.fromkeys((desk, f"{desk} out"), facility.node))


def _ways(bench: Bench, row: Demand) -> list[_Way]:
    rows: list[Route] = [
        r for _, r in sorted(bench.scenario.routes.items()) if r.demand == row.id and r.share > 0
    ]
    if not rows:
        return [_Way("direct", 1.0, find_services(bench.scenario, bench.calls, row), 0)]
    return [
        _Way(r.id, r.share, r.rides, 0 if r.open_from is None else bench.second(r.open_from))
        for r in rows
    ]


def _assign(times: IntArray, ways: list[_Way]) -> IntArray:
    """The way of each batch: by share, among those open at its time."""
    if len(ways) == 1:
        return np.zeros(len(times), np.int64)
    u = ((np.arange(len(times)) + 1) * GOLDEN) % 1.0
    shares = np.array([[w.share if t >= w.open_s else 0.0 for w in ways] for t in times.tolist()])
    shares = shares.reshape(-1, len(ways))
    total = shares.sum(axis=1, keepdims=True)
    edges = np.cumsum(
        np.where(total > 0, shares / np.where(total > 0, total, 1), 1 / len(ways)), axis=1
    )
    return np.asarray((u[:, None] >= edges[:, :-1]).sum(axis=1))


def _flow(
    bench: Bench, row: Demand, a_way: _Way, times: IntArray, carriers: dict[str, Carrier]
) -> set[str]:
    scenario, name = bench.scenario, f"{row.id} {a_way.name}"
    rides = rides_of(scenario, bench.calls, row, a_way.services) if a_way.services else []
    hops: list[Hop] = []
    desks: set[str] = set()
    meaning = []
    for service, start, end in rides:
        hops.append(Hop(f"{service}@{start}", f"{service}@{end}"))
        call = next(c for c in bench.calls[service] if c.node == end)
        for desk in call.desks:
            facility = scenario.facilities[desk]
            if not isinstance(facility, Desk):
                raise ModelError(
                    f"calls.{call.id}.desks: {desk} is a {facility.type}. Fix: name a desk"
                )
            hops.append(facility.hop)
            desks.add(desk)
        meaning.append(Ride(service, start, end, _legs_between(bench, service, start, end)))
    embargoes, yard = embargoes_on(bench, row, meaning), first_yard(bench, row, meaning)
    if row.via or not hops or embargoes or yard:
        hops.insert(0, Hop(None, f"via {name}"))
    ready = np.repeat(times, row.batch // row.units_per_lot)
    bench.parts.flows.append(
        Flow(
            name,
            ready,
            tuple(hops),
            size=_size(row, 0),
            size_on=_sizes(row, carriers, a_way.services),
            offset_s=(row.priority - 1) * AGEING_S,
        )
    )
    bench.meaning.flows.append(FlowMeaning(name, row.id, a_way.name, tuple(meaning)))
    if hops[0].stock is None:
        _trips(bench, row, name, times, embargoes, yard)
    return desks


def _sizes(
    row: Demand, carriers: dict[str, Carrier], services: tuple[str, ...]
) -> dict[str, tuple[int, ...]]:
    """Shares of each vehicle that one lot takes; -1 where the class has no place for its unit."""
    out: dict[str, tuple[int, ...]] = {}
    for carrier in (carriers[s] for s in services):
        for fleet in carrier.fleets:
            cap = capacity_of(fleet, row.unit)
            share = -1 if cap == 0 else 0 if cap is None else carrier.full_share // cap
            out[f"{carrier.service.id} {fleet.id}"] = _size(row, share)
    return out


def _size(row: Demand, share: int) -> tuple[int, int, int]:
    """Units, shares and kilograms of one lot, if a unit takes such a share; share -1: refused."""
    n = row.units_per_lot
    return n, share if share < 0 else n * share, n * round(row.tonnes_per_unit * 1000)


def capacity_of(fleet: Fleet, unit: str) -> int | None:
    """Units of a kind that a vehicle takes; None: no limit, 0: it refuses them."""
    caps = {
        "teu": fleet.capacity_teu,
        "wagon": fleet.capacity_wagons,
        "truck": fleet.capacity_trucks,
        "unit": fleet.capacity_units,
    }
    if all(c is None for c in caps.values()):
        return None
    if caps[unit] is not None:
        return caps[unit]
    return fleet.capacity_units or 0


def _legs_between(bench: Bench, service: str, start: str, end: str) -> tuple[str, ...]:
    row, calls = bench.scenario.services[service], bench.calls[service]
    if row.mode is None:
        return ()
    nodes = [c.node for c in calls]
    legs: list[str] = []
    i = nodes.index(start)
    while nodes[i] != end:
        j = (i + 1) % len(nodes)
        legs += [leg.id for leg, _, _ in way(bench.scenario, row, nodes[i], nodes[j]).hops]
        i = j
    return tuple(legs)


def _trips(
    bench: Bench,
    row: Demand,
    flow: str,
    times: IntArray,
    embargoes: tuple[str, ...],
    yard: str | None,
) -> None:
    """Lots (or whole batches) as trips born with their cargo aboard: releases, `via`, the yard."""
    source, place = f"demand {flow}", f"via {flow}"
    per_batch = row.batch // row.units_per_lot
    if row.together or (not row.via and yard is None and not has_quota(bench, embargoes)):
        born = times
        first = np.arange(len(times), dtype=np.int64) * per_batch
        lots = np.stack([first, first + per_batch], axis=1)
    else:
        born = np.repeat(times, per_batch)
        first = np.arange(len(born), dtype=np.int64)
        lots = np.stack([first, first + 1], axis=1)
    entry = None if yard is None else add_entry(bench, row, flow, yard, place)
    line = chain(
        bench,
        f"demand {flow}",
        row.via,
        by=row.id,
        source=source,
        stream=f"demand.{row.id}.via",
        next_line=entry,
        place=place if entry is None else None,
        n_draw=max(len(born), 1),
    )
    line = add_releases(bench, row, flow, embargoes, line, place if line is None else None)
    if line is None:
        raise ModelError(
            f"demand.{row.id}: no service leads from {row.origin} to {row.destination}, and no `via` "
            "serves it. Fix: add a route, a service or `via`"
        )
    births = Births(born, flow=flow, lots=lots)
    offset = (row.priority - 1) * CLASS_S
    bench.parts.sources.append(Source(source, line, births, offset_s=offset))


def _saturated(bench: Bench, row: Demand) -> None:
    """There is always one more: the next trip is born when one begins its first service."""
    source = f"demand {row.id}"
    line = chain(
        bench,
        source,
        row.via,
        by=row.id,
        source=source,
        stream=f"demand.{row.id}.via",
        next_line=None,
        spawn=source,
    )
    if line is None:
        raise ModelError(
            f"demand.{row.id}: saturated arrivals need `via`. Fix: name the facilities"
        )
    births = Births(np.zeros(1, np.int64))
    bench.parts.sources.append(Source(source, line, births))
