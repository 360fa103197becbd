"""The weather of every zone in one replication: drawn, or replayed from dated closures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, datetime, timedelta

from corridor_sim.inputs.schema import DatedClosure, Scenario, Weather
from corridor_sim.model.draws import uniforms
from corridor_sim.model.profiles import Closure
from corridor_sim.model.weather_spells import Zones
from corridor_sim.model.weather_thresholds import (
    Span,
    Spell,
    drawn_spells,
    in_order,
    stops_around,
    union,
)


@dataclass(frozen=True)
class PortWeather:
    """What the weather of one zone stops, as closures by use; none at all without a zone."""

    work: tuple[Closure, ...] = ()
    """Cranes and ramps stand still: for the clock of work."""
    berthing: tuple[Closure, ...] = ()
    """Nobody comes alongside: for the gate of arrivals and of vessels in the roads."""
    departing: tuple[Closure, ...] = ()
    """Nobody leaves: for the gate of rides."""
    bound: tuple[Closure, ...] = ()
    """Nobody sets out for here: for the gate of rides that end here."""
    evacuate: str | None = None
    """A calendar for `Stage.cut`: closed from the start of a closure that drives ships out until
    the port admits them again; None if no closure does."""


def spells_of(
    scenario: Scenario, horizon_s: int, seed: int, rep: int
) -> dict[str, tuple[Spell, ...]]:
    """zone -> its spells up to the horizon (and the next), sorted.

    A zone with rows of `closures` that start in a calendar year has these and no others in it; a
    drawn spell is cut off at the year's edge. All other years are drawn, with the same numbers.
    """
    start = scenario.simulation.start
    closed = Zones(scenario.weather, start, horizon_s, seed, rep).closed()
    found = {}
    for name, zone in scenario.weather.items():
        rows = [row for row in scenario.closures.values() if row.zone == name]
        drawn = _drawn(zone, closed[name], seed, rep)
        years = _years({row.start.year for row in rows}, start)
        kept = [part for spell in drawn for part in _outside(spell, years)]
        found[name] = in_order([*kept, *_replayed(zone, rows, start, seed, rep)])
    return found


def _drawn(zone: Weather, closed: Sequence[Span], seed: int, rep: int) -> list[Spell]:
    """The k-th closure of a zone has the k-th number of each of its streams."""

    def happens(what: str, share: float) -> list[bool]:
        u = uniforms(seed, rep, f"weather.{zone.id}.{what}", len(closed))
        return [bool(x < share) for x in u]

    return drawn_spells(
        zone,
        closed,
        happens("evacuates", zone.evacuate_share),
        happens("foreseen", zone.forecast_skill),
    )


def _replayed(
    zone: Weather, rows: Sequence[DatedClosure], start: datetime, seed: int, rep: int
) -> list[Spell]:
    """Rows as spells; whether one that closes the port was foreseen is drawn.

    Rows that name a stop of cranes or berthing are the whole log. Where none does, the zone's
    shares widen the closures as they widen drawn ones.
    """

    def second(at: datetime) -> int:
        return round((at - start) / timedelta(seconds=1))

    spells = in_order(
        [Spell(second(r.start), second(r.end), r.severity, is_replayed=True) for r in rows]
    )
    u = uniforms(seed, rep, f"weather.{zone.id}.replayed.foreseen", len(spells))
    closes = ("port", "evacuate")
    found = [
        s._replace(is_foreseen=bool(x < zone.forecast_skill and s.severity in closes))
        for s, x in zip(spells, u, strict=True)
    ]
    if all(s.severity in closes for s in spells):
        around = stops_around(zone, union((s.start_s, s.end_s) for s in spells))
        found += [s._replace(is_replayed=True) for s in around]
    return found


def _years(years: set[int], start: datetime) -> list[Span]:
    """Spans of calendar years (UTC)."""

    def second(year: int) -> int:
        at = datetime(min(year, MAXYEAR), 1, 1, tzinfo=start.tzinfo)
        return round((at - start) / timedelta(seconds=1))

    return [(second(year), second(year + 1)) for year in sorted(years)]


def _outside(spell: Spell, years: Sequence[Span]) -> list[Spell]:
    """The parts of a spell that lie in none of these spans."""
    parts, at = [], spell.start_s
    for a, b in years:
        if spell.end_s <= a:
            break
        if at < a:
            parts.append(spell._replace(start_s=at, end_s=a))
        at = max(at, b)
    if at < spell.end_s:
        parts.append(spell._replace(start_s=at))
    return parts
