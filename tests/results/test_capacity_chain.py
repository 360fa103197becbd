"""capacity_chain: by hand on small corridors, and what must hold of every run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corridor_sim.history.open_time import open_s, open_within
from corridor_sim.inputs.read import read_scenario
from corridor_sim.model.compile import Built, compile_scenario
from corridor_sim.results.capacity_chain import chain_rows
from tests.results.tiny import TINY, Tiny, replayed, tiny
from tests.runs.conftest import SHORT
from tests.written import read_text


def chain(case: Tiny) -> dict[str, dict[str, Any]]:
    rows = chain_rows(case.scenario, case.built, case.book)
    return {row["element"]: row for row in rows}


@pytest.fixture(scope="module")
def base() -> Tiny:
    """A short October of the base year."""
    return replayed(read_scenario("base_2024", SHORT).scenario)


def test_a_ferry_could_carry_a_load_each_round_trip(tmp_path: Path) -> None:
    """From 14 h on it never waits: loading 1, sea 4 and 4, discharge 1 h: 24 / 10 x 4 boxes a day."""
    row = chain(tiny(tmp_path, "simulation.warm_up_h=14", "simulation.window_h=40"))["ferry"]
    assert row["nominal_units_per_day"] == pytest.approx(9.6, rel=1e-12)
    assert (row["busy_share"], row["fill_share"], row["utilisation"]) == (1, 1, 1)
    assert row["achieved_units_per_day"] == pytest.approx(9.6, rel=1e-12)


def test_a_leg_has_its_paths_and_those_that_are_left(tmp_path: Path) -> None:
    """Three trains of four boxes a day, one of them ours; it is used daily."""
    row = chain(tiny(tmp_path))["coast"]
    found = [row[f"{what}_units_per_day"] for what in ("nominal", "achievable", "achieved")]
    assert found == [12, 4, 4]
    assert row["utilisation"] == 1


def test_elements_stand_in_the_order_of_the_way_and_the_least_is_marked(tmp_path: Path) -> None:
    """The ramp loads one ferry an hour, the path takes four boxes a day; hill has no limit, and in
    the yard no box stays: the train loads them as they come."""
    case = tiny(tmp_path)
    rows = chain_rows(case.scenario, case.built, case.book)
    assert [(r["seq"], r["element"], r["kind"]) for r in rows] == [
        (1, "ramp", "facility"),
        (2, "ferry", "fleet"),
        (3, "coast", "leg"),
    ]
    assert [r["element"] for r in rows if r["is_minimum"]] == ["coast"]


def test_half_a_load_leaves_half_the_capacity_unused(tmp_path: Path) -> None:
    """A box every 5 h, and the ferry leaves with two of four, every 10 h without a wait."""
    text = TINY.replace("fill_units: 4}", "fill_units: 2}")
    sets = ("demand.boxes.every_h=5", "simulation.warm_up_h=15", "simulation.window_h=40")
    row = chain(replayed(read_text(tmp_path, text, *sets).scenario))["ferry"]
    assert (row["fill_share"], row["busy_share"], row["utilisation"]) == (0.5, 1, 0.5)
    assert row["achieved_units_per_day"] == pytest.approx(4.8, rel=1e-12)
    assert row["achievable_units_per_day"] == pytest.approx(9.6, rel=1e-12)


def test_a_server_of_one_hour_serves_24_a_day(tmp_path: Path) -> None:
    """M/D/1 with two servers; closed half the day it can do half of that."""
    sets = ("facilities.desk.servers=2", "simulation.window_h=4800", "simulation.drain_h=100")
    row = chain(replayed(read_scenario("md1", sets).scenario))["desk"]
    assert row["nominal_units_per_day"] == pytest.approx(48, rel=1e-3)
    assert row["achievable_units_per_day"] == row["nominal_units_per_day"]
    half = (*sets, "facilities.desk.open_daily=06:00-18:00")
    row = chain(replayed(read_scenario("md1", half).scenario))["desk"]
    assert row["nominal_units_per_day"] == pytest.approx(48, rel=1e-3)
    assert row["achievable_units_per_day"] == pytest.approx(24, rel=1e-3)


def test_what_passed_could_pass(base: Tiny) -> None:
    """Nothing is used more than it is there, but by trips that straddle the window's ends; achieved
    is utilisation times achievable; one element a route is the least."""
    rows = chain_rows(base.scenario, base.built, base.book)
    assert len({r["element"] for r in rows}) > 60
    for r in rows:
        assert r["achievable_units_per_day"] <= r["nominal_units_per_day"] * (1 + 1e-9)
        whole = r["utilisation"] * r["achievable_units_per_day"]
        assert whole == pytest.approx(r["achieved_units_per_day"], rel=1e-9)
        assert 0 < r["busy_share"] <= 1.0000001 and 0 < r["fill_share"] <= 1.0000001, r
    routes = {(r["od"], r["route"]) for r in rows}
    least = [(r["od"], r["route"]) for r in rows if r["is_minimum"]]
    assert set(least) == routes


def built_daily(tmp_path: Path) -> tuple[Built, str]:
    """A desk that is open from 06 to 18, in a window of three days."""
    sets = ("facilities.desk.open_daily=06:00-18:00", "simulation.warm_up_h=24")
    scenario = read_scenario("md1", (*sets, "simulation.window_h=72")).scenario
    built = compile_scenario(scenario, 0)
    return built, built.meaning.clocks["desk"]


def test_open_time_is_that_of_the_window(tmp_path: Path) -> None:
    """12 of 24 h; a stretch counts with its open seconds, against a sum second by second."""
    built, clock = built_daily(tmp_path)
    assert open_s(built, clock) == 36 * 3600
    assert open_s(built, None) == 72 * 3600
    rng = np.random.default_rng(3)
    from_s = rng.integers(0, 110 * 3600, 200)
    to_s = from_s + rng.integers(0, 40 * 3600, 200)
    hour = np.arange(24 * 3600, 96 * 3600)
    is_open = (hour % 86_400 >= 6 * 3600) & (hour % 86_400 < 18 * 3600)
    one_by_one = [
        int(is_open[(hour >= a) & (hour < b)].sum()) for a, b in zip(from_s, to_s, strict=True)
    ]
    assert open_within(built, clock, from_s, to_s).tolist() == one_by_one
