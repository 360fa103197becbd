"""What stands beside a network's CSV files, made from the schema and their headers.

`datapackage.json` says what every column means; `network.vrt` opens nodes and legs in QGIS.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from corridor_sim.errors import InputError
from corridor_sim.inputs.check_names import REFERENCES
from corridor_sim.inputs.csv_table import FILES, Line
from corridor_sim.inputs.kinds import columns
from corridor_sim.inputs.network import network_lines
from corridor_sim.inputs.places import Place
from corridor_sim.inputs.problems import Problem, Where
from corridor_sim.inputs.schema_json import about_column, about_table, rules
from corridor_sim.inputs.yaml_file import decode, read_bytes
from corridor_sim.outputs.data_package import (
    KEPT,
    Field,
    FieldType,
    ForeignKey,
    package,
    package_text,
    resource,
)
from corridor_sim.outputs.side_fields import side_field

PACKAGE, VRT = "datapackage.json", "network.vrt"
_TYPES: dict[str, FieldType] = {
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "date": "datetime",
}
"""Kind -> type of Table Schema; the others are strings."""


def network_files(place: Place) -> dict[str, str]:
    """File name -> text of what is generated for a network's folder."""
    lines = network_lines(place)
    about = _header_of(place.path / PACKAGE, f"{place.display}/{PACKAGE}")
    return {PACKAGE: package_text(_package(place.name, lines, about)), VRT: _vrt(lines)}


_MEND = "mend it, or delete the file: it is made anew"


def _header_of(path: Path, display: str) -> dict[str, Any]:
    """What people wrote into the package (title, licences): it is kept."""
    if not path.is_file():
        return {}
    try:
        said = json.loads(decode(read_bytes(path, display), display))
    except json.JSONDecodeError as error:
        where = Where(display, error.lineno, error.colno)
        raise InputError(str(Problem(where, "", f"is no JSON: {error.msg}", _MEND))) from None
    if not isinstance(said, dict):
        raise InputError(str(Problem(Where(display), "", "is no JSON object", _MEND)))
    return {key: said[key] for key in KEPT if key in said}


def _package(
    name: str, tables: Mapping[str, Sequence[Line]], about: Mapping[str, Any]
) -> dict[str, Any]:
    resources = [_resource(table, lines[0].cells, tables) for table, lines in tables.items()]
    return package(name, resources, about)


def _resource(
    name: str, header: Sequence[str], tables: Mapping[str, Sequence[Line]]
) -> dict[str, Any]:
    path = f"{name}.csv"
    if path not in FILES:
        plain = re.sub(r"[^-a-z0-9._]", "_", name.lower())
        return resource(plain, path, [side_field(name, column) for column in header])
    table, id_column = FILES[path]
    fields = [_field(table, column, id_column) for column in header]
    key = [id_column] if id_column in header else []
    return resource(
        name, path, fields, about_table(table), key, _foreign_keys(table, header, tables)
    )


def _field(table: str, name: str, id_column: str) -> Field:
    column = "id" if name == id_column else name
    kind = columns(table)[column].name
    words = about_column(table, column)
    if kind == "list":
        words = f"{words} Several: with ; between.".lstrip()
    return Field(name, _TYPES.get(kind, "string"), words, rules(table, column))


def _foreign_keys(
    table: str, header: Sequence[str], tables: Mapping[str, Sequence[Line]]
) -> list[ForeignKey]:
    """Columns of one name each; lists of names are checked by `validate` alone."""
    files = {target: (path.removesuffix(".csv"), key) for path, (target, key) in FILES.items()}
    found = []
    for column, target in REFERENCES.get(table, {}).items():
        name, key = files[target]
        is_one = column in header and columns(table)[column].name != "list"
        if is_one and name in tables and key in tables[name][0].cells:
            found.append(ForeignKey(column, name, key))
    return found


_LINES = (
    "SELECT l.*, 'LINESTRING (' || a.x_coord || ' ' || a.y_coord || ', ' || b.x_coord || ' ' || "
    "b.y_coord || ')' AS wkt FROM link l JOIN node a ON a.node_id = l.from_node_id "
    "JOIN node b ON b.node_id = l.to_node_id"
)


def _vrt(tables: Mapping[str, Sequence[Line]]) -> str:
    """Two layers of GDAL over the CSV files as they are: points, and straight lines by a join."""
    nodes = [
        '<SrcDataSource relativeToVRT="1">node.csv</SrcDataSource>',
        "<SrcLayer>node</SrcLayer>",
        "<GeometryType>wkbPoint</GeometryType>",
        "<LayerSRS>EPSG:4326</LayerSRS>",
        '<GeometryField encoding="PointFromColumns" x="x_coord" y="y_coord"/>',
        *_vrt_fields("node", tables),
    ]
    legs = [
        # the folder itself: CSV files are its layers
        '<SrcDataSource relativeToVRT="1">.</SrcDataSource>',
        f'<SrcSQL dialect="SQLite">{escape(_LINES)}</SrcSQL>',
        "<GeometryType>wkbLineString</GeometryType>",
        "<LayerSRS>EPSG:4326</LayerSRS>",
        '<GeometryField encoding="WKT" field="wkt"/>',
        *_vrt_fields("link", tables),
    ]
    text = ["<OGRVRTDataSource>"]
    for layer, parts in (("nodes", nodes), ("legs", legs)):
        text += [f'  <OGRVRTLayer name="{layer}">', *(f"    {part}" for part in parts)]
        text.append("  </OGRVRTLayer>")
    return "\n".join([*text, "</OGRVRTDataSource>"]) + "\n"


_VRT_TYPES = {"int": "Integer", "float": "Real"}


def _vrt_fields(name: str, tables: Mapping[str, Sequence[Line]]) -> list[str]:
    table, id_column = FILES[f"{name}.csv"]
    header = tables[name][0].cells if name in tables else []
    kinds = {c: columns(table)["id" if c == id_column else c].name for c in header}
    return [
        f'<Field name={quoteattr(c)} src={quoteattr(c)} type="{_VRT_TYPES.get(k, "String")}"/>'
        for c, k in kinds.items()
    ]
