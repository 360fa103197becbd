"""Closures by weather: shares by month, ports that share storms, and streams of their own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from corridor_sim.inputs.schema import MONTHS, Weather
from corridor_sim.model.profiles import Closure
from corridor_sim.model.weather import Zones
from corridor_sim.units import DAY_S

START = datetime(2024, 1, 1, tzinfo=UTC)
N_REP = 150
LEVEL = (0.2,) * 12
SEASON = (0.3, 0.28, 0.25, 0.18, 0.12, 0.08, 0.08, 0.08, 0.12, 0.2, 0.35, 0.4)
EDGES = np.cumsum([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) * 24  # h


def zone(name: str, shares: tuple[float, ...] = LEVEL, **columns: Any) -> Weather:
    return Weather(id=name, **dict(zip(MONTHS, shares, strict=True)), **columns)


def closures(
    zones: dict[str, Weather], rep: int = 0, days: int = 366, seed: int = 1
) -> dict[str, list[Closure]]:
    return Zones(zones, START, days * DAY_S, seed, rep).closures()


def hours_closed(rows: list[Closure], days: int = 366) -> np.ndarray:
    """(hour,) whether the middle of each hour is closed; overlapping closures count once."""
    closed = np.zeros(days * 24 + 1, int)
    for row in rows:
        a, b = (min(round(t / 3600), days * 24) for t in (row.start_s, row.end_s))
        closed[a] += 1
        closed[b] -= 1
    return np.cumsum(closed)[:-1] > 0


def monthly(zones: dict[str, Weather], name: str) -> np.ndarray:
    """(N_REP, 12) closed share."""
    closed = np.array([hours_closed(closures(zones, rep)[name]) for rep in range(N_REP)])
    return np.stack(
        [closed[:, a:b].mean(axis=1) for a, b in zip(EDGES[:-1], EDGES[1:], strict=True)], axis=1
    )


@pytest.mark.parametrize("group", [None, "caspian"])
@pytest.mark.parametrize("shares", [LEVEL, SEASON], ids=["level", "season"])
def test_closed_share_of_each_month_is_the_climatology(
    shares: tuple[float, ...], group: str | None
) -> None:
    """With and without a storm driver.

    Seed 1, replications 0-149, n = 150; 4.5 standard errors on 12 means: a false alarm once in
    10,000 choices of the seed (fixed here). Closures of 36 h that begin in one month and end in
    the next move at most 7 % of the step between them; the start of the year begins open, which
    takes up to 36 h x share off January.
    """
    storm = {} if group is None else {"storm_group": group, "group_correlation": 0.8}
    zones = {"aktau": zone("aktau", shares, **storm), "alat": zone("alat", LEVEL, **storm)}
    found = monthly(zones, "aktau")
    expected = np.array(shares)
    before = np.concatenate([[0.0], expected[:-1]])
    band = 4.5 * found.std(axis=0, ddof=1) / np.sqrt(N_REP) + 0.07 * abs(expected - before)
    assert (abs(found.mean(axis=0) - expected) <= band).all()
    assert band.max() < 0.1, "the band is too wide to say anything"


def test_ports_of_a_group_close_together_and_others_do_not() -> None:
    """Correlation of hourly closure over 100 replicated years: high, and none, by group.

    Without a driver the correlation has a standard error of about
    sqrt(2 x 36 h / (100 x 8784 h)) = 0.009; the band is 5 of them. With a driver that makes 80 %
    of both zones' closures it must exceed 0.5.
    """
    driven = {"storm_group": "g", "group_correlation": 0.8}
    zones = {
        "a": zone("a", **driven),
        "b": zone("b", **driven),
        "c": zone("c"),
    }
    made = [closures(zones, rep) for rep in range(100)]
    closed = {n: np.concatenate([hours_closed(m[n]) for m in made]) for n in zones}
    together = np.corrcoef(closed["a"], closed["b"])[0, 1]
    apart = np.corrcoef(closed["a"], closed["c"])[0, 1]
    assert together > 0.5
    assert abs(apart) < 0.045


def test_closures_are_sorted_last_some_time_and_name_their_zone() -> None:
    """What a wait for them is called, and what calendars rely on."""
    for name, rows in closures({"a": zone("a", SEASON), "b": zone("b")}).items():
        assert rows == sorted(rows)
        assert all(c.end_s > c.start_s >= 0 for c in rows)
        assert {(c.kind, c.cause) for c in rows} == {("weather", f"weather {name}")}


def test_another_zone_changes_no_closure() -> None:
    """Paired comparisons need the same weather when a port is added to the network."""
    alone = closures({"a": zone("a")})["a"]
    assert closures({"b": zone("b"), "a": zone("a")})["a"] == alone


def test_a_longer_horizon_begins_with_the_same_closures() -> None:
    """A longer drain must not change the window."""
    short, long = (closures({"a": zone("a")}, days=d)["a"] for d in (90, 366))
    shared = [c for c in long if c.start_s < 90 * DAY_S]
    assert short[: len(shared)] == shared


def test_a_month_without_closures_has_none_that_begin_in_it() -> None:
    """Share 0 in June."""
    shares = tuple(0.0 if m == 5 else 0.2 for m in range(12))
    june = (EDGES[5] * 3600, EDGES[6] * 3600)
    for rep in range(20):
        rows = closures({"a": zone("a", shares)}, rep)["a"]
        assert not [c for c in rows if june[0] <= c.start_s < june[1]]


def test_the_replayed_year_has_its_own_shares_and_no_year_effect() -> None:
    """r10 replaces m10 in the replayed year only; 4.5 standard errors at n = 150, seed 1."""
    own = {f"r{m:02d}": 0.1 for m in range(1, 13)}
    zones = {"a": zone("a", (0.5,) * 12, replay_year=2024, severity_year_sd=0.5, **own)}
    found = monthly(zones, "a").mean(axis=1)
    assert found.mean() == pytest.approx(
        0.1, abs=4.5 * found.std() / np.sqrt(N_REP) + 0.1 * 36 / 8784
    )


def test_severity_makes_years_differ_but_not_their_mean() -> None:
    """The year effect has mean 1; its spread shows between replications."""
    level = monthly({"a": zone("a", (0.1,) * 12)}, "a").mean(axis=1)
    severe = monthly({"a": zone("a", (0.1,) * 12, severity_year_sd=0.4)}, "a").mean(axis=1)
    assert severe.std() > 1.5 * level.std()
    assert severe.mean() == pytest.approx(0.1, abs=4.5 * severe.std() / np.sqrt(N_REP))
