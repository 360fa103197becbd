"""A scenario as text and as key paths: every given value, no defaults, always the same order."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel

from corridor_sim.inputs.scalars import resolve_plain
from corridor_sim.inputs.schema import TABLES, Scenario

_HEADER = ("name", "question", "why", "source", "valid_for", "not_valid_for", "notes")


def to_yaml(scenario: Scenario) -> str:
    """The scenario as one file that stands alone and reads back equal."""
    lines = [
        f"{key}: {as_text(getattr(scenario, key))}" for key in _HEADER if getattr(scenario, key)
    ]
    for table in TABLES:
        rows = getattr(scenario, table)
        if rows:
            lines.append(f"{table}:")
        for row_id in sorted(rows):
            lines.append(f"  {row_id}:{'' if given(rows[row_id]) else ' {}'}")
            lines += [f"    {name}: {as_text(value)}" for name, value in given(rows[row_id])]
    lines.append("simulation:")
    lines += [f"  {name}: {as_text(value)}" for name, value in given(scenario.simulation)]
    if scenario.expect:
        lines.append("expect:")
    for expectation in scenario.expect:
        pairs = [f"{name}: {as_text(value)}" for name, value in given(expectation)]
        lines.append("  - " + "\n    ".join(pairs))
    return "\n".join(lines) + "\n"


def key_paths(scenario: Scenario) -> dict[str, Any]:
    """Key path -> value of everything given, in order of tables, names and columns."""
    found: dict[str, Any] = {key: getattr(scenario, key) for key in _HEADER}
    found = {key: value for key, value in found.items() if value}
    for table in TABLES:
        rows = getattr(scenario, table)
        for row_id in sorted(rows):
            found.update({f"{table}.{row_id}.{k}": v for k, v in given(rows[row_id])})
    found.update({f"simulation.{k}": v for k, v in given(scenario.simulation)})
    return found


def given(record: BaseModel) -> list[tuple[str, Any]]:
    """Columns that were given a value, in the order of the record."""
    return [
        (name, getattr(record, name))
        for name in sorted(type(record).model_fields, key=list(type(record).model_fields).index)
        if name in record.model_fields_set and name != "id" and getattr(record, name) is not None
    ]


def as_text(value: Any) -> str:
    """One value in YAML, on one line."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(as_text(member) for member in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {as_text(v)}" for k, v in sorted(value.items())) + "}"
    if isinstance(value, str):
        is_plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_.]*", value) and resolve_plain(value) == value
        return value if is_plain else json.dumps(value, ensure_ascii=False)
    return repr(value)
