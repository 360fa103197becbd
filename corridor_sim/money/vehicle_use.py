"""Vessel-days and train-km of trips, shared out among the lots that rode, empty running included.

A *circuit* is all services with the same calls and fleets: there and back, or a pair of one-way
trains. A *lane* is a ride of it from one call to the next. Loads count as shares of the vehicle,
those of empties as nothing. For each circuit, before, in and after the window by itself:

1. The heaviest lane is that with the largest sum of laden loads, and its mean load M is over its
   rides with a laden lot.
2. Of a ride on the heaviest lane the laden lots aboard pay all, by load. Of a ride on another lane
   with laden load L they pay the share min(1, L / M), by load.
3. The rest is empty running: light returns, empties that are sent back, trips with nobody laden.
   All laden lots of the circuit's heaviest lane pay it, by load.
4. A circuit in which nobody is laden (trains of empties alone) is paid by all laden lots of the
   same tariff, in proportion to what else they pay of it.

Empties pay nothing. What all lots pay is what the rides cost, to the last vessel-day and train-km.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from corridor_sim.history.replay import Replay
from corridor_sim.history.steps import BoolArray, expand
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built
from corridor_sim.primitives import IntArray
from corridor_sim.units import DAY_S

FloatArray = npt.NDArray[np.float64]
SHARE = 1
"""The dimension of cargo that is shares of the vehicle."""
PHASES = 3
"""Before the window, in it, after it: by the instant at which a ride begins."""


@dataclass(frozen=True)
class Rides:
    """All rides of vehicles (n,), in the order of the itinerary."""

    row: IntArray
    """Row of the itinerary."""
    fleet: IntArray
    """Number of the fleet in the order of ids."""
    days: FloatArray
    """From the end of the vehicle's ride before (or its first appearance) to the end of this one,
    within the horizon: waiting, loading, riding."""
    km: FloatArray
    """Of the legs ridden."""
    phase: IntArray
    lane: IntArray
    circuit: IntArray

    @property
    def group(self) -> IntArray:
        """Circuit and phase in one number (n,)."""
        return self.circuit * PHASES + self.phase


class VehicleUse:
    """Who rode on which rides, and what share of a ride each lot pays."""

    def __init__(self, scenario: Scenario, built: Built, replay: Replay):
        self._scenario, self._built, self._replay = scenario, built, replay
        self.rides = rides_of(scenario, built, replay)

    @cached_property
    def _aboard(self) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
        """Segments and rides that go together (n,); laden load of one lot, and of the segment."""
        segments, itinerary = self._replay.segments, self._replay.itinerary
        on = np.flatnonzero(segments.loaded_s >= 0)
        first = np.searchsorted(itinerary.carrier, segments.carrier[on])
        last = np.searchsorted(itinerary.carrier, segments.carrier[on], side="right")
        low = np.where(segments.load_row[on] >= 0, segments.load_row[on], first)
        high = np.where(segments.unload_row[on] >= 0, segments.unload_row[on], last)
        row = self.rides.row
        which, ride = expand(
            np.searchsorted(row, low), np.arange(len(on)), np.searchsorted(row, high)
        )
        segment = on[which]
        load = self._load(segments.flow[segment], itinerary.vehicle[row[ride]])
        return segment, ride, load, load * segments.lots[segment]

    def _load(self, flow: IntArray, vehicle: IntArray) -> FloatArray:
        """Share of the vehicle that a lot takes (n,); 0: empties. Without a limit it is in units."""
        cargo, meaning, names = (
            self._built.model.cargo,
            self._built.meaning,
            self._built.model.names,
        )
        laden = np.zeros(len(names.flows))
        for f in meaning.flows:
            laden[names.flows.index(f.flow)] = self._scenario.demand[f.demand].laden
        cap = cargo.cap[vehicle, SHARE]
        share = cargo.size[vehicle, flow, SHARE] / np.maximum(cap, 1)
        return laden[flow] * np.where(cap > 0, share, cargo.units_per_lot[flow])

    @cached_property
    def _rule(self) -> tuple[FloatArray, FloatArray, BoolArray]:
        """By ride: laden load, share of it that its own lots pay, whether its lane is heaviest."""
        rides = self.rides
        _, ride, _, load = self._aboard
        laden = np.bincount(ride, load, len(rides.row)).astype(np.float64)
        n_lane = int(rides.lane.max(initial=-1)) + 1
        at = rides.lane * PHASES + rides.phase
        total = np.bincount(at, laden, n_lane * PHASES)
        n_laden = np.bincount(at, laden > 0, n_lane * PHASES)
        n_group = (int(rides.circuit.max(initial=-1)) + 1) * PHASES
        # the first of the heaviest lanes of each group: the last written, in falling order
        order = np.argsort(-total[at], kind="stable")[::-1]
        heaviest = np.full(n_group, -1)
        heaviest[rides.group[order]] = at[order]
        is_heavy: BoolArray = np.asarray(heaviest[rides.group] == at)
        mean = (total / np.maximum(n_laden, 1))[heaviest][rides.group]
        part = np.divide(laden, mean, out=np.zeros(len(laden)), where=mean > 0)
        own = np.where(is_heavy, laden > 0, np.minimum(part, 1.0)).astype(np.float64)
        return laden, own, is_heavy

    def quantity(self, basis: str, fleets: tuple[str, ...]) -> FloatArray:
        """(n_ride,) vessel-days or train-km of each ride of these fleets (none: of their kind)."""
        names = sorted(self._scenario.fleets)
        kind = {"per_vessel_day": "vessel", "per_train_km": "train_set"}[basis]
        asked = [f in fleets if fleets else self._scenario.fleets[f].kind == kind for f in names]
        of = self.rides.days if basis == "per_vessel_day" else self.rides.km
        return np.where(np.array([*asked, False])[self.rides.fleet], of, 0.0)

    def per_lot(self, quantity: FloatArray) -> FloatArray:
        """What one lot of each segment pays of these rides (n_segment,), in their unit."""
        segment, ride, load, _ = self._aboard
        paid = load * self._per_load(quantity)[ride]
        return np.bincount(segment, paid, len(self._replay.segments.block)).astype(np.float64)

    def paid(self, quantity: FloatArray) -> FloatArray:
        """What all lots aboard each ride pay together (n_ride,); its sum is that of `quantity`."""
        _, ride, _, load = self._aboard
        paid = load * self._per_load(quantity)[ride]
        return np.bincount(ride, paid, len(quantity)).astype(np.float64)

    def _per_load(self, quantity: FloatArray) -> FloatArray:
        """What a load of one whole vehicle pays on each ride (n_ride,)."""
        laden, own, is_heavy = self._rule
        group = self.rides.group
        n_group = int(group.max(initial=-1)) + 1
        heavy = np.bincount(group, laden * is_heavy, n_group)
        rest = np.bincount(group, (1 - own) * quantity, n_group)
        each = np.divide(rest, heavy, out=np.zeros(n_group), where=heavy > 0)
        per_load = np.divide(own * quantity, laden, out=np.zeros(len(laden)), where=laden > 0)
        per_load += is_heavy * each[group]
        return per_load * self._for_empty_circuits(quantity, heavy > 0)

    def _for_empty_circuits(self, quantity: FloatArray, is_laden: BoolArray) -> FloatArray:
        """By ride: the factor by which those who pay also pay for circuits with nobody laden."""
        phase = self.rides.phase
        total = np.bincount(phase, quantity, PHASES)
        paid = np.bincount(phase, quantity * is_laden[self.rides.group], PHASES)
        return np.divide(total, paid, out=np.ones(PHASES), where=paid > 0)[phase]


def rides_of(scenario: Scenario, built: Built, replay: Replay) -> Rides:
    """Every ride that began before the horizon."""
    itinerary, names = replay.itinerary, built.model.names
    horizon, (begin, until, _) = built.model.horizon_s, built.window_s
    is_ride = np.array([name in built.meaning.ways for name in names.stages], bool)
    row = np.flatnonzero((itinerary.stage >= 0) & is_ride[itinerary.wanted])
    stage, carrier = itinerary.stage[row], itinerary.carrier[row]
    end = np.minimum(itinerary.end_s[row], horizon)
    is_first = np.append(True, carrier[1:] != carrier[:-1])[: len(row)]
    born = itinerary.joined_s[np.searchsorted(itinerary.carrier, carrier)]
    since = np.where(is_first, born, np.append(0, end[:-1])[: len(row)])
    lane, circuit = _lanes(scenario, built)
    start = itinerary.start_s[row]
    return Rides(
        row=row,
        fleet=_fleets(scenario, built)[itinerary.vehicle[row]],
        days=(end - since) / DAY_S,
        km=_km(scenario, built)[stage],
        phase=np.where(start < begin, 0, np.where(start < until, 1, 2)),
        lane=lane[stage],
        circuit=circuit[stage],
    )


def _fleets(scenario: Scenario, built: Built) -> IntArray:
    """Number of the fleet of each vehicle (n_vehicle,); the last number + 1: none."""
    at = {name: i for i, name in enumerate(sorted(scenario.fleets))}
    return np.array([at.get(v.rpartition(" ")[2], len(at)) for v in built.model.names.vehicles])


def _km(scenario: Scenario, built: Built) -> FloatArray:
    """Length of the ride of each stage (n_stage,); 0 where it is none, or has no legs."""
    ways = built.meaning.ways
    return np.array(
        [
            sum(scenario.legs[leg].length_km for leg, _, _ in ways.get(name, ()))
            for name in built.model.names.stages
        ],
        np.float64,
    )


def _lanes(scenario: Scenario, built: Built) -> tuple[IntArray, IntArray]:
    """Lane and circuit of the ride of each stage (n_stage,); 0 where it is none."""
    nodes: dict[str, frozenset[str]] = {}
    for call in built.meaning.calls:
        nodes[call.service] = nodes.get(call.service, frozenset()) | {call.node, call.to}
    lane_of, circuit_of = dict[str, int](), dict[str, int]()
    lanes, circuits = dict[object, int](), dict[object, int]()
    for call in built.meaning.calls:
        fleets = frozenset(scenario.services[call.service].fleets)
        # a service without fleets shares its vehicles with nobody
        circuit = (nodes[call.service], fleets or call.service)
        for ride in call.rides:
            circuit_of[ride] = circuits.setdefault(circuit, len(circuits))
            lane_of[ride] = lanes.setdefault((circuit, call.node, call.to), len(lanes))
    stages = built.model.names.stages
    return (
        np.array([lane_of.get(name, 0) for name in stages], np.int64),
        np.array([circuit_of.get(name, 0) for name in stages], np.int64),
    )
