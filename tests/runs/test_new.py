"""`new`: a study folder with everything in it; the first hour of a planner; which file is taken."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corridor_sim.errors import ExitCode
from corridor_sim.inputs.places import list_textbook
from corridor_sim.inputs.read import read_scenario
from corridor_sim.inputs.schema_json import schema_text

ROOT = Path(__file__).parents[2]
EDITOR_LINE = "# yaml-language-server: $schema=scenario.schema.json"
SHORT = [
    text
    for key, value in (("start", "2024-09-21"), ("warm_up_d", 10), ("window_d", 10), ("drain_d", 5))
    for text in ("--set", f"simulation.{key}={value}")
]
Cli = Callable[..., Any]


@pytest.fixture
def study(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new study folder, which is the working folder."""
    monkeypatch.chdir(tmp_path)
    assert cli("new", "st").code == ExitCode.OK
    monkeypatch.chdir(tmp_path / "st")
    return tmp_path / "st"


def test_a_study_folder_holds_all_that_the_package_holds(study: Path) -> None:
    """Data byte for byte, scenarios with the line for editors, results ignored by git."""
    for folder in ("networks", "seeds"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file():
                assert (study / path.relative_to(ROOT)).read_bytes() == path.read_bytes()
    names = {path.name for path in (ROOT / "scenarios").glob("*.yaml")}
    assert {path.name for path in (study / "scenarios").glob("*.yaml")} == names | {"my_study.yaml"}
    for path in (study / "scenarios").glob("*.yaml"):
        first, _, rest = path.read_text(encoding="utf-8").partition("\n")
        assert first == EDITOR_LINE
        if path.name != "my_study.yaml":
            original = (ROOT / "scenarios" / path.name).read_text(encoding="utf-8")
            assert rest == original.removeprefix(f"{EDITOR_LINE}\n")
    schema = (study / "scenarios" / "scenario.schema.json").read_text(encoding="utf-8")
    assert schema == schema_text()
    assert (study / ".gitignore").read_text(encoding="utf-8") == "runs/\n"


def test_every_scenario_of_the_folder_is_valid_and_my_study_differs(cli: Cli, study: Path) -> None:
    """What the three commands of its README begin with."""
    names = sorted(path.stem for path in (study / "scenarios").glob("*.yaml"))
    answer = cli("validate", *names)
    assert answer.code == 0, answer.err
    assert set(cli("list").out.split()) >= set(names)
    assert cli("diff", "base_2024", "my_study").out != "no difference\n"


def test_the_commands_of_the_readme_of_a_study_are_those_that_are_printed(
    cli: Cli, study: Path, tmp_path: Path
) -> None:
    """Three commands in the README; three lines on the screen."""
    readme = (study / "README.md").read_text(encoding="utf-8")
    block = readme.split("```")[1].split("\n")
    commands = [line for line in block if line]
    assert [line.split()[:2] for line in commands] == [
        ["corridor-sim", verb] for verb in ("validate", "compare", "run")
    ]
    answer = cli("new", tmp_path / "second")
    assert len(answer.out.splitlines()) == 3
    assert answer.out.splitlines()[0] == f"next: cd {tmp_path / 'second'}"
    assert commands[0] in answer.out
    assert commands[1] in answer.out


@pytest.mark.parametrize("is_file", [True, False])
def test_what_is_there_is_not_touched(cli: Cli, tmp_path: Path, is_file: bool) -> None:
    """A file, or a folder with a file in it: exit 2."""
    path = tmp_path / "st"
    note = path if is_file else path / "note.txt"
    note.parent.mkdir(exist_ok=True)
    note.write_text("mine", encoding="utf-8", newline="")
    answer = cli("new", path)
    assert answer.code == ExitCode.BAD_INPUT
    assert "Fix: " in answer.err
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [note]


def test_an_empty_folder_may_be_filled(cli: Cli, tmp_path: Path) -> None:
    """People make the folder first."""
    (tmp_path / "st").mkdir()
    assert cli("new", tmp_path / "st").code == ExitCode.OK
    assert (tmp_path / "st" / "scenarios" / "my_study.yaml").is_file()


def test_the_first_hour_of_a_planner(cli: Cli, study: Path) -> None:
    """Edit a fleet in CSV, make a typo, validate, mend it, diff, compare."""
    fleets = study / "networks" / "middle_corridor" / "fleets.csv"
    before = fleets.read_text(encoding="utf-8")
    (row,) = [line for line in before.splitlines() if line.startswith("rail_ferry_kuryk,")]
    cells = row.split(",")
    typo = ",".join([*cells[:2], "eight", *cells[3:]])
    fleets.write_text(before.replace(row, typo), encoding="utf-8", newline="")
    answer = cli("validate", "my_study")
    assert answer.code == ExitCode.BAD_INPUT
    number = before.splitlines().index(row) + 1
    start = f"networks/middle_corridor/fleets.csv:{number}:3: fleets.rail_ferry_kuryk.vessels:"
    assert answer.err.startswith(start)
    assert answer.err.strip().endswith("Fix: 8")

    fleets.write_text(before.replace(row, typo.replace("eight", "8")), encoding="utf-8", newline="")
    assert cli("validate", "my_study").code == 0
    assert "fleets.rail_ferry_kuryk.vessels  8" in cli("diff", "base_2024", "my_study").out
    answer = cli("compare", "base_2024", "my_study", "--reps", 2, "--jobs", 1, *SHORT)
    assert answer.code == 0, answer.err
    assert (study / "runs" / "compare" / "delta.csv").is_file()


def test_a_run_says_which_files_it_took(cli: Cli, study: Path) -> None:
    """./scenarios first, then the package; one line on stderr, and run_info.json says it too."""
    mine = study / "scenarios" / "mm1.yaml"
    packaged = read_scenario("mm1")
    assert "mm1" in list_textbook()
    assert packaged.taken == (("scenarios/textbook/mm1.yaml", "packaged"),)

    text = (ROOT / "scenarios" / "textbook" / "mm1.yaml").read_text(encoding="utf-8")
    mine.write_text(text, encoding="utf-8", newline="")
    answer = cli("run", "mm1", "--reps", 1, "--jobs", 1)
    assert answer.code == 0, answer.err
    assert answer.err.splitlines()[0] == "mm1: scenarios/mm1.yaml (this folder)"
    info = json.loads((study / "runs" / "mm1" / "run_info.json").read_text(encoding="utf-8"))
    assert info["taken"] == {"scenarios/mm1.yaml": "this folder"}

    mine.unlink()
    answer = cli("run", "mm1", "--reps", 1, "--jobs", 1)
    assert answer.err.splitlines()[0] == "mm1: scenarios/textbook/mm1.yaml (packaged)"
    quiet = cli("run", "mm1", "--reps", 1, "--jobs", 1, "--quiet")
    assert quiet.err == ""


def test_a_scenario_of_mine_may_stand_on_the_packaged_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parents and networks are looked for here first too; each says where it was found."""
    (tmp_path / "scenarios").mkdir()
    mine = tmp_path / "scenarios" / "mine.yaml"
    mine.write_text("extends: base_2024\n", encoding="utf-8", newline="")
    monkeypatch.chdir(tmp_path)
    assert read_scenario("mine").taken == (
        ("scenarios/base_2024.yaml", "packaged"),
        ("networks/middle_corridor", "packaged"),
        ("scenarios/mine.yaml", "this folder"),
    )
    assert read_scenario(str(mine)).taken == read_scenario("mine").taken
