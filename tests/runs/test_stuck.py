"""What stands still for ever is named, and the shell hears of it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from corridor_sim.errors import ExitCode
from tests.runs.conftest import Cli


def checks(folder: Path) -> list[dict[str, str]]:
    with (folder / "checks.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_gridlock_exits_6_names_the_cycle_and_marks_results_incomplete(
    cli: Cli, tmp_path: Path
) -> None:
    """Two lots that each hold the place the other needs (Coffman 1971)."""
    answer = cli("run", "gridlock_two_stations", "--reps", "2", "--jobs", "1", "--out", tmp_path)
    assert answer.code == ExitCode.GRIDLOCK == 6
    lines = [line for line in answer.err.splitlines() if line.startswith("INCOMPLETE")]
    assert len(lines) == 2, "one a replication"
    for name in ("demand ab", "demand ba", "a place", "b place"):
        assert all(name in line for line in lines), f"{name} is not in the cycle that is told"
    verdicts = {row["verdict"] for row in checks(tmp_path) if "gridlock" in row["name"]}
    assert verdicts == {"INCOMPLETE"}
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["stuck"]) == {"0", "1"}
    assert "expected stuck.gridlock.at_h 1: found 1.000, as expected" in answer.out


def test_lots_below_a_fill_rule_are_counted_and_exit_0(cli: Cli, tmp_path: Path) -> None:
    """45 boxes, 40 a sailing: five are left, which is a result and no fault."""
    answer = cli("run", "left_waiting_45", "--reps", "2", "--jobs", "1", "--out", tmp_path)
    assert answer.code == ExitCode.OK
    assert "INCOMPLETE" not in answer.err
    left = [row for row in checks(tmp_path) if "left_waiting" in row["name"]]
    assert [(row["found"], row["verdict"]) for row in left] == [("5", "ok")] * 2


def test_a_run_that_flows_says_nothing_of_standing_still(
    cli: Cli, small: Path, tmp_path: Path
) -> None:
    """No false alarm."""
    answer = cli("run", small, "--reps", "2", "--jobs", "1", "--out", tmp_path / "out")
    assert answer.code == ExitCode.OK
    assert answer.err == "small: scenarios/small.yaml (folder study)\n"
    assert {row["verdict"] for row in checks(tmp_path / "out")} == {"ok"}
