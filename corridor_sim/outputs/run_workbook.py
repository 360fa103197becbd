"""The tables of a run or a comparison as one Excel workbook: README first, then a sheet a table.

Texts are written as texts: none becomes a formula or a link. Equal results give equal bytes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from corridor_sim import __version__
from corridor_sim.errors import InputError
from corridor_sim.inputs.schema import Scenario
from corridor_sim.outputs.columns import TABLES, about_table, fields_of
from corridor_sim.outputs.data_package import Field, unit_of_field
from corridor_sim.studies.run import Run

WORKBOOK = "results.xlsx"
MOST_ROWS = 1_048_575
"""Rows that a sheet holds below its header."""
_MADE = datetime(2000, 1, 1)
"""A workbook carries an instant of making: a fixed one, so that equal results give equal bytes."""
_WIDEST, _NARROWEST, _LOOKED_AT = 40, 9, 200


def require_excel(verb: str) -> None:
    """Refuse before anything is simulated.

    Raises
    ------
    InputError    XlsxWriter is not installed
    """
    try:
        import xlsxwriter  # noqa: F401
    except ImportError:
        raise InputError(
            f"{verb} --excel: XlsxWriter, which writes workbooks, is not installed. "
            "Fix: pip install openpyxl xlsxwriter"
        ) from None


def run_workbook(run: Run, frames: Mapping[str, pd.DataFrame]) -> bytes:
    """The workbook of one run."""
    simulation = run.scenario.simulation
    texts = [
        *about_scenario(run.scenario),
        f"{len(run.replications)} replications, seed {simulation.seed}, corridor_sim {__version__}",
        *(f"warning: {warning}" for warning in run.resolved.warnings),
    ]
    return workbook(run.scenario.name, texts, frames)


def about_scenario(scenario: Scenario) -> list[str]:
    """Question, and what the answer is good for."""
    parts = [scenario.question, scenario.why]
    if scenario.valid_for:
        parts.append("valid for: " + "; ".join(scenario.valid_for))
    if scenario.not_valid_for:
        parts.append("not valid for: " + "; ".join(scenario.not_valid_for))
    return [part for part in parts if part]


def workbook(
    title: str,
    texts: Sequence[str],
    frames: Mapping[str, pd.DataFrame],
    most_rows: int = MOST_ROWS,
) -> bytes:
    """A README with these texts, the sheets, and every column in words; then the tables."""
    import xlsxwriter

    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": title, "created": _MADE})
        looks = _Looks(book)
        _readme(book, looks, title, texts, frames, most_rows)
        for name, frame in frames.items():
            _sheet(book, looks, name, frame.iloc[:most_rows])
    return buffer.getvalue()


class _Looks:
    """Formats, made once."""

    def __init__(self, book: Any):
        self.bold = book.add_format({"bold": True})
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": False})
        self.whole = book.add_format({"num_format": "#,##0"})
        self.number = book.add_format({"num_format": "#,##0.00"})
        self.share = book.add_format({"num_format": "0.0%"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})

    def of(self, field: Field) -> Any:
        """The look of a column."""
        if field.type == "datetime":
            return self.day if field.name == "date_utc" else self.instant
        if field.type == "integer":
            return self.whole
        if field.type == "number":
            return self.share if unit_of_field(field).startswith("share") else self.number
        return None


def _readme(
    book: Any,
    looks: _Looks,
    title: str,
    texts: Sequence[str],
    frames: Mapping[str, pd.DataFrame],
    most_rows: int,
) -> None:
    sheet = book.add_worksheet("README")
    for column, width in enumerate((18, 24, 22, 100)):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, title, looks.bold)
    for row, text in enumerate(texts, start=1):
        sheet.write_string(row, 0, text)
    row = len(texts) + 2
    rows = [("sheet", "rows", "", "what a row is")]
    for name, frame in frames.items():
        rows.append((name, _rows_shown(len(frame), most_rows, name), "", about_table(name)))
    rows += [("", "", "", ""), ("sheet", "column", "unit", "meaning")]
    for name, frame in frames.items():
        rows += [
            (name, f.name, unit_of_field(f), f.description)
            for f in fields_of(name, list(frame.columns))
        ]
    for offset, cells in enumerate(rows):
        for column, text in enumerate(cells):
            if text:
                look = looks.bold if cells[0] == "sheet" else None
                sheet.write_string(row + offset, column, text, look)


def _rows_shown(n: int, most: int, name: str) -> str:
    return f"{n:,}" if n <= most else f"first {most:,} of {n:,}; all in {name}.csv"


def _sheet(book: Any, looks: _Looks, name: str, frame: pd.DataFrame) -> None:
    sheet = book.add_worksheet(name)
    header = list(frame.columns)
    sheet.freeze_panes(1, sum(column in TABLES[name].keys for column in header[:2]))
    sheet.autofilter(0, 0, max(len(frame), 1), len(header) - 1)
    for i, field in enumerate(fields_of(name, header)):
        sheet.write_string(0, i, field.name, looks.head)
        unit = unit_of_field(field)
        words = f"{field.description} [{unit}]" if unit else field.description
        sheet.write_comment(0, i, words, {"x_scale": 2})
        look, values = looks.of(field), frame[field.name]
        known = values.dropna()
        if field.type in ("integer", "number"):
            for row, value in zip(known.index, known.tolist(), strict=True):
                sheet.write_number(row + 1, i, value, look)
            shown = [f"{value:,.2f}" for value in known.head(_LOOKED_AT)]
        elif field.type == "datetime":
            for row, text in zip(known.index, known.tolist(), strict=True):
                sheet.write_datetime(row + 1, i, _instant(text), look)
            shown = ["2024-01-31 12:00"]
        else:
            for row, text in zip(known.index, known.tolist(), strict=True):
                sheet.write_string(row + 1, i, str(text))
            shown = [str(text) for text in known.head(_LOOKED_AT)]
        width = max(len(text) for text in (field.name, *shown)) + 2
        sheet.set_column(i, i, min(_WIDEST, max(_NARROWEST, width)))


def _instant(text: str) -> datetime:
    """Excel knows no zones: UTC without saying so; the header says it."""
    read = datetime.fromisoformat(text)
    return read.astimezone(UTC).replace(tzinfo=None) if read.tzinfo else read
