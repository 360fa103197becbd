"""docs/measures.md, from docstrings: `python -m corridor_sim.cli.measures_page [FILE]`.

A measure is a function whose docstring has the lines Formula, Unit, Columns and Source.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from corridor_sim.history.root_causes import root_hours
from corridor_sim.outputs.columns import TABLES, about_table
from corridor_sim.results import indicators, use_indicators
from corridor_sim.results.tcd import tcd_rows
from corridor_sim.studies.waterfall import waterfall

NOTE = (
    "<!-- Made by `python -m corridor_sim.cli.measures_page`; change the code, not this page. -->"
)

LABELS = ("Formula", "Unit", "Columns", "Source")

HEAD = """\
What the figures of a run's tables are: formula, unit and source of each. Units (TEU, wagons,
trucks) are those that became ready in the window, unless something else is said; P95 is the 95 %
quantile. Every column of every table is in [reference/columns.md](reference/columns.md), and the
order in which causes of waiting are charged in `corridor_sim/engine/CONTRACT.md`.
"""


class Measure(NamedTuple):
    """A measure as its docstring tells it."""

    name: str
    about: str
    formula: str
    unit: str
    columns: tuple[str, ...]
    source: str


def functions() -> list[Callable[..., Any]]:
    """All that tell a formula: indicators as they stand in their modules, then others."""
    return [*_told_in(indicators), *_told_in(use_indicators), root_hours, tcd_rows, waterfall]


def _told_in(module: ModuleType) -> list[Callable[..., Any]]:
    own = [f for _, f in inspect.getmembers(module, inspect.isfunction)]
    own = [f for f in own if f.__module__ == module.__name__ and "Formula:" in (f.__doc__ or "")]
    return sorted(own, key=lambda f: f.__code__.co_firstlineno)


def measure_of(function: Callable[..., Any]) -> Measure:
    """Read a docstring: the first paragraph, and the lines behind each label."""
    text = inspect.cleandoc(function.__doc__ or "").split("\n>>>")[0]
    parts = re.split(rf"^({'|'.join(LABELS)}): ", text, flags=re.MULTILINE)
    said = {label: _line(part) for label, part in zip(parts[1::2], parts[2::2], strict=True)}
    missing = [label for label in LABELS if label not in said]
    if missing:
        raise ValueError(f"{function.__name__}: its docstring lacks {', '.join(missing)}")
    columns = tuple(said["Columns"].split(", "))
    name = function.__name__.removesuffix("_rows").replace("_", " ").capitalize()
    about = _line(parts[0].split("\n\n")[0])
    return Measure(name, about, said["Formula"], said["Unit"], columns, said["Source"])


def _line(text: str) -> str:
    """A paragraph as one line; what stands behind an empty line is not of it."""
    return " ".join(text.split("\n\n")[0].split())


def page() -> str:
    """The whole page, by table in the order of a run."""
    by_table: dict[str, list[Measure]] = {}
    for measure in map(measure_of, functions()):
        by_table.setdefault(measure.columns[0].split(".")[0], []).append(measure)
    lines = ["# Measures", "", NOTE, "", HEAD]
    for table in (name for name in TABLES if name in by_table):
        lines += [f"## {table}.csv", "", about_table(table), ""]
        lines += [line for measure in by_table[table] for line in _entry(measure)]
    return "\n".join(lines)


def _entry(measure: Measure) -> Iterator[str]:
    yield f"### {measure.name}"
    yield ""
    yield measure.about
    yield ""
    yield f"- Formula: {measure.formula}"
    yield f"- Unit: {measure.unit}"
    yield f"- Columns: {', '.join(f'`{column}`' for column in measure.columns)}"
    yield f"- Source: {measure.source}"
    yield ""


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/measures.md")
    target.write_text(page(), encoding="utf-8", newline="\n")
    print(target)
