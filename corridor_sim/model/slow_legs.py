"""Rides that take longer in bad weather or a hard month: by the hour in which they set out.

A ride whose legs have a `weather_zone` works by a table: per mille of its time by the units in use
of one counter, its weather. Trips without cargo keep so many units in use as the weather at each
time asks for. So the engine needs to know nothing of weather at sea.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from math import ceil

import numpy as np

from corridor_sim.inputs.schema import Leg, Weather
from corridor_sim.model.build import CLASS_S, Bench
from corridor_sim.model.routes import Way
from corridor_sim.model.weather_thresholds import Span
from corridor_sim.primitives import Births, Counter, Line, Quantity, Slow, Source, Stage

USUAL = 1_000
"""Per mille of the running time without weather."""
STORMS = ("port", "evacuate")
"""Severities of spells that slow rides."""

Step = tuple[int, int]
"""(from when, per mille of the running time)."""


def slowed_by(bench: Bench, path: Way) -> str | None:
    """The table by which a ride along a path takes longer; None: nothing on it does."""
    name = "weather on " + "+".join(sorted(leg.id for leg, _, _ in path.hops if leg.weather_zone))
    if any(slow.name == name for slow in bench.parts.slows):
        return name
    steps = slow_steps(bench, [leg for leg, _, _ in path.hops])
    levels = sorted({per_mille for _, per_mille in steps} - {USUAL})
    if not levels:
        return None
    bench.parts.slows.append(
        Slow(name, name, tuple((i + 1, per_mille) for i, per_mille in enumerate(levels)))
    )
    bench.parts.counters.append(Counter(name, len(levels)))
    _keep_in_use(bench, name, steps, levels)
    return name


def slow_steps(bench: Bench, legs: list[Leg]) -> list[Step]:
    """Per mille of a ride's time by when it sets out, rounded up: legs count by their hours."""
    hours = {leg.id: leg.length_km / leg.speed_kmh for leg in legs}
    zones = {leg.id: bench.scenario.weather[leg.weather_zone] for leg in legs if leg.weather_zone}
    months = _months(bench)
    storms = {zone.id: _storms(bench, zone) for zone in zones.values()}
    at = {0, *months, *(t for spans in storms.values() for span in spans for t in span)}
    found: list[Step] = []
    for t in sorted(t for t in at if 0 <= t < bench.horizon_s):
        month = months[max(s for s in months if s <= t)]
        speed = {name: _speed(zone, month, storms[zone.id], t) for name, zone in zones.items()}
        longer = sum(h / speed.get(name, 1.0) for name, h in hours.items())
        per_mille = ceil(USUAL * longer / sum(hours.values()) - 1e-9)
        if not found or found[-1][1] != per_mille:
            found.append((t, per_mille))
    return found


def _speed(zone: Weather, month: int, storms: list[Span], t: int) -> float:
    """Share of the usual speed at a time."""
    before = bisect_right(storms, t, key=lambda span: span[0]) - 1
    is_storm = before >= 0 and t < storms[before][1]
    usual: float = getattr(zone, f"s{month:02d}") or 1.0
    return usual * (zone.storm_speed_share if is_storm else 1.0)


def _storms(bench: Bench, zone: Weather) -> list[Span]:
    """Sorted spans in which the zone is closed to ships, or none if that slows nobody."""
    if zone.storm_speed_share == 1:
        return []
    spans: list[Span] = []
    for s in sorted(bench.meaning.weather[zone.id]):
        if s.severity in STORMS:
            if spans and s.start_s <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(spans[-1][1], s.end_s))
            else:
                spans.append((s.start_s, s.end_s))
    return spans


def _months(bench: Bench) -> dict[int, int]:
    """Second at which each month of the run begins -> its number."""
    at, found = bench.start.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0), {}
    while (second := round((at - bench.start) / timedelta(seconds=1))) < bench.horizon_s:
        found[second] = at.month
        at = datetime(at.year + at.month // 12, at.month % 12 + 1, 1, tzinfo=UTC)
    return found


def _keep_in_use(bench: Bench, name: str, steps: list[Step], levels: list[int]) -> None:
    """Trips that hold as many units of the counter as the level of each step, for as long."""
    ends = [t for t, _ in steps[1:]] + [bench.horizon_s]
    born, lasts = [], []
    for (start, per_mille), end in zip(steps, ends, strict=True):
        n = 0 if per_mille == USUAL else levels.index(per_mille) + 1
        born += [start] * n
        lasts += [end - start] * n
    unit = (Quantity(name),)
    parts = bench.parts
    parts.draws[name, name] = np.array(lasts, np.int64)
    parts.stages.append(Stage(name, needs=unit, puts_end=unit, work_column=name))
    # before anybody who sets out in the same second
    parts.lines.append(Line(name, (name,), offset_s=-CLASS_S))
    parts.sources.append(Source(name, name, Births(np.array(born, np.int64))))
