"""What the compiled parts mean to a planner: which stage is which facility's or call's.

Names only; `results` resolves them to indices through `CompiledModel.names`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from corridor_sim.model.weather_thresholds import Spell


@dataclass(frozen=True)
class FacilityVisit:
    """One itinerary's visit of a facility: its first line and the stage that serves.

    `role`: of a `visit` all is counted; where a trip loads (`load`) it also waits for cargo, so its
    wait is its service's, not the facility's; the `rest` of a call is work and nothing else.
    """

    facility: str
    by: str
    """The class: a demand row or a service."""
    line: str
    stage: str
    enter: str | None = None
    """The stage that admits to a place, if places are limited."""
    role: Literal["visit", "load", "rest"] = "visit"


@dataclass(frozen=True)
class CallMeaning:
    """One call of a service: the stages that load there and those that ride on, of all classes."""

    service: str
    node: str
    to: str
    """The node of the next call."""
    loads: tuple[str, ...]
    """Each departure has one visit of one of these that no evacuation broke off."""
    lines: tuple[str, ...]
    """Where trips wait to load."""
    rides: tuple[str, ...]
    sources: tuple[str, ...]
    home: bool


@dataclass(frozen=True)
class Ride:
    """One ride of a route: service, nodes, and the legs (empty without a path)."""

    service: str
    start: str
    end: str
    legs: tuple[str, ...]


@dataclass(frozen=True)
class FlowMeaning:
    """One flow: a demand row on one of its routes."""

    flow: str
    demand: str
    route: str
    rides: tuple[Ride, ...]


class OutageMeaning(NamedTuple):
    """One capacity that a row of `disruptions` takes from: units before it, and at the least."""

    disruption: str
    capacity: str
    """The counter; the target itself where all that is done is to close it."""
    what: str
    """servers, tracks, places, per_day, paths, vehicles, or closed."""
    before: int | None
    least: int


@dataclass
class Meaning:
    """Filled while compiling."""

    visits: list[FacilityVisit] = field(default_factory=list)
    calls: list[CallMeaning] = field(default_factory=list)
    flows: list[FlowMeaning] = field(default_factory=list)
    fleets: dict[str, int] = field(default_factory=dict)
    """service -> its vehicles (0: unlimited)"""
    servers: dict[str, int] = field(default_factory=dict)
    """facility -> servers"""
    weather: dict[str, tuple[Spell, ...]] = field(default_factory=dict)
    """zone -> its spells, sorted: of what severity, foreseen, replayed"""
    clocks: dict[str, str] = field(default_factory=dict)
    """facility -> the calendar along which it works"""
    cancelled: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    """(service, node) of calls that may cancel -> instants (s) of the sailings that the weather
    cancelled, up to the horizon and beyond"""
    nodes: dict[str, str] = field(default_factory=dict)
    """stage -> the node where one waits for it, and where it works unless it is a ride"""
    work_nodes: dict[str, str] = field(default_factory=dict)
    """stage -> the node where it works, if one waits for it elsewhere"""
    ways: dict[str, tuple[tuple[str, str, str], ...]] = field(default_factory=dict)
    """stage of a ride -> (leg, from node, to node) in order; () without legs"""
    outages: list[OutageMeaning] = field(default_factory=list)
    """by disruption and capacity"""
    held: dict[str, list[str]] = field(default_factory=dict)
    """yard -> the counters of units on trains that are held on their way to it"""
    embargoes: dict[str, list[str]] = field(default_factory=dict)
    """embargo -> the lines in which lots wait for it at their origins"""
