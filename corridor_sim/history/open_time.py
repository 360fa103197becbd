"""Open time: seconds of the window that a calendar leaves, and what a counter had in them."""

from __future__ import annotations

import numpy as np

from corridor_sim.history.replay import Replay
from corridor_sim.history.steps import Steps
from corridor_sim.model.compile import Built
from corridor_sim.primitives import IntArray


def clock_of(built: Built, stage: int) -> str | None:
    """The calendar along which a stage works; None: round the clock."""
    at = int(built.model.stages.clock[stage])
    return built.model.names.calendars[at] if at >= 0 else None


def spans_open(built: Built, calendar: str | None) -> tuple[IntArray, IntArray]:
    """The open intervals of a calendar within the window; None: all of it."""
    begin, until, _ = built.window_s
    if calendar is None:
        return np.array([begin]), np.array([until])
    calendars = built.model.calendars
    at = built.model.names.calendars.index(calendar)
    part = slice(int(calendars.ptr[at]), int(calendars.ptr[at + 1]))
    from_s = np.clip(calendars.open_s[part], begin, until)
    to_s = np.clip(calendars.close_s[part], begin, until)
    return from_s[to_s > from_s], to_s[to_s > from_s]


def open_s(built: Built, calendar: str | None) -> int:
    """Seconds of the window in which a calendar is open."""
    from_s, to_s = spans_open(built, calendar)
    return int((to_s - from_s).sum())


def open_within(built: Built, calendar: str | None, from_s: IntArray, to_s: IntArray) -> IntArray:
    """Open seconds of the window in each of many stretches of time (n,)."""
    opens, closes = spans_open(built, calendar)
    before = np.append(0, np.cumsum(closes - opens))

    def until(t: IntArray) -> IntArray:
        at = np.searchsorted(opens, t, side="right") - 1
        inside = np.minimum(t, closes[at]) - opens[at] if len(opens) else np.zeros_like(t)
        return np.where(at < 0, 0, before[np.maximum(at, 0)] + inside)

    return until(to_s) - until(from_s)


def counter_time_s(
    built: Built, replay: Replay, counter: int, calendar: str | None, steps: Steps | None = None
) -> float:
    """Unit-seconds of a counter in the open time of the window; its capacity, or other steps."""
    from_s, to_s = spans_open(built, calendar)
    return float(unit_s(steps or replay.cap, counter, from_s, to_s).sum())


def unit_s(steps: Steps, row: int, from_s: IntArray, to_s: IntArray) -> IntArray:
    """Unit-seconds of one step function in each of many stretches of time (n,)."""
    at_s, value = steps.row(row)
    total = np.append(0, np.cumsum(value[:-1] * np.diff(at_s)))

    def until(t: IntArray) -> IntArray:
        at = np.searchsorted(at_s, t, side="right") - 1
        return np.asarray(total[at] + value[at] * (t - at_s[at]))

    return until(to_s) - until(from_s)
