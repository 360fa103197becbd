"""docs/measures.md is what the docstrings say now, and covers what it promises."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from corridor_sim.cli.measures_page import Measure, functions, measure_of, page
from corridor_sim.outputs.columns import TABLES, columns_of

PATH = Path(__file__).parents[1] / "docs" / "measures.md"
MEASURES = [measure_of(function) for function in functions()]
COUNTS = {"n", "rank", "step", "seq", "offered", "delivered", "km"}
PLAIN = {
    "reliability": {"mean_h", "free_flow_h", "promised_d"},
    "backlog": {"begin_units", "end_units", "mean_units"},
    "capacity_chain": {"achieved_units_per_day", "utilisation", "busy_share", "fill_share"},
    "bottlenecks": {"wait_unit_h", "busy_share"},
}
"""Columns that their own description tells in full."""


def test_the_committed_page_is_current() -> None:
    """Else: `python -m corridor_sim.cli.measures_page`."""
    assert PATH.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("measure", MEASURES, ids=lambda m: m.name)
def test_a_measure_names_columns_that_exist(measure: Measure) -> None:
    """And says formula, unit and source in words."""
    for column in measure.columns:
        table, name = column.split(".")
        assert name in columns_of(table), column
    assert all(len(text) > 3 for text in (measure.formula, measure.source))


@pytest.mark.parametrize(
    "table", ["reliability", "backlog", "tfi", "tcd", "capacity_chain", "bottlenecks"]
)
def test_every_number_of_a_table_has_its_formula(table: str) -> None:
    """But for counts, and columns whose description is all there is to say."""
    told = {c.split(".")[1] for m in MEASURES for c in m.columns if c.startswith(f"{table}.")}
    numbers = {
        field.alias or name
        for name, field in TABLES[table].model_fields.items()
        if "int" in str(field.annotation) or "float" in str(field.annotation)
    }
    assert numbers - told - {"rep"} - COUNTS - PLAIN.get(table, set()) == set()


def test_names_of_measures_are_headings_once() -> None:
    """Anchors that others link to."""
    headings = re.findall(r"^### (.*)$", page(), re.MULTILINE)
    assert len(headings) == len(set(headings)) == len(MEASURES)
