"""What a key means, what stands there, and where it comes from: the texts of `describe`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NoReturn

from pydantic import BaseModel

from corridor_sim.errors import InputError
from corridor_sim.inputs.figures import Figure
from corridor_sim.inputs.kinds import classes
from corridor_sim.inputs.problems import closest, listed
from corridor_sim.inputs.read import Resolved
from corridor_sim.inputs.resolved import as_text, given
from corridor_sim.inputs.schema import TABLES
from corridor_sim.inputs.sourced import Number, default_of, is_number, number_of, rows
from corridor_sim.units import unit_of


def describe(key: str) -> str:
    """What a key path, a table or a column means, from the docstrings of the records.

    `fleets.ferry.vessels`, `fleets.vessels`, `fleets`, `berth` and `berth.servers` all work.
    """
    segments = key.split(".")
    made = _described(segments[0])
    if not made:
        names = {*TABLES, "simulation", "expect", *_types()}
        raise _unknown(
            key, f"there is no table or facility type {segments[0]!r}", segments[0], names
        )
    if len(segments) == 1:
        return "\n".join(line for cls in made for line in _about(cls))
    column = segments[-1]
    for cls in made:
        if column in cls.model_fields:
            return "\n".join(_about_column(cls, column))
    known = {name for cls in made for name in cls.model_fields}
    raise _unknown(key, f"{segments[0]} has no column {column!r}", column, known)


def names_a_value(key: str) -> bool:
    """Whether a key is about values of a scenario (`fleets.ferry.vessels`), not about a column.

    >>> names_a_value("fleets.ferry.vessels"), names_a_value("fleets.vessels"), names_a_value("F124")
    (True, False, True)
    """
    segments = key.split(".")
    if len(segments) == 1:
        return re.fullmatch(r"[A-Z]\d+", key) is not None
    if segments[0] == "simulation" or len(segments) > 2:
        return True
    known = {name for cls in _described(segments[0]) for name in cls.model_fields}
    return segments[0] in TABLES and segments[1] not in known


def describe_value(key: str, resolved: Resolved) -> str:
    """A value of a scenario with its unit, source, range and place; a row, a pattern, a figure.

    Raises
    ------
    InputError    nothing there is called so
    """
    if key in resolved.provenance.figures:
        return "\n".join(_figure_lines(resolved.provenance.figures[key]))
    if "." not in key:
        raise _unknown(key, "there is no such figure", key, set(resolved.provenance.figures))
    found = _found(key, resolved)
    if len(found) == 1:
        return "\n".join(_value_lines(*found[0], resolved))
    given_ = [cell for cell in found if getattr(cell[2], cell[1]) is not None]
    return "\n".join(_short(*cell, resolved) for cell in given_ or found)


def _found(key: str, resolved: Resolved) -> list[tuple[str, str, BaseModel]]:
    """Key path of the row, column and record of all that a key or pattern names."""
    segments = key.split(".")
    n_of_row = 1 if segments[0] == "simulation" else 2
    named, columns = segments[:n_of_row], segments[n_of_row:] or ["*"]
    known = dict(rows(resolved))
    matching = [row_key for row_key in known if _matches(".".join(named), row_key)]
    if not matching:
        _refuse_row(key, named, known, resolved)
    if len(columns) > 1:
        what = f"a key path has {n_of_row + 1} parts (found {len(segments)})"
        raise InputError(f"{key}: {what}. Fix: such as {matching[0]}.{segments[n_of_row]}")
    found = [
        (row_key, name, known[row_key])
        for row_key in sorted(matching)
        for name in _columns(columns[0], known[row_key])
    ]
    if not found:
        fields = {name for row_key in matching for name in type(known[row_key]).model_fields}
        fields -= {"id"}
        raise _unknown(key, f"{matching[0]} has no column {columns[0]!r}", columns[0], fields)
    return found


def _refuse_row(
    key: str, named: list[str], known: dict[str, BaseModel], resolved: Resolved
) -> NoReturn:
    """Say which table or row was probably meant."""
    table = named[0]
    if "*" not in table and table not in TABLES:
        raise _unknown(key, f"there is no table {table!r}", table, {*TABLES, "simulation"})
    ids = {row.partition(".")[2] for row in known if _matches(table, row.partition(".")[0])}
    what = f"{resolved.scenario.name} has no row of {table} called {named[-1]!r}"
    raise _unknown(key, what, named[-1], ids)


def _columns(pattern: str, row: BaseModel) -> list[str]:
    """Columns by star among those given, by name among all."""
    if "*" in pattern:
        return [name for name, _ in given(row) if _matches(pattern, name)]
    return [pattern] if pattern in type(row).model_fields and pattern != "id" else []


def _matches(pattern: str, name: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", "[^.]*"), name) is not None


def _short(key: str, column: str, row: BaseModel, resolved: Resolved) -> str:
    """One line of a list."""
    number = _number(key, column, row, resolved)
    if number is None:
        where = resolved.origin.get(f"{key}.{column}", "default")
        return f"{key}.{column} = {as_text(getattr(row, column))}  ({where})"
    spread = f", {number.low} to {number.high}" if number.low or number.high else ""
    where = f"{number.file}:{number.line}" if number.file else "default"
    unit = f" {number.unit}" if number.unit else ""
    return f"{key}.{column} = {number.value}{unit}  ({number.source or '-'}{spread}; {where})"


def _number(key: str, column: str, row: BaseModel, resolved: Resolved) -> Number | None:
    """What is known of a number, given or default; None for a text."""
    value = getattr(row, column)
    if value is None or not is_number(key, column, value):
        return None
    if f"{key}.{column}" in resolved.origin:
        return number_of(resolved, key, column, row)
    return default_of(resolved, key.partition(".")[0], column, row)


def _value_lines(key: str, column: str, row: BaseModel, resolved: Resolved) -> Iterator[str]:
    """Everything about one value."""
    path = f"{key}.{column}"
    number = _number(key, column, row, resolved)
    value = getattr(row, column)
    yield f"{path} = {as_text(value)}" if value is not None else f"{path} is not given"
    about = type(row).model_fields[column]
    yield f"  means   {' '.join((about.description or '').split())}"
    if number is not None:
        yield from _number_lines(number, resolved)
    else:
        if unit_of(column):
            yield f"  unit    {unit_of(column)}"
        yield from (f"  source  {text}" for text in (getattr(row, "source", None),) if text)
        yield from (f"  reason  {text}" for text in (getattr(row, "note", None),) if text)
    place = resolved.origin.get(path, "not set: the default of the column")
    yield f"  set at  {place} (scenario {resolved.scenario.name})"


def _number_lines(number: Number, resolved: Resolved) -> Iterator[str]:
    if number.unit:
        yield f"  unit    {number.unit}"
    if number.low or number.high:
        yield f"  range   {number.low or '...'} to {number.high or '...'}"
    figure = resolved.provenance.figures.get(number.source)
    if figure is None:
        yield f"  source  {number.source or 'not known'}"
    else:
        first, *more = _figure_lines(figure)
        yield f"  source  {first}"
        yield from (f"          {line.strip()}" for line in more)
    if number.reason:
        yield f"  reason  {number.reason}"


def _figure_lines(figure: Figure) -> Iterator[str]:
    """A published figure: what, how much, who says so."""
    spread = (
        f" ({figure.low or '...'} to {figure.high or '...'})" if figure.low or figure.high else ""
    )
    yield f"{figure.id}, grade {figure.grade}: {figure.value}{spread} {figure.unit}, {figure.date}"
    yield f"  {figure.definition}"
    title = f', "{figure.title}"' if figure.title else ""
    yield f"  {figure.publisher}{title}"
    if figure.url:
        yield f"  {figure.url}"


def _unknown(key: str, what: str, word: str, known: set[str]) -> InputError:
    meant = closest(word, known)
    hint = f"did you mean {meant!r}?" if meant else f"one of {listed(sorted(known), 30)}"
    return InputError(f"{key}: {what}. Fix: {hint}")


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
    unit = f" [{unit_of(column)}]" if unit_of(column) else ""
    default = "" if about.is_required() else f" [default: {as_text(about.default)}]"
    yield f"{column}: {words}{unit}{' (required)' if about.is_required() else default}"
