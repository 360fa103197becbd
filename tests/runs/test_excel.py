"""One workbook of all tables: README first, typed cells, equal bytes, and nothing that runs."""

from __future__ import annotations

import io
import sys
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from corridor_sim.outputs.run_workbook import workbook
from tests.results.tiny import TINY
from tests.runs.conftest import Cli


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    """Cells by sheet; an empty cell is an empty text."""
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    return {
        sheet.title: [
            ["" if cell is None else cell for cell in row]
            for row in sheet.iter_rows(values_only=True)
        ]
        for sheet in book.worksheets
    }


def run(cli: Cli, folder: Path, out: str) -> bytes:
    path = folder / "tiny.yaml"
    path.write_text(TINY, encoding="utf-8")
    answer = cli("run", path, "--jobs", "1", "--excel", "--out", folder / out)
    assert answer.code == 0
    assert "results.xlsx" in answer.out
    return (folder / out / "results.xlsx").read_bytes()


def test_a_run_is_one_workbook_with_the_question_first(cli: Cli, tmp_path: Path) -> None:
    """The first sheet says what was asked, and what each sheet and column means."""
    found = sheets(run(cli, tmp_path, "out"))
    csvs = {path.stem for path in (tmp_path / "out").glob("*.csv")}
    assert next(iter(found)) == "README"
    assert set(found) == {"README", *csvs}
    text = "\n".join(str(cell) for row in found["README"] for cell in row)
    assert "How long does a box take over the sea?" in text
    for words in ("One row a leg, direction and replication", "cargo_t", "tonnes", "seed 1"):
        assert words in text


def test_cells_are_typed_and_say_the_same_as_the_csv(cli: Cli, tmp_path: Path) -> None:
    """Numbers as numbers, instants as dates, empty where there is no value."""
    found = sheets(run(cli, tmp_path, "out"))
    header, first, *_ = found["trips"]
    row = dict(zip(header, first, strict=True))
    assert row["departed_utc"] == datetime(2024, 1, 1, 4)
    assert (row["arrived_utc"], row["on_board_teu"], row["fill_share"]) == ("", 4, 1)
    for name, cells in found.items():
        if name != "README":
            frame = pd.read_csv(tmp_path / "out" / f"{name}.csv", keep_default_na=False)
            assert (cells[0], len(cells) - 1) == (list(frame.columns), len(frame)), name


def test_equal_runs_give_equal_workbooks(cli: Cli, tmp_path: Path) -> None:
    """Byte by byte: no clock is in it."""
    assert run(cli, tmp_path, "one") == run(cli, tmp_path, "two")


def test_headers_stay_and_explain_themselves(cli: Cli, tmp_path: Path) -> None:
    """A frozen first row with a comment on each column."""
    with zipfile.ZipFile(io.BytesIO(run(cli, tmp_path, "out"))) as book:
        names = book.namelist()
        sheet = book.read("xl/worksheets/sheet2.xml").decode()
        notes = "".join(book.read(n).decode() for n in names if n.startswith("xl/comments"))
    assert 'ySplit="1"' in sheet and 'state="frozen"' in sheet
    assert "Mean hours of rides over this leg alone" in notes
    assert "[hours]" in notes


def test_text_never_becomes_a_formula_or_a_link() -> None:
    """A name such as =1+1 is shown, not computed."""
    evil = ["=1+1", "@SUM(A1)", "http://example.com"]
    frame = pd.DataFrame({"name": evil, "tolerance": 0, "found": 0, "verdict": "ok"})
    content = workbook("=cmd", ["=2+2"], {"checks": frame})
    assert [row[0] for row in sheets(content)["checks"][1:]] == evil
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        parts = "".join(book.read(n).decode() for n in book.namelist() if "worksheets" in n)
    assert "<f>" not in parts and "hyperlink" not in parts


def test_a_table_too_long_for_a_sheet_is_cut_and_says_so() -> None:
    """With a limit of two rows in place of a million."""
    frame = pd.DataFrame({"name": list("abc"), "tolerance": 0, "found": 0, "verdict": "ok"})
    found = sheets(workbook("cut", [], {"checks": frame}, most_rows=2))
    assert [row[0] for row in found["checks"]] == ["name", "a", "b"]
    assert any("first 2 of 3; all in checks.csv" in map(str, row) for row in found["README"])


def test_a_comparison_is_a_workbook_too(cli: Cli, small: Path, tmp_path: Path) -> None:
    """Differences, with both scenarios in the README."""
    out = tmp_path / "out"
    other = small.parent / "other.yaml"
    other.write_text(
        'extends: small\nname: other\nquestion: "One ferry more?"\nset: {fleets.ferry.vessels: 3}\n',
        encoding="utf-8",
    )
    answer = cli("compare", small, other, "--reps", "2", "--jobs", "1", "--excel", "--out", out)
    assert answer.code == 0
    found = sheets((out / "results.xlsx").read_bytes())
    assert list(found) == ["README", "delta", "delta_waterfall"]
    text = "\n".join(str(cell) for row in found["README"] for cell in row)
    assert "small against other" in text and "One ferry more?" in text
    assert len(found["delta"]) > 1


@pytest.mark.parametrize("verb", ["run", "compare"])
def test_without_xlsxwriter_nothing_is_simulated(
    cli: Cli, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    """Said at once, with what to install; no folder is made."""
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    answer = cli(verb, small, small, "--excel", "--out", tmp_path / "out")
    assert answer.code == 2
    assert "pip install openpyxl xlsxwriter" in answer.err
    assert not (tmp_path / "out").exists()
