"""`explain` on a run's folder: the same lot, the same hours, and no story of another run."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from corridor_sim.cli.explain import folded
from corridor_sim.outputs.columns import columns_of
from tests.results.tiny import TINY
from tests.runs.conftest import Cli

EIGHT = TINY.replace("every_h: 1,", "every_h: 1, lots_limit: 8,").replace("reps: 1", "reps: 2")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of eight boxes (see `tests.results.tiny`), made once."""
    from corridor_sim.cli import main

    folder = tmp_path_factory.mktemp("eight")
    (folder / "eight.yaml").write_text(EIGHT, encoding="utf-8")
    out = folder / "out"
    code = main(["run", str(folder / "eight.yaml"), "--jobs", "1", "--quiet", "--out", str(out)])
    assert code == 0
    return out


def test_the_screen_tells_the_lot_nearest_a_quantile(cli: Cli, made: Path) -> None:
    """P95 is 22.65 h: box 5 takes 22 h, box 4 takes 23 h, which is nearer. It waits 9 h for the ferry
    and 6 h for a path."""
    answer = cli("explain", made, "--od", "boxes", "--quantile", "0.95")
    assert (answer.code, answer.err) == (0, "")
    lines = [" ".join(line.split()) for line in answer.out.splitlines()]
    assert lines[:2] == [
        "lot 4 of tiny, replication 0: lot 4 of boxes by direct",
        "ready 2024-01-01 04:00, delivered 2024-01-02 03:00 UTC: 23.0 h, 1.0 days; "
        "the 0.95 quantile is 22.6 h",
    ]
    assert (
        "2024-01-01 04:00 9.0 aktau wait no vehicle crossing until sailing 1 of crossing came"
        in (lines)
    )
    assert "2024-01-01 13:00 aktau boards on sailing 1 of crossing (4 lots)" in lines
    assert "cause this lot h mean h P50 h P95 h" in lines
    assert "wait:no vehicle crossing 9.0 3.8 3.0 8.5" in lines
    assert "rest 0.0 0.0 0.0 0.1" in lines
    assert "all 23.0 15.5 15.5 22.6" in lines


def test_an_od_may_be_said_by_its_nodes_and_a_lot_by_its_number(cli: Cli, made: Path) -> None:
    """`aktau-absheron` is `boxes`; of a lot no quantile is shown."""
    answer = cli("explain", made, "--od", "aktau-absheron", "--lot", "2", "--rep", "1")
    assert answer.code == 0
    assert "lot 2 of tiny, replication 1: lot 2 of boxes by direct" in answer.out
    assert "P95" not in answer.out
    assert cli("explain", made, "--lot", "2", "--rep", "1").out == answer.out


def test_the_steps_are_written_with_described_columns(cli: Cli, made: Path, tmp_path: Path) -> None:
    """Hours add up to the lot's 23 h; written twice, equal bytes."""
    paths = [tmp_path / name for name in ("a.csv", "b.csv")]
    for path in paths:
        assert cli("explain", made, "--lot", "4", "--csv", path).code == 0
    assert paths[0].read_bytes() == paths[1].read_bytes()
    with paths[0].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == columns_of("story")
    assert sum(float(row["hours"]) for row in rows) == 23
    assert [row["step"] for row in rows] == [str(i) for i in range(len(rows))]


def test_a_scenario_needs_no_run(cli: Cli, made: Path) -> None:
    """The same story from the file as from the folder."""
    path = made.parent / "eight.yaml"
    assert cli("explain", path, "--lot", "4").out == cli("explain", made, "--lot", "4").out


