"""The benchmarks still run, and what they compare still computes the same thing."""

from __future__ import annotations

import math

import pytest

from benchmarks import cost_core, cost_totals, engine, group_quantiles, replication
from benchmarks.corridor_slice import make_slice
from benchmarks.engine import SMOKE, linearity_rows, mean_transit_s, memory_rows

SEED = 20240101


@pytest.mark.parametrize("n", [1, 7])
def test_naive_model_and_engine_agree_on_mean_transit(n: int) -> None:
    """Else the ratio of their speeds compares two different things; 1 % is what ties may cost."""
    for ours, naive in mean_transit_s(make_slice(n, 60, SEED)).values():
        assert ours == pytest.approx(naive, rel=0.01)


def test_queues_form_in_the_benchmark() -> None:
    """An empty corridor would flatter an engine whose work is to hold queues."""
    given = make_slice(1, 200, SEED)
    fixed_s = given.border_s + given.shop_s + 2 * given.channel_s + 4 * given.move_s
    for od, (ours, _) in mean_transit_s(given).items():
        moving_s = sum(given.draws_s[od, c].mean() for c in ("section 1", "section 2", "sail"))
        assert ours > 1.02 * (moving_s + fixed_s)


def test_speed_and_memory_tables_run_at_a_tiny_size() -> None:
    """A benchmark that no longer runs is noticed when it is needed."""
    speed = engine.speed_rows(SMOKE, SEED)
    assert [row["lots/trip"] for row in speed] == list(SMOKE.lots)
    # a batch passes twelve stages, in each of two ODs
    for row in speed:
        low, high = SMOKE.batches[int(row["lots/trip"])]
        assert row["visits"] == 12 * 2 * (high - low)
    assert all(float(row["log"]) > 0 for row in memory_rows(SMOKE, SEED))
    assert len(linearity_rows(SMOKE, SEED)) == len(SMOKE.demands)


def test_replication_table_runs_at_a_tiny_size() -> None:
    """All parts of a replication are timed, and drawing is a part of compiling."""
    short = ("simulation.warm_up_d=2", "simulation.window_d=5", "simulation.drain_d=2")
    (row,) = replication.replication_rows("base_2024", short, repeats=1)
    assert float(row["sum s"]) > 0
    assert 0 <= float(row["drawing share"]) < 1


def test_cost_core_runs_at_a_tiny_size() -> None:
    """Its own comparison of outputs comes before any timing."""
    for streamed in (False, True):
        table = cost_core.rows(300, 4, 3, 1, SEED, streamed)
        assert {row["candidate"] for row in table} >= {cost_core.CORE, cost_core.PLAIN}
        assert all(math.isfinite(float(row["wall_s"])) for row in table)


def test_streamed_costs_need_the_memory_of_a_block() -> None:
    """Ten times the lots take no more: 0.4 MB for the block, and what numpy needs beside it."""
    few, many = (cost_core.peak_mb(n, 12, 200, SEED) for n in (5_000, 50_000))
    assert many < 1.0
    assert many == pytest.approx(few, rel=0.1)


def test_totals_and_quantiles_run_at_a_tiny_size() -> None:
    """Both compare with the plain answer before any timing."""
    (sums,) = cost_totals.rows(500, 4, 3, 1, SEED)
    assert float(sums["totals ms"]) >= 0
    (quantiles,) = group_quantiles.rows(2_000, 1, SEED)
    assert float(quantiles["quantiles s"]) >= 0
