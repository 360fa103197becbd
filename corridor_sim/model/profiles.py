"""Profiles: everything that closes, suspends or limits by date, as calendars and counter steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from corridor_sim.primitives import Calendar
from corridor_sim.units import DAY_S, FOREVER, HOUR_S

RANKS = ("weather", "works", "failure", "calendar", "not open")
"""Which cause a second has that several share: the first of these."""


@dataclass(frozen=True, order=True)
class Closure:
    """Closed from `start_s` to `end_s` (half-open); `kind` is one of RANKS, `cause` its label."""

    start_s: int
    end_s: int
    kind: str
    cause: str


def calendar(name: str, closures: Iterable[Closure]) -> Calendar | None:
    """The complement of all closures; None if there is none.

    Closures that touch or overlap become one gap, named by the first of RANKS among them.
    """
    gaps: list[tuple[int, int, int, str]] = []
    for c in sorted(closures):
        rank = RANKS.index(c.kind)
        if gaps and c.start_s <= gaps[-1][1]:
            start, end, other, cause = gaps[-1]
            best = (rank, c.cause) if rank < other else (other, cause)
            gaps[-1] = (start, max(end, c.end_s), *best)
        else:
            gaps.append((c.start_s, c.end_s, rank, c.cause))
    gaps = [g for g in gaps if g[1] > 0]
    if not gaps:
        return None
    opens = [end for _, end, _, _ in gaps if end < FOREVER]
    closes = [start for start, _, _, _ in gaps]
    causes = [cause for *_, cause in gaps]
    if closes[0] > 0:
        opens.insert(0, 0)
    else:
        closes.pop(0)
    if gaps[-1][1] < FOREVER:
        closes.append(FOREVER)
        causes.append(causes[-1])
    if gaps[0][0] > 0:
        causes.insert(0, causes[0])
    return Calendar(name, np.array(opens, np.int64), np.array(closes, np.int64), tuple(causes))


def daily(open_daily: str, utc_offset_h: float, horizon_s: int, cause: str) -> list[Closure]:
    """Closed outside the local hours `HH:MM-HH:MM`, every day to the horizon (then open)."""
    start, end = (int(t[:2]) * HOUR_S + int(t[3:]) * 60 for t in open_daily.split("-"))
    shift = round(utc_offset_h * HOUR_S)
    length = (end - start) % DAY_S or DAY_S  # `22:00-06:00` goes past midnight
    closures = []
    for day in range(-2, horizon_s // DAY_S + 2):
        closed_from = day * DAY_S + start + length - shift
        closures.append(Closure(closed_from, closed_from + DAY_S - length, "calendar", cause))
    return [c for c in closures if c.end_s > c.start_s]


def failures(up_s: Sequence[int], down_s: Sequence[int], cause: str) -> list[Closure]:
    """Up, down, up, down ... from the start."""
    closures, t = [], 0
    for up, down in zip(up_s, down_s, strict=True):
        closures.append(Closure(t + up, t + up + down, "failure", cause))
        t += up + down
    return closures


ABSENCE_PERIOD_S = 60 * DAY_S
"""A vessel that is partly absent is away once in every such period (assumption)."""


def absences(
    vessels: int, in_service_share: float, horizon_s: int, phase_s: int = 0
) -> list[tuple[int, int]]:
    """Dated absences of whole vessels: steps (instant, vessels in service), the first at 0.

    SIMPLIFIED: the part of a vessel that is absent on average is away in one block of every 60
    days, which begins at `phase_s` (docs/assumptions.md#absences).

    >>> absences(4, 0.75, 10)
    [(0, 3)]
    """
    absent = vessels * (1 - in_service_share)
    always = int(absent + 1e-9)
    block = round((absent - always) * ABSENCE_PERIOD_S)
    present = vessels - always
    if block < HOUR_S:
        return [(0, present)]
    steps = {}
    for start in range(phase_s - ABSENCE_PERIOD_S, horizon_s, ABSENCE_PERIOD_S):
        steps[max(0, start)] = present - 1
        steps[max(0, start + block)] = present
    return sorted(steps.items())
