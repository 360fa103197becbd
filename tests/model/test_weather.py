"""Closures by weather: shares by month, ports that share storms, and streams of their own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from corridor_sim.inputs.schema import MONTHS, DatedClosure, Scenario, Simulation, Weather
from corridor_sim.model.weather import spells_of
from corridor_sim.model.weather_spells import N_SPELL, Zones
from corridor_sim.model.weather_thresholds import Span, Spell, Stops, drawn_spells, stops, widened
from corridor_sim.units import DAY_S, HOUR_S

START = datetime(2024, 1, 1, tzinfo=UTC)
N_REP = 150
LEVEL = (0.2,) * 12
NONE = (0.0,) * 12
SEASON = (0.3, 0.28, 0.25, 0.18, 0.12, 0.08, 0.08, 0.08, 0.12, 0.2, 0.35, 0.4)
EDGES = np.cumsum([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) * 24  # h
FEBRUARY = int(EDGES[1])


def zone(name: str, shares: tuple[float, ...] = LEVEL, **columns: Any) -> Weather:
    return Weather(id=name, **dict(zip(MONTHS, shares, strict=True)), **columns)


def closed(
    zones: dict[str, Weather], rep: int = 0, days: int = 366, seed: int = 1
) -> dict[str, list[Span]]:
    return Zones(zones, START, days * DAY_S, seed, rep).closed()


def hours_closed(spans: list[Span], days: int = 366) -> np.ndarray:
    """(hour,) whether the middle of each hour is closed."""
    change = np.zeros(days * 24 + 1, int)
    for span in spans:
        a, b = (min(max(round(t / 3600), 0), days * 24) for t in span)
        change[a] += 1
        change[b] -= 1
    return np.cumsum(change)[:-1] > 0


def monthly(zones: dict[str, Weather], name: str) -> np.ndarray:
    """(N_REP, 12) closed share."""
    hours = np.array([hours_closed(closed(zones, rep)[name]) for rep in range(N_REP)])
    return np.stack(
        [hours[:, a:b].mean(axis=1) for a, b in zip(EDGES[:-1], EDGES[1:], strict=True)], axis=1
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


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.8, 1.0])
def test_two_shores_are_closed_together_as_their_correlation_says(correlation: float) -> None:
    """Both shores at share s = 0.2, a part c of it from the driver, the rest independent.

    Driver d = c s, local l = (s - d) / (1 - d): both are closed a share d + (1 - d) l^2 of the
    time, 0.04 for c = 0 and 0.2 for c = 1. Seed 1, replications 0-149 without January (which
    begins open), 4.5 standard errors: a false alarm once in 35,000 choices of the seed for the
    four cases together.
    """
    driven = {"storm_group": "g", "group_correlation": correlation}
    zones = {"a": zone("a", **driven), "b": zone("b", **driven)}
    both = []
    for rep in range(N_REP):
        made = closed(zones, rep)
        a, b = (hours_closed(made[name])[FEBRUARY:] for name in zones)
        both.append((a & b).mean())
    driver = correlation * 0.2
    local = (0.2 - driver) / (1 - driver)
    expected = driver + (1 - driver) * local**2
    band = 4.5 * np.std(both, ddof=1) / np.sqrt(N_REP)
    assert np.mean(both) == pytest.approx(expected, abs=band)
    assert band < 0.02, "the band is too wide to say anything"


def test_ports_of_different_groups_do_not_close_together() -> None:
    """Correlation of hourly closure over 100 replicated years.

    Its standard error is about sqrt(2 x 36 h / (100 x 8784 h)) = 0.009; the band is 5 of them.
    """
    zones = {
        "a": zone("a", storm_group="g", group_correlation=0.8),
        "c": zone("c", storm_group="h", group_correlation=0.8),
    }
    made = [closed(zones, rep) for rep in range(100)]
    hours = {n: np.concatenate([hours_closed(m[n]) for m in made]) for n in zones}
    assert abs(np.corrcoef(hours["a"], hours["c"])[0, 1]) < 0.045


def test_closures_are_sorted_apart_and_last_some_time() -> None:
    """What calendars and the order of draws by closure rely on."""
    for spans in closed({"a": zone("a", SEASON), "b": zone("b")}).values():
        ends = [t for span in spans for t in span]
        assert ends[0] >= 0
        assert all(a < b for a, b in zip(ends[:-1], ends[1:], strict=True))


def test_another_zone_changes_no_closure() -> None:
    """Paired comparisons need the same weather when a port is added to the network."""
    alone = closed({"a": zone("a")})["a"]
    assert closed({"b": zone("b"), "a": zone("a")})["a"] == alone


def test_a_longer_horizon_begins_with_the_same_closures() -> None:
    """A longer drain must not change the window."""
    short, long = (closed({"a": zone("a")}, days=d)["a"] for d in (90, 366))
    shared = [c for c in long if c[0] < 90 * DAY_S]
    assert short[: len(shared)] == shared


def test_short_closures_do_not_run_out() -> None:
    """Closures of a minute and 5 minutes of calm: some 88,000 a year, more than drawn at first."""
    spans = closed({"a": zone("a", mean_closure_h=1 / 60, closure_shape=50)})["a"]
    assert len(spans) > 10 * N_SPELL
    assert spans[-1][0] > 365 * DAY_S


def test_a_month_without_closures_has_none_that_begin_in_it() -> None:
    """Share 0 in June."""
    shares = tuple(0.0 if m == 5 else 0.2 for m in range(12))
    june = (EDGES[5] * 3600, EDGES[6] * 3600)
    for rep in range(20):
        spans = closed({"a": zone("a", shares)}, rep)["a"]
        assert not [c for c in spans if june[0] <= c[0] < june[1]]


@pytest.mark.parametrize("group", [None, "g"])
def test_a_share_of_one_closes_every_second(group: str | None) -> None:
    """With and without a driver; the effect of the year does not open a port that is shut."""
    driven = {"storm_group": group, "group_correlation": 0.8, "severity_year_sd": 0.0}
    spans = closed({"a": zone("a", (1.0,) * 12, **driven)})["a"]
    assert len(spans) == 1
    assert spans[0][0] == 0
    assert spans[0][1] >= 366 * DAY_S


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


def test_the_severity_of_a_year_has_its_spread_and_is_shared_by_a_group() -> None:
    """Share 0.1 with an effect of sd 0.4: the variance of a year's share by the effect alone is
    0.1^2 (exp(0.4^2) - 1) = 0.00174, on top of that of the spells.

    Seed 1, replications 0-399. Variances by 20 batches of 20, 4.5 standard errors (t, 19 degrees:
    a false alarm once in 4,000 choices of the seed). No driver (correlation 0), so zones of one
    group have in common their severity alone: with the 0.0005 of the spells a correlation of
    0.77; another group's is 0 within 4.5 / sqrt(400).
    """
    severe = {"severity_year_sd": 0.4}
    zones = {
        "a": zone("a", (0.1,) * 12, storm_group="g", **severe),
        "b": zone("b", (0.1,) * 12, storm_group="g", **severe),
        "c": zone("c", (0.1,) * 12, **severe),
        "level": zone("level", (0.1,) * 12),
    }
    made = [closed(zones, rep) for rep in range(400)]
    a, b, c, level = (np.array([hours_closed(m[n]).mean() for m in made]) for n in zones)
    spread = np.array([x.var(ddof=1) for x in np.split(a, 20)])
    spread -= np.array([x.var(ddof=1) for x in np.split(level, 20)])
    band = 4.5 * spread.std(ddof=1) / np.sqrt(20)
    assert spread.mean() == pytest.approx(0.01 * np.expm1(0.4**2), abs=band)
    assert band < 0.00174, "the band is too wide to say anything"
    assert np.corrcoef(a, b)[0, 1] > 0.6
    assert abs(np.corrcoef(a, c)[0, 1]) < 0.225


# thresholds


def length(spans: list[Span]) -> int:
    return sum(b - a for a, b in spans)


def made(row: Weather, rep: int = 0, rows: tuple[DatedClosure, ...] = ()) -> tuple[Spell, ...]:
    """Spells of one zone over 366 days."""
    simulation = Simulation(start=START, window_d=366.0)
    scenario = Scenario(
        name="w",
        weather={row.id: row},
        closures={r.id: r for r in rows},
        simulation=simulation,
    )
    return spells_of(scenario, 366 * DAY_S, 1, rep)[row.id]


def found(row: Weather, rep: int = 0) -> Stops:
    return stops(row, made(row, rep))


@pytest.mark.parametrize("share", [0.1, 0.25, 1.0])
def test_cranes_stand_still_for_the_stated_share_longer(share: float) -> None:
    """An identity, not an average: (1 + share) x closed seconds, of any closures.

    What does not fit between two closures is made up later. 50 replications, seed 1.
    """
    for rep in range(50):
        spans = closed({"a": zone("a", SEASON)}, rep)["a"]
        around = widened(spans, share)
        extra = sum(round(share * (b - a)) for a, b in spans)
        assert length(around) == length(spans) + extra
        assert all(a[1] < b[0] for a, b in zip(around[:-1], around[1:], strict=True))


def test_thresholds_nest() -> None:
    """Each second of a stop of coming alongside is one of cranes, each of the port one of both."""
    row = zone("a", SEASON, cranes_stop_share=0.4, berthing_stop_share=0.25)
    for rep in range(20):
        cranes, berthing, port = (hours_closed(s) for s in found(row, rep)[:3])
        assert (cranes >= berthing).all()
        assert (berthing >= port).all()
        assert cranes.sum() > berthing.sum() > port.sum()


def test_thresholds_lag_and_forecasts_move_no_closure_of_the_port() -> None:
    """The port's closed share stays that of the climatology: the closures are the same."""
    plain = [(s.start_s, s.end_s) for s in made(zone("a"))]
    row = zone(
        "a",
        cranes_stop_share=0.25,
        berthing_stop_share=0.1,
        evacuate_share=0.15,
        restart_lag_h=4.0,
        forecast_skill=0.7,
        forecast_h=24.0,
    )
    ports = [(s.start_s, s.end_s) for s in made(row) if s.severity in ("port", "evacuate")]
    assert ports == plain


