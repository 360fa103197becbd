"""Comparisons: paired, on the same draws, the same from folders as from scenarios."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from corridor_sim.errors import ExitCode, InputError
from corridor_sim.outputs.load import load_run
from corridor_sim.studies.compare import MEASURES, Delta, compare, expected, require_same_draws
from corridor_sim.studies.run import Run, run, run_many, summary
from tests.runs.conftest import Cli

MORE = "fleets.ferry.vessels=4"


def deltas(folder: Path) -> list[dict[str, str]]:
    with (folder / "delta.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def more(small: Path) -> Path:
    """The small study with two ferries more, as a scenario of its own."""
    path = small.with_name("more.yaml")
    text = small.read_text(encoding="utf-8")
    path.write_text(
        text.replace("name: small", "name: more").replace("vessels: 2", "vessels: 4"),
        encoding="utf-8",
    )
    return path


def test_a_scenario_does_not_differ_from_itself(small: Path) -> None:
    """Common random numbers make every difference exactly 0, and no verdict may come of that."""
    found = compare(run_many([(str(small), ()), (str(small), ())], detail="measures"))
    assert len(found) == 2 * len(MEASURES)
    for d in found:
        assert d.paired.diff.mean == 0, d.measure
        assert (d.paired.diff.lo, d.paired.diff.hi) == (0, 0)
        assert d.base == d.value
        assert d.verdict == "not distinguishable"


def test_more_vessels_are_better_where_vessels_are_short(small: Path) -> None:
    """A demand of 1.5 boxes an hour is near what two ferries of 40 carry; four never run short."""
    found = compare(run_many([(str(small), ()), (str(small), (MORE,))], reps=8, detail="measures"))
    by: dict[tuple[str, str], Delta] = {(d.od, d.measure): d for d in found}
    for od in ("boxes", "goods"):
        d = by[od, "p90_h"]
        assert d.paired.diff.mean < 0
        assert d.paired.better_share == 1
        assert d.paired.diff.mean == pytest.approx(d.value - d.base, rel=1e-9)
    assert {d.verdict for d in found} <= {"better", "not distinguishable"}


def test_run_folders_compare_as_their_scenarios_do(
    cli: Cli, small: Path, more: Path, tmp_path: Path
) -> None:
    """Numbers pass through CSV without a loss, so the tables of differences are equal bytes."""
    for path in (small, more):
        assert cli("run", path, "--jobs", "1", "--quiet", "--out", tmp_path / path.stem).code == 0
    a = cli("compare", small, more, "--jobs", "1", "--out", tmp_path / "direct")
    b = cli("compare", tmp_path / "small", tmp_path / "more", "--out", tmp_path / "folders")
    mixed = cli("compare", tmp_path / "small", small, "--jobs", "1", "--out", tmp_path / "mixed")
    assert (a.code, b.code, mixed.code) == (0, 0, 0)
    direct, folders = ((tmp_path / n / "delta.csv").read_bytes() for n in ("direct", "folders"))
    assert direct == folders
    assert {float(row["delta"]) for row in deltas(tmp_path / "mixed")} == {0.0}


def test_runs_with_different_draws_are_refused(cli: Cli, small: Path, tmp_path: Path) -> None:
    """Seeds or numbers of replications that differ cannot be paired: exit 2, nothing written."""
    cli("run", small, "--jobs", "1", "--quiet", "--out", tmp_path / "seed_7")
    cli("run", small, "--jobs", "1", "--quiet", "--seed", "8", "--out", tmp_path / "seed_8")
    out = tmp_path / "out"
    answer = cli("compare", tmp_path / "seed_7", tmp_path / "seed_8", "--out", out)
    assert answer.code == ExitCode.BAD_INPUT == 2
    assert "seed" in answer.err
    assert not (out / "delta.csv").exists()
    with pytest.raises(InputError, match="replications"):
        require_same_draws([run(str(small), reps=1), run(str(small), reps=2)])


def test_one_scenario_is_nothing_to_compare(cli: Cli, small: Path, tmp_path: Path) -> None:
    """Says what to type instead."""
    answer = cli("compare", small, "--out", tmp_path / "out")
    assert answer.code == ExitCode.BAD_INPUT
    assert "Fix:" in answer.err


def test_a_folder_without_a_run_is_refused(cli: Cli, small: Path, tmp_path: Path) -> None:
    """A folder that something else wrote."""
    (tmp_path / "empty").mkdir()
    answer = cli("compare", tmp_path / "empty", small, "--out", tmp_path / "out")
    assert answer.code == ExitCode.BAD_INPUT
    assert "no run is here" in answer.err


def test_who_asks_about_few_rows_tells_more_apart(small: Path) -> None:
    """Holm multiplies by the number of tests: of half as many no p-value is larger."""
    runs = run_many([(str(small), ()), (str(small), (MORE,))], reps=8, detail="measures")
    of_all = {(d.od, d.measure): d for d in compare(runs)}
    few = compare(runs, ["boxes"])
    assert [d.od for d in few] == ["boxes"] * len(MEASURES)
    assert all(d.p_adjusted <= of_all[d.od, d.measure].p_adjusted for d in few)
    assert any(d.p_adjusted < of_all[d.od, d.measure].p_adjusted for d in few)


def test_an_od_that_does_not_exist_is_refused(
    cli: Cli, small: Path, more: Path, tmp_path: Path
) -> None:
    """Before anything runs or is written."""
    out = tmp_path / "out"
    code, _, err = cli("compare", str(small), str(more), "--od", "boxs", "--out", str(out))
    assert code == ExitCode.BAD_INPUT
    assert "--od: no row of demand is called 'boxs'. Fix: did you mean 'boxes'?" in err
    assert not out.exists()


def test_the_screen_says_why_an_interval_without_0_may_not_count(
    cli: Cli, small: Path, more: Path, tmp_path: Path
) -> None:
    """With the number of comparisons, and how to ask for fewer."""
    options = ("--reps", "2", "--jobs", "1", "--od", "boxes", "--out", tmp_path / "out")
    out = cli("compare", small, more, *options).out
    assert f"Holm, {len(MEASURES)} comparisons" in out and "--od asks for fewer" in out


def test_a_folder_brings_back_all_its_measures(cli: Cli, small: Path, tmp_path: Path) -> None:
    """Expectations of facilities and services are judged from folders as from scenarios."""
    assert cli("run", small, "--out", tmp_path / "run").code == ExitCode.OK
    loaded, made = load_run(tmp_path / "run"), run(str(small))
    for table in ("facility_kpi", "service_kpi"):
        metric = next(m for m in metrics_of(made) if m.startswith(table))
        np.testing.assert_allclose(loaded.values(metric), made.values(metric), rtol=1e-12)


def metrics_of(made: Run) -> list[str]:
    return [metric for metric, _, interval in summary(made) if interval.n == len(made.replications)]


def test_an_expectation_without_a_value_is_not_judged(small: Path, more: Path) -> None:
    """A metric that no table has is neither met nor missed."""
    with more.open("a", encoding="utf-8", newline="") as file:
        file.write(
            "expect:\n"
            "  - {metric: resilience.all.shock.loss_d, than: small, direction: lower}\n"
            "  - {metric: od_kpi.boxes.p90_h, than: small, direction: lower}\n"
        )
    found = expected(run_many([(str(small), ()), (str(more), ())], reps=8, detail="measures"))
    assert [e.met for e in found] == [None, True]
