"""Read a scenario: its parents, its network, its changes; validated, with every origin.

Later wins: network, then the file's own tables, then its `set:`; first of the parent, then of the
child, and last `--set`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from corridor_sim.errors import InputError
from corridor_sim.inputs.check import check
from corridor_sim.inputs.csv_table import FileUsed
from corridor_sim.inputs.figures import Figure
from corridor_sim.inputs.kinds import columns, fit
from corridor_sim.inputs.layers import BAD, Cell, Layer, Row, add_table, cells_of, unknown_column
from corridor_sim.inputs.network import read_network
from corridor_sim.inputs.observations import Observation, read_observations
from corridor_sim.inputs.overrides import apply_set, apply_sets
from corridor_sim.inputs.places import (
    Place,
    find_named_scenario,
    find_network,
    find_scenario,
    studies,
)
from corridor_sim.inputs.problems import Problem, Unfit, Where, did_you_mean, gathered, show
from corridor_sim.inputs.provenance import Provenance, Rule, read_provenance
from corridor_sim.inputs.schema import TABLES, Expectation, Scenario
from corridor_sim.inputs.validate import DEVICES, records, validated
from corridor_sim.inputs.view import View
from corridor_sim.inputs.yaml_file import Node, read_yaml

TEXTS = ("name", "question", "why", "source")
LISTS = ("valid_for", "not_valid_for", "notes")
KEYS = (*TEXTS, *LISTS, "extends", "network", *TABLES, "simulation", "set", "expect")
_INHERITED = ("valid_for", "not_valid_for")


@dataclass(frozen=True)
class Resolved:
    """A scenario that stands alone, and where each of its values was written."""

    scenario: Scenario
    origin: dict[str, str]
    """Key path (and the key path of each row) -> `file:line`."""
    files: tuple[FileUsed, ...]
    """(role, display name, SHA-256) of everything read, parents first."""
    warnings: tuple[str, ...]
    """Located like errors, but the run is still meaningful."""
    provenance: Provenance = field(default_factory=Provenance)
    """Where each number comes from."""
    taken: tuple[tuple[str, str], ...] = ()
    """(display name, in which study folder) of the scenario's files and its network."""
    observations: tuple[Observation, ...] = ()
    """Published figures that the network carries, by id."""


@dataclass
class _Reading:
    """What has been read so far."""

    layer: Layer = field(default_factory=Layer)
    files: list[FileUsed] = field(default_factory=list)
    header: dict[str, Any] = field(default_factory=dict)
    header_where: dict[str, Where] = field(default_factory=dict)
    expect: list[tuple[Row, dict[str, Any]]] = field(default_factory=list)
    network: str | None = None
    taken: list[tuple[str, str]] = field(default_factory=list)
    rules: tuple[Rule, ...] = ()
    figures: dict[str, Figure] = field(default_factory=dict)
    observations: tuple[Observation, ...] = ()
    about: dict[str, str] = field(default_factory=dict)
    top: Where = field(default_factory=lambda: Where(""))


def read_scenario(name_or_path: str, sets: Sequence[str] = ()) -> Resolved:
    """A scenario by name or path, with `sets` (`key=value`) on top.

    Raises
    ------
    InputError    everything that is wrong, one located line each, sorted by file and line
    """
    place = find_scenario(name_or_path)
    reading = _Reading()
    _read_file(reading, place, "scenario", ())
    apply_sets(reading.layer, sets)
    return _resolve(reading, place)


def _read_file(reading: _Reading, place: Place, role: str, children: tuple[str, ...]) -> None:
    """One file, its parent first."""
    root, data, problems = read_yaml(place.path, place.display)
    reading.layer.problems += problems
    members: dict[str, Node] = root.value
    _read_parent(reading, place, members, children)
    reading.files.append((role, place.display, hashlib.sha256(data).hexdigest()))
    reading.taken.append((place.display, place.home))
    reading.top = Where(place.display)
    _read_header(reading, place, members)
    _read_network(reading, place, members)
    own = Layer()
    for key, node in members.items():
        if key in TABLES:
            add_table(own, key, node)
        elif key not in KEYS:
            own.problems.append(_unknown_key(key, node.where))
    _read_simulation(own, members)
    own.put_over(reading.layer)
    _read_expect(reading, members.get("expect"))
    if "set" in members:
        apply_set(reading.layer, members["set"])


def _unknown_key(key: str, where: Where) -> Problem:
    return Problem(where, key, f"unknown key (found {show(key)})", did_you_mean(key, KEYS))


