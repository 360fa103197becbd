"""Tables described for machines: Data Package v1 (tabular), one resource a CSV file.

What a column means is said once, where it is made (a record's docstring, a measure's); here it
only takes the form that spreadsheet, R and Python readers of data packages know.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from corridor_sim.units import unit_of

FieldType = Literal["string", "integer", "number", "boolean", "datetime", "any"]

KEPT = ("title", "description", "licenses", "sources", "contributors", "homepage", "version")
"""Keys of a package that people write: regenerating one keeps them."""


@dataclass(frozen=True)
class Field:
    """One column of a table."""

    name: str
    type: FieldType = "string"
    description: str = ""
    constraints: Mapping[str, Any] = field(default_factory=dict)
    """As in Table Schema: required, unique, minimum, maximum, pattern, enum."""


@dataclass(frozen=True)
class ForeignKey:
    """A column whose values are keys of another resource."""

    column: str
    resource: str
    key: str


def unit_of_field(about: Field) -> str:
    """The unit that a column's name ends with; empty for none.

    A text may have one: a number that changes with the date is written as a text.

    >>> unit_of_field(Field("usd_per_teu", "number")), unit_of_field(Field("shape", "string"))
    ('US dollars a TEU', '')
    """
    unit = unit_of(about.name)
    return "" if about.type == "string" and unit.startswith("number") else unit


def resource(
    name: str,
    path: str,
    fields: Sequence[Field],
    description: str = "",
    primary_key: Sequence[str] = (),
    foreign_keys: Sequence[ForeignKey] = (),
) -> dict[str, Any]:
    """A CSV file (UTF-8, commas, empty cell = not given) and its columns, in the file's order."""
    schema: dict[str, Any] = {"fields": [_field(f) for f in fields], "missingValues": [""]}
    if primary_key:
        schema["primaryKey"] = list(primary_key)
    if foreign_keys:
        schema["foreignKeys"] = [_foreign_key(key) for key in foreign_keys]
    about = {"description": description} if description else {}
    return {
        "profile": "tabular-data-resource",
        "name": name,
        "path": path,
        **about,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    }


def package(
    name: str, resources: Sequence[Mapping[str, Any]], about: Mapping[str, Any]
) -> dict[str, Any]:
    """A package of resources; of `about` the keys in `KEPT` are taken."""
    kept = {key: about[key] for key in KEPT if key in about}
    return {
        "profile": "tabular-data-package",
        "name": name,
        **kept,
        "resources": [dict(member) for member in resources],
    }


def package_text(content: Mapping[str, Any]) -> str:
    """The text of a `datapackage.json`, the same for the same content."""
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _field(about: Field) -> dict[str, Any]:
    made: dict[str, Any] = {"name": about.name, "type": about.type}
    if about.type == "datetime":
        made["format"] = "any"  # a day alone is an instant too: midnight, UTC
    if about.description:
        made["description"] = about.description
    if unit := unit_of_field(about):
        made["unit"] = unit
    if about.constraints:
        made["constraints"] = dict(about.constraints)
    return made


def _foreign_key(key: ForeignKey) -> dict[str, Any]:
    return {
        "fields": [key.column],
        "reference": {"resource": key.resource, "fields": [key.key]},
    }
