"""marey: where trains and vessels are over time, a line for each ride; planned ones by timetable."""

from __future__ import annotations

from typing import Any

import numpy as np

from corridor_sim.history.replay import Replay
from corridor_sim.history.slots import timetable_s
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built
from corridor_sim.model.meaning import CallMeaning
from corridor_sim.results.free_flow import Plan
from corridor_sim.units import HOUR_S

Rows = list[dict[str, Any]]
Line = tuple[str, str, int, int, int]
"""Kind, fleet of the vehicle, trip, departure, arrival (s)."""

MOST = 50_000
"""Rows at most; who would have more sees the first part of the window."""


def marey_rows(scenario: Scenario, built: Built, replay: Replay, most: int = MOST) -> Rows:
    """Two rows a ride that began in the window, its departure and its arrival; sorted by instant.

    Of rail and sea, and services without a mode: trucks on a road need no diagram.
    """
    calls = [c for c in built.meaning.calls if scenario.services[c.service].mode != "road"]
    km = {name: places_km(scenario, built, name) for name in {c.service for c in calls}}
    rows: Rows = []
    for call in calls:
        here, there = km[call.service][call.node], km[call.service][call.to]
        lines = _simulated(built, replay, call) + _planned(scenario, built, call)
        for kind, vehicle, trip, departure_s, arrival_s in lines:
            about = {"service": call.service, "vehicle": vehicle, "trip": trip, "kind": kind}
            rows.append(
                about | {"event": "departure", "node": call.node, "km": here, "at_s": departure_s}
            )
            rows.append(
                about | {"event": "arrival", "node": call.to, "km": there, "at_s": arrival_s}
            )
    rows.sort(key=_order)
    return rows[:most]


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    """By instant; who arrives goes before who departs."""
    names = ("at_s", "service", "vehicle", "kind", "trip")
    return (*(row[name] for name in names), row["event"] == "departure")


def places_km(scenario: Scenario, built: Built, service: str) -> dict[str, float]:
    """Node -> km from the first call along the way out; on the way back it is where it was."""
    km: dict[str, float] = {}
    for call in (c for c in built.meaning.calls if c.service == service):
        at = km.setdefault(call.node, 0.0)
        for leg, _, node in built.meaning.ways[call.rides[0]]:
            at += scenario.legs[leg].length_km
            at = km.setdefault(node, at)
        km.setdefault(call.to, at)
    return km


def _simulated(built: Built, replay: Replay, call: CallMeaning) -> list[Line]:
    """Each ride from a call."""
    begin, until, _ = built.window_s
    visits, names = replay.itinerary, built.model.names.stages
    rides = np.isin(visits.stage, [names.index(stage) for stage in call.rides])
    row = np.flatnonzero(rides & (visits.start_s >= begin) & (visits.start_s < until))
    fleets = [name.split()[-1] for name in built.model.names.vehicles]
    return [
        ("simulated", fleets[vehicle], trip, departure_s, arrival_s)
        for vehicle, trip, departure_s, arrival_s in zip(
            *(c[row].tolist() for c in (visits.vehicle, visits.k, visits.start_s, visits.end_s)),
            strict=True,
        )
    ]


def _planned(scenario: Scenario, built: Built, call: CallMeaning) -> list[Line]:
    """By the call's timetable: the instant at which loading may begin, and a run at its mean."""
    at_s = timetable_s(built, call)
    begin, until, _ = built.window_s
    fleets = "+".join(scenario.services[call.service].fleets) or "any"
    legs = tuple(leg for leg, _, _ in built.meaning.ways[call.rides[0]])
    run_s = round(Plan(scenario).run_h(call.service, legs, 1) * HOUR_S) if len(at_s) else 0
    return [
        ("planned", fleets, trip, t, t + run_s)
        for trip, t in enumerate(at_s.tolist())
        if begin <= t < until
    ]
