"""`catalogue`: expectations beside findings, each scenario once, kept through interruptions."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corridor_sim.cli.catalogue import said
from corridor_sim.errors import ExitCode
from corridor_sim.inputs.schema import Expectation
from corridor_sim.outputs.hold import held
from corridor_sim.results.statistics import paired
from corridor_sim.studies import catalogue, store
from corridor_sim.studies.catalogue import read_plan
from corridor_sim.studies.replicate import Replication, run_tasks
from corridor_sim.studies.run import run_many
from tests.runs.conftest import SMALL, Cli

RunTasks = Callable[..., Iterator[Replication]]
METRIC = "od_kpi.boxes.mean_h"
BASE = (
    SMALL
    + """\
expect:
  - {metric: stuck.gridlock.at_h, equals: 1}
  - {metric: facility_kpi.desk.arrivals, equals: 288, within_share: 0.5, because: one an hour in 12 days}
  - {metric: facility_kpi.desk.arrivals, equals: 1, because: wrong}
"""
)
MORE = """\
name: more
extends: small
question: What do two ferries more save?
set:
  fleets.ferry.vessels: {plus: 2}
expect:
  - {metric: od_kpi.boxes.mean_h, than: small, direction: lower, because: ferries are short}
  - {metric: od_kpi.boxes.mean_h, than: small, direction: higher, because: wrong}
  - {metric: od_kpi.boxes.mean_h, than: most, direction: same, because: four never run short}
  - {metric: node_dwell.aktau.boxes.mean_h, than: small, direction: lower, because: they wait here}
"""
MOST = """\
name: most
extends: small
set:
  fleets.ferry.vessels: {plus: 4}
"""


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study of three scenarios, of which two expect something, and we are in it."""
    folder = tmp_path / "study"
    (folder / "scenarios").mkdir(parents=True)
    for name, text in (("small", BASE), ("more", MORE), ("most", MOST)):
        write(folder, name, text)
    monkeypatch.chdir(folder)
    return folder


def write(study: Path, name: str, text: str) -> None:
    (study / "scenarios" / f"{name}.yaml").write_text(text, encoding="utf-8", newline="\n")


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "catalogue.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """(scenario, replication) of everything that is simulated from here on."""
    done: list[tuple[str, int]] = []

    def watched(tasks: list[Any], jobs: int, step: Any = None) -> Iterator[Replication]:
        for task, result in zip(tasks, run_tasks(tasks, jobs, step), strict=True):
            done.append((task[0].name, task[1]))
            yield result

    monkeypatch.setattr(catalogue, "run_tasks", watched)
    return done


def test_each_scenario_runs_once_and_whom_it_is_compared_with_too(
    cli: Cli, study: Path, counted: list[tuple[str, int]]
) -> None:
    """`most` expects nothing and is only compared with; textbook cases are not of the study."""
    answer = cli("catalogue", "--jobs", "1")
    assert answer.code == 0, answer.err
    assert sorted(counted) == sorted((n, r) for n in ("small", "more", "most") for r in range(3))
    assert [(r["scenario"], r["row"]) for r in rows(study / "runs" / "catalogue")] == [
        *(("more", str(i)) for i in range(4)),
        *(("small", str(i)) for i in range(3)),
    ]
    assert "3 of 3 small: 3 replications" in answer.err


def test_findings_are_those_of_the_whole_runs(cli: Cli, study: Path) -> None:
    """The difference is the paired one, verdicts those of `run` and `compare`."""
    assert cli("catalogue", "--reps", "6", "--jobs", "1", "--out", "out").code == 0
    small, more = run_many([("small", ()), ("more", ())], reps=6)
    diff = paired(small.values(METRIC), more.values(METRIC)).diff
    found = rows(study / "out")
    assert [float(found[0][c]) for c in ("found", "ci_lo", "ci_hi")] == [
        diff.mean,
        diff.lo,
        diff.hi,
    ]
    assert float(found[0]["base"]) == pytest.approx(np.mean(small.values(METRIC)), rel=1e-12)
    assert diff.hi < 0
    assert [row["verdict"] for row in found] == [
        *("as expected", "not as expected", "as expected", "as expected"),
        *("not judged", "as expected", "not as expected"),
    ]
    before, after = (r.values("node_dwell.aktau.boxes.mean_h") for r in (small, more))
    assert float(found[3]["found"]) == paired(before, after).diff.mean


def test_the_screen_shows_each_expectation_beside_its_finding(cli: Cli, study: Path) -> None:
    """Aligned, a scenario's name once, and how many were met."""
    answer = cli("catalogue", "more", "--reps", "6", "--jobs", "1", "--out", "out")
    lines = answer.out.splitlines()
    assert lines[0].split() == "scenario expected found difference 95 % interval verdict".split()
    assert lines[1].startswith("more") and f"{METRIC} lower than small" in lines[1]
    assert lines[1].endswith("  as expected") and lines[2].endswith("  NOT as expected")
    assert f"{float(rows(study / 'out')[0]['found']):.1f}" in lines[1]
    assert "3 of 4 expectations met; 6 replications are few" in answer.out