def test_a_run_of_another_model_is_refused(cli: Cli, made: Path, tmp_path: Path) -> None:
    """Somebody has changed the inputs in the folder: exit 2, and where to look."""
    copy = Path(shutil.copytree(made, tmp_path / "copy"))
    path = copy / "scenario.resolved.yaml"
    text = path.read_text(encoding="utf-8").replace("speed_kmh: 25", "speed_kmh: 26")
    path.write_text(text, encoding="utf-8")
    answer = cli("explain", copy, "--lot", "4")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"{copy}/manifest.json: models.0: ")
    assert answer.err.endswith("Fix: run the scenario again\n")
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["models"][0] in answer.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--lot", "8"), "--lot: the run has lots 0 to 7 (found 8). Fix: --lot 7"),
        (("--lot", "-1"), "--lot: lots are counted from 0 (found -1). Fix: --lot 0"),
        (("--od", "boxes", "--lot", "99"), "--lot: boxes has lots 0 to 7 (found 99). Fix: --lot 7"),
        (
            ("--od", "boxs", "--quantile", "0.5"),
            "--od: no row of demand is called 'boxs'. Fix: did you mean 'boxes'?",
        ),
        (
            ("--od", "boxes", "--quantile", "1.5"),
            "--quantile: must lie between 0 and 1 (found 1.5). Fix: --quantile 0.95",
        ),
        (
            ("--od", "boxes", "--quantile", "nan"),
            "--quantile: must lie between 0 and 1 (found nan). Fix: --quantile 0.95",
        ),
        (("--quantile", "0.5"), "say which lot. Fix: --lot N, or --od OD --quantile 0.95"),
        ((), "say which lot. Fix: --lot N, or --od OD --quantile 0.95"),
        (
            ("--lot", "1", "--od", "boxes", "--quantile", "0.5"),
            "say which lot. Fix: --lot N, or --od OD --quantile 0.95",
        ),
        (
            ("--lot", "1", "--rep", "2"),
            "--rep: the run has replications 0 to 1 (found 2). Fix: --rep 0",
        ),
    ],
)
def test_what_is_not_there_is_refused(
    cli: Cli, made: Path, arguments: tuple[str, ...], message: str
) -> None:
    """One line each, located by the run's name, exit 2, nothing on stdout."""
    answer = cli("explain", made, *arguments)
    assert (answer.code, answer.out, answer.err) == (2, "", f"{made}: {message}\n")


def test_all_mistakes_are_said_at_once(cli: Cli, made: Path) -> None:
    """Three of them."""
    answer = cli("explain", made, "--od", "boxs", "--quantile", "2", "--rep", "9")
    assert answer.code == 2
    assert [line.split(": ")[1] for line in answer.err.splitlines()] == [
        "--rep",
        "--quantile",
        "--od",
    ]


def test_a_quantile_among_undelivered_lots_is_refused(cli: Cli, tmp_path: Path) -> None:
    """16 of 48 boxes arrive."""
    path = tmp_path / "tiny.yaml"
    path.write_text(TINY, encoding="utf-8")
    answer = cli("explain", path, "--od", "boxes", "--quantile", "0.5")
    assert answer.code == 2
    assert "has no such quantile: 66.7% were not delivered. Fix: a smaller --quantile" in answer.err


def test_a_folder_that_is_no_run_is_refused(cli: Cli, tmp_path: Path, made: Path) -> None:
    """An empty folder; one whose manifest is not what `run` wrote."""
    answer = cli("explain", tmp_path, "--lot", "0")
    assert answer.code == 2
    assert "no run is here (missing manifest.json, scenario.resolved.yaml)" in answer.err
    copy = Path(shutil.copytree(made, tmp_path / "copy"))
    for text in ("{", "[]", '{"seed": 1}'):
        (copy / "manifest.json").write_text(text, encoding="utf-8")
        answer = cli("explain", copy, "--lot", "0")
        assert (answer.code, answer.out) == (2, "")
        assert "manifest.json: is not what `run` wrote" in answer.err


def test_waits_for_one_cause_in_one_stock_are_told_as_one() -> None:
    """Not those aboard, nor of another cause."""
    wait = {"what": "wait", "place": "aktau", "cause": "fill", "lots_aboard": None}
    aboard = wait | {"lots_aboard": 4}
    other = wait | {"cause": "storm"}
    steps = [wait, wait, other, wait, aboard, aboard]
    assert [len(group) for group in folded(steps)] == [2, 1, 1, 1, 1]
