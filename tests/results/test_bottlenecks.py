"""bottlenecks: unit-hours by cause, by hand and against the mean hours of all demand."""

from __future__ import annotations

from pathlib import Path

import pytest

from corridor_sim.studies.replicate import replicate_one
from tests.results.tiny import TINY
from tests.runs.conftest import SMALL
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