def test_what_is_done_is_not_done_again(
    cli: Cli, study: Path, counted: list[tuple[str, int]]
) -> None:
    """More replications go on where the first ended; the table is that of one clean run."""
    assert cli("catalogue", "--reps", "2", "--jobs", "1", "--out", "out").code == 0
    counted.clear()
    answer = cli("catalogue", "--reps", "3", "--jobs", "1", "--out", "out")
    assert sorted(counted) == [("more", 2), ("most", 2), ("small", 2)]
    assert "more: 3 replications, 2 kept from before" in answer.err
    counted.clear()
    cli("catalogue", "--reps", "3", "--jobs", "1", "--out", "out")
    assert counted == []
    cli("catalogue", "--reps", "3", "--jobs", "1", "--out", "clean")
    assert (study / "out" / "catalogue.csv").read_bytes() == (
        study / "clean" / "catalogue.csv"
    ).read_bytes()


def test_an_interruption_keeps_every_replication_that_was_done(
    cli: Cli, study: Path, monkeypatch: pytest.MonkeyPatch, counted: list[tuple[str, int]]
) -> None:
    """Ctrl-C in the fifth: exit 130; then the other five run, and the bytes are a clean run's."""
    watched: RunTasks = vars(catalogue)["run_tasks"]

    def interrupted(tasks: list[Any], jobs: int, step: Any = None) -> Iterator[Replication]:
        for at, result in enumerate(watched(tasks, jobs, step)):
            if at == 4:
                raise KeyboardInterrupt
            yield result

    with monkeypatch.context() as m:
        m.setattr(catalogue, "run_tasks", interrupted)
        answer = cli("catalogue", "--jobs", "1", "--out", "out")
    assert answer.code == ExitCode.INTERRUPTED
    assert "out/kept keeps what is done" in answer.err.replace("\\", "/")
    assert not (study / "out" / "catalogue.csv").exists()
    counted.clear()
    assert cli("catalogue", "--jobs", "1", "--out", "out").code == 0
    assert len(counted) == 5
    cli("catalogue", "--jobs", "1", "--out", "clean")
    for name in ("catalogue.csv", "datapackage.json"):
        assert (study / "out" / name).read_bytes() == (study / "clean" / name).read_bytes()


def test_a_changed_input_is_computed_anew_and_a_changed_word_is_not(
    cli: Cli, study: Path, counted: list[tuple[str, int]]
) -> None:
    """Of three ferries instead of two everything changes; of a reason, a question, nothing."""
    cli("catalogue", "--jobs", "1", "--out", "out")
    counted.clear()
    write(study, "more", MORE.replace("save?", "spare?").replace("are short", "are few"))
    cli("catalogue", "--jobs", "1", "--out", "out")
    assert counted == []
    assert rows(study / "out")[0]["because"] == "ferries are few"
    write(study, "more", MORE.replace("plus: 2", "plus: 1"))
    answer = cli("catalogue", "--jobs", "1", "--out", "out")
    assert counted == [("more", rep) for rep in range(3)]
    assert "more: its inputs changed, so it runs anew" in answer.err
    counted.clear()
    cli("catalogue", "--jobs", "1", "--out", "out", "--set", "demand.goods.arrival_rate_per_h=0.4")
    assert len(counted) == 9


