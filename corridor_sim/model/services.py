"""Services: vehicles or pools, their calls, and the rides between them, as lines and stages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil, lcm
from typing import Any

import numpy as np

from corridor_sim.errors import ModelError
from corridor_sim.facilities import Berth, Server
from corridor_sim.inputs.laws_of import law_of
from corridor_sim.inputs.schema import Call, Fleet, Service
from corridor_sim.laws import Law
from corridor_sim.model import profiles
from corridor_sim.model.build import N_DRAW, Bench
from corridor_sim.model.chains import chain
from corridor_sim.model.draws import draw_seconds, hash64, uniforms
from corridor_sim.model.meaning import CallMeaning, FacilityVisit
from corridor_sim.model.profiles import Closure
from corridor_sim.model.routes import Way, way
from corridor_sim.primitives import Births, Counter, Line, Quantity, Source, Stage, Stock, Vehicle
from corridor_sim.terms import Amount, CountedFrom
from corridor_sim.units import HOUR_S, seconds

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


def expand_services(bench: Bench) -> dict[str, Carrier]:
    """Add every service; gives how each is carried."""
    used_by: dict[str, list[str]] = {}
    for name in sorted(bench.scenario.services):
        for fleet in bench.scenario.services[name].fleets:
            used_by.setdefault(fleet, []).append(name)
    carriers = {}
    for name in sorted(bench.scenario.services):
        service = bench.scenario.services[name]
        carriers[name] = _carrier(bench, service, used_by)
        if bench.calls[name]:
            _Itinerary(bench, carriers[name]).expand()
    _legs(bench)
    return carriers


def _carrier(bench: Bench, service: Service, used_by: dict[str, list[str]]) -> Carrier:
    fleets = tuple(bench.scenario.fleets[f] for f in service.fleets)
    unlimited = not fleets or any(f.vessels == "unlimited" for f in fleets)
    shared = any(len(used_by[f.id]) > 1 for f in fleets)
    if (unlimited or shared) and len(fleets) > 1:
        raise ModelError(
            f"services.{service.id}.fleets: a fleet that is unlimited or shared must be the only one "
            f"(found {', '.join(service.fleets)}). Fix: give the service fleets of its own"
        )
    caps = [
        c
        for f in fleets
        for c in (f.capacity_units, f.capacity_teu, f.capacity_wagons, f.capacity_trucks)
        if c
    ]
    full = lcm(*caps) if caps else 1
    for fleet in fleets:
        cap = full if _limited(fleet) else -1
        kg = -1 if fleet.payload_t is None else round(fleet.payload_t * 1000)
        bench.parts.vehicles.append(Vehicle(f"{service.id} {fleet.id}", (-1, cap, kg)))
    pool = _in_service(bench, service, fleets, unlimited, shared)
    return Carrier(service, fleets, not (unlimited or shared), pool, full)


def _limited(fleet: Fleet) -> bool:
    caps = (fleet.capacity_units, fleet.capacity_teu, fleet.capacity_wagons, fleet.capacity_trucks)
    return any(c is not None for c in caps)


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
    if steady and not shared:
        return None
    if not any(c.name == name for c in bench.parts.counters):
        bench.parts.counters.append(fleet_counter(bench, name, fleets))
    return name


def fleet_counter(bench: Bench, name: str, fleets: tuple[Fleet, ...]) -> Counter:
    """Vehicles in service by date: dated numbers less dated absences, summed over classes."""
    at: dict[int, int] = {}
    tracks = [_track(bench, fleet) for fleet in fleets]
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
    zone = bench.start.tzinfo
    dated = {datetime.fromisoformat(d).replace(tzinfo=zone): n for d, n in fleet.vessels.items()}
    steps = {max(0, bench.second(at)): n for at, n in sorted(dated.items())}
    return sorted(({0: next(iter(steps.values()))} | steps).items())


class _Itinerary:
    """One service's calls and rides."""

    def __init__(self, bench: Bench, carrier: Carrier):
        self.bench, self.carrier = bench, carrier
        self.service, self.name = carrier.service, carrier.service.id
        self.calls = bench.calls[self.name]
        self.source = f"service {self.name}"
        self.ends = not carrier.tokens and not carrier.pool
        """Unlimited vehicles end at the last call."""
        self.n_draw = 8 * N_DRAW if self.ends else 0
        """Trucks depart far more often than trains; a stream used up costs a second run."""

    def at(self, i: int) -> str:
        """The name of a call: its stock and place."""
        return f"{self.name}@{self.calls[i].node}"

    def expand(self) -> None:
        for i in range(len(self.calls)):
            self.bench.parts.stocks.append(
                Stock(
                    self.at(i),
                    no_vehicle=f"wait:no vehicle {self.name}",
                    others=f"wait:loading {self.name}",
                )
            )
            if not (i == 0 and self.ends):
                self._arrive(i)
            if not (i + 1 == len(self.calls) and self.ends and i > 0):
                self._load(i)
                self._ride(i)
        self._vehicles()

    def _vehicles(self) -> None:
        n = sum(most(f) for f in self.carrier.fleets) if self.carrier.tokens else 1
        vehicles = (
            tuple(f"{self.name} {f.id}" for f in self.carrier.fleets for _ in range(most(f)))
            if self.carrier.tokens
            else None
        )
        births = Births(np.zeros(n, np.int64), vehicle=vehicles)
        line = f"{self.at(0)} roads" if self.calls[0].berth else f"{self.at(0)} load"
        self.bench.parts.sources.append(
            Source(self.source, line, births, tokens=self.carrier.tokens)
        )
        self.bench.meaning.fleets[self.name] = (
            0 if self.ends else sum(most(f) for f in self.carrier.fleets)
        )

    # arrival

    def _arrive(self, i: int) -> None:
        call, at = self.calls[i], self.at(i)
        home = i == 0
        leaves = home and not self.carrier.tokens
        after = (
            None
            if leaves or (self.ends and i + 1 == len(self.calls))
            else f"{at} {'alongside' if call.berth else 'load'}"
        )
        back = (Quantity(self.carrier.pool),) if home and self.carrier.pool else ()
        needs, column, clock, end, state = [], None, None, list(back), f"service:{call.node}"
        gate = None
        if call.berth:
            berth = self._berth(call)
            needs.append(Quantity(berth.id))
            column = self._call_draws(i, "discharge", 1 - berth.load_share)
            clock = gate = self.bench.facility_clock(berth.id)
            state = f"service:{berth.id}"
            if after is None:
                end.append(Quantity(berth.id))
        elif call.unload:
            server = self._server(call.unload)
            needs.append(Quantity(server.id))
            law = law_of(server, "service", self.bench.scenario.laws)
            column = self.bench.draws(
                self.source,
                f"{at} unload",
                f"services.{self.name}.{call.id}.unload",
                law,
                n=self.n_draw,
            )
            clock = self.bench.facility_clock(server.id)
            end.append(Quantity(server.id))
            state = f"service:{server.id}"
        if call.yard:
            needs.append(Quantity(call.yard, kind=Amount.UNLOADED, dim=UNITS))
        self.bench.parts.lines.append(Line(f"{at} unload", (f"{at} unload",)))
        self.bench.parts.stages.append(
            Stage(
                f"{at} unload",
                state=state,
                gate=gate,
                needs=tuple(needs),
                place=at,
                work_column=column,
                clock=clock,
                puts_end=tuple(end),
                next_line=after,
                mark=True,
                turn_cause=f"wait:turn {at}",
            )
        )
        self.bench.meaning.nodes[f"{at} unload"] = call.node
        used = call.berth or call.unload
        if used:
            visit = FacilityVisit(used, self.name, f"{at} unload", f"{at} unload")
            self.bench.meaning.visits.append(visit)
        chain(
            self.bench,
            f"{at} via",
            call.via,
            by=self.name,
            source=self.source,
            stream=f"services.{self.name}.{call.id}.via",
            next_line=f"{at} unload",
            n_draw=self.n_draw,
        )

    def arrival_line(self, i: int) -> str:
        """Where a trip that arrives at call `i` waits first."""
        call = self.calls[i]
        return f"{self.at(i)} via 0:{call.via[0]}" if call.via else f"{self.at(i)} unload"

    def _berth(self, call: Call) -> Berth:
        row = self.bench.scenario.facilities[call.berth or ""]
        if not isinstance(row, Berth):
            raise ModelError(f"calls.{call.id}.berth: {row.id} is a {row.type}. Fix: name a berth")
        return row

    def _server(self, name: str) -> Server:
        row = self.bench.scenario.facilities[name]
        if not isinstance(row, Server):
            raise ModelError(f"calls of {self.name}: {name} is a {row.type}. Fix: name a server")
        return row

    def _call_draws(self, i: int, part: str, scale: float) -> str | None:
        call = self.calls[i]
        law = law_of(self._berth(call), "call", self.bench.scenario.laws)
        stream = f"services.{self.name}.{call.id}.call"
        column = f"{self.at(i)} {part}"
        return self.bench.draws(self.source, column, stream, law, scale=scale, n=self.n_draw)

    # loading and leaving

    def _load(self, i: int) -> None:
        call, at = self.calls[i], self.at(i)
        stages = [self._load_stage(i, "load", own_berth=False)]
        lines = self.bench.parts.lines
        if call.berth:
            stages = [
                self._load_stage(i, "alongside", own_berth=True),
                self._load_stage(i, "roads", own_berth=False),
            ]
            leave = f"{at} leave"
            lines.append(
                Line(
                    f"{at} alongside",
                    (f"{at} alongside",),
                    give_up_s=seconds(call.yield_h),
                    else_line=leave,
                )
            )
            lines.append(Line(leave, (leave,)))
            lines.append(Line(f"{at} roads", (f"{at} roads",)))
            self.bench.parts.stages.append(
                Stage(
                    leave,
                    state=f"service:{call.berth}",
                    puts_start=(Quantity(call.berth),),
                    next_line=f"{at} roads",
                )
            )
        else:
            lines.append(Line(f"{at} load", (f"{at} load",)))
        self.bench.parts.stages.extend(stages)
        names = [*(s.name for s in stages), f"{at} leave", f"{at} ride"]
        self.bench.meaning.nodes.update(dict.fromkeys(names, call.node))
        self.bench.meaning.calls.append(
            CallMeaning(
                self.name,
                call.node,
                self.calls[(i + 1) % len(self.calls)].node,
                tuple(s.name for s in stages),
                f"{at} ride",
                self.source,
                i == 0,
            )
        )

    def _load_stage(self, i: int, what: str, own_berth: bool) -> Stage:
        call, at, home = self.calls[i], self.at(i), i == 0
        needs, ends, column, clock, gate = [], [], None, None, None
        if call.berth:
            berth = self._berth(call)
            gate = clock = self.bench.facility_clock(berth.id)
            column = self._call_draws(i, "loading", berth.load_share)
            if not own_berth:
                needs.append(Quantity(berth.id))
        elif call.load:
            server = self._server(call.load)
            law = law_of(server, "service", self.bench.scenario.laws)
            column = self.bench.draws(
                self.source,
                f"{at} loading",
                f"services.{self.name}.{call.id}.load",
                law,
                n=self.n_draw,
            )
            clock = self.bench.facility_clock(server.id)
            needs.append(Quantity(server.id))
            ends.append(Quantity(server.id))
            visit = FacilityVisit(server.id, self.name, f"{at} load", f"{at} load")
            self.bench.meaning.visits.append(visit)
        starts = []
        if home and self.carrier.pool:
            needs.append(Quantity(self.carrier.pool))
        if call.sail_rule == "hybrid" and call.min_headway_h:
            headway = f"headway {at}"
            if what in ("load", "roads"):
                self.bench.parts.counters.append(Counter(headway, 1, cause=f"wait:{headway}"))
            needs.append(Quantity(headway))
            starts.append(Quantity(headway, lag_s=seconds(call.min_headway_h)))
        if call.load_yard:
            starts.append(Quantity(call.load_yard, kind=Amount.LOADED, dim=UNITS))
        table = self._table(i) if call.sail_rule == "timetable" else None
        return Stage(
            f"{at} {what}",
            state=f"service:{call.berth or call.load or call.node}",
            gate=gate,
            table=table,
            cutoff_s=seconds(call.cutoff_h) if table and call.cutoff_h is not None else -1,
            stock=at,
            needs=tuple(needs),
            puts_start=tuple(starts),
            work_column=column,
            clock=clock,
            puts_end=tuple(ends),
            next_line=f"{at} depart",
            cycle=home and self.carrier.tokens,
            spawn=self.source if home and not self.carrier.tokens else None,
            vehicle=None
            if self.carrier.tokens or not self.carrier.fleets
            else f"{self.name} {self.carrier.fleets[0].id}",
            fill_cause=f"wait:fill {self.name}",
            table_cause=f"wait:timetable {self.name}",
            turn_cause=f"wait:loading {self.name}",
            **self._rule(i),
        )

    def _rule(self, i: int) -> dict[str, Any]:
        """load_min, deadline and floor of a sail rule."""
        call, home = self.calls[i], i == 0
        if call.sail_rule in ("at_once", "timetable"):
            return {}
        wait = {"deadline_s": -1 if call.max_wait_h is None else seconds(call.max_wait_h)}
        if call.sail_rule == "on_demand":
            return {"load_min": 1, "deadline_from": CountedFrom.MARK, **wait}
        threshold: dict[str, Any] = {"load_min": call.fill_units, "dim": UNITS}
        if call.fill_units is None:
            share = 1.0 if call.fill_min_share is None else call.fill_min_share
            threshold = {"load_min": ceil(share * self.carrier.full_share - 1e-9), "dim": SHARE}
        if call.sail_rule == "fill":
            return threshold
        # a train or ship does not set out from home without any cargo; it does return without
        born_waiting = home and not self.carrier.tokens
        oldest = call.counted_from == "first_unit" or born_waiting
        start = CountedFrom.OLDEST_LOT if oldest else CountedFrom.MARK
        return threshold | wait | {"deadline_from": start, "load_floor": 1 if home else 0}

    def _table(self, i: int) -> str:
        call, bench = self.calls[i], self.bench
        name = f"timetable {self.at(i)}"
        if name not in bench.parts.tables:
            first = call.offset_h * HOUR_S
            if call.every_h:
                at = np.arange(
                    first, bench.horizon_s + call.every_h * HOUR_S, call.every_h * HOUR_S
                )
                bench.parts.tables[name] = np.rint(at).astype(np.int64)
            else:
                law = law_of(call, "headway", bench.scenario.laws)
                assert law is not None
                n = 64
                while True:
                    u = uniforms(bench.seed, bench.rep, f"calls.{call.id}.headway", n)
                    times = round(first) + np.cumsum(draw_seconds(law, u))
                    if times[-1] > bench.horizon_s:
                        break
                    n *= 2
                bench.parts.tables[name] = times
        return name

    # riding

    def _ride(self, i: int) -> None:
        call, at, bench = self.calls[i], self.at(i), self.bench
        j = (i + 1) % len(self.calls)
        closures = list(bench.not_before(self.service.open_from, self.name))
        if call.berth:
            berth = self._berth(call)
            closures += bench.zone_closures[berth.weather_zone] if berth.weather_zone else []
        needs, starts, ends = [], [], []
        bench.meaning.ways[f"{at} ride"] = ()
        if self.service.mode is None:
            law = law_of(self.service, "run", bench.scenario.laws)
            column = bench.draws(
                self.source,
                f"{at} ride",
                f"services.{self.name}.{call.id}.run",
                law,
                n=self.n_draw,
            )
        else:
            path = way(bench.scenario, self.service, call.node, self.calls[j].node)
            bench.meaning.ways[f"{at} ride"] = tuple((leg.id, a, b) for leg, a, b in path.hops)
            closures += self._leg_closures(path)
            for leg, start, end in path.hops:
                if leg.paths_per_day is not None:
                    needs.append(Quantity(f"paths {leg.id} {start}>{end}"))
            column = self._ride_draws(i, path)
        for fleet in self.service.needs:
            self._pool(fleet)
            needs.append(Quantity(f"fleet {fleet}"))
            ends.append(Quantity(f"fleet {fleet}"))
        if call.berth:
            starts.append(Quantity(call.berth))
        bench.parts.lines.append(Line(f"{at} depart", (f"{at} ride",)))
        bench.parts.stages.append(
            Stage(
                f"{at} ride",
                state=f"move:{self.name}",
                gate=bench.calendar(f"gate {at}", closures),
                needs=tuple(needs),
                puts_start=tuple(starts),
                puts_end=tuple(ends),
                work_column=column,
                next_line=self.arrival_line(j),
                turn_cause=f"wait:turn {at}",
            )
        )

    def _leg_closures(self, path: Way) -> list[Closure]:
        closures = []
        for leg, _, _ in path.hops:
            closures += self.bench.not_before(leg.open_from, leg.id)
            closures += self.bench.works[f"legs.{leg.id}"]
        return closures

    def _ride_draws(self, i: int, path: Way) -> str | None:
        """Running time of the whole ride plus incidents by leg, each its own stream."""
        bench, call, at = self.bench, self.calls[i], self.at(i)
        speed = self._speed()
        mean, cv = path.mean_h(speed), path.cv(speed)
        law = Law("lognormal", mean=mean, cv=cv) if cv else Law("constant", mean=mean)
        stream = f"services.{self.name}.{call.id}.run"
        column = bench.draws(self.source, f"{at} ride", stream, law, n=self.n_draw)
        if column is None:
            return None
        total = bench.parts.draws[self.source, column]
        for leg, _, _ in path.hops:
            if leg.incident_share:
                incident = Law("lognormal", mean=leg.incident_mean_h, cv=leg.incident_cv)
                u = uniforms(bench.seed, bench.rep, f"{stream}.{leg.id}.incident", len(total))
                hit = uniforms(bench.seed, bench.rep, f"{stream}.{leg.id}.hit", len(total))
                total = total + np.where(hit < leg.incident_share, draw_seconds(incident, u), 0)
        bench.parts.draws[self.source, column] = total
        return column

    def _speed(self) -> float | None:
        """The fleets' own speed, weighted by vehicles, where every class has one."""
        pairs = [(most(f), f.speed_kmh) for f in self.carrier.fleets]
        if not pairs or any(v is None for _, v in pairs):
            return None
        n = sum(max(m, 1) for m, _ in pairs)
        return n / sum(max(m, 1) / v for m, v in pairs if v)

    def _pool(self, fleet: str) -> None:
        name = f"fleet {fleet}"
        if not any(c.name == name for c in self.bench.parts.counters):
            row = self.bench.scenario.fleets[fleet]
            self.bench.parts.counters.append(fleet_counter(self.bench, name, (row,)))


def _legs(bench: Bench) -> None:
    """One periodic counter for each direction of a leg that trains use."""
    wanted = {
        q.counter for s in bench.parts.stages for q in s.needs if q.counter.startswith("paths ")
    }
    for name in sorted(wanted):
        leg = bench.scenario.legs[name.split()[1]]
        left = max(0, (leg.paths_per_day or 0) - leg.background_paths_per_day)
        bench.parts.counters.append(
            Counter(name, left, period_s=86_400, cause=f"wait:paths {leg.id}")
        )
