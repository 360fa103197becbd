"""A corridor slice as it is usually written in SimPy: a process per container. Frozen.

What `benchmarks.engine` is measured against; it changes only if the slice does. It has a process
for each container and each trip, `with resource.request()` for every server, a Store in which
containers gather, and events on which they wait. It keeps no log, only the delivery times.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import simpy

IntArray = npt.NDArray[np.int64]
Process = Generator[simpy.Event, Any, None]

COLUMNS = ("section 1", "section 2", "sail", "return")
ODS = ("a", "b")
LEGS = ("rail", "sea")
CRANES = ("platform", "track", "berth", "far berth")


@dataclass(frozen=True)
class Slice:
    """Two ODs; a batch of `n` lots passes 6 stages by train and 6 by vessel.

    Servers are shared by both ODs (`shared`) or owned by each (`own`); all queues are FIFO.
    """

    n: int
    """Lots a trip."""
    n_batch: int
    """By OD."""
    horizon_s: int
    ready_s: dict[str, IntArray]
    """OD -> (n_batch x n,), sorted."""
    draws_s: dict[tuple[str, str], IntArray]
    """(OD, column) -> (n_batch,)."""
    shared: dict[str, int]
    own: dict[str, int]
    space: int
    """Lots that the port yard of each OD holds."""
    move_s: int
    """A lift of one lot on or off; a crane works at one trip until it is full or empty."""
    border_s: int
    shop_s: int
    channel_s: int


class Lot:
    """A container's next trip: it boards, is lifted on, travels, is lifted off, and is cleared."""

    def __init__(self, env: simpy.Environment):
        self.boards, self.on, self.off = env.event(), env.event(), env.event()


class Trip:
    """What the containers of a trip wait for."""

    def __init__(self, env: simpy.Environment):
        self.arrived, self.cleared = env.event(), env.event()


class Naive:
    """The whole model."""

    def __init__(self, given: Slice):
        self.given, self.env = given, simpy.Environment()
        env = self.env
        self.shared = {name: simpy.Resource(env, cap) for name, cap in given.shared.items()}
        owned = [(od, name, cap) for od in ODS for name, cap in given.own.items()]
        self.own = {(od, name): simpy.Resource(env, cap) for od, name, cap in owned}
        self.cranes = {(od, at): simpy.Resource(env) for od in ODS for at in CRANES}
        room = given.space
        self.space = {od: simpy.Container(env, room, init=room) for od in ODS}
        self.yards = {(od, leg): simpy.Store(env) for od in ODS for leg in LEGS}
        self.delivered = {od: np.full(len(given.ready_s[od]), -1) for od in ODS}

    def run(self) -> dict[str, IntArray]:
        """When each lot of each OD was delivered; -1: not before the horizon."""
        for od in ODS:
            self.env.process(self.arrivals(od))
            self.env.process(self.departures(od, "rail"))
            self.env.process(self.departures(od, "sea"))
        self.env.run(until=self.given.horizon_s)
        return self.delivered

    def arrivals(self, od: str) -> Process:
        for lot, ready in enumerate(self.given.ready_s[od].tolist()):
            if ready > self.env.now:
                yield self.env.timeout(ready - self.env.now)
            self.env.process(self.container(od, lot))

    def container(self, od: str, lot: int) -> Process:
        for load, unload in (("platform", "track"), ("berth", "far berth")):
            me = Lot(self.env)
            yield self.yards[od, "rail" if load == "platform" else "sea"].put(me)
            trip = yield me.boards
            yield from self.lift(od, load)
            me.on.succeed()
            yield trip.arrived
            yield from self.lift(od, unload)
            me.off.succeed()
            yield trip.cleared
        self.delivered[od][lot] = self.env.now

    def lift(self, od: str, at: str) -> Process:
        with self.cranes[od, at].request() as crane:
            yield crane
            yield self.env.timeout(self.given.move_s)

    def departures(self, od: str, leg: str) -> Process:
        trip = self.train if leg == "rail" else self.vessel
        for k in range(self.given.n_batch):
            lots = []
            for _ in range(self.given.n):
                lots.append((yield self.yards[od, leg].get()))
            self.env.process(trip(od, k, lots))

    def train(self, od: str, k: int, lots: list[Lot]) -> Process:
        given, trip = self.given, Trip(self.env)
        with self.own[od, "loco"].request() as loco:
            yield loco
            with self.own[od, "platform"].request() as platform:
                yield platform
                yield from self.lifted_on(trip, lots)
            yield from self.pass_through("section 1", int(given.draws_s[od, "section 1"][k]))
            yield from self.pass_through("border", given.border_s)
            yield from self.pass_through("section 2", int(given.draws_s[od, "section 2"][k]))
            yield from self.pass_through("shop", given.shop_s)
            with self.own[od, "track"].request() as track:
                yield track
                yield self.space[od].get(given.n)
                yield from self.lifted_off(trip, lots)
        trip.cleared.succeed()

    def vessel(self, od: str, k: int, lots: list[Lot]) -> Process:
        given, trip = self.given, Trip(self.env)
        with self.own[od, "ship"].request() as ship:
            yield ship
            with self.own[od, "berth"].request() as berth:
                yield berth
                yield from self.lifted_on(trip, lots)
                yield self.space[od].put(given.n)
            yield from self.pass_through("channel", given.channel_s)
            yield self.env.timeout(int(given.draws_s[od, "sail"][k]))
            yield from self.pass_through("far channel", given.channel_s)
            with self.own[od, "far berth"].request() as berth:
                yield berth
                yield from self.lifted_off(trip, lots)
            trip.cleared.succeed()
            yield self.env.timeout(int(given.draws_s[od, "return"][k]))

    def pass_through(self, name: str, work_s: int) -> Process:
        with self.shared[name].request() as server:
            yield server
            yield self.env.timeout(work_s)

    def lifted_on(self, trip: Trip, lots: list[Lot]) -> Process:
        for lot in lots:
            lot.boards.succeed(trip)
        for lot in lots:
            yield lot.on

    def lifted_off(self, trip: Trip, lots: list[Lot]) -> Process:
        trip.arrived.succeed()
        for lot in lots:
            yield lot.off
