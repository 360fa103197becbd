"""backlog: levels and slopes by hand, and how often its interval holds the truth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corridor_sim.inputs.read import read_scenario
from corridor_sim.results import indicators as ind
from corridor_sim.results.backlog import n_batch
from corridor_sim.studies.replicate import replicate_one
from tests.results.tiny import TINY, replayed
from tests.runs.conftest import SHORT
from tests.written import read_text


def row(folder: Path, *sets: str, text: str = TINY) -> dict[str, Any]:
    (found,) = replicate_one(read_text(folder, text, *sets).scenario, 0, "measures").tables[
        "backlog"
    ]
    return found


def test_what_came_and_went_is_counted(tmp_path: Path) -> None:
    """In 48 h 48 boxes come; the trains of 8 and 24 h deliver four each at 11 and 27 h."""
    found = row(tmp_path)
    assert (found["offered"], found["delivered"], found["served_ratio"]) == (48, 8, 8 / 48)
    assert (found["begin_units"], found["end_units"]) == (0, 40)
    # box i is there from i h on, four of them until 11 h and four until 27 h
    hours = sum(48 - i for i in range(48)) - 4 * (48 - 11) - 4 * (48 - 27)
    assert found["mean_units"] == pytest.approx(hours / 48, rel=1e-12)


def test_a_stock_that_only_grows_has_the_slope_of_its_arrivals(tmp_path: Path) -> None:
    """A box an hour and no ferry that leaves: 24 a day, without doubt; in the mean over 28 days
    half of what is there at the end."""
    text = TINY.replace("fill_units: 4}", "fill_units: 1000}").replace("places: 30", "places: 2000")
    text = text.replace("capacity_units: 4,", "capacity_units: 1000,")
    found = row(tmp_path, "simulation.window_h=672", "simulation.drain_h=1", text=text)
    slope = [found[f"slope{x}_units_per_day"] for x in ("", "_lo", "_hi")]
    assert slope == pytest.approx([24, 24, 24], rel=1e-9)
    assert (found["delivered"], found["end_units"]) == (0, 672)


def test_no_slope_of_two_weeks(tmp_path: Path) -> None:
    """Two stretches always lie on a line."""
    found = row(tmp_path, "simulation.window_h=336")
    assert np.isnan(found["slope_units_per_day"])
    assert [n_batch(d * 86_400) for d in (20, 21, 84, 366)] == [2, 3, 12, 12]


def test_the_interval_holds_the_true_slope_in_19_of_20_cases() -> None:
    """4,000 lines with independent normal noise (seed 11): 95 % within four standard errors."""
    rng = np.random.default_rng(11)
    at = (np.arange(12) + 0.5) * 366 / 12
    found = [ind.backlog_slope(5 + 0.3 * at + rng.normal(0, 9, 12), 366.0) for _ in range(4000)]
    share = np.mean([lo <= 0.3 <= hi for _, lo, hi in found])
    assert abs(share - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 4000)
    assert np.mean([slope for slope, _, _ in found]) == pytest.approx(0.3, abs=0.005)


def test_lots_that_were_turned_away_are_no_backlog() -> None:
    """A loss system holds at most its servers."""
    scenario = read_scenario("loss_mm5", ("simulation.window_h=2000",)).scenario
    (found,) = replicate_one(scenario, 0, "measures").tables["backlog"]
    assert 0 <= found["end_units"] <= 5
    assert found["mean_units"] == pytest.approx(4 * (1 - 0.199067), rel=0.1)


def test_levels_of_the_base_add_up() -> None:
    """Begin + offered = delivered + end, but for units that came before and went in the window."""
    case = replayed(read_scenario("base_2024", SHORT).scenario)
    rows = replicate_one(case.scenario, 0, "measures").tables["backlog"]
    assert len(rows) > 30
    for found in rows:
        whole = found["begin_units"] + found["offered"]
        assert whole == found["delivered"] + found["end_units"], found["od"]
