"""docs/reference is what the code says now, complete, and readable as Markdown tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from corridor_sim.cli.reference import HEADER, pages, write
from corridor_sim.cli.verbs import app
from corridor_sim.facilities import TYPES
from corridor_sim.inputs.kinds import columns
from corridor_sim.inputs.read import KEYS
from corridor_sim.inputs.schema import TABLES
from corridor_sim.outputs.columns import TABLES as OUTPUTS
from corridor_sim.outputs.columns import columns_of

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
PAGES = pages()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_committed_page_is_current(name: str) -> None:
    """Else: `python -m corridor_sim.cli.reference`."""
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name]


def test_no_page_is_left_over(tmp_path: Path) -> None:
    """The folder holds what the command writes, and nothing else."""
    write(tmp_path)
    assert [p.name for p in sorted(tmp_path.iterdir())] == [
        p.name for p in sorted(FOLDER.iterdir())
    ]


def sections(name: str) -> dict[str, str]:
    """Heading -> text of a page."""
    parts = re.split(r"^#{2,3} (.*)$", PAGES[name], flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_verb_has_a_section_with_an_example() -> None:
    """Verbs of groups too."""
    found = sections("cli.md")
    verbs = {str(command.name) for command in app.registered_commands}
    assert verbs < found.keys()
    for name, text in found.items():
        assert f"Example: `corridor-sim {name}" in text
        assert "``" not in text and "| ` " not in text, "an option without a name"


def test_every_key_and_column_is_explained() -> None:
    """Tables, facility types, the simulation and the keys at the top."""
    found = sections("scenario-keys.md")
    assert {*TABLES, *TYPES, "simulation", "expect"} <= found.keys()
    text = PAGES["scenario-keys.md"]
    months = {f"{letter}{month:02d}" for letter in "mrs" for month in range(2, 13)}
    for table in (*TABLES, "simulation", "expect"):
        for column in columns(table).keys() - months - {"id", "type"}:
            assert f"`{column}`" in text, f"{table}.{column}"
    said = {word for key in HEADER for word in key.split(", ")}
    assert said - {"(a table)"} == set(KEYS) - TABLES.keys()


def test_every_column_of_a_run_is_explained() -> None:
    """In the order of the file."""
    found = sections("columns.md")
    for table in OUTPUTS:
        rows = re.findall(r"^\| `(\w+)` \|.*\| (\S.*) \|$", found[f"{table}.csv"], re.MULTILINE)
        assert [name for name, _ in rows] == columns_of(table)


def test_rows_have_the_cells_of_their_header() -> None:
    """A `|` in a description would break the table."""
    for text in PAGES.values():
        for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
            widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
            assert len(widths) == 1, block
