"""reliability: the formulas on a known law, the free flow by hand, and a corridor of five boxes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corridor_sim.inputs.read import read_scenario
from corridor_sim.laws import Law
from corridor_sim.laws import quantile as quantile_of
from corridor_sim.model.compile import compile_scenario
from corridor_sim.results import indicators as ind
from corridor_sim.results.free_flow import Plan
from corridor_sim.results.reliability import described, reliability_rows
from tests.free_flow import main_route, plan_h
from tests.results.tiny import TINY, Tiny, replayed, tiny
from tests.written import read_text

N = 400_000
KNOWN = 20 + quantile_of(Law("exponential", mean=10.0), (np.arange(N) + 0.5) / N)
"""The law 20 h + Exp(10 h), as its quantiles at N midpoints."""


def rows_of(case: Tiny) -> dict[tuple[str, str], dict[str, Any]]:
    rows = reliability_rows(case.scenario, case.built, case.replay)
    return {(row["od"], row["clock"]): row for row in rows}


def test_quantiles_of_a_shifted_exponential_are_its_own() -> None:
    """20 + 10 ln(1 / (1 - q)): P50 26.931, P90 43.026, P95 49.957; P99 20 + 10 ln 100."""
    row = described(KNOWN, free_flow_h=20.0, promised_d=2.0)
    found = [row[f"p{q}_h"] for q in (50, 90, 95, 99)]
    assert found == pytest.approx([26.931, 43.026, 49.957, 20 + 10 * np.log(100)], abs=2e-3)
    assert row["mean_h"] == pytest.approx(30, abs=1e-3)


def test_indices_of_a_shifted_exponential_follow_from_its_quantiles() -> None:
    """The mean of its worst 5 % is P95 + 10: an exponential has no memory. Kept in 48 h: 1 - e^-2.8."""
    row = described(KNOWN[::-1], free_flow_h=20.0, promised_d=2.0)
    assert row["transit_cv"] == pytest.approx(1 / 3, abs=1e-4)
    assert row["buffer_ratio"] == pytest.approx(19.957 / 30, abs=2e-4)
    assert row["buffer_median_ratio"] == pytest.approx((49.957 - 26.931) / 26.931, abs=2e-4)
    assert row["planning_time_ratio"] == pytest.approx(49.957 / 20, abs=2e-4)
    assert row["tail_ratio"] == pytest.approx(59.957 / 30, abs=1e-3)
    assert row["on_time_share"] == pytest.approx(1 - np.exp(-2.8), abs=1e-5)
    # P90 43.0 h is under two days, P95 49.96 h and P98 59.1 h are under three
    assert [row[f"promise_{x}_d"] for x in (90, 95, 98)] == [2, 3, 3]


def test_a_promise_is_the_least_that_is_kept() -> None:
    """For every share: kept with it, and not with one day less."""
    hours = np.sort(np.random.default_rng(5).lognormal(4, 0.8, 997))
    for share in (0.5, 0.9, 0.95, 0.98, 1.0):
        days = ind.promise_days(hours, share)
        assert ind.on_time_share(hours, days) >= share > ind.on_time_share(hours, days - 1)


def test_what_falls_on_undelivered_units_is_not_known() -> None:
    """Eighteen of twenty arrive: P50 is known, P95 and what is made of it is not; all count."""
    row = described(np.append(np.arange(1.0, 19.0), [np.inf, np.inf]), 5.0, 1.0)
    assert (row["n"], row["p50_h"], row["mean_h"]) == (20, 10.5, 9.5)
    assert row["on_time_share"] == 0.9
    unknown = ("p95_h", "buffer_ratio", "planning_time_ratio", "tail_ratio", "promise_95_d")
    assert all(np.isnan(row[c]) for c in unknown)
    assert row["promise_90_d"] == 1


def test_a_row_without_units_has_no_measures() -> None:
    """Nothing was ready in the window."""
    row = described(np.zeros(0), 5.0, 1.0)
    assert row["n"] == 0 and np.isnan(row["p50_h"]) and np.isnan(row["on_time_share"])


def test_boxes_of_the_small_corridor_on_both_clocks(tmp_path: Path) -> None:
    """Window 8 h: boxes 0-3 ready at 0-3 h, loaded at 3 h, delivered at 11 h; boxes 4-7 ready at
    4-7 h, loaded at 13 h, delivered at 27 h. Shipper 11, 10, 9, 8 and 23, 22, 21, 20 h; carrier
    8 and 14 h."""
    rows = rows_of(tiny(tmp_path, "simulation.window_h=8", "simulation.drain_h=40"))
    shipper, carrier = rows["boxes", "shipper"], rows["boxes", "carrier"]
    assert (shipper["n"], shipper["mean_h"], shipper["p50_h"]) == (8, 15.5, 15.5)
    assert (carrier["mean_h"], carrier["p50_h"]) == (11, 11)
    # loading 1 h, 4 h at sea, discharge at once, 3 h by rail
    assert (shipper["free_flow_h"], carrier["free_flow_h"]) == (8, 8)
    assert shipper["planning_time_ratio"] == pytest.approx((22 + 0.65) / 8)
    # no promise: 1.25 x 8 h is within a day; all keep it
    assert (shipper["promised_d"], shipper["on_time_share"]) == (1, 1)
    assert np.isnan(carrier["promised_d"]) and np.isnan(carrier["on_time_share"])


def test_a_promise_of_the_demand_row_goes_before_the_rule(tmp_path: Path) -> None:
    """Half a day: the boxes of the first ferry keep it."""
    case = tiny(
        tmp_path,
        "simulation.window_h=8",
        "simulation.drain_h=40",
        "demand.boxes.promised_days=0.5",
    )
    row = rows_of(case)["boxes", "shipper"]
    assert (row["promised_d"], row["on_time_share"]) == (0.5, 0.5)


def test_a_lot_that_waits_for_nothing_takes_the_free_flow(tmp_path: Path) -> None:
    """One box, a ferry that leaves with one, a path that is free: 8 h, and so is the plan."""
    text = TINY.replace("fill_units: 4}", "fill_units: 1}").replace(
        "fill_units: 2,", "fill_units: 1,"
    )
    scenario = read_text(tmp_path, text, "demand.boxes.lots_limit=1").scenario
    row = rows_of(replayed(scenario))["boxes", "shipper"]
    assert (row["n"], row["p99_h"], row["free_flow_h"]) == (1, 8, 8)
    assert row["planning_time_ratio"] == 1


def test_the_plans_of_the_base_agree_with_those_written_apart() -> None:
    """tests/free_flow.py has vessels of one class only: there the two must be equal."""
    scenario = read_scenario("base_2024").scenario
    built, plan = compile_scenario(scenario, 0), Plan(scenario)
    n = 0
    for flow in built.meaning.flows:
        row = scenario.demand[flow.demand]
        fleets = [
            [scenario.fleets[f] for f in scenario.services[r.service].fleets] for r in flow.rides
        ]
        mixed = any(len({(f.speed_kmh, f.decks) for f in mine}) > 1 for mine in fleets)
        if flow.route == main_route(scenario, row).id and not mixed:
            assert plan.of_flow(flow).shipper_h == pytest.approx(plan_h(scenario, row), rel=1e-12)
            n += 1
    assert n >= 15


def test_classes_of_vessels_count_by_their_numbers(tmp_path: Path) -> None:
    """Three vessels at 25 km/h and one at 50: (3 x 4 h + 2 h) / 4 at sea, and 4 h for the rest."""
    text = TINY.replace(
        "ferry: {vessels: 1, capacity_units: 4, start_at: aktau}",
        "ferry: {vessels: 3, capacity_units: 4, start_at: aktau, speed_kmh: 25}\n"
        "  fast: {vessels: 1, capacity_units: 4, start_at: aktau, speed_kmh: 50}",
    ).replace("fleets: [ferry]", "fleets: [ferry, fast]")
    scenario = read_text(tmp_path, text).scenario
    (flow,) = compile_scenario(scenario, 0).meaning.flows
    assert Plan(scenario).of_flow(flow).shipper_h == 3.5 + 4
