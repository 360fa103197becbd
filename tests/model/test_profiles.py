"""Closures become calendars: what is open, what a gap is called, and how many vessels are away."""

from __future__ import annotations

import numpy as np
import pytest

from corridor_sim.model.profiles import RANKS, Closure, absences, calendar, daily, failures
from corridor_sim.primitives import Calendar
from corridor_sim.units import DAY_S, FOREVER, HOUR_S

N_RANDOM = 50


def closed(cal: Calendar | None, until: int) -> np.ndarray:
    """(until,) whether each second is closed, read off the open intervals."""
    shut = np.ones(until, bool)
    if cal is None:
        return ~shut
    for a, b in zip(cal.open_s.tolist(), cal.close_s.tolist(), strict=True):
        shut[max(a, 0) : max(min(b, until), 0)] = False
    return shut


@pytest.mark.parametrize("seed", range(N_RANDOM))
def test_calendar_is_the_complement_of_its_closures(seed: int) -> None:
    """Second by second, for closures that overlap, touch, begin before 0 or never end."""
    rng = np.random.Generator(np.random.Philox(seed))
    starts = rng.integers(-50, 500, rng.integers(1, 9))
    ends = starts + rng.integers(1, 90, len(starts))
    if seed % 5 == 0:
        ends[0] = FOREVER
    kinds = rng.integers(0, len(RANKS), len(starts))
    rows = [
        Closure(int(a), int(b), RANKS[k], f"cause {k}")
        for a, b, k in zip(starts, ends, kinds, strict=True)
    ]
    expected = np.zeros(700, bool)
    for row in rows:
        expected[max(row.start_s, 0) : max(row.end_s, 0)] = True
    made = calendar("c", rows)
    assert (closed(made, 700) == expected).all()
    if made is not None:
        assert (made.close_s > made.open_s).all()
        assert (made.open_s[1:] > made.close_s[:-1]).all(), "intervals touch"
        assert len(made.gap_causes) == len(made.open_s) + 1


def test_no_closure_gives_no_calendar() -> None:
    """A facility without closures has no clock to look at."""
    assert calendar("c", []) is None
    assert calendar("c", [Closure(-9, 0, "works", "w")]) is None


@pytest.mark.parametrize("better", range(len(RANKS) - 1))
def test_overlapping_closures_are_called_by_the_first_rank(better: int) -> None:
    """A port that is stormed in at night waits for weather, not for its opening hours."""
    for first, second in ((better, better + 1), (better + 1, better)):
        rows = [
            Closure(10, 20, RANKS[first], RANKS[first]),
            Closure(15, 30, RANKS[second], "other"),
        ]
        rows[1] = Closure(15, 30, RANKS[second], RANKS[second])
        made = calendar("c", rows)
        assert made is not None
        assert made.open_s.tolist() == [0, 30]
        assert made.close_s.tolist() == [10, FOREVER]
        assert made.gap_causes[1] == RANKS[better]


def test_each_gap_keeps_its_own_cause() -> None:
    """Separate gaps are not called by one another's cause."""
    made = calendar("c", [Closure(-1, 5, "not open", "n"), Closure(9, 12, "weather", "w")])
    assert made is not None
    assert made.open_s.tolist() == [5, 12]
    assert made.gap_causes[:2] == ("n", "w")


@pytest.mark.parametrize(("hours", "offset_h"), [("08:00-18:30", 0.0), ("00:00-16:00", 5.0)])
def test_daily_hours_are_open_by_the_local_clock(hours: str, offset_h: float) -> None:
    """Every minute of five days against the clock on the wall."""
    made = calendar("c", daily(hours, offset_h, 5 * DAY_S, "night"))
    shut = closed(made, 5 * DAY_S)
    local = (np.arange(5 * DAY_S) + round(offset_h * HOUR_S)) % DAY_S
    start, end = (int(t[:2]) * HOUR_S + int(t[3:]) * 60 for t in hours.split("-"))
    assert (shut == ~((local >= start) & (local < end))).all()


def test_failures_alternate_from_the_start() -> None:
    """Up 10, down 3, up 20, down 4."""
    assert [(c.start_s, c.end_s) for c in failures([10, 20], [3, 4], "down")] == [
        (10, 13),
        (33, 37),
    ]


@pytest.mark.parametrize("vessels", [1, 3, 6, 10])
@pytest.mark.parametrize("share", [1.0, 0.9, 0.85, 2 / 3, 0.5, 0.1])
def test_absences_average_to_the_share_in_service(vessels: int, share: float) -> None:
    """Over whole periods of 60 days; an absence shorter than an hour is left out."""
    horizon = 360 * DAY_S
    steps = absences(vessels, share, horizon)
    assert steps[0][0] == 0
    at = np.array([t for t, _ in steps] + [horizon])
    n = np.array([k for _, k in steps])
    assert (np.diff(at) >= 0).all()
    assert n.min() >= 0
    assert n.max() <= vessels
    mean = float((n * np.diff(at)).sum() / horizon)
    assert mean == pytest.approx(vessels * share, abs=1 / (60 * 24))
