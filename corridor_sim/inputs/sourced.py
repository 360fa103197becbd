"""The numbers and dates that a scenario stands on: value, unit, source, range, and where set."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import BaseModel

from corridor_sim.inputs.emission_factor import EmissionFactor
from corridor_sim.inputs.kinds import columns
from corridor_sim.inputs.provenance import ASSUMPTION, DEFAULT, NOTE, Rule, Source
from corridor_sim.inputs.read import Resolved
from corridor_sim.inputs.resolved import as_text, given
from corridor_sim.inputs.schema import TABLES
from corridor_sim.inputs.tariff import Tariff
from corridor_sim.units import unit_of

_NUMBERS = ("int", "float", "dated", "dated_float", "date")


class Number(NamedTuple):
    """One number or date of a scenario; all texts, as in `inputs_resolved.csv`."""

    key_path: str
    """Where every row has the default of the column, its row is `*`."""
    value: str
    unit: str
    source: str
    """A figure's id, `assumption`, `scenario`, `set` or `default`."""
    grade: str
    """Of the figure."""
    low: str
    high: str
    reason: str
    file: str
    """Within its study folder; empty for a default."""
    line: str = ""
    """For who wants to go there. No table has it: the order of rows changes no result."""


def numbers(resolved: Resolved) -> list[Number]:
    """All of them, sorted by key path: those given, and the defaults that count."""
    found = [
        number_of(resolved, key, name, row)
        for key, row in rows(resolved)
        for name, value in given(row)
        if is_number(key, name, value)
    ]
    return sorted({*found, *_defaults(resolved)})


def rows(resolved: Resolved) -> Iterator[tuple[str, BaseModel]]:
    """Key path and record of every row, `simulation` last."""
    for table in TABLES:
        for row_id, row in getattr(resolved.scenario, table).items():
            yield f"{table}.{row_id}", row
    yield "simulation", resolved.scenario.simulation


def is_number(key: str, column: str, value: Any) -> bool:
    """Whether a column of a row holds numbers or dates, alone, in a list, or by date."""
    kind = columns(key.partition(".")[0])[column]
    return (kind.item or kind).name in _NUMBERS and not isinstance(value, str)


def number_of(resolved: Resolved, key: str, column: str, row: BaseModel) -> Number:
    """A given number of a row, with what is known about it."""
    path = f"{key}.{column}"
    value = getattr(row, column)
    source = resolved.provenance.source_of(path, value, row, resolved.origin)
    file, _, line = resolved.origin[path].rpartition(":")
    file = "command line" if file == "--set" else file
    return _number(resolved, path, value, unit_at(row, column), source, file, line)


def unit_at(row: BaseModel, column: str) -> str:
    """The unit of a column; that of a tariff or an emission factor depends on its basis."""
    if isinstance(row, EmissionFactor) and column == "value":
        return f"{row.unit} {row.ghg} {row.basis.replace('_', ' ').replace('teu', 'TEU')}"
    if not isinstance(row, Tariff) or column not in ("value_usd", "value"):
        return unit_of(column)
    money = f"{row.currency.upper()} " if row.currency else "US dollars "
    money = "" if row.basis.startswith(("share", "ratio")) else money
    return money + row.basis.replace("_", " ").replace("feu", "FEU").replace("teu", "TEU")


def _number(
    resolved: Resolved, path: str, value: Any, unit: str, source: Source, file: str, line: str
) -> Number:
    figure = resolved.provenance.figures.get(source.source)
    grade = figure.grade if figure is not None else ""
    return Number(
        path,
        as_text(value),
        "" if isinstance(value, datetime) else unit,
        source.source,
        grade,
        source.low,
        source.high,
        source.reason,
        file,
        line,
    )


def _defaults(resolved: Resolved) -> Iterator[Number]:
    """Once for each column whose default counts in some row."""
    for key, row in rows(resolved):
        table = key.partition(".")[0]
        for name, field in type(row).model_fields.items():
            if name in row.model_fields_set or field.is_required():
                continue
            if field.default is not None and is_number(table, name, field.default):
                yield default_of(resolved, table, name, row)


def default_of(resolved: Resolved, table: str, column: str, row: BaseModel) -> Number:
    """The default of a column: what a rule says of it, else the column's own words."""
    path = f"{table}.{column}" if table == "simulation" else f"{table}.*.{column}"
    field = type(row).model_fields[column]
    rule = resolved.provenance.rule_of(path)
    said = " ".join((field.description or "").split())
    source = Source(DEFAULT, said, "", "")
    if (
        rule is not None
        and rule.source == ASSUMPTION
        and rule.low != NOTE
        and _holds(rule, field.default)
    ):
        source = Source(ASSUMPTION, rule.reason, rule.low, rule.high)
    return _number(resolved, path, field.default, unit_at(row, column), source, "", "")


def _holds(rule: Rule, default: float) -> bool:
    """A default outside of the rule's range means that the row has nothing of the kind."""
    return float(rule.low or default) <= default <= float(rule.high or default)
