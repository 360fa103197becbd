"""`new`: a study folder with everything in it; which file is taken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corridor_sim.errors import ExitCode
from corridor_sim.inputs.places import list_textbook
from corridor_sim.inputs.read import read_scenario
from corridor_sim.inputs.schema_json import schema_text
from tests.runs.conftest import Cli

ROOT = Path(__file__).parents[2]
EDITOR_LINE = "# yaml-language-server: $schema=scenario.schema.json"


def test_a_study_folder_holds_all_that_the_package_holds(new_study: Path) -> None:
    """Data byte for byte, scenarios with the line for editors, results ignored by git."""
    for folder in ("networks", "seeds"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file():
                assert (new_study / path.relative_to(ROOT)).read_bytes() == path.read_bytes()
    names = {path.name for path in (ROOT / "scenarios").glob("*.yaml")}
    assert {path.name for path in (new_study / "scenarios").glob("*.yaml")} == names | {
        "my_study.yaml"
    }
    for path in (new_study / "scenarios").glob("*.yaml"):
        first, _, rest = path.read_text(encoding="utf-8").partition("\n")
        assert first == EDITOR_LINE
        if path.name != "my_study.yaml":
            original = (ROOT / "scenarios" / path.name).read_text(encoding="utf-8")
            assert rest == original.removeprefix(f"{EDITOR_LINE}\n")
    schema = (new_study / "scenarios" / "scenario.schema.json").read_text(encoding="utf-8")
    assert schema == schema_text()
    assert (new_study / ".gitignore").read_text(encoding="utf-8") == "runs/\n"


def test_every_scenario_of_the_folder_is_valid_and_my_study_differs(
    cli: Cli, new_study: Path
) -> None:
    """What the three commands of its README begin with."""
    names = sorted(path.stem for path in (new_study / "scenarios").glob("*.yaml"))
    answer = cli("validate", *names)
    assert answer.code == 0, answer.err
    assert set(cli("list").out.split()) >= set(names)
    assert cli("diff", "base_2024", "my_study").out != "no difference\n"


def test_the_commands_of_the_readme_of_a_study_are_those_that_are_printed(
    cli: Cli, new_study: Path, tmp_path: Path
) -> None:
    """Three commands in the README; three lines on the screen."""
    readme = (new_study / "README.md").read_text(encoding="utf-8")
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


def test_a_run_says_which_files_it_took(cli: Cli, new_study: Path) -> None:
    """./scenarios first, then the package; one line on stderr, and run_info.json says it too."""
    mine = new_study / "scenarios" / "mm1.yaml"
    packaged = read_scenario("mm1")
    assert "mm1" in list_textbook()
    assert packaged.taken == (("scenarios/textbook/mm1.yaml", "packaged"),)

    text = (ROOT / "scenarios" / "textbook" / "mm1.yaml").read_text(encoding="utf-8")
    mine.write_text(text, encoding="utf-8", newline="")
    answer = cli("run", "mm1", "--reps", 1, "--jobs", 1)
    assert answer.code == 0, answer.err
    assert answer.err.splitlines()[0] == "mm1: scenarios/mm1.yaml (this folder)"
    info = json.loads((new_study / "runs" / "mm1" / "run_info.json").read_text(encoding="utf-8"))
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
