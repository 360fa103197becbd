"""When lots become ready: totals by month are the season's, whatever the law between arrivals."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from corridor_sim.inputs.schema import MONTHS, Demand, Season
from corridor_sim.model.arrivals import arrival_s
from corridor_sim.units import DAY_S, HOUR_S

START = datetime(2024, 1, 1, tzinfo=UTC)
YEAR = (START, 0, 366 * DAY_S, 366 * DAY_S)
SHARES = (0.02, 0.0, 0.06, 0.08, 0.1, 0.1, 0.09, 0.09, 0.05, 0.11, 0.13, 0.17)
SEASONS = {"s": Season(id="s", **dict(zip(MONTHS, SHARES, strict=True)))}
DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
EDGES = np.cumsum([0, *DAYS]) * DAY_S


def arrivals(window: Any = YEAR, seed: int = 1, rep: int = 0, **columns: Any) -> np.ndarray:
    row = Demand(id="d", origin="a", destination="b", **columns)
    times = arrival_s(row, {}, SEASONS, window, seed, rep)
    assert times.dtype == np.int64
    assert (np.diff(times) >= 0).all()
    return times


def by_month(times: np.ndarray) -> np.ndarray:
    return np.histogram(times, EDGES)[0]


def test_constant_arrivals_keep_the_season_to_one_batch() -> None:
    """Evenly spaced in operational time, each month has its share of the year to within one."""
    counts = by_month(arrivals(units_per_year=3600, season="s"))
    assert (abs(counts - 3600 * np.array(SHARES)) <= 1).all()
    assert counts.sum() == 3600


def test_a_batch_counts_its_lots_towards_the_year() -> None:
    """36 trains of 100 bring 3,600 lots, not 360,000."""
    assert len(arrivals(units_per_year=3600, season="s", batch=100)) == 36


def test_without_a_season_the_twelve_months_are_level() -> None:
    """Equal totals by month, not by day."""
    assert set(by_month(arrivals(units_per_year=1200))) <= {99, 100, 101}


@pytest.mark.parametrize(
    ("law", "cv", "spread"), [("exponential", None, 1.0), ("gamma", 0.5, 0.5), ("gamma", 2.0, 2.0)]
)
def test_random_arrivals_have_the_seasonal_mean_and_spread(
    law: str, cv: float | None, spread: float
) -> None:
    """Counts of a renewal process: mean m, variance about m cv^2.

    Seeds 1, replications 0-199, n = 200; bands of 4.5 standard errors on 11 means and one total:
    a false alarm once in 10,000 choices of the seed (fixed here). The first gap is a whole one, so
    the mean of January is off by (cv^2 - 1) / 2 of one arrival, and so is the year's.
    """
    columns: dict[str, Any] = {"units_per_year": 2400, "season": "s", "arrival_law": law}
    columns |= {} if cv is None else {"arrival_cv": cv}
    counts = np.array([by_month(arrivals(rep=rep, **columns)) for rep in range(200)])
    mean = 2400 * np.array(SHARES)
    band = 4.5 * spread * np.sqrt(np.maximum(mean, 1) / 200) + abs(spread**2 - 1) / 2
    assert (abs(counts.mean(axis=0) - mean) <= band).all()
    assert (counts[:, 1] == 0).all(), "February has no share"
    variance = counts.sum(axis=1).var(ddof=1)
    assert variance == pytest.approx(2400 * spread**2, rel=4.5 * np.sqrt(2 / 199))


def test_streams_differ_by_replication_and_repeat_by_seed() -> None:
    """Same seed and replication, same arrivals; another of either, others."""
    law: dict[str, Any] = {"units_per_year": 500, "arrival_law": "exponential"}
    first = arrivals(**law)
    assert (arrivals(**law) == first).all()
    assert not np.array_equal(arrivals(rep=1, **law), first)
    assert not np.array_equal(arrivals(seed=2, **law), first)


def test_factors_apply_before_and_after_the_window() -> None:
    """January is warm-up at half its level, March drain at twice."""
    window = (START, 31 * DAY_S, 60 * DAY_S, 91 * DAY_S)
    times = arrivals(window, units_per_year=1200, before_factor=0.5, after_factor=2)
    counts = np.histogram(times, EDGES[:4])[0]
    assert (abs(counts - [50, 100, 200]) <= 1).all()


def test_plain_law_of_the_time_between_arrivals() -> None:
    """A constant gap of 2 h: the first lot comes after one gap, none at the horizon."""
    window = (START, 0, 10 * HOUR_S, 10 * HOUR_S)
    times = arrivals(window, arrival_law="constant", arrival_mean_h=2)
    assert times.tolist() == [2 * HOUR_S, 4 * HOUR_S, 6 * HOUR_S, 8 * HOUR_S]


def test_timetabled_arrivals_begin_at_their_offset() -> None:
    """Every 6 h from hour 1."""
    window = (START, 0, 20 * HOUR_S, 20 * HOUR_S)
    assert (arrivals(window, every_h=6, offset_h=1) / HOUR_S).tolist() == [1, 7, 13, 19]


def test_lots_at_the_start_come_first_and_the_limit_counts_them() -> None:
    """Three there already, then one an hour, five in all."""
    window = (START, 0, DAY_S, DAY_S)
    times = arrivals(window, at_start=3, every_h=1, offset_h=1, lots_limit=5)
    assert (times / HOUR_S).tolist() == [0, 0, 0, 1, 2]


def test_saturated_rows_have_no_arrivals_of_their_own() -> None:
    """The next is born when one begins its service."""
    assert len(arrivals(arrival_law="saturated")) == 0
