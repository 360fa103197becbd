"""What kind of value a column takes, and how words and YAML values become it."""

from __future__ import annotations

import math
import re
import types
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from pydantic import BaseModel

from corridor_sim.facilities import TYPES
from corridor_sim.inputs.problems import Unfit, show
from corridor_sim.inputs.scalars import refuse_unseen, resolve_plain
from corridor_sim.inputs.schema import TABLES, Expectation, Simulation


@dataclass(frozen=True)
class Kind:
    """One kind of value; `item` is that of a list's members."""

    name: Literal["int", "float", "bool", "date", "text", "choice", "list", "dated", "dated_float"]
    item: Kind | None = None


def classes(table: str) -> tuple[type[BaseModel], ...]:
    """The records that a row of a table may become."""
    if table == "facilities":
        return cast("tuple[type[BaseModel], ...]", tuple(TYPES.values()))
    if table == "simulation":
        return (Simulation,)
    if table == "expect":
        return (Expectation,)
    return (TABLES[table],)


@cache
def columns(table: str) -> dict[str, Kind]:
    """Column -> kind of a table (of all facility types together)."""
    return {
        name: kind_of(field.annotation)
        for made in classes(table)
        for name, field in made.model_fields.items()
    }


def kind_of(annotation: Any) -> Kind:
    """The kind behind a field's annotation.

    >>> kind_of(int | None).name, kind_of(tuple[str, ...])
    ('int', Kind(name='list', item=Kind(name='text', item=None)))
    """
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return kind_of(args[0])
    if origin in (Union, types.UnionType):
        members = [member for member in args if member is not types.NoneType]
        if len(members) == 1:
            return kind_of(members[0])
        return Kind("dated" if int in members else "dated_float")
    if origin is tuple:
        return Kind("list", kind_of(args[0]))
    if origin is Literal:
        return Kind("int" if isinstance(args[0], int) else "choice")
    plain: dict[Any, Kind] = {
        int: Kind("int"),
        float: Kind("float"),
        bool: Kind("bool"),
        datetime: Kind("date"),
    }
    return plain.get(annotation, Kind("text"))


def from_text(kind: Kind, text: str) -> Any:
    """The value of a CSV cell; raises `Unfit`.

    >>> from_text(Kind("float"), "1e3"), from_text(Kind("list", Kind("text")), "a; b")
    (1000.0, ('a', 'b'))
    """
    if kind.name in ("text", "choice"):
        return fit(kind, text)
    if kind.name == "list" and kind.item is not None:
        parts = [part.strip() for part in text.split(";")]
        return tuple(from_text(kind.item, part) for part in parts if part)
    if kind.name in ("dated", "dated_float") and ":" in text:
        return fit(kind, dict(_dated_pair(part) for part in text.split(";") if part.strip()))
    return fit(kind, resolve_plain(text))


def fit(kind: Kind, value: Any) -> Any:
    """A YAML value as its column takes it; raises `Unfit`.

    >>> fit(Kind("float"), 3), fit(Kind("int"), 3.0), fit(Kind("date"), "2024-01-01").isoformat()
    (3.0, 3, '2024-01-01T00:00:00+00:00')
    """
    if value is None:
        return None
    return _FITS[kind.name](kind, value)


