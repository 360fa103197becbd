"""`set:` and `--set`: one value at the end of a key path, `*` for part of a name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

from corridor_sim.errors import InputError
from corridor_sim.inputs.kinds import Kind, classes, columns, fit
from corridor_sim.inputs.layers import BAD, Cell, Layer, Row, put_cells
from corridor_sim.inputs.problems import Problem, Unfit, Where, did_you_mean, show
from corridor_sim.inputs.schema import TABLES
from corridor_sim.inputs.yaml_file import Node, parse


def apply_set(layer: Layer, node: Node) -> None:
    """The `set:` of a scenario file: a mapping of key paths to values."""
    if node.value is None:
        return
    if not isinstance(node.value, dict):
        what = f"must be a mapping of key paths to values (found {show(node.value)})"
        layer.problems.append(Problem(node.where, "set", what, "fleets.ferry.vessels: 6"))
        return
    for path, member in node.value.items():
        if not member.holds_refused():
            apply_one(layer, path, member.plain(), member.where)


def apply_sets(layer: Layer, sets: Iterable[str]) -> None:
    """`key=value` of the command line, in order."""
    for number, text in enumerate(sets, start=1):
        where = Where("--set", number)
        path, equals, value = text.partition("=")
        if not equals or not path.strip():
            what = f"must be `key=value` (found {show(text)})"
            layer.problems.append(Problem(where, "", what, "fleets.ferry.vessels=6"))
            continue
        try:
            node, problems = parse(value.strip(), "--set", number)
        except InputError as error:
            what = f"{path.strip()}: {error.problems[0].split(': ', 1)[1]}"
            layer.problems.append(Problem(where, "", what))
            continue
        layer.problems += [problem._replace(key=path.strip()) for problem in problems]
        if not problems:
            plain = None if node is None else node.plain()
            apply_one(layer, path.strip(), plain, where)


def apply_one(layer: Layer, path: str, value: Any, where: Where) -> None:
    """Set one key path, with its stars, in the layer."""
    try:
        cells = _matches(layer, path)
    except Unfit as unfit:
        layer.problems.append(Problem(where, path, unfit.what, unfit.fix))
        layer.missed |= _meant(layer, path)
        return
    for row, table, key, column in cells:
        try:
            new = _new_value(row, table, column, value)
        except Unfit as unfit:
            fix = f"{column}: {unfit.fix}" if unfit.fix else ""
            layer.problems.append(Problem(where, f"{key}.{column}", unfit.what, fix))
            new = BAD
        put_cells(row, {column: Cell(new, where)})


def _meant(layer: Layer, path: str) -> set[str]:
    """Key paths of the rows that a path names, whatever its column."""
    pattern = path.rpartition(".")[0]
    return {key for _, key, _ in layer.rows() if fnmatchcase(key, pattern)}


def _matches(layer: Layer, path: str) -> list[tuple[Row, str, str, str]]:
    """Row, table, key path of the row and column of all that a path names."""
    segments = path.split(".")
    if any(segment.count("*") > 1 for segment in segments):
        raise Unfit("one `*` in each part of a key path, not more", "name the part further")
    if segments[0] == "simulation":
        return _simulation_matches(layer, segments)
    if len(segments) != 3 or "" in segments:
        what = f"a key path is table.name.column (found {show(path)})"
        raise Unfit(what, "such as fleets.ferry.vessels or simulation.reps")
    table_pattern, id_pattern, column_pattern = segments
    found: list[tuple[Row, str, str, str]] = []
    refused: Unfit | None = None
    for table in _named(table_pattern, TABLES, "table"):
        rows = layer.tables[table]
        if "*" in table_pattern and not rows:
            continue
        for row_id in _named(id_pattern, rows, f"row of {table}"):
            row = rows[row_id]
            try:
                names = _columns(column_pattern, table, row)
            except Unfit as unfit:
                refused = unfit
                continue  # `facilities.*.servers` passes over yards
            found += [(row, table, f"{table}.{row_id}", column) for column in names]
    if not found and refused is not None:
        raise refused
    return found


def _simulation_matches(layer: Layer, segments: list[str]) -> list[tuple[Row, str, str, str]]:
    if len(segments) != 2:
        raise Unfit("a key path into `simulation` has two parts", "such as simulation.reps")
    layer.simulation = layer.simulation or Row(Where("--set"))
    names = _columns(segments[1], "simulation", layer.simulation)
    return [(layer.simulation, "simulation", "simulation", name) for name in names]


def _columns(pattern: str, table: str, row: Row) -> list[str]:
    """Columns by name among those there could be, by star among those given."""
    if "*" in pattern:
        return _named(pattern, row.cells, "given column")
    known = set(columns(table)) - {"id"}
    type_cell = row.cells.get("type")
    if table == "facilities" and type_cell is not None:
        by_type = {made.model_fields["type"].default: made for made in classes(table)}
        made = by_type.get(type_cell.value)
        known = set(made.model_fields) - {"id"} if made is not None else known
    return _named(pattern, known, "column")


def _named(pattern: str, known: Iterable[str], what: str) -> list[str]:
    """Names that a word or a pattern with one `*` stands for; none is a mistake."""
    names = sorted(known)
    if "*" in pattern:
        before, after = pattern.split("*")
        rule = re.compile(f"{re.escape(before)}.*{re.escape(after)}")
        found = [name for name in names if rule.fullmatch(name)]
        reason = f"no {what} matches {show(pattern)}"
    else:
        found = [name for name in names if name == pattern]
        reason = f"no {what} is called {show(pattern)}"
    if not found:
        raise Unfit(reason, did_you_mean(pattern.replace("*", ""), names, "one"))
    return found


def _new_value(row: Row, table: str, column: str, value: Any) -> Any:
    kind = columns(table)[column]
    is_change = isinstance(value, dict) and value.keys() & {"times", "plus"}
    return _changed(row, table, column, kind, value) if is_change else fit(kind, value)


def _changed(row: Row, table: str, column: str, kind: Kind, change: dict[str, Any]) -> Any:
    """The value there, times or plus a number; whole numbers stay whole."""
    if len(change) != 1:
        raise Unfit("takes `times` or `plus`, one of them", "{times: 0.5}")
    ((verb, by),) = change.items()
    if isinstance(by, bool) or not isinstance(by, (int, float)) or not abs(by) <= 1e12:
        raise Unfit(f"`{verb}` takes a number (found {show(by)})", f"{{{verb}: 2}}")
    old = _current(row, table, column)
    if old is BAD:
        return BAD
    if isinstance(old, dict):
        return fit(kind, {day: _apply(verb, count, by) for day, count in old.items()})
    if isinstance(old, bool) or not isinstance(old, (int, float)):
        raise Unfit(f"`{verb}` needs a number to change (there is {show(old)})", "a plain value")
    new = _apply(verb, old, by)
    if isinstance(old, int) and new != int(new):
        what = f"must be a whole number, but {old} {_sign(verb)} {by:g} is {new:g}"
        raise Unfit(what, f"{round(new)}")
    return fit(kind, int(new) if isinstance(old, int) else new)


def _apply(verb: str, old: float, by: float) -> float:
    return old * by if verb == "times" else old + by


def _sign(verb: str) -> str:
    return "times" if verb == "times" else "plus"


def _current(row: Row, table: str, column: str) -> Any:
    """The value given, else the default of the column."""
    cell = row.cells.get(column)
    if cell is not None:
        return cell.value
    defaults = [
        made.model_fields[column].default for made in classes(table) if column in made.model_fields
    ]
    return defaults[0] if isinstance(defaults[0], (int, float, str)) else None
