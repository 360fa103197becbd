"""What a closure stops: cranes first, then coming alongside, then leaving; then ships must go.

A *spell* is a span of one severity. Each severity includes all before it, and a second has the most
severe of the spells that cover it. From the spells of a zone follow the closures by use.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from corridor_sim.inputs.schema import Weather
from corridor_sim.units import HOUR_S

SEVERITIES = ("cranes", "berthing", "port", "evacuate")
"""Thresholds in order."""

Span = tuple[int, int]
"""Half-open, seconds from the start."""


class Spell(NamedTuple):
    """A span of one severity, as drawn or as a row of `closures` says."""

    start_s: int
    end_s: int
    severity: str
    is_foreseen: bool = False
    is_replayed: bool = False


class Stops(NamedTuple):
    """Spans in which one zone's weather stops something, by use; sorted, apart from each other."""

    work: list[Span]
    """Cranes and ramps stand still."""
    berthing: list[Span]
    """Nobody comes alongside."""
    departing: list[Span]
    """Nobody leaves."""
    bound: list[Span]
    """Nobody sets out for here."""
    evacuate: list[Span]
    """From the start of a closure that drives ships out until the port admits them again."""


def union(spans: Iterable[Span]) -> list[Span]:
    """Spans that touch or overlap become one.

    >>> union([(5, 8), (0, 2), (2, 3), (7, 9)])
    [(0, 3), (5, 9)]
    """
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def drawn_spells(
    zone: Weather, closed: Sequence[Span], evacuates: Sequence[bool], foreseen: Sequence[bool]
) -> list[Spell]:
    """The closures of a zone with the stops of cranes and of berthing around them.

    Parameters
    ----------
    closed               (n,) spans, sorted, apart
    evacuates, foreseen  (n,) whether each drives ships out, and whether it was forecast
    """
    spells = [
        Spell(a, b, "evacuate" if drives_out else "port", is_seen)
        for (a, b), drives_out, is_seen in zip(closed, evacuates, foreseen, strict=True)
    ]
    return spells + stops_around(zone, closed)


def stops_around(zone: Weather, closed: Sequence[Span]) -> list[Spell]:
    """The stops of cranes and of berthing around closures (sorted, apart), by the zone's shares."""
    shares = {"cranes": zone.cranes_stop_share, "berthing": zone.berthing_stop_share}
    return [
        Spell(a, b, severity)
        for severity, share in shares.items()
        if share
        for a, b in widened(closed, share)
    ]


def widened(closed: Sequence[Span], share: float) -> list[Span]:
    """Closed spans, longer by `share` of their length, half before and half after.

    Where the calm between two closures is too short for that, all of it is taken and the rest is
    made up after the next one: so the hours are (1 + share) x closed hours, with no bias by
    stops that overlap. So it is before a closure that begins before the run.

    >>> widened([(100, 200), (220, 320), (900, 1000)], 0.5)
    [(75, 375), (875, 1025)]
    >>> widened([(-100, 100), (200, 300)], 0.5)
    [(-100, 350)]
    """
    spans: list[Span] = []
    end, after = min([0, *(a for a, _ in closed[:1])]), 0
    for a, b in closed:
        extra = round(share * (b - a))
        before = extra // 2
        gap = a - end
        tail = min(after, gap)
        lead = min(before, gap - tail)
        spans += [(end, end + tail), (a - lead, b)]
        end, after = b, extra - before + (after - tail) + (before - lead)
    spans.append((end, end + after))
    return union(s for s in spans if s[1] > s[0])


def stops(zone: Weather, spells: Sequence[Spell]) -> Stops:
    """What the spells of a zone stop, with its restart lag and its forecasts."""
    lag_s, ahead_s = round(zone.restart_lag_h * HOUR_S), round(zone.forecast_h * HOUR_S)
    closed = union(_at_least(spells, "port"))
    shut = union((a, b + lag_s) for a, b in closed)
    seen = [(s.start_s, s.end_s) for s in spells if s.is_foreseen] if ahead_s else []
    before = [(a - ahead_s, a) for a, _ in seen]
    return Stops(
        work=union(_at_least(spells, "cranes")),
        berthing=union([*_at_least(spells, "berthing"), *shut, *before]),
        departing=union([*shut, *before]),
        bound=union((a - ahead_s, b - ahead_s) for a, b in seen),
        evacuate=union(
            (start, next(end for a, end in shut if a <= start < end))
            for start, _ in _at_least(spells, "evacuate")
        ),
    )


def _at_least(spells: Iterable[Spell], severity: str) -> list[Span]:
    least = SEVERITIES.index(severity)
    return [(s.start_s, s.end_s) for s in spells if SEVERITIES.index(s.severity) >= least]


def in_order(spells: Iterable[Spell]) -> tuple[Spell, ...]:
    """By start, end and severity."""
    return tuple(
        sorted(spells, key=lambda s: (s.start_s, s.end_s, SEVERITIES.index(s.severity), s))
    )
