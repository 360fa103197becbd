"""A new user's path: a study folder, a number changed in a table, a typo, and an answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs.conftest import Cli

FLEET, KEY = "rail_ferry_kuryk", "fleets.rail_ferry_kuryk.vessels"
TABLE = Path("networks/middle_corridor/fleets.csv")
SHORT = [
    f"--set=simulation.{setting}"
    for setting in ("start=2024-03-01", "warm_up_d=6", "window_d=10", "drain_d=8")
]


def type_into_cell(value: str) -> tuple[int, int]:
    """Change the fleet's number of vessels in the table; line and column of the cell."""
    lines = TABLE.read_text(encoding="utf-8").splitlines(keepends=True)
    number = next(n for n, line in enumerate(lines) if line.startswith(f"{FLEET},"))
    column = lines[0].rstrip().split(",").index("vessels")
    cells = lines[number].split(",")
    cells[column] = value
    lines[number] = ",".join(cells)
    TABLE.write_text("".join(lines), encoding="utf-8", newline="")
    return number + 1, column + 1


def test_a_typo_in_a_table_is_found_and_located(cli: Cli, new_study: Path) -> None:
    """`validate` names file, line, column, key and what to type; nothing is written."""
    assert cli("validate", "my_study").code == 0
    line, column = type_into_cell("seven")
    before = sorted(new_study.rglob("*"))
    answer = cli("validate", "my_study")
    assert (answer.code, answer.out) == (2, "")
    (message,) = answer.err.splitlines()
    assert message.startswith(f"{TABLE.as_posix()}:{line}:{column}: {KEY}: must be a whole number")
    assert message.endswith("(found 'seven'). Fix: 7")
    assert cli("run", "my_study").code == 2
    assert sorted(new_study.rglob("*")) == before


def test_the_corrected_table_changes_both_scenarios(
    cli: Cli, new_study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The study's own table is what base_2024 means here; elsewhere it stays as installed."""
    line, _ = type_into_cell("7")
    assert cli("validate", "base_2024", "my_study").code == 0
    rows = [row.split() for row in cli("diff", "base_2024", "my_study").out.splitlines()]
    assert rows == [["key", "base_2024", "my_study"], [KEY, "7", "9"]]
    said = cli("describe", KEY).out
    assert "7" in said and f"{TABLE.as_posix()}:{line}" in said
    monkeypatch.chdir(new_study.parent)
    assert f"{TABLE.as_posix()}:{line}" in cli("describe", KEY).out
    assert "vessels: 7" not in cli("show", "base_2024", "--resolved").out


def test_comparing_answers_the_question_of_the_study(cli: Cli, new_study: Path) -> None:
    """Two ferries more: trucks on the line are met by other sailings, boxes from China are not."""
    type_into_cell("7")
    answer = cli("compare", "base_2024", "my_study", "--reps", "2", "--jobs", "1", *SHORT)
    assert answer.code == 0, answer.err
    assert "What do two ferries more between Kuryk and Alat change?" in answer.out
    rows = (new_study / "runs/compare/delta.csv").read_text(encoding="utf-8").splitlines()
    trucks = [row for row in rows if row.startswith("my_study,trucks_e_laden,p50_h,")]
    boxes = [row for row in rows if row.startswith("my_study,cn_az_import,p50_h,")]
    column = rows[0].split(",").index("delta")
    assert float(boxes[0].split(",")[column]) == 0
    assert float(trucks[0].split(",")[column]) != 0
