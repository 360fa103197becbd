"""R11: what is wrong with a border crossing is said with its place and a fix, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from corridor_sim.errors import InputError
from tests.written import read_text

CASE = """\
network:
  nodes: [{id: cn}, {id: kz}]
  facilities:
    - {id: east_side, type: border_crossing, node: cn, documents_mean_h: 2}
    - {id: bcp, type: border_crossing, node: kz, %s}
    - {id: desk, type: server, node: kz, service_mean_h: 1}
demand: {trains: {origin: cn, destination: kz, via: [%s], every_h: 12}}
simulation: {start: 2024-01-01, window_d: 9, reps: 1}
"""

BAD = [
    ("servers: 2", "", "has no component", "add documents_mean_h: 3, for example"),
    (
        "documents_mean_h: 2, inspection_share: 0.1",
        ".inspection_share",
        "happens to 0.1 of the trains, but nothing says how long it takes",
        "add inspection_mean_h: 24, for example",
    ),
    (
        "documents_mean_h: 2, document_error_law: exponential, document_error_mean_h: 9",
        ".document_error_law",
        "never happens: there is no document_error_share",
        "add document_error_share: 0.05, or 0 if it is meant",
    ),
    ("documents_cv: 1", ".documents_cv", "documents_cv without documents_law", "lognormal"),
    (
        "documents_mean_h: 2, regime: joint",
        ".regime",
        "regime joint without joint_with",
        "add joint_with: the crossing of the other side",
    ),
    (
        "documents_mean_h: 2, regime: digital_joint, joint_with: east_side",
        ".joint_with",
        "no `via` passes both bcp and east_side",
        "name both in one `via`, or take joint_with out",
    ),
    (
        "documents_mean_h: 2, regime: joint, joint_with: desk",
        ".joint_with",
        "must name a border_crossing (found 'desk', a server)",
        "one of bcp, east_side",
    ),
    ("documents_mean_h: 2, regime: joint, joint_with: bcp", ".joint_with", "itself", "other side"),
    ("documents_mean_h: 2, regime: digitall", ".regime", "digitall", "digital"),
    ("documents_mean_h: 2, per_day: 0", ".per_day", "must be >= 1 (found 0)", "per_day"),
    (
        "physical_mean_h: 2, physical_open_daily: 08:00-25:00",
        ".physical_open_daily",
        "no such hours of the day (found '08:00-25:00')",
        'physical_open_daily: "08:00-20:00"',
    ),
]


def problems(folder: Path, columns: str, via: str = "bcp") -> list[str]:
    with pytest.raises(InputError) as raised:
        read_text(folder, CASE % (columns, via))
    return str(raised.value).splitlines()


@pytest.mark.parametrize("columns, column, what, fix", BAD)
def test_a_bad_crossing_is_located(
    tmp_path: Path, columns: str, column: str, what: str, fix: str
) -> None:
    """File, line, key path, what is wrong, and what to type."""
    (line,) = [x for x in problems(tmp_path, columns) if "facilities.bcp" in x]
    place, _, said = line.partition(f" facilities.bcp{column}: ")
    assert ":5:" in place and what in said, line
    assert fix in said.partition("Fix: ")[2], line


def test_all_problems_are_said_at_once(tmp_path: Path) -> None:
    """Three mistakes of one row."""
    columns = "documents_mean_h: 2, inspection_share: 1, document_error_share: 1, regime: joint"
    assert len(problems(tmp_path, columns)) == 3


def test_a_crossing_cannot_unload_a_train(tmp_path: Path) -> None:
    """It stands in `via` only."""
    call = "calls: [{service: line, node: kz, unload: bcp}]\nservices: {line: {run_mean_h: 1}}\n"
    with pytest.raises(InputError, match=r"unload: must name a server, border_post, .*'bcp'"):
        read_text(tmp_path, CASE % ("documents_mean_h: 2", "bcp") + call)


def test_partners_may_name_each_other(tmp_path: Path) -> None:
    """In a `via` that passes both, `joint` is accepted on either row."""
    columns = "documents_mean_h: 2, regime: joint, joint_with: east_side"
    assert (
        read_text(tmp_path, CASE % (columns, "east_side, bcp")).scenario.facilities["bcp"].id
        == "bcp"
    )
