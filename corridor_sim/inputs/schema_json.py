"""The JSON Schema of a scenario file, by which editors complete and check while one types."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from pydantic import BaseModel

from corridor_sim.facilities import TYPES
from corridor_sim.inputs.kinds import Kind, classes, columns
from corridor_sim.inputs.schema import TABLES


def scenario_schema() -> dict[str, Any]:
    """The schema as data; rows of tables may stand in a list or in a mapping by name."""
    text, texts = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
    tables = {table: {"$ref": f"#/$defs/{table}"} for table in TABLES}
    network = {"anyOf": [text, _closed(tables)]}
    header = dict.fromkeys(("name", "question", "why", "source", "extends"), text)
    lists = dict.fromkeys(("valid_for", "not_valid_for", "notes"), texts)
    expect = {"type": "array", "items": _record("expect")}
    own = {"network": network, "simulation": _record("simulation"), "expect": expect}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "corridor_sim scenario",
        **_closed({**header, **lists, **own, "set": {"type": "object"}, **tables}),
        "$defs": {table: _table(table) for table in TABLES},
    }


def schema_text() -> str:
    """The content of `scenarios/scenario.schema.json`."""
    return json.dumps(scenario_schema(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def about_table(table: str) -> str:
    """What one row of a table is, on one line."""
    if table == "facilities":
        return f"A facility; its type is one of {', '.join(TYPES)}."
    return " ".join((classes(table)[0].__doc__ or "").split())


def about_column(table: str, column: str) -> str:
    """What a column means, on one line; empty if the table has none of this name."""
    return str(_about(table, column).get("description", ""))


def rules(table: str, column: str) -> dict[str, Any]:
    """What a value must keep: `required`, `enum`, `pattern`, `minimum`, `maximum`.

    Of facilities what holds for every type; a bound that is itself not allowed (> 0) is given
    as the bound.
    """
    made = [cls for cls in classes(table) if column in cls.model_fields]
    found = [_rules(cls, column) for cls in made]
    kept = {k: v for k, v in found[0].items() if all(other.get(k) == v for other in found)}
    if len(made) < len(classes(table)):
        kept.pop("required", None)
    choices = _about(table, column).get("enum")
    return kept | ({"enum": sorted(choices)} if choices else {})


_BOUNDS = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}


def _rules(cls: type[BaseModel], column: str) -> dict[str, Any]:
    said = {_BOUNDS.get(key, key): value for key, value in _property(cls, column).items()}
    rules = {key: said[key] for key in ("minimum", "maximum", "pattern") if key in said}
    return rules | ({"required": True} if cls.model_fields[column].is_required() else {})


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _table(table: str) -> dict[str, Any]:
    row = _record(table)
    by_name = {"type": "object", "additionalProperties": {"anyOf": [row, {"type": "null"}]}}
    return {"anyOf": [by_name, {"type": "array", "items": row}, {"type": "null"}]}


def _record(table: str) -> dict[str, Any]:
    return _closed(
        {name: _column(kind, _about(table, name)) for name, kind in columns(table).items()}
    )


def _about(table: str, column: str) -> dict[str, Any]:
    """Description, choices and limits of a column, as pydantic says them."""
    found: dict[str, Any] = {}
    for cls in classes(table):
        if column in cls.model_fields:
            said = _property(cls, column)
            if "enum" in said or "const" in said:
                found.setdefault("enum", [])
                found["enum"] += list(said.get("enum", [said.get("const")]))
            found.setdefault("description", " ".join(str(said.get("description", "")).split()))
    if "enum" in found:
        found["enum"] = list(dict.fromkeys(found["enum"]))
    if (table, column) == ("facilities", "type"):
        found["description"] = "What kind of facility it is: which columns it has, what it does."
    return {key: value for key, value in found.items() if value}


@cache
def _properties(cls: type[BaseModel]) -> dict[str, Any]:
    said: dict[str, Any] = cls.model_json_schema()["properties"]
    return said


def _property(cls: type[BaseModel], column: str) -> dict[str, Any]:
    said: dict[str, Any] = _properties(cls)[column]
    inner = [part for part in said.get("anyOf", []) if part.get("type") != "null"]
    return {**inner[0], **said} if len(inner) == 1 else said


_TYPES: dict[str, dict[str, Any]] = {
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "text": {"type": "string"},
    "choice": {"type": "string"},
    "date": {"type": "string"},
    "dated": {"type": ["integer", "string", "object"]},
    "dated_float": {"type": ["number", "object"]},
}


def _column(kind: Kind, about: dict[str, Any]) -> dict[str, Any]:
    if kind.name == "list" and kind.item is not None:
        return {"type": "array", "items": _column(kind.item, {}), **about}
    shape = {**_TYPES[kind.name], **about}
    # a column may be null (not given), so its type is a list
    one = shape["type"]
    shape["type"] = [*one, "null"] if isinstance(one, list) else [one, "null"]
    return {**shape, "enum": [*shape["enum"], None]} if "enum" in shape else shape
