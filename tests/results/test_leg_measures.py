"""leg_kpi by hand, and what must hold of every run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corridor_sim.inputs.read import read_scenario
from corridor_sim.results.leg_measures import leg_rows
from tests.results.tiny import Tiny, replayed, tiny
from tests.runs.conftest import SHORT


def rows_of(case: Tiny) -> dict[tuple[str, str], dict[str, Any]]:
    rows = leg_rows(case.scenario, case.built, case.replay, case.book)
    return {(row["leg"], row["from_node"]): row for row in rows}


def test_ferries_and_trains_are_counted_by_leg_and_direction(tmp_path: Path) -> None:
    """In 48 h: five ferries west at 4 ... 44 h, four back empty at 8 ... 38 h, trains at 8, 24 h."""
    rows = rows_of(tiny(tmp_path))
    west, east = rows["sea", "aktau"], rows["sea", "alat"]
    assert (west["trips"], west["empty_trips"], west["laden_units"]) == (5, 0, 20)
    assert (west["cargo_teu"], west["cargo_t"], west["cargo_wagons"]) == (20, 240, 0)
    assert (east["trips"], east["empty_trips"], east["cargo_teu"]) == (4, 4, 0)
    assert (west["direction"], east["direction"]) == ("west", "")
    for leg, start in (("coast", "alat"), ("hill", "baku")):
        train = rows[leg, start]
        assert (train["trips"], train["laden_units"], train["empty_units"]) == (2, 8, 0)


def test_hours_are_those_of_rides_over_one_leg_and_speed_that_of_whole_rides(
    tmp_path: Path,
) -> None:
    """The sea is one leg: 4 h. The train passes two: 90 km in 3 h, hours on each are not known."""
    rows = rows_of(tiny(tmp_path))
    assert (rows["sea", "aktau"]["run_mean_h"], rows["sea", "aktau"]["run_p90_h"]) == (4, 4)
    assert rows["sea", "aktau"]["speed_kmh"] == 25
    assert np.isnan(rows["hill", "baku"]["run_mean_h"])
    assert rows["hill", "baku"]["speed_kmh"] == 30


def test_paths_are_those_that_other_traffic_leaves(tmp_path: Path) -> None:
    """One path a day, used on both days; the second train came at 18 h and waited to 24 h."""
    rows = rows_of(tiny(tmp_path))
    coast = rows["coast", "alat"]
    assert (coast["paths_mean_per_day"], coast["paths_max_per_day"]) == (1, 1)
    assert (coast["paths_used_share"], coast["path_wait_h"]) == (1, 6)
    hill = rows["hill", "baku"]
    assert np.isnan(hill["paths_used_share"])
    assert hill["path_wait_h"] == 0


def test_empty_boxes_are_units_that_are_not_laden(tmp_path: Path) -> None:
    """The same trips with empties."""
    row = rows_of(tiny(tmp_path, "demand.boxes.laden=false"))["sea", "aktau"]
    assert (row["laden_units"], row["empty_units"], row["empty_trips"]) == (0, 20, 0)


@pytest.mark.parametrize("name", ["base_2024", "zangezur_open"])
def test_every_ride_of_the_window_passes_each_leg_of_its_way_once(name: str) -> None:
    """The sum of trips over legs is the sum over rides of the log of the legs of their ways."""
    case = replayed(read_scenario(name, SHORT).scenario)
    rows = rows_of(case).values()
    begin, until, _ = case.built.window_s
    visits, stages = case.replay.log.visits, case.built.model.names.stages
    inside = (visits.start_s >= begin) & (visits.start_s < until) & (visits.stage >= 0)
    ways = case.built.meaning.ways
    expected = sum(len(ways.get(stages[s], ())) for s in visits.stage[inside].tolist())
    assert sum(row["trips"] for row in rows) == expected > 100
    assert all(row["empty_trips"] <= row["trips"] for row in rows)
    assert sum(row["laden_units"] for row in rows) > 1_000
