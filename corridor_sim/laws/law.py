"""The record of a law: its families, their fields, and the few that the others come down to."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# family -> fields it needs, fields it may have; `shift` is open to all
FIELDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "constant": (("mean",), ()),
    "exponential": (("mean",), ("low", "high")),
    "lognormal": (("mean", "cv"), ("low", "high")),
    "gamma": (("mean", "cv"), ("low", "high")),
    "erlang": (("mean", "shape"), ("low", "high")),
    "weibull": (("mean",), ("shape", "cv", "low", "high")),
    "uniform": (("low", "high"), ()),
    "triangular": (("low", "mode", "high"), ()),
    "pert": (("low", "mode", "high"), ()),
    "mixture": (("components",), ()),
    "empirical": (("sample",), ()),
}
FAMILIES = tuple(FIELDS)

NUMBERS = ("mean", "cv", "low", "mode", "high", "shape")
LARGEST_CV = 10.0  # beyond it a percentage was meant; tables are accurate up to it (tests)
SMALLEST_SHAPE = 0.1


@dataclass(frozen=True)
class Law:
    """One distribution of a value >= 0; `corridor_sim.laws` says which fields go together.

    `mean`, `low`, `mode`, `high`, `shift`, `sample` are in the caller's unit; `cv` (standard
    deviation / mean), `shape` and the weights of `components` have none.

    >>> Law("pert", low=4.0, mode=6.0, high=14.0).mode
    6.0
    """

    family: str
    mean: float | None = None
    cv: float | None = None
    low: float | None = None
    mode: float | None = None
    high: float | None = None
    shape: float | None = None
    shift: float = 0.0
    components: tuple[tuple[float, Law], ...] = ()
    sample: tuple[float, ...] = ()


def need(law: Law, *names: str) -> list[float]:
    """Fields of a law that must be there."""
    values = [getattr(law, name) for name in names]
    if any(value is None for value in values):
        raise ValueError(f"{law.family} needs {' and '.join(names)}")
    return [float(value) for value in values]


def canonical(law: Law) -> Law:
    """The same law in one of nine families: no spread is constant, erlang gamma, and so on."""
    if law.low is not None and law.low == law.high:
        return Law("constant", mean=law.low, shift=law.shift)
    if law.cv == 0:
        return Law("constant", mean=law.mean, shift=law.shift)
    if law.family == "exponential":
        return replace(law, family="weibull", shape=1.0)
    if law.family == "erlang":
        (shape,) = need(law, "shape")
        return replace(law, family="gamma", cv=1.0 / math.sqrt(shape), shape=None)
    if law.family == "weibull" and law.shape is None:
        (cv,) = need(law, "cv")
        return replace(law, shape=_weibull_shape(cv), cv=None)
    return law


def _weibull_shape(cv: float) -> float:
    """Shape whose coefficient of variation is cv, by bisection of its inverse."""
    below, above = 0.0, 1.0 / SMALLEST_SHAPE
    for _ in range(60):
        middle = (below + above) / 2
        excess = math.lgamma(1 + 2 * middle) - 2 * math.lgamma(1 + middle)
        below, above = (middle, above) if excess < math.log1p(cv * cv) else (below, middle)
    return 1.0 / above


def is_truncated(law: Law) -> bool:
    """Whether `low` or `high` cuts an unbounded family."""
    cuts = "low" in FIELDS[law.family][1]
    return cuts and (law.low is not None or law.high is not None)