def test_by_default_cranes_berthing_and_port_stop_together() -> None:
    """And nobody is driven out or warned."""
    spans = closed({"a": zone("a")})["a"]
    assert found(zone("a")) == Stops(spans, spans, spans, [], [])


def test_the_share_of_closures_that_drive_out_and_that_are_foreseen() -> None:
    """Some 50 closures a year, 100 years, seed 1: 4.5 standard errors of a share."""
    row = zone("a", evacuate_share=0.15, forecast_skill=0.6, forecast_h=12.0)
    spells = [s for rep in range(100) for s in made(row, rep)]
    n = len(spells)
    assert n > 3000
    for share, hits in (
        (0.15, [s.severity == "evacuate" for s in spells]),
        (0.6, [s.is_foreseen for s in spells]),
    ):
        assert np.mean(hits) == pytest.approx(share, abs=4.5 * np.sqrt(share * (1 - share) / n))


def test_stops_of_one_closure_by_hand() -> None:
    """Closed 100-140 h; cranes +50 %, berthing +25 %, lag 4 h, foreseen 24 h before.

    Cranes 90-150 h. Berthing 95-145 h by the wind, 76-100 h by the forecast, 100-144 h with the
    lag: 76-145 h. Leaving 76-144 h. Setting out for here 76-116 h. Ships away 100-144 h.
    """
    row = zone("a", cranes_stop_share=0.5, berthing_stop_share=0.25, restart_lag_h=4.0,
               forecast_h=24.0)  # fmt: skip
    spells = drawn_spells(row, [(100 * HOUR_S, 140 * HOUR_S)], [True], [True])
    in_hours = [[(a / HOUR_S, b / HOUR_S) for a, b in spans] for spans in stops(row, spells)]
    assert in_hours == [[(90, 150)], [(76, 145)], [(76, 144)], [(76, 116)], [(100, 144)]]


