"""Service quality, use of facilities and yard fill: by hand on small corridors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corridor_sim.inputs.read import read_scenario
from corridor_sim.studies.replicate import Replication, replicate_one
from tests.results.tiny import TINY
from tests.runs.conftest import SHORT
from tests.written import read_text


def tiny(folder: Path, *sets: str, text: str = TINY) -> Replication:
    return replicate_one(read_text(folder, text, *sets).scenario, 0, "measures")


def row_of(found: Replication, table: str, **keys: str) -> dict[str, Any]:
    rows = [r for r in found.tables[table] if all(r[k] == v for k, v in keys.items())]
    assert len(rows) == 1
    return rows[0]


def test_a_ferry_by_the_clock_is_full_one_way_and_empty_the_other(tmp_path: Path) -> None:
    """From Aktau at 4, 14, ... 44 h, five in two days, with four of four; back at 8, ... 38 h."""
    found = tiny(tmp_path)
    west = row_of(found, "service_kpi", service="crossing", call="aktau")
    east = row_of(found, "service_kpi", service="crossing", call="alat")
    assert (west["sailings_per_week"], east["sailings_per_week"]) == (17.5, 14)
    assert (west["headway_cv"], west["fill_mean_share"], west["empty_share"]) == (0, 1, 0)
    assert (east["headway_cv"], east["fill_mean_share"], east["empty_share"]) == (0, 0, 1)
    assert (west["cancelled_share"], east["rolled_share"]) == (
        0,
        pytest.approx(np.nan, nan_ok=True),
    )


def test_boxes_left_behind_at_each_loading_are_rolled(tmp_path: Path) -> None:
    """At 3, 13, 23, 33, 43 h it takes four; 0, 6, 12, 18, 24 boxes stay: 60 of 80."""
    row = row_of(tiny(tmp_path), "service_kpi", service="crossing", call="aktau")
    assert row["rolled_share"] == 0.75


def test_cancelled_sailings_are_told_by_their_share() -> None:
    """Five winter months of sailings twice a week from a port with storms: those and the loadings are all."""
    sets = ("simulation.start=2023-10-01", "simulation.warm_up_d=31", "simulation.window_d=150",
            "simulation.drain_d=10", "calls.poti_istanbul_liner_poti.cancel_after_h=1")  # fmt: skip
    found = replicate_one(read_scenario("base_2024", sets).scenario, 0, "measures")
    row = row_of(found, "service_kpi", service="poti_istanbul_liner", call="poti")
    assert row["cancelled"] > 0 and row["trips"] > 0
    assert row["cancelled_share"] == row["cancelled"] / (row["cancelled"] + row["trips"])


def test_a_berth_is_used_and_held_from_berthing_to_leaving(tmp_path: Path) -> None:
    """The first ferry loads 3 to 4 h; later ones discharge and load two hours each: 9 of 48."""
    row = row_of(tiny(tmp_path), "facility_kpi", facility="ramp", **{"class": "all"})
    assert row["occupancy"] == row["utilisation_open"] == row["utilisation"] == 9 / 48
    assert row["wait_ratio"] == 0


def test_a_vessel_that_waits_alongside_holds_the_berth_without_work(tmp_path: Path) -> None:
    """A box in three hours, and the ferry may lie at its berth until four are there. Held from 9 h
    (the first loading) to 10 h, then from coming back to leaving: 18 to 22, 30 to 34, 42 to 46 h;
    worked an hour of discharge and an hour of loading each time."""
    text = TINY.replace("fill_units: 4}", "fill_units: 4, yield_h: 100}")
    found = tiny(tmp_path, "demand.boxes.every_h=3", text=text)
    row = row_of(found, "facility_kpi", facility="ramp", **{"class": "all"})
    assert row["occupancy"] == (1 + 3 * 4) / 48
    assert row["utilisation_open"] == (1 + 3 * 2) / 48


def test_open_use_is_of_open_hours() -> None:
    """A desk that is open half the day: hours worked are services done, one hour each."""
    sets = (
        "facilities.desk.open_daily=06:00-18:00",
        "demand.lots.arrival_rate_per_h=0.3",
        "simulation.window_h=4800",
        "simulation.drain_h=100",
    )
    scenario = read_scenario("md1", sets).scenario
    row = row_of(
        replicate_one(scenario, 0, "measures"), "facility_kpi", facility="desk", **{"class": "all"}
    )
    assert row["utilisation_open"] * 2400 == pytest.approx(row["completed"], abs=1)
    # work begun goes on the next day, and the desk is held overnight
    assert row["utilisation"] > row["utilisation_open"] / 2
    assert row["occupancy"] == pytest.approx(row["utilisation"], rel=1e-9)
    assert row["wait_ratio"] == pytest.approx(
        row["wait_mean_h"] / (row["sojourn_mean_h"] - row["wait_mean_h"]), rel=1e-12
    )


def test_shares_of_the_base_are_shares() -> None:
    """Open use is at least that of the calendar where nothing stopped; yards fill up to their
    largest value."""
    found = replicate_one(read_scenario("base_2024", SHORT).scenario, 0)
    for row in found.tables["facility_kpi"]:
        if row["class"] == "all" and row["utilisation"] == row["utilisation"]:
            assert 0 <= row["utilisation_open"] <= 1 + 1e-9
    for row in found.tables["service_kpi"]:
        for name in ("fill_mean_share", "empty_share", "rolled_share", "cancelled_share"):
            assert np.isnan(row[name]) or 0 <= row[name] <= 1
    yards = found.tables["yard_hours"]
    assert yards
    for row in yards:
        assert row["fill_mean_share"] <= row["fill_max_share"]
        assert row["fill_p95_share"] <= row["fill_max_share"]
        assert (row["full_h"] > 0) <= (row["fill_max_share"] >= 1)
