"""Capacity: what a facility, fleet, leg or yard could pass a day, at today's mix of trips.

Everything is scaled from what was simulated. A *stream* is a set of visits, say the trains of one
service through one border post: so many units a day, vehicles so full. An *element* was busy for
so much of the time that it had. If all its traffic grew in proportion and every vehicle were full,

    capacity of the stream = units a day x (time there is / time it was busy) / share filled

with the time of the calendar and all vehicles (nominal), or with the time that was left by opening
hours, weather, works, other traffic and vehicles out of service (achievable).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corridor_sim.facilities import Desk
from corridor_sim.history.conditions import Part
from corridor_sim.history.halves import Aboard
from corridor_sim.history.ledger import Ledger
from corridor_sim.history.open_time import clock_of, counter_time_s, open_s
from corridor_sim.inputs.schema import Fleet, Scenario
from corridor_sim.model.carriers import SHARE, most
from corridor_sim.model.compile import Built
from corridor_sim.primitives import IntArray
from corridor_sim.terms import Amount
from corridor_sim.units import DAY_S


class Element(NamedTuple):
    """How busy something was in the window; seconds of servers, vehicles, paths or places."""

    name: str
    kind: str
    """facility, desk, fleet, locomotives, leg or yard."""
    nominal_s: float
    achievable_s: float
    busy_s: float


class Stream(NamedTuple):
    """Visits of one kind in the window."""

    trips_per_day: float
    units_per_day: float
    fill: float
    """Units, as a share of what their vehicles take."""


class Traffic:
    """What every row of the itinerary worked and carried in the window; asked by stage."""

    def __init__(self, scenario: Scenario, built: Built, book: Ledger):
        self.scenario, self.built, self.replay = scenario, built, book.replay
        begin, until, _ = built.window_s
        self.window_s = until - begin
        self._stages = {name: i for i, name in enumerate(built.model.names.stages)}
        self._counters = {name: i for i, name in enumerate(built.model.names.counters)}
        self._both: dict[int, IntArray] = {}
        self._spent(book, begin, until)
        self._carried()
        visits = self.replay.itinerary
        inside = (visits.stage >= 0) & (visits.start_s >= begin) & (visits.start_s < until)
        stage = np.where(inside, visits.stage, len(self._stages))
        self._row = np.argsort(stage, kind="stable")
        self._ptr = np.searchsorted(stage[self._row], np.arange(len(self._stages) + 1))

    def _spent(self, book: Ledger, begin: int, until: int) -> None:
        """By stage and by vehicle: seconds of work, and with them what was closed; in the window."""
        pieces, visits = book.trips, self.replay.itinerary
        row, part = pieces.row, pieces.part
        seconds = np.maximum(np.minimum(pieces.to_s, until) - np.maximum(pieces.from_s, begin), 0)
        works, shut = part == Part.WORK, (part == Part.CLOSED) | (part == Part.GATE)
        n_stage, n_vehicle = len(self._stages), len(self.built.model.names.vehicles)
        stage, vehicle = visits.wanted[row], visits.vehicle[row]
        self.work_s = np.bincount(stage[works], seconds[works], n_stage)
        """(n_stage,)"""
        self.vehicle_work_s = np.bincount(vehicle[works], seconds[works], n_vehicle)
        """(n_vehicle,)"""
        self.vehicle_shut_s = np.bincount(vehicle[shut], seconds[shut], n_vehicle)

    def _carried(self) -> None:
        """Units and filled share by row: what a row moves, else what is aboard.

        Of a swap the units are those that it unloads; it fills the vehicle by the larger way.
        """
        cargo, replay = self.built.model.cargo, self.replay
        segments, visits = replay.segments, replay.itinerary
        n_row, aboard = len(visits.trip), Aboard(replay)
        per_lot, of_vehicle = cargo.size[0, :, 0], visits.vehicle[np.maximum(segments.load_row, 0)]
        share = np.maximum(cargo.size[of_vehicle, segments.flow, SHARE], 0)
        units, shares = segments.lots * per_lot[segments.flow], segments.lots * share
        on, off = segments.load_row, segments.unload_row
        stages, began = self.built.model.stages, visits.stage >= 0
        puts = began & (stages.place >= 0)[visits.wanted]
        takes = began & (stages.stock >= 0)[visits.wanted] & ~puts
        moved = [_by_row(off, units, n_row), _by_row(on, units, n_row)]
        self.units = np.select([puts, takes], moved, aboard.units(units))
        """(n_row,)"""
        larger = np.maximum(_by_row(off, shares, n_row), _by_row(on, shares, n_row))
        cap = cargo.cap[visits.vehicle, SHARE]
        used = np.where(puts | takes, larger, aboard.units(shares))
        self.filled = np.where(cap > 0, used / np.maximum(cap, 1), 1.0)
        """(n_row,); 1 where there is no limit"""

    def rows(self, stages: list[str]) -> IntArray:
        """Visits of these stages that began in the window."""
        at = [self._stages[name] for name in stages]
        found = [self._row[self._ptr[i] : self._ptr[i + 1]] for i in at]
        return np.concatenate([np.zeros(0, np.int64), *found])

    def stream(self, stages: list[str], fills: float | None = None) -> Stream:
        """Of the visits of these stages; `fills`: units that fill one, where no vehicle says it."""
        rows = self.rows(stages)
        # a vessel that discharges by instalments comes once
        n = len(np.unique(self.replay.itinerary.trip[rows]))
        days, units = self.window_s / DAY_S, float(self.units[rows].sum())
        filled = float(self.filled[rows].sum()) if fills is None else units / fills
        return Stream(n / days, units / days, filled / n if n else float("nan"))

    def unloading(self, place: str) -> list[str]:
        """The stages that unload cargo for a place, `service@node`."""
        names, stages = self.built.model.names, self.built.model.stages
        if place not in names.places:
            return []
        at = np.flatnonzero(stages.place == names.places.index(place))
        return [names.stages[i] for i in at.tolist()]

    def taken(self, counter: str) -> Stream:
        """What a counter gave in the window: units that came into a yard, and did not leave at once.

        Those for which a swap took others away came, too.
        """
        begin, until, _ = self.built.window_s
        at = self._counters[counter]
        (free_s, free), (cap_s, cap) = self.replay.free.row(at), self.replay.cap.row(at)
        change, steps = np.diff(free), np.diff(cap)
        of_steps = np.zeros(len(change), np.int64)
        np.add.at(of_steps, np.searchsorted(free_s[1:], cap_s[1:]).clip(max=len(change) - 1), steps)
        came = np.maximum(of_steps - change, 0)[(free_s[1:] >= begin) & (free_s[1:] < until)]
        came = np.append(came, self._set_off(at))
        days = self.window_s / DAY_S
        return Stream(float((came > 0).sum()) / days, float(came.sum()) / days, 1.0)

    def _set_off(self, counter: int) -> IntArray:
        """Units that came into a yard where as many left it, by swap that began in the window."""
        stages, names = self.built.model.stages, self.built.model.names.stages
        stage = np.repeat(np.arange(len(names)), np.diff(stages.need_ptr))
        is_it = (stages.need_counter == counter) & (stages.need_kind == Amount.UNLOADED)
        is_it &= stages.swap[stage] > 0
        found = [np.zeros(0, np.int64)]
        for i in np.flatnonzero(is_it).tolist():
            both = self._both_ways(int(stages.need_dim[i])) * stages.need_n[i]
            found.append(both[self.rows([names[stage[i]]])])
        return np.concatenate(found)

    def _both_ways(self, dim: int) -> IntArray:
        """The smaller of what each row unloads and loads (n_row,), units of a dimension."""
        if dim not in self._both:
            size, n_row = self.built.model.cargo.size[0, :, dim], len(self.replay.itinerary.trip)
            ways = (self.replay.unloads, self.replay.loads)
            self._both[dim] = np.minimum(*(way.units(size, n_row) for way in ways))
        return self._both[dim]

    def facility(self, name: str, stages: list[str]) -> Element | None:
        """A facility with servers, and the stages that work there; None: it has no limit."""
        servers = self.built.meaning.servers.get(name, 0)
        if not servers or name not in self._counters:
            return None
        at = [self._stages[stage] for stage in stages]
        work, clock = float(self.work_s[at].sum()), clock_of(self.built, at[0])
        there = counter_time_s(self.built, self.replay, self._counters[name], clock)
        return Element(name, "facility", servers * self.window_s, there, work)

    def desk(self, row: Desk) -> Element:
        """A desk; its servers are tokens that nothing takes away."""
        work = float(self.work_s[self._stages[row.id]])
        there = open_s(self.built, self.built.meaning.clocks.get(row.id)) * row.servers
        return Element(row.id, "desk", row.servers * self.window_s, float(there), work)

    def a_day(
        self, name: str, kind: str, nominal: float, n_trip: int, clock: str | None
    ) -> Element:
        """So many trips a day and no more: `nominal` of them, less what others use or closes."""
        left = int(self.built.model.counters.cap[self._counters[name]])
        days, is_open = self.window_s / DAY_S, open_s(self.built, clock) / self.window_s
        return Element(name, kind, nominal * days, left * days * is_open, float(n_trip))

    def has(self, counter: str) -> bool:
        """Whether something of this name is limited."""
        return counter in self._counters

    def held(self, counter: str, name: str, kind: str, n: int | None = None) -> Element:
        """Units of a counter, busy as long as they are taken: locomotives, places of a yard.

        n: how many there are; none: as at the start
        """
        at = self._counters[counter]
        n = int(self.built.model.counters.cap[at]) if n is None else n
        there = counter_time_s(self.built, self.replay, at, None)
        free = counter_time_s(self.built, self.replay, at, None, self.replay.free)
        return Element(name, kind, n * self.window_s, there, there - free)

    def fleet(self, fleets: list[Fleet], services: list[str]) -> Element | None:
        """Vehicles of one or more classes together, in all their services; None: unlimited.

        Busy while they work or run. What weather and closures keep them from is not there to be
        used; waits for cargo, berths or paths are.
        """
        if any(fleet.vessels == "unlimited" for fleet in fleets):
            return None
        names = self.built.model.names
        mine = {f"{service} {fleet.id}" for service in services for fleet in fleets}
        at = [i for i, name in enumerate(names.vehicles) if name in mine]
        all_s = sum(most(fleet) for fleet in fleets) * self.window_s
        pools = [f"fleet of {s}" for s in services] + [f"fleet {f.id}" for f in fleets]
        of_pools = [c for c in names.counters if c in pools or _is_pool(c, fleets)]
        there: float = all_s
        if of_pools:
            there = sum(
                counter_time_s(self.built, self.replay, self._counters[c], None) for c in of_pools
            )
        shut, work = float(self.vehicle_shut_s[at].sum()), float(self.vehicle_work_s[at].sum())
        name = "+".join(fleet.id for fleet in fleets)
        return Element(name, "fleet", all_s, there - shut, work)


def _is_pool(counter: str, fleets: list[Fleet]) -> bool:
    """Whether it is one of the pools between which vehicles of a fleet are sent."""
    return any(counter.startswith(f"fleet {fleet.id} at ") for fleet in fleets)


def _by_row(row: IntArray, values: IntArray, n_row: int) -> np.ndarray:
    has = row >= 0
    return np.bincount(row[has], values[has], n_row)
