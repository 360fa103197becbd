"""The flat columns of one law, read together as a `Law` in hours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from corridor_sim.inputs.problems import did_you_mean, listed, show
from corridor_sim.inputs.schema import LawRow
from corridor_sim.laws import FAMILIES, FIELDS, Law, problems

SATURATED = "saturated"
"""`arrival_law: saturated`: there is always one more lot; no law."""

_NESTED_AT_MOST = 10
_NUMBERS = ("mean_h", "rate_per_h", "cv", "shape", "low_h", "mode_h", "high_h")


class LawProblem(NamedTuple):
    """What is wrong with a law, at which column of the row."""

    column: str
    what: str
    fix: str


def law_of(
    row: Any, what: str, laws: Mapping[str, LawRow], mean_h: float | None = None
) -> Law | None:
    """The law `<what>` of a row, in hours; None where none is given, or `saturated`.

    `mean_h` is the mean where the row gives none (arrivals whose rate comes from a season).
    A mean alone is a constant.
    """
    family = getattr(row, f"{what}_law")
    if family == SATURATED:
        return None
    if family is not None and family in laws and family not in FAMILIES:
        return law_of_row(laws[family], laws)
    mean = _mean(row, what, mean_h)
    if family is None and mean is None:
        return None
    return Law(
        family or "constant",
        mean=mean if family is None or "mean" in _fields(family) else None,
        cv=getattr(row, f"{what}_cv"),
        shape=getattr(row, f"{what}_shape"),
        low=getattr(row, f"{what}_low_h"),
        mode=getattr(row, f"{what}_mode_h"),
        high=getattr(row, f"{what}_high_h"),
    )


def has_law(row: Any, what: str) -> bool:
    """Whether a row gives the law `<what>`."""
    return any(getattr(row, f"{what}_{x}") is not None for x in ("law", "mean_h", "rate_per_h"))


def law_of_row(row: LawRow, laws: Mapping[str, LawRow], depth: int = 0) -> Law:
    """A row of `laws`; the parts of a mixture that are not there are left out."""
    parts = [laws[name] for name in row.of if name in laws] if depth < _NESTED_AT_MOST else []
    return Law(
        row.family,
        mean=row.mean_h,
        cv=row.cv,
        shape=row.shape,
        low=row.low_h,
        mode=row.mode_h,
        high=row.high_h,
        components=tuple(
            (weight, law_of_row(part, laws, depth + 1))
            for weight, part in zip(row.weights, parts, strict=False)
        ),
        sample=row.sample_h,
    )


def law_problems(
    row: Any, what: str, laws: Mapping[str, LawRow], mean_h: float | None = None
) -> Iterator[LawProblem]:
    """What is missing or wrong in the columns of one law."""
    family, first = getattr(row, f"{what}_law"), f"{what}_law"
    given = [name for name in _NUMBERS if getattr(row, f"{what}_{name}") is not None]
    if "mean_h" in given and "rate_per_h" in given:
        yield LawProblem(f"{what}_rate_per_h", "a mean and a rate are given", "keep one of them")
    if family is None:
        spread = [name for name in given if name not in ("mean_h", "rate_per_h")]
        if spread:
            columns = listed(f"{what}_{name}" for name in spread)
            why = f"{columns} without {first}"
            yield LawProblem(f"{what}_{spread[0]}", why, f"{first}: lognormal, for example")
        return
    if family == SATURATED:
        if what != "arrival":
            yield LawProblem(first, "only arrivals are saturated", f"{first}: exponential")
        return
    if family not in FAMILIES:
        yield from _named_problems(family, first, given, laws)
        return
    law = law_of(row, what, laws, mean_h)
    for problem in problems(law) if law is not None else ():
        yield LawProblem(first, problem, _law_fix(what, problem))


def _named_problems(
    family: str, first: str, given: list[str], laws: Mapping[str, LawRow]
) -> Iterator[LawProblem]:
    if family not in laws:
        what = f"{show(family)} is no family and no row of `laws`"
        yield LawProblem(first, what, did_you_mean(family, {*FAMILIES, *laws}))
    elif given:
        what = f"laws.{family} has its own numbers, {listed(given)} would not count"
        yield LawProblem(first, what, "take them out, or change the row of `laws`")


def _law_fix(what: str, problem: str) -> str:
    for name, column in (("mean", "mean_h"), ("cv", "cv"), ("shape", "shape")):
        if f"no {name}" in problem:
            return f"add {what}_{column}"
    return f"see the columns {what}_..."


def _fields(family: str) -> tuple[str, ...]:
    needs, may = FIELDS.get(family, (("mean",), ()))
    return needs + may


def _mean(row: Any, what: str, mean_h: float | None) -> float | None:
    mean: float | None = getattr(row, f"{what}_mean_h")
    rate: float | None = getattr(row, f"{what}_rate_per_h")
    if mean is None and rate is not None:
        return 1.0 / rate
    return mean_h if mean is None else mean
