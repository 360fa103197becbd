"""Symptoms that were reported once: each has the test that would have caught it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from corridor_sim.cli import main
from corridor_sim.errors import InputError
from corridor_sim.inputs.read import read_scenario
from corridor_sim.inputs.schema import Demand
from corridor_sim.model.arrivals import arrival_s
from corridor_sim.model.profiles import calendar, daily

DAY = 86_400


def test_opening_hours_past_midnight_are_open_at_night() -> None:
    """`22:00-06:00` is eight hours a day, not none."""
    made = calendar("desk", daily("22:00-06:00", 0, 10 * DAY, "closed"))
    assert made is not None
    open_s = np.minimum(made.close_s, 10 * DAY) - made.open_s
    assert int(open_s[made.open_s < 10 * DAY].sum()) == 10 * 8 * 3600


def test_opening_hours_round_the_clock_close_nothing() -> None:
    """`00:00-00:00` has no gap."""
    assert daily("00:00-00:00", 4, DAY, "closed") == []


def test_factors_change_at_the_window_not_at_the_month() -> None:
    """Warm-up and drain factors hold outside the window only, also in the middle of a month."""
    row = Demand(
        id="a",
        origin="x",
        destination="y",
        units_per_year=3660.0,
        before_factor=0.1,
        after_factor=3.0,
    )
    start = datetime(2024, 1, 1, tzinfo=UTC)
    times = arrival_s(row, {}, {}, (start, 10 * DAY, 40 * DAY, 60 * DAY), seed=1, rep=0) / DAY
    per_day = [
        np.sum((times >= a) & (times < b)) / (b - a) for a, b in ((0, 10), (10, 31), (45, 60))
    ]
    january, february = 3660 / 12 / 31, 3660 / 12 / 29
    assert per_day == pytest.approx([0.1 * january, january, 3 * february], rel=0.06)


def test_lots_that_are_no_whole_batches_are_refused() -> None:
    """`batch: 40` with `at_start: 45` would have made 80 lots."""
    with pytest.raises(InputError, match="45 lots are not whole batches of 40"):
        read_scenario("left_waiting_45", ("demand.boxes.batch=40",))


def test_two_scenarios_of_one_name_are_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The second would have overwritten the first."""
    assert main(["run", "left_waiting_45", "left_waiting_45", "--out", str(tmp_path)]) == 2
    assert "one name" in capsys.readouterr().err


def test_a_folder_named_like_a_scenario_does_not_hide_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Only a folder with a manifest is a run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "left_waiting_45").mkdir()
    assert main(["compare", "left_waiting_45", "left_waiting_45", "--reps", "2", "--quiet"]) == 0