def _read_parent(
    reading: _Reading, place: Place, members: dict[str, Node], children: tuple[str, ...]
) -> None:
    node = members.get("extends")
    if node is None or node.value is None:
        return
    if not isinstance(node.value, str):
        what = f"must be the name of one scenario (found {show(node.value)})"
        reading.layer.problems.append(Problem(node.where, "extends", what, "extends: base_2024"))
        return
    parent = find_named_scenario(node.value, studies(place.study), node.where, "extends")
    chain = (*children, str(place.path.resolve()))
    if str(parent.path.resolve()) in chain:
        what = f"{node.value!r} extends itself, through {len(chain)} file(s)"
        raise InputError(str(Problem(node.where, "extends", what, "take one `extends` out")))
    _read_file(reading, parent, "parent", chain)


def _read_header(reading: _Reading, place: Place, members: dict[str, Node]) -> None:
    """Texts about the scenario: a child says its own."""
    reading.header = {key: reading.header[key] for key in _INHERITED if key in reading.header}
    reading.header["name"] = place.name
    said = [members[key].value for key in ("why", "source") if key in members]
    reading.about[place.display] = " Source: ".join(text for text in said if isinstance(text, str))
    for key in (*TEXTS, *LISTS):
        node = members.get(key)
        if node is None or node.value is None:
            continue
        value = node.plain()
        value = [value] if key in LISTS and isinstance(value, str) else value
        try:
            kind = _TEXT_LIST if key in LISTS else _TEXT
            reading.header[key] = fit(kind, value)
            reading.header_where[key] = node.where
        except Unfit as unfit:
            fix = f"{key}: {unfit.fix}"
            reading.layer.problems.append(Problem(node.where, key, unfit.what, fix))
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", reading.header["name"]):
        where = reading.header_where.get("name", Where(place.display))
        what = f"a name is made of letters, digits, _ and - (found {show(reading.header['name'])})"
        reading.layer.problems.append(Problem(where, "name", what, "name: my_scenario"))
    elif reading.header["name"].lower() in DEVICES:
        where = reading.header_where.get("name", Where(place.display))
        what = f"the name {reading.header['name']!r} is reserved on Windows"
        reading.layer.problems.append(Problem(where, "name", what, "name: my_scenario"))


_TEXT, _TEXT_LIST = columns("nodes")["name"], columns("services")["path"]


def _read_network(reading: _Reading, place: Place, members: dict[str, Node]) -> None:
    node = members.get("network")
    if node is None or node.value is None:
        return
    if isinstance(node.value, dict):
        _read_inline(reading.layer, node.value)
    elif not isinstance(node.value, str):
        what = f"must be a name, or tables (found {show(node.value)})"
        reading.layer.problems.append(Problem(node.where, "network", what, "network: some_name"))
        reading.layer.broken |= TABLES.keys()
    elif reading.network is None:
        network = find_network(node.value, studies(place.study), node.where)
        reading.taken.append((network.display, network.home))
        layer, files = read_network(network)
        layer.put_over(reading.layer)
        reading.rules, reading.figures, read = read_provenance(network)
        reading.observations, observed = read_observations(network, reading.figures)
        reading.layer.problems += [*read.problems, *observed.problems]
        reading.files += [*files, *read.files, *observed.files]
        reading.network = node.value
    elif reading.network != node.value:
        what = f"the parent is on network {reading.network!r} (found {node.value!r})"
        fix = "take `network` or `extends` out"
        reading.layer.problems.append(Problem(node.where, "network", what, fix))


def _read_inline(layer: Layer, members: dict[str, Node]) -> None:
    own = Layer()
    for table, node in members.items():
        if table in TABLES:
            add_table(own, table, node)
        else:
            what, fix = f"unknown table (found {show(table)})", did_you_mean(table, TABLES)
            own.problems.append(Problem(node.where, f"network.{table}", what, fix))
    own.put_over(layer)


def _read_simulation(own: Layer, members: dict[str, Node]) -> None:
    node = members.get("simulation")
    if node is None:
        return
    if not isinstance(node.value, dict):
        what = f"must be a mapping (found {show(node.value)})"
        fix = "simulation: {start: 2024-01-01, window_d: 366}"
        own.problems.append(Problem(node.where, "simulation", what, fix))
        own.simulation = Row(node.where, {"start": Cell(BAD, node.where)})
        return
    cells = cells_of(own, "simulation", "simulation", node.value)
    own.simulation = Row(node.where, cells)


