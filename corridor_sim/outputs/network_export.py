"""A network in the forms of other tools: GeoJSON, GMNS, an Excel workbook, CSV files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from corridor_sim.errors import DiskError, InputError
from corridor_sim.inputs.network import checked_network, network_lines
from corridor_sim.inputs.places import Place
from corridor_sim.inputs.view import View
from corridor_sim.outputs.safe_text import safe_cell
from corridor_sim.outputs.workbook import workbook_bytes

Files = dict[str, bytes]
"""Name within a folder -> content; the empty name: a single file."""


def export(place: Place, to: str) -> Files:
    """A network as files.

    Raises
    ------
    InputError    the network has problems, or lacks what the form needs
    """
    _, make = FORMS[to]
    return make(place, checked_network(place))


def write_new(path: Path, files: Mapping[str, bytes]) -> list[str]:
    """Write files where nothing is yet; their names.

    Raises
    ------
    InputError    something is there: nobody's edits are written over
    """
    refuse_taken(path)
    return write_files(path, files)


def write_files(path: Path, files: Mapping[str, bytes]) -> list[str]:
    """Write files below a path (of an empty name: at the path); their names.

    Raises
    ------
    DiskError    a file cannot be written
    """
    try:
        for name, content in files.items():
            target = path / name if name else path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    except OSError as error:
        raise DiskError(f"{path}: cannot be written ({error.strerror})") from error
    return [str(path / name if name else path) for name in files]


def refuse_taken(path: Path) -> None:
    """Raise InputError unless nothing, or an empty folder, is at the path."""
    if path.is_dir() and not any(path.iterdir()):
        return
    if path.exists():
        what = "is a folder that is not empty" if path.is_dir() else "is there already"
        raise InputError(f"{path}: {what}. Fix: another name, or move it away")


def geojson(place: Place, view: View) -> Files:
    """One feature a node and a leg (RFC 7946, WGS 84); legs are straight lines."""
    nodes, legs = view.tables["nodes"], view.tables["legs"]
    features = [
        _feature("nodes", key, node, "Point", _point(node)) for key, node in sorted(nodes.items())
    ]
    for key, leg in sorted(legs.items()):
        features.append(_feature("legs", key, leg, "LineString", _line(nodes, leg)))
    content = {"type": "FeatureCollection", "name": place.name, "features": features}
    return {"": (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()}


def _feature(table: str, key: str, record: Any, shape: str, at: Any) -> dict[str, Any]:
    geometry = None if at is None else {"type": shape, "coordinates": at}
    values = record.model_dump(mode="json", exclude_none=True)
    return {
        "type": "Feature",
        "id": f"{table}.{key}",
        "geometry": geometry,
        "properties": {"table": table, **values},
    }


def _point(node: Any) -> list[float] | None:
    return None if None in (node.x_coord, node.y_coord) else [node.x_coord, node.y_coord]


def _line(nodes: Mapping[str, Any], leg: Any) -> list[list[float]] | None:
    one, other = (_point(nodes[name]) for name in (leg.from_node_id, leg.to_node_id))
    return None if one is None or other is None else [one, other]


GMNS_VERSION = "0.96"
GMNS_COLUMNS = {
    "node": ("node_id", "name", "x_coord", "y_coord", "node_type"),
    "link": (
        "link_id",
        "from_node_id",
        "to_node_id",
        "directed",
        "geometry",
        "dir_flag",
        "length",
        "facility_type",
        "free_speed",
    ),
    "config": (
        "dataset_name",
        "short_length",
        "long_length",
        "speed",
        "crs",
        "geometry_field_format",
        "currency",
        "version_number",
        "id_type",
    ),
}
"""Columns of the General Modeling Network Specification that we can fill, by table."""


def gmns(place: Place, view: View) -> Files:
    """Only what GMNS defines: km, km/h, WGS 84, WKT; `_prospective` in the type of such links."""
    nodes, legs = view.tables["nodes"], view.tables["legs"]
    missing = [key for key, node in sorted(nodes.items()) if _point(node) is None]
    if missing:
        what, fix = "GMNS needs both coordinates", "x_coord and y_coord in degrees"
        raise InputError([str(view.problem(f"nodes.{key}", "", what, fix)) for key in missing])
    tables = {
        "node": [_gmns_node(key, node) for key, node in sorted(nodes.items())],
        "link": [_gmns_link(nodes, key, leg) for key, leg in sorted(legs.items())],
        "config": [
            (place.name, "m", "km", "km/h", "EPSG:4326", "WKT", "USD", GMNS_VERSION, "string")
        ],
    }
    return {
        f"{name}.csv": _csv([GMNS_COLUMNS[name], *(map(safe_cell, row) for row in rows)])
        for name, rows in tables.items()
    }


def _gmns_node(key: str, node: Any) -> tuple[Any, ...]:
    return key, node.name or "", node.x_coord, node.y_coord, node.node_type or ""


def _gmns_link(nodes: Mapping[str, Any], key: str, leg: Any) -> tuple[Any, ...]:
    ends = [nodes[name] for name in (leg.from_node_id, leg.to_node_id)]
    line = ", ".join(f"{end.x_coord} {end.y_coord}" for end in ends)
    kind = f"{leg.mode}_prospective" if leg.status == "prospective" else leg.mode
    directed = "true" if leg.directed else "false"
    ends_of = (leg.from_node_id, leg.to_node_id)
    return (key, *ends_of, directed, f"LINESTRING ({line})", 1, leg.length_km, kind, leg.speed_kmh)


def workbook(place: Place, view: View) -> Files:
    """One .xlsx that a scenario can name as its network."""
    return {"": workbook_bytes(place.name, network_lines(place))}


def csv_files(place: Place, view: View) -> Files:
    """A folder of CSV files that a scenario can name as its network."""
    lines = network_lines(place)
    return {f"{name}.csv": _csv([line.cells for line in lines[name]]) for name in lines}


def _csv(rows: Iterable[Iterable[Any]]) -> bytes:
    """RFC 4180 with LF, quotes only where needed."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


FORMS: dict[str, tuple[str, Callable[[Place, View], Files]]] = {
    "geojson": (".geojson", geojson),
    "gmns-strict": ("_gmns", gmns),
    "xlsx": (".xlsx", workbook),
    "csv": ("_csv", csv_files),
}
"""Form -> what is added to the network's name for the file or folder, and how it is made."""
