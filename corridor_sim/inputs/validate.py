"""Rows to records: pydantic's complaints in a planner's words, at the cell's place."""

from __future__ import annotations

from typing import Any, cast

from pydantic import BaseModel, ValidationError

from corridor_sim.facilities import TYPES
from corridor_sim.inputs.layers import BAD, Layer, Row
from corridor_sim.inputs.problems import Problem, Where, did_you_mean, listed, show
from corridor_sim.inputs.schema import TABLES, Simulation

# Windows cannot make files of these names, and ids may become file names
DEVICES = {"con", "prn", "aux", "nul"} | {f"{p}{n}" for p in ("com", "lpt") for n in range(1, 10)}
VALUES = {"true", "false", "null", "nan"}
"""What YAML, spreadsheets and pandas take for a value wherever such an id stands in a cell."""


def records(layer: Layer) -> tuple[dict[str, dict[str, Any]], Simulation | None]:
    """Valid records by table and id; what is not valid is added to the layer's problems."""
    made: dict[str, dict[str, Any]] = {table: {} for table in TABLES}
    simulation: Simulation | None = None
    for table, key, row in layer.rows():
        row_id = key.partition(".")[2]
        record = _record(layer, table, key, row_id, row)
        if isinstance(record, Simulation):
            simulation = record
        elif record is not None:
            made[table][row_id] = record
    return made, simulation


def _record(layer: Layer, table: str, key: str, row_id: str, row: Row) -> BaseModel | None:
    cls = _class_of(layer, table, key, row)
    if cls is None:
        return None
    bad = {column for column, cell in row.cells.items() if cell.value is BAD}
    values = {name: cell.value for name, cell in row.cells.items() if name not in bad}
    if table != "simulation":
        values["id"] = row_id
    if row_id in DEVICES | VALUES:
        why = "is reserved on Windows" if row_id in DEVICES else "is a value to other programs"
        what = f"the name {row_id!r} {why}"
        layer.problems.append(Problem(row.where, key, what, f"{row_id}_1"))
    return validated(layer.problems, cls, key, values, row, bad)


def validated(
    problems: list[Problem],
    cls: type[BaseModel],
    key: str,
    values: dict[str, Any],
    row: Row,
    bad: set[str],
) -> BaseModel | None:
    """The record, or None and its problems; columns in `bad` were complained of before."""
    try:
        record = cls.model_validate(values)
    except ValidationError as error:
        first = {detail["loc"][0]: detail for detail in reversed(error.errors()) if detail["loc"]}
        for column, detail in reversed(first.items()):
            if column not in bad:
                problems.append(_problem(cls, key, row, dict(detail)))
        return None
    large = [name for name, value in values.items() if _is_too_large(name, value)]
    for name in large:
        what = f"is too large (found {values[name]})"
        problems.append(
            Problem(at(row, name), f"{key}.{name}", what, f"{name}: {_LARGEST} at most")
        )
    return None if bad or large else record


_LARGEST = 10_000_000


def _is_too_large(column: str, value: Any) -> bool:
    """Counts beyond memory; a seed may be any number."""
    return isinstance(value, int) and value > _LARGEST and column != "seed"


def _class_of(layer: Layer, table: str, key: str, row: Row) -> type[BaseModel] | None:
    if table == "simulation":
        return Simulation
    if table != "facilities":
        found: type[BaseModel] = TABLES[table]
        return found
    cell = row.cells.get("type")
    if cell is None or cell.value is None:
        what, fix = "`type` is missing", f"type: one of {listed(TYPES)}"
        layer.problems.append(Problem(row.where, f"{key}.type", what, fix))
        return None
    if cell.value is BAD:
        return None
    if cell.value not in TYPES:
        what = f"no facility is of type {show(cell.value)}"
        fix = did_you_mean(str(cell.value), TYPES, "one")
        layer.problems.append(Problem(cell.where, f"{key}.type", what, fix))
        return None
    return cast("type[BaseModel]", TYPES[cell.value])


def _problem(cls: type[BaseModel], key: str, row: Row, detail: dict[str, Any]) -> Problem:
    column = str(detail["loc"][0])
    where = at(row, column)
    if column == "id":
        what = f"a name is made of a-z, 0-9 and _, a letter first (found {show(detail['input'])})"
        return Problem(where, key, what, _slug(str(detail["input"])))
    what, fix = _words(cls, column, detail)
    return Problem(where, f"{key}.{column}", what, fix)


def _slug(text: str) -> str:
    plain = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in text.lower())
    return plain if plain[:1].isalpha() else f"x{plain}" if plain else "some_name"


_LIMITS = {
    "greater_than_equal": ("ge", ">="),
    "greater_than": ("gt", ">"),
    "less_than_equal": ("le", "<="),
    "less_than": ("lt", "<"),
}


def _words(cls: type[BaseModel], column: str, detail: dict[str, Any]) -> tuple[str, str]:
    """What is wrong and what to type, of one of pydantic's errors."""
    kind, found, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "missing":
        return f"`{column}` is missing", f"{column}: ..."
    if kind == "extra_forbidden":
        known = set(cls.model_fields) - {"id"}
        return f"unknown key for this row (found {show(column)})", did_you_mean(column, known)
    if kind in _LIMITS:
        name, sign = _LIMITS[kind]
        return f"must be {sign} {context[name]:g} (found {found})", _limit_fix(
            column, found, kind, context[name]
        )
    if kind == "literal_error":
        expected = [
            word.strip("' ") for word in context["expected"].replace(" or ", ",").split(",")
        ]
        fix = f"{column}: {did_you_mean(str(found), expected)}" if isinstance(found, str) else ""
        return f"{show(found)} is none of {listed(expected)}", fix or f"one of {listed(expected)}"
    if kind == "string_pattern_mismatch":
        return _pattern_words(column, found, context["pattern"])
    if found is None:
        return "must have a value (found null)", f"{column}: a value, or leave the key out"
    return f"{detail['msg'].lower()} (found {show(found)})", f"see `describe`: {column}"


def _limit_fix(column: str, found: Any, kind: str, limit: float) -> str:
    is_share = column.endswith("share") or column in {f"r{m:02d}" for m in range(1, 13)}
    if is_share and kind == "less_than_equal" and found <= 100:
        return f"{column}: {found / 100:g} (a share, not per cent)"
    if kind in ("greater_than", "less_than"):
        return f"{column}: a number {'above' if kind == 'greater_than' else 'below'} {limit:g}"
    return f"{column}: {limit:g}"


def _pattern_words(column: str, found: Any, pattern: str) -> tuple[str, str]:
    if column == "open_daily":
        return f"must be hours of the day (found {show(found)})", f'{column}: "08:00-20:00"'
    if column == "country":
        return f"must be two capital letters (found {show(found)})", f"{column}: KZ"
    if column == "target":
        what = (
            f"must be nodes.<id>, legs.<id>, fleets.<id> or facilities.<id> (found {show(found)})"
        )
        return what, f"{column}: legs.some_leg"
    what = f"must be a name of a-z, 0-9 and _ (found {show(found)})"
    return what, f"{column}: {_slug(str(found))}"


def at(row: Row, column: str) -> Where:
    """Where a column of a row stands, else the row."""
    return row.cells[column].where if column in row.cells else row.where