def test_another_program_damage_and_new_metrics_are_noticed(
    cli: Cli, study: Path, monkeypatch: pytest.MonkeyPatch, counted: list[tuple[str, int]]
) -> None:
    """Nothing is taken over that this program would not have made itself, or that was altered."""
    cli("catalogue", "more", "--reps", "1", "--jobs", "1", "--out", "out")
    path = study / "out" / "kept" / "most.json"
    text = path.read_text(encoding="utf-8")
    value = repr(json.loads(text)["replications"][0]["values"][METRIC])
    for altered in (text[:-9], text.replace(value, value.replace("1", "2").replace("3", "4")), ""):
        assert altered != text
        path.write_text(altered, encoding="utf-8")
        counted.clear()
        answer = cli("catalogue", "more", "--reps", "1", "--jobs", "1", "--out", "out")
        assert counted == [("most", 0)] and "most: most.json is damaged" in answer.err
        assert path.read_text(encoding="utf-8") == text
    counted.clear()
    answer = cli("catalogue", "--reps", "1", "--jobs", "1", "--out", "out")
    assert counted == [("small", 0)] and "small: more metrics are asked for" in answer.err
    counted.clear()
    monkeypatch.setattr(store, "program", lambda: "0.0.0 other")
    answer = cli("catalogue", "--reps", "1", "--jobs", "1", "--out", "out")
    assert len(counted) == 3 and "most: the program changed" in answer.err


def test_the_table_is_the_same_for_any_number_of_processes(cli: Cli, study: Path) -> None:
    """Also what is kept."""
    cli("catalogue", "--reps", "2", "--jobs", "1", "--out", "one")
    cli("catalogue", "--reps", "2", "--jobs", "2", "--out", "two")
    files = sorted(p.relative_to(study / "one") for p in (study / "one").rglob("*.*"))
    assert len(files) == 5
    for name in files:
        assert (study / "one" / name).read_bytes() == (study / "two" / name).read_bytes(), name


def test_what_stands_still_is_named(cli: Cli, study: Path) -> None:
    """Exit 6, the cycle on stderr, also from kept replications; its rows say so."""
    write(
        study,
        "jam",
        "name: jam\nextends: gridlock_two_stations\n"
        "expect: [{metric: stuck.gridlock.at_h, than: gridlock_two_stations, direction: same}]\n",
    )
    for _ in range(2):
        answer = cli("catalogue", "jam", "--reps", "2", "--jobs", "1", "--out", "out")
        assert answer.code == ExitCode.GRIDLOCK
        for name in ("jam", "gridlock_two_stations"):
            assert f"INCOMPLETE: {name}: replication 1: gridlock: " in answer.err
        (row,) = rows(study / "out")
        assert (row["verdict"], row["stuck"], float(row["found"])) == ("as expected", "2", 0)


def test_scenarios_on_different_draws_are_refused_before_anything_runs(
    cli: Cli, study: Path
) -> None:
    """Other seeds or numbers of replications cannot be paired: exit 2, no folder."""
    write(study, "more", MORE.replace("set:", "simulation: {seed: 8}\nset:"))
    answer = cli("catalogue", "--out", "out")
    assert answer.code == ExitCode.BAD_INPUT
    assert "more is compared with most, but not on the same draws" in answer.err
    assert not (study / "out").exists()
    assert cli("catalogue", "--seed", "1", "--reps", "1", "--jobs", "1", "--out", "out").code == 0


