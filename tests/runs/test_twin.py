"""`run --twin`: each replication beside its undisturbed twin, as tables and on the screen."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from corridor_sim.errors import InputError
from corridor_sim.inputs.read import read_scenario
from corridor_sim.studies.twin import undisturbed, with_twin
from tests.runs.conftest import Cli

ROW = "{target: facilities.ramp, start: 2024-01-08, end: 2024-01-10%s}"


def with_outage(small: Path, more: str = "") -> Path:
    text = small.read_text(encoding="utf-8") + f"disruptions: {{strike: {ROW % more}}}\n"
    small.write_text(text, encoding="utf-8", newline="\n")
    return small


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_twin_writes_what_came_of_the_outage(cli: Cli, small: Path, tmp_path: Path) -> None:
    """A row an OD and replication; the summary has each with its interval; the screen shows it."""
    answer = cli("run", with_outage(small), "--twin", "--jobs", "1", "--out", tmp_path / "out")
    assert answer.code == 0, answer.err
    assert "outages against an undisturbed twin" in answer.out
    rows = read(tmp_path / "out" / "resilience.csv")
    keys = [(row["od"], row["rep"]) for row in rows]
    assert keys == [(od, rep) for rep in "012" for od in ("all", "boxes", "goods")]
    assert all(float(row["depth_units"]) > 30 for row in rows if row["od"] == "all")
    listed = read(tmp_path / "out" / "disruptions.csv")
    assert [(row["capacity_before"], row["capacity_during"], row["twin"]) for row in listed] == [
        ("1", "0", "True")
    ]
    summary = {row["metric"]: row for row in read(tmp_path / "out" / "summary.csv")}
    assert summary["resilience.all.strike.loss_d"]["unit"] == "d"
    assert summary["resilience.all.strike.loss_d"]["n"] == "3"


def test_the_row_itself_may_ask_for_the_twin(cli: Cli, small: Path, tmp_path: Path) -> None:
    """The same bytes as with the option; without either there is no twin."""
    case = with_outage(small)
    plain = ("run", case, "--jobs", "1", "--quiet", "--out")
    cli(*plain, tmp_path / "none")
    cli(*plain, tmp_path / "option", "--twin")
    cli(*plain, tmp_path / "row", "--set", "disruptions.strike.twin=true")
    assert not (tmp_path / "none" / "resilience.csv").exists()
    assert (tmp_path / "none" / "disruptions.csv").exists()
    files = [tmp_path / folder / "resilience.csv" for folder in ("option", "row")]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_comparisons_judge_what_an_outage_costs(cli: Cli, small: Path, tmp_path: Path) -> None:
    """A third ferry loses less by the same strike: rows of delta.csv, and the `expect:` row."""
    base = with_outage(small, ", twin: true")
    other = base.with_name("more.yaml")
    metric = "resilience.all.strike.depth_units"
    other.write_text(
        "name: more\nextends: small\nfleets: {ferry: {vessels: 3}}\n"
        f"expect: [{{metric: {metric}, than: small, direction: higher, because: more would have come}}]\n",
        encoding="utf-8",
    )
    answer = cli("compare", base, other, "--jobs", "1", "--out", tmp_path / "out")
    assert answer.code == 0, answer.err
    rows = {(r["od"], r["measure"]): r for r in read(tmp_path / "out" / "delta.csv")}
    lost = rows["all", "strike.loss_d"]
    assert lost["unit"] == "d" and lost["n"] == "3" and float(lost["base"]) > 0.5
    assert float(lost["delta"]) == pytest.approx(float(lost["value"]) - float(lost["base"]))
    assert ("boxes", "strike.loss_d") not in rows, "one row a unit, or the family of tests grows"
    assert f"more: {metric} expected higher than small" in answer.out
    assert "no value here" not in answer.out and "strike: days lost" in answer.out
    few = cli("compare", base, other, "--od", "boxes", "--jobs", "1", "--out", tmp_path / "few")
    assert few.code == 0
    ods = {(r["od"], r["measure"]) for r in read(tmp_path / "few" / "delta.csv")}
    assert ("boxes", "strike.loss_d") in ods and not any(od == "all" for od, _ in ods)


def test_a_sweep_over_targets_ranks_single_outages(cli: Cli, small: Path, tmp_path: Path) -> None:
    """N-1: the same two days without each thing in turn; the ramp, which has no second, costs most."""
    case = with_outage(small, ", twin: true")
    targets = "disruptions.strike.target=facilities.ramp,facilities.desk,fleets.ferry"
    answer = cli("sweep", case, "--vary", targets, "--jobs", "1", "--out", tmp_path / "out")
    assert answer.code == 0, answer.err
    rows = read(tmp_path / "out" / "sweep.csv")
    key = "disruptions.strike.target"
    lost = {r[key]: float(r["mean"]) for r in rows if r["measure"] == "strike.loss_d"}
    assert list(lost) == ["facilities.ramp", "facilities.desk", "fleets.ferry"]
    assert all(days > 0 for days in lost.values())
    assert "days lost by strike" in answer.out


def test_a_twin_needs_an_outage(cli: Cli, small: Path, tmp_path: Path) -> None:
    """Nothing is run, nothing is written."""
    answer = cli("run", small, "--twin", "--out", tmp_path / "out")
    assert answer.code == 2
    assert "small has no outage beside those of its network. Fix: add a row" in answer.err
    assert not (tmp_path / "out").exists()


def test_what_the_network_closes_is_history() -> None:
    """Closures of the base year stay in the twin, unless one says otherwise."""
    own = "disruptions.btk_closure_georgia.twin=true"
    with pytest.raises(InputError, match="base_2024 has no outage beside those of its network"):
        with_twin(read_scenario("base_2024"))
    asked = with_twin(read_scenario("base_2024", [own])).scenario
    assert list(undisturbed(asked).disruptions) == ["btk_closure_turkiye"]
