"""bottlenecks: unit-hours by cause, by hand and against the mean hours of all demand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from corridor_sim.history.root_causes import root_hours
from corridor_sim.inputs.read import read_scenario
from corridor_sim.studies.replicate import replicate_one
from tests.results.tiny import TINY
from tests.runs.conftest import SHORT, SMALL
from tests.written import read_text


def test_the_path_comes_before_the_ferry_in_the_small_corridor(tmp_path: Path) -> None:
    """Boxes 0-15 of a window of 16 h: four ferries of four arrive at 8, 18, 28, 38 h; their trains
    wait 0, 6, 20 and 34 h for a path, four boxes each: 240 of all hours."""
    sets = ("simulation.window_h=16", "simulation.drain_h=80")
    rows = replicate_one(read_text(tmp_path, TINY, *sets).scenario, 0).tables["bottlenecks"]
    first = rows[0]
    assert (first["cause"], first["element"], first["group"]) == (
        "wait:paths coast",
        "coast",
        "path",
    )
    assert first["wait_unit_h"] == pytest.approx(4 * (0 + 6 + 20 + 34), rel=1e-12)
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    assert sum(row["wait_share"] for row in rows) == pytest.approx(1, rel=1e-12)


def test_hours_waited_are_those_of_the_mean_transit(tmp_path: Path) -> None:
    """Unit-hours of waiting and of work sum to the units' transit times."""
    tables = replicate_one(read_text(tmp_path, SMALL).scenario, 0).tables
    od = {r["od"]: r for r in tables["od_kpi"] if r["clock"] == "shipper"}
    n = {name: round(r["n"] * (1 - r["censored_share"])) for name, r in od.items()}
    total = sum(n[name] * r["mean_h"] for name, r in od.items())
    work = sum(
        r["mean_h"] * n[r["od"]]
        for r in tables["od_causes"]
        if r["cause"].startswith(("move:", "service:"))
    )
    waited = sum(r["wait_unit_h"] for r in tables["bottlenecks"])
    assert work + waited == pytest.approx(total, rel=1e-12)
    by_cause = {r["cause"]: r["element"] for r in tables["bottlenecks"]}
    assert by_cause["wait:no vehicle crossing"] == by_cause["wait:fill crossing"] == "crossing"
    crossing = next(r for r in tables["bottlenecks"] if r["element"] == "crossing")
    assert 0.5 < crossing["busy_share"] <= 1


def test_waits_for_a_ferry_that_only_sails_begin_with_the_ferry(tmp_path: Path) -> None:
    """The tiny ferry never waits but at home: nothing is handed on."""
    rows = replicate_one(read_text(tmp_path, TINY).scenario, 0).tables["bottlenecks"]
    assert {row["cause"] for row in rows} >= {"wait:no vehicle crossing", "wait:paths coast"}
    for row in rows:
        assert row["root_unit_h"] == pytest.approx(row["wait_unit_h"], rel=1e-6)


def test_waits_for_a_ferry_that_lies_and_waits_begin_with_its_rule(tmp_path: Path) -> None:
    """At Alat it now waits 6 h for cargo that never comes. Four boxes leave at 3 h; from the next at
    4 h to the horizon of 96 h boxes lack it, but for the second in which it comes back every 16 h; of
    these 92 h it lies at Alat six times 6 h: 36 / 92 of those hours began with the sail rule."""
    text = TINY.replace(
        "node: alat, sail_rule: at_once, yard: quay",
        "node: alat, sail_rule: fill_or_wait, fill_units: 4, max_wait_h: 6, yard: quay",
    )
    rows = replicate_one(read_text(tmp_path, text).scenario, 0).tables["bottlenecks"]
    found = {row["cause"]: row for row in rows}
    lacks, rule = found["wait:no vehicle crossing"], found["wait:fill crossing"]
    assert lacks["root_unit_h"] == pytest.approx(lacks["wait_unit_h"] * 56 / 92, rel=1e-6)
    handed_on = lacks["wait_unit_h"] * 36 / 92
    assert rule["root_unit_h"] == pytest.approx(rule["wait_unit_h"] + handed_on, rel=1e-6)


def test_hours_that_are_handed_on_are_not_lost() -> None:
    """On the base, where berths, ferries, locomotives and yards wait for each other."""
    tables = replicate_one(read_scenario("base_2024", SHORT).scenario, 0).tables
    rows = tables["bottlenecks"]
    direct, root = (np.array([row[c] for row in rows]) for c in ("wait_unit_h", "root_unit_h"))
    assert (root >= -1e-6).all()
    # causes below a millionth of all hours have no row
    assert root.sum() == pytest.approx(direct.sum(), rel=1e-3)
    assert np.abs(root - direct).sum() > 0.1 * direct.sum()


def test_a_circle_of_waits_keeps_its_hours() -> None:
    """Two that hold what the other lacks: a gridlock has no root, and nothing is lost."""
    held = np.array([[0.0, 1.0], [1.0, 0.0]])
    root = root_hours(np.array([3.0, 1.0]), held, np.array([False, False]))
    assert root.sum() == pytest.approx(4, rel=1e-6)