def test_models_that_cannot_be_built_are_refused_before_anything_runs(
    cli: Cli, study: Path, counted: list[tuple[str, int]]
) -> None:
    """All of them, each at its line, though `validate` cannot see it: exit 2, no folder."""
    several = (
        "facilities:\n  gang: {type: crane_pool, node: aktau, servers: 2, moves_per_h: 20}\n"
        "  ramp: {crane_pool: gang, call_law: null, call_mean_h: null}\n"
        "fleets:\n  ferry: {capacity_units: null, capacity_teu: 40, capacity_trucks: 20}\n"
        "set:\n  calls.crossing_aktau.fill_units: null\n  calls.crossing_aktau.fill_min_share: 0.8\n"
    )
    expect = "expect: [{metric: od_kpi.boxes.mean_h, than: small, direction: same}]\n"
    for name in ("late", "later"):
        write(study, name, f"name: {name}\nextends: small\n{several}{expect}")
    answer = cli("catalogue", "--out", "out")
    assert answer.code == ExitCode.BAD_INPUT
    found = [line.partition(":")[0] for line in answer.err.splitlines()]
    assert found == ["scenarios/late.yaml", "scenarios/later.yaml"]
    assert "and the vessels take several kinds of lots (found [20, 40])" in answer.err
    assert counted == [] and not (study / "out").exists()


@pytest.mark.skipif(os.name == "nt", reason="no lock on folders there (#4)")
def test_a_folder_that_another_run_fills_is_left_alone(cli: Cli, study: Path) -> None:
    """Exit 4, and nothing of the other's is touched."""
    with held(study / "out"):
        answer = cli("catalogue", "more", "--reps", "1", "--jobs", "1", "--out", "out")
        assert answer.code == ExitCode.FOLDER_IN_USE and "in use by" in answer.err
    assert not (study / "out" / "kept").exists()


def test_a_study_without_expectations_is_told_so(cli: Cli, study: Path) -> None:
    """And so is who names a scenario twice."""
    assert cli("catalogue", "more", "more").code == ExitCode.BAD_INPUT
    for name in ("small", "more"):
        (study / "scenarios" / f"{name}.yaml").unlink()
    write(study, "most", SMALL.replace("name: small", "name: most"))
    answer = cli("catalogue")
    assert answer.code == ExitCode.BAD_INPUT and "none of 1 scenarios" in answer.err


def test_only_needed_metrics_are_kept(study: Path) -> None:
    """Of each scenario those of its own rows and of the rows against it, and no whole run."""
    plan = read_plan(["more", "small"])
    dwell = "node_dwell.aktau.boxes.mean_h"
    desk = "facility_kpi.desk.arrivals"
    assert plan.metrics == {
        "most": (METRIC,),
        "more": (dwell, METRIC),
        "small": (desk, dwell, METRIC, "stuck.gridlock.at_h"),
    }
    assert [plan.detail(name) for name in ("most", "more", "small")] == ["measures", "all", "all"]


def test_a_file_that_cannot_be_written_is_an_error(
    study: Path, monkeypatch: pytest.MonkeyPatch, cli: Cli
) -> None:
    """A full disk: exit 8, one line; what was kept before stays whole."""
    cli("catalogue", "more", "--reps", "1", "--jobs", "1", "--out", "out")
    before = (study / "out" / "kept" / "more.json").read_bytes()

    def full(source: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    answer = cli("catalogue", "more", "--reps", "2", "--jobs", "1", "--out", "out")
    assert answer.code == ExitCode.DISK and "No space left on device" in answer.err
    assert (study / "out" / "kept" / "more.json").read_bytes() == before


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT for one process there (#4)")
def test_ctrl_c_of_a_real_process_leaves_quickly_and_resumes(cli: Cli, study: Path) -> None:
    """Two workers, interrupted when the first replication is kept: exit 130, and what is done is there."""
    command = [sys.executable, "-m", "corridor_sim", "catalogue", "--jobs", "2", "--out", "out"]
    command += ["--reps", "200"]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    deadline = time.monotonic() + 60
    while not list(study.glob("out/kept/*.json")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == ExitCode.INTERRUPTED, err
    assert "keeps what is done" in err
    files = [path.read_text(encoding="utf-8") for path in study.glob("out/kept/*.json")]
    assert 0 < sum(len(json.loads(text)["replications"]) for text in files) < 600


def test_expectations_are_said_in_words() -> None:
    """As a phrase that begins with the metric."""
    row = Expectation(metric="a.b.c", than="d", direction="higher")
    assert said(row) == "a.b.c higher than d"
    assert said(row.model_copy(update={"direction": "same"})) == "a.b.c the same as d"
