"""Resilience from delivery times, by hand: days are 86,400 s, one lot is one unit unless said."""

from __future__ import annotations

import numpy as np
import pytest

from corridor_sim.results.resilience import CALM_S, Deliveries, Resilience, calm_from, resilience
from corridor_sim.units import DAY_S

DAYS = 100
HORIZON_S = DAYS * DAY_S


def deliveries(late_d: dict[int, float], units: int = 1, travel_d: int = 0) -> Deliveries:
    """A lot a day for 100 days, ready at its start; `late_d`: lot -> days late (inf: never)."""
    ready = np.arange(DAYS) * DAY_S
    twin = ready + travel_d * DAY_S
    late = np.array([late_d.get(i, 0.0) for i in range(DAYS)]) * DAY_S
    never = np.isinf(late) | (twin + late >= HORIZON_S)
    delivered = np.where(never, -1, twin + np.where(never, 0, late).astype(np.int64))
    twin = np.where(twin < HORIZON_S, twin, -1)
    return Deliveries(np.full(DAYS, units), ready, delivered, twin)


def found(lots: Deliveries, start_d: int, end_d: int, full_d: int = 0) -> Resilience:
    """`full_d`: from when on as many come as go."""
    outage = (start_d * DAY_S, end_d * DAY_S)
    return resilience(lots, outage, (full_d * DAY_S, HORIZON_S), HORIZON_S)


def test_without_an_effect_all_is_zero() -> None:
    """The twin itself: recovered at once."""
    same = found(deliveries({}), 20, 30)
    assert (same.depth_units, same.depth_share, same.loss_d) == (0, 0, 0)
    assert (same.recover_d, same.clear_d, same.extra_mean_h) == (0, 0, 0)
    assert same.ready_units == 10


def test_a_backlog_that_comes_at_once_is_a_rectangle() -> None:
    """Lots of days 20 to 29 all come on day 30: 10 late at most, gone at the end of the outage.

    A week before day 30 nothing came: P falls by a seventh a day from day 20 on, is 0 from day 26
    to 29, and more than 1 on day 30: lost are 1/7 + ... + 6/7 + 4 = 7 days.
    """
    step = found(deliveries({i: 30 - i for i in range(20, 30)}), 20, 30)
    assert (step.depth_units, step.depth_d, step.depth_share) == (10, 10, 1)
    assert step.loss_d == pytest.approx(7, rel=1e-12)
    assert (step.recover_d, step.clear_d) == (0, 0)
    assert step.extra_mean_h == 24 * 5.5


def test_what_shows_late_is_waited_for() -> None:
    """Eight days of travel behind the outage: at its end nothing is late yet, on day 38 all is.

    The first seven days after it are calm, but the search begins at the greatest shortfall only.
    """
    late = dict.fromkeys(range(24, 34), 20.0)
    slow = found(deliveries(late, travel_d=8), 20, 24, full_d=8)
    assert slow.depth_units == 10
    # lots 24 .. 33 were due on days 32 .. 41, and come on days 52 .. 61: 9 of them by day 60
    assert slow.recover_d == 60 - 24


def test_what_never_comes_never_recovers() -> None:
    """Ten lots lost: no recovery, no clearance; a tenth of those aboard in the twin is not ten."""
    lost = found(deliveries(dict.fromkeys(range(20, 30), np.inf)), 20, 30)
    assert lost.depth_units == 10
    assert np.isnan([lost.recover_d, lost.clear_d, lost.fluid_d, lost.extra_mean_h]).all()
    assert lost.ready_units == 0


def test_one_delivery_is_within_the_tolerance() -> None:
    """One vessel of 50 units that is a day late is no shortfall that one must recover from."""
    one = found(deliveries({25: 1.0}, units=50), 20, 30)
    assert (one.tolerance_units, one.depth_units, one.normal_units_per_day) == (50, 50, 50)
    assert one.recover_d == 0


def test_a_large_stock_clears_before_the_last_lot_is_there() -> None:
    """Forty lots are under way in the twin: 4 more are a tenth, and count as cleared.

    Lots 29, 28 ... 20 come on days 70, 71 ... 79 instead of 69, 68 ... 60: 10 late on day 69, 4 on
    day 75, 1 (the tolerance) on day 78.
    """
    late = {i: 1 + 2.0 * (29 - i) for i in range(20, 30)}
    stock = found(deliveries(late, travel_d=40), 20, 30, full_d=40)
    assert (stock.depth_units, stock.clear_d, stock.recover_d) == (10, 75 - 30, 78 - 30)


def test_usual_ups_and_downs_are_no_effect() -> None:
    """Every other week nothing comes but a week later: 7 lots of a day late are no outage's work.

    The units in the system change by 7 a week, up and down: twice that is the tolerance.
    """
    ready = np.arange(DAYS) * DAY_S
    twin = np.where(np.arange(DAYS) % 14 < 7, ready // DAY_S + 7, ready // DAY_S) * DAY_S
    twin = np.where(twin < HORIZON_S, twin, -1)
    late = np.where((ready >= 40 * DAY_S) & (ready < 47 * DAY_S), twin + 3 * DAY_S, twin)
    lots = Deliveries(np.full(DAYS, 1), ready, late, twin)
    row = resilience(lots, (40 * DAY_S, 45 * DAY_S), (14 * DAY_S, HORIZON_S), HORIZON_S)
    assert 6 < row.tolerance_units < 14
    assert 0 < row.depth_units < row.tolerance_units
    assert (row.loss_d, row.recover_d, row.clear_d) == (0, 0, 0)
    assert row.extra_mean_h == 72


def test_units_weigh_the_mean() -> None:
    """A lot of 3 units 8 h late and one of 1 unit in time: 6 h a unit."""
    ready = np.array([10, 10]) * DAY_S
    lots = Deliveries(np.array([3, 1]), ready, ready + [8 * 3600, 0], ready)
    row = resilience(lots, (10 * DAY_S, 11 * DAY_S), (0, HORIZON_S), HORIZON_S)
    assert (row.ready_units, row.extra_mean_h) == (4, 6)


def test_calm_must_last_a_week_before_the_horizon() -> None:
    """Bad until 5; good for less than a week is not good; nor is a week that the run does not see."""
    at = np.array([0, 5, 5 + CALM_S - 1, 2 * CALM_S])
    bad = np.array([True, False, True, False])
    assert calm_from(at, bad, 0, 3 * CALM_S) == 2 * CALM_S
    assert calm_from(at, bad, 0, 3 * CALM_S - 1) is None
    assert calm_from(at, bad, 2 * CALM_S + 1, 4 * CALM_S) == 2 * CALM_S + 1
