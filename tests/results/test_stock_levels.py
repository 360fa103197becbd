"""stock_daily by hand, and against what came in and went out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from corridor_sim.inputs.read import read_scenario
from corridor_sim.results.stock_levels import midnights, stock_levels
from tests.results.tiny import replayed, tiny
from tests.runs.conftest import SHORT


def test_a_level_is_what_came_less_what_was_loaded_up_to_midnight(tmp_path: Path) -> None:
    """At 0 h the first box is there. By 24 h 25 have come; ferries took 4 at 3, 13 and 23 h."""
    case = tiny(tmp_path)
    levels = stock_levels(case.scenario, case.built, case.replay, case.places)
    by_key = dict(zip(levels.keys, levels.units.tolist(), strict=True))
    assert levels.day_s.tolist() == [0, 86_400]
    assert by_key["crossing@aktau", "stock", "aktau", "teu"] == [1, 25 - 12]
    # trains load at once what the ferry brings: nothing stands in the stock or on the quay
    assert by_key["train@alat", "stock", "alat", "teu"] == [0, 0]
    assert by_key["quay", "yard", "alat", "places"] == [0, 0]


def test_a_yard_shows_what_stands_on_it_and_its_places(tmp_path: Path) -> None:
    """Trains that want eight boxes take those of two ferries; the ferry of 48 h sharp is in."""
    sets = ("calls.train_alat.fill_units=8", "fleets.wagon.capacity_units=8")
    case = tiny(tmp_path, "simulation.window_h=72", *sets)
    levels = stock_levels(case.scenario, case.built, case.replay, case.places)
    row = levels.keys.index(("quay", "yard", "alat", "places"))
    stock = levels.keys.index(("train@alat", "stock", "alat", "teu"))
    # ferries come at 8, 18, 28, 38, 48, ... h: pairs are loaded at 18 and 38 h
    assert levels.units[row].tolist() == levels.units[stock].tolist() == [0, 0, 4]
    assert levels.capacity[row].tolist() == [30, 30, 30]


def test_days_begin_at_midnight_utc_wherever_the_scenario_starts() -> None:
    """From 06:00 the first midnight is 18 h later; the window's end is not in it."""
    start = datetime(2024, 1, 1, 6, tzinfo=UTC)
    assert midnights(start, 0, 18 * 3600).tolist() == []
    assert midnights(start, 0, 18 * 3600 + 1).tolist() == [18 * 3600]
    assert midnights(datetime(2024, 1, 1, tzinfo=UTC), 86_400, 2 * 86_400).tolist() == [86_400]


def test_levels_of_all_units_are_the_stocks_of_the_replay() -> None:
    """Two ways to count: changes summed up to midnight, and the replay's step functions."""
    case = replayed(read_scenario("base_2024", SHORT).scenario)
    levels = stock_levels(case.scenario, case.built, case.replay, case.places)
    names, n_dim = case.built.model.names.stocks, case.built.model.n_dim
    n_day, total = len(levels.day_s), 0
    for i, name in enumerate(names):
        found = sum(
            (u for key, u in zip(levels.keys, levels.units, strict=True) if key[0] == name),
            np.zeros(n_day, np.int64),
        )
        expected = case.replay.stocks.at(np.full(n_day, i * n_dim), levels.day_s)
        assert found.tolist() == expected.tolist(), name
        total += int(found.sum())
    assert total > 1_000
    assert (levels.units >= 0).all()
