"""Sweeps: every point on the same draws; what only changes the bill is not simulated again."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corridor_sim.cli.sweep import screen
from corridor_sim.errors import ExitCode, InputError
from corridor_sim.studies import replicate
from corridor_sim.studies.run import run
from corridor_sim.studies.sweep import POINTS_MAX, Axis, sweep
from tests.runs.conftest import Cli

BILLS = {
    "tariffs.rail_rate.value_usd": "1.9",
    "tariffs.sea_rate.value_usd": "0.21",
    "tariffs.lift.value_usd": "10",
    "tariffs.stock.value_usd": "0.004",
    "tariffs.delay.value_usd": "0.03",
    "demand.boxes.value_usd_per_unit": "70000",
}


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The replications that were simulated, as they are."""
    calls: list[int] = []
    real = replicate.simulate

    def counted(scenario: Any, rep: int, *rest: Any) -> Any:
        calls.append(rep)
        return real(scenario, rep, *rest)

    monkeypatch.setattr(replicate, "simulate", counted)
    return calls


@pytest.mark.parametrize("key", BILLS)
def test_repricing_equals_running_again(small: Path, key: str) -> None:
    """The mean cost is linear in the mean days; sums in another order differ by some 1e-15, so
    rtol 1e-9 leaves room and still catches a cent in ten million dollars."""
    rows = sweep(str(small), [Axis.parse(f"{key}=0,{BILLS[key]}")], reps=2)
    for value in ("0", BILLS[key]):
        again = run(str(small), (f"{key}={value}",), reps=2, detail="measures")
        for row in rows:
            if row[key] != value:
                continue
            expected = again.values(f"od_kpi.{row['od']}.shipper.{row['measure']}")
            assert row["mean"] == pytest.approx(float(np.nanmean(expected)), rel=1e-9), row


def test_repricing_does_change_the_bill(small: Path) -> None:
    """The test above would pass if neither did."""
    rows = sweep(str(small), [Axis.parse("tariffs.delay.value_usd=0,0.03")], reps=1)
    usd = [r["mean"] for r in rows if r["od"] == "boxes" and r["measure"] == "usd_per_unit"]
    assert usd[1] > usd[0] + 100


def test_a_cost_only_axis_runs_no_new_simulation(small: Path, simulated: list[int]) -> None:
    """Three prices, two replications: two simulations."""
    rows = sweep(str(small), [Axis.parse("tariffs.lift.value_usd=10,90,200")], reps=2)
    assert simulated == [0, 1]
    assert len({r["tariffs.lift.value_usd"] for r in rows}) == 3


def test_a_grid_simulates_each_point_that_needs_it_once(small: Path, simulated: list[int]) -> None:
    """Two fleets by three prices: 2 x 2 replications, six points, in the order of the axes."""
    axes = [Axis.parse("tariffs.lift.value_usd=10,90,200"), Axis.parse("fleets.ferry.vessels=2,3")]
    rows = sweep(str(small), axes, reps=2)
    assert simulated == [0, 1, 0, 1]
    points = {(r[axes[0].key], r[axes[1].key]) for r in rows}
    assert points == set(itertools.product(("10", "90", "200"), ("2", "3")))
    assert [*rows[0]][:2] == [axes[0].key, axes[1].key]


def test_a_point_equals_a_run_of_its_own(small: Path) -> None:
    """Simulated axes too, with `==`: the same replications on the same draws."""
    rows = sweep(str(small), [Axis.parse("fleets.ferry.vessels=2,3")], reps=2)
    own = run(str(small), ("fleets.ferry.vessels=3",), reps=2, detail="measures")
    for row in rows:
        if row["fleets.ferry.vessels"] == "3":
            values = own.values(f"od_kpi.{row['od']}.shipper.{row['measure']}")
            assert row["mean"] == pytest.approx(float(values.mean()), rel=1e-12), row


def test_too_many_points_are_refused_before_any_is_made(
    small: Path, simulated: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """10^12 points are counted, not built."""
    numbers = ",".join(str(i) for i in range(1000))
    axes = [Axis.parse(f"fleets.f{i}.vessels={numbers}") for i in range(4)]
    with pytest.raises(InputError, match=str(POINTS_MAX)):
        sweep(str(small), axes)
    assert not simulated


@pytest.mark.parametrize("text", ["fleets.ferry.vessels", "=1,2", "a.b=", "a.b=,"])
def test_an_axis_that_is_none_is_refused(text: str) -> None:
    """Says what to type."""
    with pytest.raises(InputError, match="Fix: --vary"):
        Axis.parse(text)


def test_the_verb_writes_one_row_a_point_od_and_measure(
    cli: Cli, small: Path, tmp_path: Path
) -> None:
    """And refuses an unknown key by exit 2."""
    out = tmp_path / "out"
    options = ("--reps", "1", "--jobs", "1", "--out", out)
    assert cli("sweep", small, "--vary", "fleets.ferry.vessels=2,3", *options).code == 0
    with (out / "sweep.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    keys = {(r["fleets.ferry.vessels"], r["od"], r["measure"]) for r in rows}
    assert len(keys) == len(rows) == 2 * 2 * 7
    answer = cli("sweep", small, "--vary", "fleets.fery.vessels=2,3", *options)
    assert answer.code == ExitCode.BAD_INPUT


def test_the_screen_puts_points_side_by_side_and_leaves_out_what_stays() -> None:
    """One OD moves its median, none its P90; nine points are too many."""
    rows = [
        {"ships": ships, "od": od, "measure": measure, "mean": mean}
        for ships, median in (("2", 48.0), ("3", 24.0))
        for od, of in (("boxes", median), ("trucks", 12.0))
        for measure, mean in (("p50_h", of), ("p90_h", 96.0), ("usd_per_unit", 5.0))
    ]
    assert screen(rows, ["ships"]).splitlines() == [
        "columns: ships",
        "",
        "median days    2    3",
        "boxes        2.0  1.0",
        "1 ODs more: the same at every point",
        "",
        "P90 days: the same at every point",
        "",
        "USD a unit: the same at every point",
    ]
    many = [rows[0] | {"ships": str(n)} for n in range(9)]
    assert "see sweep.csv" in screen(many, ["ships"])