# replay of dated closures


def row_of(name: str, start: str, end: str, severity: str = "port") -> DatedClosure:
    instants = (datetime.fromisoformat(t).replace(tzinfo=UTC) for t in (start, end))
    first, last = instants
    return DatedClosure(id=name, zone="a", start=first, end=last, severity=severity)


def test_a_log_is_replayed_to_the_second() -> None:
    """Its rows, and no drawn closure, in 2024; one of them says when cranes stopped, so the
    thresholds of the zone add nothing."""
    rows = (
        row_of("two", "2024-02-03T04:05:06", "2024-02-05T06:07:08"),
        row_of("one", "2024-01-12T03:00:01", "2024-01-14T18:00:59", "cranes"),
    )
    spells = made(zone("a", cranes_stop_share=0.25), rows=rows)
    assert [s for s in spells if s.start_s < 366 * DAY_S] == [
        Spell(11 * DAY_S + 3 * HOUR_S + 1, 13 * DAY_S + 18 * HOUR_S + 59, "cranes", False, True),
        Spell(33 * DAY_S + 14706, 35 * DAY_S + 22028, "port", False, True),
    ]


def test_a_log_of_closures_alone_is_widened_as_drawn_closures_are() -> None:
    """Of 40 h and 20 h: cranes stand for 50 h and 25 h, nobody comes alongside for 44 h and 22 h."""
    row = zone("a", NONE, cranes_stop_share=0.25, berthing_stop_share=0.1)
    rows = (
        row_of("gale", "2024-01-05T04:00", "2024-01-06T20:00"),
        row_of("storm", "2024-02-01T02:00", "2024-02-01T22:00", "evacuate"),
    )
    spells = made(row, rows=rows)
    assert all(s.is_replayed for s in spells)
    h, later = HOUR_S, 31 * DAY_S
    assert stops(row, spells)[:3] == (
        [(95 * h, 145 * h), (later - h // 2, later + 24 * h + h // 2)],
        [(98 * h, 142 * h), (later + h, later + 23 * h)],
        [(100 * h, 140 * h), (later + 2 * h, later + 22 * h)],
    )


def test_each_second_has_the_most_severe_of_the_rows_that_cover_it() -> None:
    """Cranes 0-10 h, port 4-8 h, evacuation from 6 h: ships go at 6 h, the port opens at 8 h."""
    rows = (
        row_of("wind", "2024-01-01T00:00", "2024-01-01T10:00", "cranes"),
        row_of("gale", "2024-01-01T04:00", "2024-01-01T08:00"),
        row_of("storm", "2024-01-01T06:00", "2024-01-01T07:00", "evacuate"),
    )
    row = zone("a", NONE, restart_lag_h=1.0)
    h = HOUR_S
    assert stops(row, made(row, rows=rows)) == Stops(
        [(0, 10 * h)], [(4 * h, 9 * h)], [(4 * h, 9 * h)], [], [(6 * h, 9 * h)]
    )


def test_years_without_rows_are_drawn_as_they_were() -> None:
    """A winter of rows in 2025 leaves 2024 alone, cuts at New Year and runs over into 2026."""
    row = zone("a", (0.4,) * 12)
    horizon_s = 3 * 366 * DAY_S
    simulation = Simulation(start=START, window_d=1098.0)
    scenario = Scenario(name="w", weather={"a": row}, simulation=simulation)
    replay = scenario.model_copy(
        update={"closures": {"x": row_of("x", "2025-12-30T00:00", "2026-01-02T00:00")}}
    )
    new_year, next_year = 366 * DAY_S, 731 * DAY_S
    drawn, mixed = (spells_of(s, horizon_s, 1, 0)["a"] for s in (scenario, replay))
    kept = [s for s in mixed if not s.is_replayed]
    assert [s for s in kept if s.end_s < new_year] == [s for s in drawn if s.end_s < new_year]
    assert [s for s in kept if s.start_s > next_year] == [s for s in drawn if s.start_s > next_year]
    assert not [s for s in kept if s.start_s < next_year and s.end_s > new_year]
    assert [s.end_s for s in mixed if s.is_replayed] == [next_year + DAY_S]


def test_a_drawn_winter_comes_back_when_its_rows_are_replayed() -> None:
    """What `weather.csv` lists can be given as `closures`: the same stops, but for forecasts."""
    row = zone("a", SEASON, cranes_stop_share=0.25, berthing_stop_share=0.1, evacuate_share=0.2,
               restart_lag_h=4.0)  # fmt: skip
    drawn = [s for s in made(row) if s.start_s < 366 * DAY_S]
    instants = [(datetime.fromtimestamp(START.timestamp() + s.start_s, UTC),
                 datetime.fromtimestamp(START.timestamp() + s.end_s, UTC)) for s in drawn]  # fmt: skip
    rows = tuple(
        DatedClosure(id=f"r{i}", zone="a", start=a, end=b, severity=s.severity)
        for i, (s, (a, b)) in enumerate(zip(drawn, instants, strict=True))
    )
    replayed = [s for s in made(row, rows=rows) if s.start_s < 366 * DAY_S]
    assert len(replayed) >= len(drawn) > 100
    assert stops(row, replayed) == stops(row, drawn)
