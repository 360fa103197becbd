"""node_dwell by hand, and its hours against the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corridor_sim.history.causes import Cause, causes_of
from corridor_sim.history.seconds import totals
from corridor_sim.history.weighted import summed_up
from corridor_sim.inputs.read import read_scenario
from corridor_sim.results.dwell import (
    SHARES,
    cause_seconds,
    dwell_rows,
    parts_of,
    stays_of,
)
from tests.results.tiny import Tiny, replayed, tiny
from tests.runs.conftest import SHORT


def rows_of(case: Tiny) -> dict[tuple[str, str], dict[str, Any]]:
    rows = dwell_rows(case.scenario, case.built, case.replay, case.halves, case.places, case.clock)
    return {(row["node"], row["od"]): row for row in rows}


def test_the_first_four_boxes_wait_for_a_full_ferry_and_its_loading(tmp_path: Path) -> None:
    """Ready at 0, 1, 2, 3 h; the ferry loads from 3 h and leaves at 4 h: 4, 3, 2, 1 h."""
    row = rows_of(tiny(tmp_path, "simulation.window_h=4", "simulation.drain_h=40"))["aktau", "all"]
    assert (row["n"], row["mean_h"], row["p50_h"]) == (4, 2.5, 2.5)
    assert row["p90_h"] == pytest.approx(3.7)
    # 3 + 2 + 1 + 0 h until four are there, then 4 x 1 h of loading
    assert (row["sail_rule_share"], row["service_share"]) == (0.6, 0.4)
    assert row["vehicle_share"] == 0


def test_boxes_that_never_left_count_as_the_slowest(tmp_path: Path) -> None:
    """Of 48 boxes ten ferries take 40 before 96 h; the j-th takes those of 1 + 6j to 4 + 6j h."""
    row = rows_of(tiny(tmp_path))["aktau", "boxes"]
    left = np.sort([1 + 6 * j + r for j in range(10) for r in range(4)])
    assert (row["n"], row["mean_h"]) == (48, left.mean())
    assert row["p50_h"] == (left[23] + left[24]) / 2
    assert np.isnan(row["p90_h"])  # rank 42.3 of 48 is among the eight that are still there


def test_a_stay_is_from_the_end_of_one_ride_to_the_start_of_the_next(tmp_path: Path) -> None:
    """At Alat four boxes each wait 0, 6, 20 and 34 h, all for a path, in the train that holds them.

    On to Absheron it is 3 h more: 3, 9, 23, 37 h.
    """
    row = rows_of(tiny(tmp_path))["alat", "boxes"]
    assert (row["n"], row["mean_h"], row["p50_h"]) == (16, 15, 13)
    assert row["path_share"] == 1
    assert (row["onward_p50_h"], row["onward_p90_h"]) == (16, 37)


def test_the_stay_at_the_destination_ends_with_delivery(tmp_path: Path) -> None:
    """Nothing is done at Absheron: 0 h; trains of 8 and 24 h arrive in the window."""
    row = rows_of(tiny(tmp_path))["absheron", "boxes"]
    assert (row["n"], row["mean_h"], row["onward_p50_h"]) == (8, 0, 0)


@pytest.mark.parametrize("name", ["base_2024", "zangezur_open"])
def test_hours_at_nodes_and_hours_on_the_way_are_the_whole_ledger(name: str) -> None:
    """By cause, over all lots and all time: no second is lost or counted twice."""
    case = replayed(read_scenario(name, SHORT).scenario)
    stays = stays_of(case.replay, parts_of(case.replay, case.halves, case.places))
    everything = np.ones(len(stays.node), bool)
    found = cause_seconds(
        case.replay, stays, case.halves, case.clock, everything, stays.node, len(case.places.nodes)
    ).sum(axis=1)
    by_cause = np.bincount(
        causes_of(case.scenario, case.book.labels), totals(case.book), len(Cause)
    )
    assert found[list(SHARES)].tolist() == by_cause[list(SHARES)].tolist()
    assert found.sum() > 0


def test_all_of_a_node_and_direction_is_the_sum_of_its_rows() -> None:
    """n, and means weighted by those that left."""
    rows = rows_of(replayed(read_scenario("base_2024", SHORT).scenario)).values()
    for whole in (row for row in rows if row["od"] == "all"):
        key = (whole["node"], whole["direction"])
        parts = [r for r in rows if (r["node"], r["direction"]) == key and r["od"] != "all"]
        assert whole["n"] == sum(part["n"] for part in parts)
        shares = sum(whole[f"{cause.name.lower()}_share"] for cause in SHARES)
        assert shares == pytest.approx(1) or whole["mean_h"] == 0


def test_weighted_quantiles_are_those_of_the_values_written_out() -> None:
    """numpy's, on each value as often as it has lots; seed 3."""
    rng = np.random.default_rng(3)
    group, lots = rng.integers(0, 4, 200), rng.integers(1, 9, 200)
    seconds = rng.integers(0, 10_000, 200)
    found = summed_up(group, seconds, lots, 5, (10, 50, 95))
    for g in range(4):
        values = np.repeat(seconds[group == g], lots[group == g]) / 3600
        assert found.n[g] == len(values)
        assert found.mean_h[g] == pytest.approx(values.mean())
        for q, hours in found.quantile_h.items():
            assert hours[g] == pytest.approx(np.quantile(values, q / 100))
    assert found.n[4] == 0 and np.isnan(found.mean_h[4]) and np.isnan(found.quantile_h[50][4])