def _int(kind: Kind, value: Any) -> int:
    if isinstance(value, float) and abs(value) <= _LARGEST and value == int(value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unfit(f"must be a whole number (found {show(value)})", _number_fix(value, True))
    return value


def _float(kind: Kind, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Unfit(f"must be a number (found {show(value)})", _number_fix(value, False))
    if not math.isfinite(value):
        raise Unfit(f"must be a finite number (found {value})", "a number, or leave the key out")
    if abs(value) > _LARGEST:
        raise Unfit(f"is too large (found {value:g})", f"at most {_LARGEST:g}")
    return float(value)


_LARGEST = 1e12
"""Beyond it hours do not fit into 64 bits of seconds."""

_NUMBER_WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()


def _number_fix(value: Any, whole: bool) -> str:
    """What was probably meant where a number should stand."""
    text = str(value).strip()
    if text.lower() in _NUMBER_WORDS:
        return str(_NUMBER_WORDS.index(text.lower()))
    if isinstance(value, float) and math.isfinite(value):
        return f"{math.floor(value)} or {math.ceil(value)}"
    if match := re.fullmatch(r"([\d.,]+)\s*%", text):
        return f"a share between 0 and 1: {match[1]} % is {_hundredth(match[1])}"
    if re.fullmatch(r"\d{1,3}([,' _\u00a0\u202f]\d{3})+", text):
        joined = re.sub(r"\D", "", text)
        point = f", or {text.replace(',', '.')}" if text.count(",") == 1 and not whole else ""
        return f"{joined}{point} (no thousands separators, a point for decimals)"
    if re.fullmatch(r"-?\d+,\d+", text) and whole:
        return "a whole number"
    if re.fullmatch(r"-?\d+,\d+", text):
        return f"{text.replace(',', '.')} (a point for decimals)"
    if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", text):
        return f"{text} without quotes"
    if re.fullmatch(r"-?\d+(\.\d+)?\s*[^\W\d]+", text):
        return "a plain number; the name ends with its unit (_h hours, _d days, _km, ...)"
    return "a whole number" if whole else "a number"


def _hundredth(text: str) -> str:
    try:
        return f"{float(text.replace(',', '.')) / 100:g}"
    except ValueError:
        return "a hundredth of it"


def _bool(kind: Kind, value: Any) -> bool:
    if not isinstance(value, bool):
        meant = {"yes": "true", "on": "true", "1": "true", "no": "false", "off": "false"}
        fix = meant.get(str(value).lower(), "true or false")
        raise Unfit(f"must be true or false (found {show(value)})", fix)
    return value


def _text(kind: Kind, value: Any) -> str:
    if not isinstance(value, str):
        raise Unfit(f"must be a text (found {show(value)})", f'quotes around it: "{value}"')
    refuse_unseen(value)
    return value


_FIRST_YEAR, _LAST_YEAR = 1900, 2200


def _date(kind: Kind, value: Any) -> datetime:
    example = "2024-01-31, or 2024-01-31T06:00:00Z"
    text = str(value)
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d($|[T ])", text):
        try:
            read = datetime.fromisoformat(text)
            read = read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise Unfit(f"is no date: {error} (found {show(value)})", example) from None
        if not _FIRST_YEAR <= read.year <= _LAST_YEAR:
            what = f"the year must be {_FIRST_YEAR} to {_LAST_YEAR} (found {show(value)})"
            raise Unfit(what, example)
        return read
    raise Unfit(f"must be a date, year first (found {show(value)})", example)


def _list(kind: Kind, value: Any) -> tuple[Any, ...]:
    if not isinstance(value, (list, tuple)):
        raise Unfit(f"must be a list (found {show(value)})", f"[{value}]" if value else "[]")
    assert kind.item is not None
    if any(member is None for member in value):
        raise Unfit("a member of the list is empty (found null)", "take it out")
    return tuple(fit(kind.item, member) for member in value)


def _dated(kind: Kind, value: Any) -> int | str | dict[str, int]:
    """A count, `unlimited`, or a mapping of dates to counts."""
    if isinstance(value, dict):
        if not value:
            raise Unfit("must have at least one date (found {})", "{2024-01-01: 4}")
        return {_day(day): _count(count) for day, count in value.items()}
    if isinstance(value, str) and value == "unlimited":
        return value
    try:
        count = _int(kind, value)
    except Unfit as unfit:
        what = f"must be a whole number >= 1, `unlimited` or dated (found {show(value)})"
        raise Unfit(what, unfit.fix) from None
    if count < 1:
        raise Unfit(f"must be >= 1, `unlimited` or dated (found {count})", "1")
    return _few(count)


def _dated_float(kind: Kind, value: Any) -> float | dict[str, float]:
    """A number, or a mapping of dates to numbers."""
    if not isinstance(value, dict):
        return _float(kind, value)
    if not value:
        raise Unfit("must have at least one date (found {})", "{2024-01-01: 3500}")
    return {_day(day): _above_zero(number) for day, number in value.items()}


def _above_zero(value: Any) -> float:
    number = _float(Kind("float"), value)
    if number <= 0:
        raise Unfit(f"must be > 0 at each date (found {number:g})", "a number above 0")
    return number


def _day(day: Any) -> str:
    return _date(Kind("date"), day).isoformat().removesuffix("T00:00:00+00:00")


def _count(count: Any) -> int:
    number = _int(Kind("int"), count)
    if number < 0:
        raise Unfit(f"must be >= 0 at each date (found {number})", "0 or more")
    return _few(number)


_MOST_VESSELS = 100_000


def _few(count: int) -> int:
    """Each vehicle is an object of its own: far too many would only fill the memory."""
    if count > _MOST_VESSELS:
        raise Unfit(f"is too large (found {count})", f"{_MOST_VESSELS} at most, or unlimited")
    return count


def _dated_pair(text: str) -> tuple[str, Any]:
    """`2024-01-01: 4` of a CSV cell."""
    day, _, count = text.rpartition(":")
    return day.strip(), resolve_plain(count.strip())


_FITS: dict[str, Any] = {
    "int": _int,
    "float": _float,
    "bool": _bool,
    "text": _text,
    "choice": _text,
    "date": _date,
    "list": _list,
    "dated": _dated,
    "dated_float": _dated_float,
}