def _read_expect(reading: _Reading, node: Node | None) -> None:
    """Expectations belong to the file that writes them: a child does not inherit them."""
    reading.expect = []
    if node is None or node.value is None:
        return
    problems = reading.layer.problems
    if not isinstance(node.value, list):
        what = f"must be a list (found {show(node.value)})"
        problems.append(Problem(node.where, "expect", what, "expect: [{metric: ..., equals: ...}]"))
        return
    for number, member in enumerate(node.value):
        key = f"expect.{number}"
        if not isinstance(member.value, dict):
            what = f"must be a mapping (found {show(member.value)})"
            problems.append(Problem(member.where, key, what, "{metric: ..., equals: ...}"))
            continue
        known = {name: value for name, value in member.value.items() if name in columns("expect")}
        for name, inner in member.value.items():
            if name not in known:
                problems.append(unknown_column("expect", key, name, inner.where))
        cells = cells_of(reading.layer, "expect", key, known)
        reading.expect.append((Row(member.where, cells), {"key": key}))


def _resolve(reading: _Reading, place: Place) -> Resolved:
    layer = reading.layer
    _number_calls(layer)
    tables, simulation = records(layer)
    expect = _expectations(reading)
    if layer.simulation is None:
        fix = "simulation: {start: 2024-01-01, window_d: 366}"
        layer.problems.append(Problem(reading.top, "simulation", "`simulation` is missing", fix))
    rows = {key: row for _, key, row in layer.rows()}
    broken = frozenset(layer.broken)
    view = View(tables, simulation, rows, reading.top, not layer.problems, broken)
    problems, warnings = check(view)
    problems = [p for p in problems if p.key.rpartition(".")[0] not in layer.missed]
    problems += layer.problems
    if problems or simulation is None:
        raise InputError(_lines(problems))
    ordered: dict[str, Any] = {table: dict(sorted(made.items())) for table, made in tables.items()}
    scenario = Scenario(**reading.header, **ordered, simulation=simulation, expect=expect)
    texts = tuple(str(warning) for warning in sorted(set(warnings)))
    known = Provenance(reading.rules, reading.figures, reading.about)
    files, taken = tuple(reading.files), tuple(dict.fromkeys(reading.taken))
    observed, origins = reading.observations, _origins(reading, rows)
    return Resolved(scenario, origins, files, texts, known, taken, observed)


def _lines(problems: list[Problem]) -> list[str]:
    """Each problem a line, by file and line of the input; of very many the first."""
    ordered = gathered(problems)
    lines = [str(problem) for problem in ordered[:_MOST_PROBLEMS]]
    if len(ordered) > _MOST_PROBLEMS:
        what = f"{len(ordered) - _MOST_PROBLEMS} more problems are not listed"
        lines.append(str(Problem(ordered[_MOST_PROBLEMS].where, "", what, "those above first")))
    return lines


_MOST_PROBLEMS = 200


def _number_calls(layer: Layer) -> None:
    """Calls without `seq` are numbered as written, service by service."""
    counted: dict[Any, int] = {}
    for row in layer.tables["calls"].values():
        service = row.cells.get("service")
        name = service.value if service is not None else None
        name = name if isinstance(name, str) else None
        given = row.cells.get("seq")
        if given is None or given.value is None:
            row.cells["seq"] = Cell(counted.get(name, 0), row.where)
        elif given.value is not BAD:
            counted[name] = given.value
        counted[name] = counted.get(name, 0) + 1


def _expectations(reading: _Reading) -> tuple[Expectation, ...]:
    made = []
    for row, about in reading.expect:
        bad = {name for name, cell in row.cells.items() if cell.value is BAD}
        values = {name: cell.value for name, cell in row.cells.items() if name not in bad}
        problems = reading.layer.problems
        record = validated(problems, Expectation, about["key"], values, row, bad)
        if isinstance(record, Expectation):
            made.append(record)
    return tuple(made)


def _origins(reading: _Reading, rows: dict[str, Row]) -> dict[str, str]:
    """Key path -> `file:line` of every row and value."""
    found = {key: where.short for key, where in reading.header_where.items()}
    for key, row in rows.items():
        found[key] = row.where.short
        found.update({f"{key}.{name}": cell.where.short for name, cell in row.cells.items()})
    for row, about in reading.expect:
        found[about["key"]] = row.where.short
    return dict(sorted(found.items()))
