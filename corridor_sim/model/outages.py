"""Dated outages: rows of `disruptions` as closures, and as steps of counters where they are partial.

A full outage closes its target as bad weather does: nothing starts, work stops and goes on later.
A partial one leaves `capacity x (1 - severity)` units, rounded to whole ones, halves up: running
work finishes, and nothing new is admitted until so much has been given back. On a ramp the severity
grows and falls minute by minute. Where several outages overlap, the smallest capacity holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from corridor_sim.facilities import Facility
from corridor_sim.facilities.capacities import capacities, main_capacity
from corridor_sim.inputs.schema import Disruption, Scenario
from corridor_sim.model.profiles import Closure
from corridor_sim.primitives import IntArray
from corridor_sim.units import seconds

RAMP_STEP_S = 60
"""A ramp is followed minute by minute."""

Track = Sequence[tuple[int, int]]
"""Steps (instant, capacity from then on), the first at 0."""


@dataclass(frozen=True)
class Outage:
    """One row of `disruptions`, in seconds from the start of the scenario."""

    row: Disruption
    start_s: int
    end_s: int

    @property
    def ramp_s(self) -> int:
        """Length of each of its two ramps; 0: none."""
        return 0 if self.row.shape == "step" else seconds(self.row.ramp_h)

    def severity(self, at_s: IntArray) -> np.ndarray:
        """Share of the capacity that is lost at each instant, (n,) float64.

        Linear: in proportion to the time on the ramp, x; S: 3 x^2 - 2 x^3.
        """
        away = np.minimum(at_s - self.start_s, self.end_s - at_s)
        x = np.clip(away / self.ramp_s, 0.0, 1.0) if self.ramp_s else np.ones(len(at_s))
        grown = x * x * (3 - 2 * x) if self.row.shape == "s" else x
        inside = (at_s >= self.start_s) & (at_s < self.end_s)
        return np.where(inside, self.row.severity_share * grown, 0.0)

    @property
    def instants(self) -> IntArray:
        """When its severity may change."""
        rise = np.arange(0, self.ramp_s, RAMP_STEP_S)
        back = self.end_s - self.ramp_s
        ends = [self.start_s, self.start_s + self.ramp_s, back, self.end_s]
        return np.concatenate([self.start_s + rise, back + rise, ends]).astype(np.int64)

    @property
    def closed(self) -> Closure | None:
        """While its target is closed as a whole; None: never."""
        start, end = self.start_s + self.ramp_s, self.end_s - self.ramp_s
        if self.row.severity_share < 1 or self.row.what is not None or end <= start:
            return None
        return Closure(start, end, "works", self.row.cause)

    def takes(self, what: str) -> bool:
        """Whether it takes units of such a capacity, not only closes.

        A full step closes by clocks and gates alone, but for yards and fleets, which have none.
        """
        return self.closed is None or self.ramp_s > 0 or what in ("places", "vehicles")

    def hits(self, scenario: Scenario) -> dict[str, str]:
        """Counters that it is about, and what each counts."""
        table, _, name = self.row.target.partition(".")
        if table == "fleets":
            return {f"fleet {name}": "vehicles"}
        if table == "legs":
            leg = scenario.legs[name]
            ends = (leg.from_node_id, leg.to_node_id)
            return {f"paths {name} {a}>{b}": "paths" for a, b in (ends, ends[::-1])}
        hit: dict[str, str] = {}
        for row in _facilities(scenario, self.row.target):
            what = self.row.what or main_capacity(row) or ""
            hit.update(dict.fromkeys(capacities(row).get(what, {}), what))
        return hit


def _facilities(scenario: Scenario, target: str) -> list[Facility]:
    """The facility that is named, or all at the node that is named."""
    table, _, name = target.partition(".")
    if table == "facilities":
        return [scenario.facilities[name]]
    return [f for f in scenario.facilities.values() if table == "nodes" and f.node == name]


def outages_of(scenario: Scenario, second: Callable[[datetime], int]) -> tuple[Outage, ...]:
    """All rows of `disruptions` that take anything away, by id; `second`: seconds from the start."""
    rows = (row for _, row in sorted(scenario.disruptions.items()))
    return tuple(Outage(r, second(r.start), second(r.end)) for r in rows if r.severity_share > 0)


def closures_of(scenario: Scenario, outages: Iterable[Outage]) -> dict[str, list[Closure]]:
    """Full closures by target; a node closes its facilities too."""
    found: dict[str, list[Closure]] = {}
    for outage in outages:
        if (closed := outage.closed) is not None:
            rows = _facilities(scenario, outage.row.target)
            for target in dict.fromkeys((outage.row.target, *(f"facilities.{f.id}" for f in rows))):
                found.setdefault(target, []).append(closed)
    return found


def left(capacity: IntArray, severity: np.ndarray) -> IntArray:
    """Units that are left, rounded to the nearest whole number, halves up; each (n,).

    >>> left(np.array([8, 5, 1]), np.array([0.6, 0.9, 0.4])).tolist()
    [3, 1, 1]
    """
    # rounded twice: 5 x (1 - 0.9) is a little less than the half that is meant
    units = np.round(capacity * (1.0 - severity), 9)
    return np.floor(units + 0.5).astype(np.int64)


def limited(track: Track, outages: Sequence[Outage]) -> list[tuple[int, int]]:
    """A capacity by date with outages: at each instant the least of what they leave.

    Steps beyond the horizon stay: who waits for them is late, not stuck.
    """
    if not outages:
        return list(track)
    at, units = (np.array(column, np.int64) for column in zip(*track, strict=True))
    times = np.unique(np.concatenate([at, *(o.instants for o in outages)]))
    times = np.unique(np.maximum(times, 0))
    normal = units[np.searchsorted(at, times, side="right") - 1]
    least = np.min([left(normal, o.severity(times)) for o in outages], axis=0)
    changed = np.append(True, least[1:] != least[:-1])
    return list(zip(times[changed].tolist(), least[changed].tolist(), strict=True))
