"""A scenario as text and as key paths: every given value, no defaults, always the same order."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel

from corridor_sim.errors import InputError
from corridor_sim.inputs.kinds import classes
from corridor_sim.inputs.problems import closest, listed
from corridor_sim.inputs.scalars import resolve_plain
from corridor_sim.inputs.schema import TABLES, Scenario

_HEADER = ("name", "question", "why", "source", "valid_for", "not_valid_for", "notes")


def to_yaml(scenario: Scenario) -> str:
    """The scenario as one file that stands alone and reads back equal."""
    lines = [f"{key}: {_text(getattr(scenario, key))}" for key in _HEADER if getattr(scenario, key)]
    for table in TABLES:
        rows = getattr(scenario, table)
        if rows:
            lines.append(f"{table}:")
        for row_id in sorted(rows):
            lines.append(f"  {row_id}:{'' if _given(rows[row_id]) else ' {}'}")
            lines += [f"    {name}: {_text(value)}" for name, value in _given(rows[row_id])]
    lines.append("simulation:")
    lines += [f"  {name}: {_text(value)}" for name, value in _given(scenario.simulation)]
    if scenario.expect:
        lines.append("expect:")
    for expectation in scenario.expect:
        pairs = [f"{name}: {_text(value)}" for name, value in _given(expectation)]
        lines.append("  - " + "\n    ".join(pairs))
    return "\n".join(lines) + "\n"


def key_paths(scenario: Scenario) -> dict[str, Any]:
    """Key path -> value of everything given, in order of tables, names and columns."""
    found: dict[str, Any] = {key: getattr(scenario, key) for key in _HEADER}
    found = {key: value for key, value in found.items() if value}
    for table in TABLES:
        rows = getattr(scenario, table)
        for row_id in sorted(rows):
            found.update({f"{table}.{row_id}.{k}": v for k, v in _given(rows[row_id])})
    found.update({f"simulation.{k}": v for k, v in _given(scenario.simulation)})
    return found


def describe(key: str) -> str:
    """What a key path, a table or a column means, from the docstrings of the records.

    `fleets.ferry.vessels`, `fleets.vessels`, `fleets`, `berth` and `berth.servers` all work.
    """
    segments = key.split(".")
    made = _described(segments[0])
    if not made:
        names = {*TABLES, "simulation", "expect", *_types()}
        meant = closest(segments[0], names)
        hint = f"did you mean {meant!r}?" if meant else f"one of {listed(sorted(names), 30)}"
        raise InputError(f"{key}: there is no table or facility type {segments[0]!r}. Fix: {hint}")
    if len(segments) == 1:
        return "\n".join(line for cls in made for line in _about(cls))
    column = segments[-1]
    for cls in made:
        if column in cls.model_fields:
            return "\n".join(_about_column(cls, column))
    known = sorted({name for cls in made for name in cls.model_fields})
    meant = closest(column, known)
    hint = f"did you mean {meant!r}?" if meant else f"one of {listed(known, 60)}"
    raise InputError(f"{key}: {segments[0]} has no column {column!r}. Fix: {hint}")


def _types() -> dict[str, type[BaseModel]]:
    return {made.model_fields["type"].default: made for made in classes("facilities")}


def _described(name: str) -> tuple[type[BaseModel], ...]:
    if name in TABLES or name in ("simulation", "expect"):
        return classes(name)
    return (_types()[name],) if name in _types() else ()


def _about(cls: type[BaseModel]) -> Iterator[str]:
    yield f"{cls.__name__}: {(cls.__doc__ or '').strip()}"
    for column in cls.model_fields:
        yield from (f"  {line}" for line in _about_column(cls, column))


def _about_column(cls: type[BaseModel], column: str) -> Iterator[str]:
    about = cls.model_fields[column]
    words = " ".join((about.description or "").split())
    default = "" if about.is_required() else f" [default: {_text(about.default)}]"
    yield f"{column}: {words}{' (required)' if about.is_required() else default}"


def _given(record: BaseModel) -> list[tuple[str, Any]]:
    """Columns that were given a value, in the order of the record."""
    return [
        (name, getattr(record, name))
        for name in sorted(type(record).model_fields, key=list(type(record).model_fields).index)
        if name in record.model_fields_set and name != "id" and getattr(record, name) is not None
    ]


def _text(value: Any) -> str:
    """One value in YAML, on one line."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(_text(member) for member in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_text(v)}" for k, v in sorted(value.items())) + "}"
    if isinstance(value, str):
        is_plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_.]*", value) and resolve_plain(value) == value
        return value if is_plain else json.dumps(value, ensure_ascii=False)
    return repr(value)
