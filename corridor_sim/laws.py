"""Distributions: their fields, quantile functions and tables; no randomness.

A law turns a uniform number into a value. Its numbers are in *one* unit chosen by the caller
(hours in files); `mean` in gives `mean` out in the same unit.

| family | needs | may have |
|---|---|---|
| constant | mean | |
| exponential | mean | low, high |
| lognormal, gamma | mean, cv | low, high |
| erlang (gamma with a whole shape) | mean, shape | low, high |
| weibull | mean, and either shape or cv | low, high |
| uniform | low, high | |
| triangular, pert | low, mode, high | |
| mixture | components: (weight, law) pairs | |
| empirical | sample | |

- `shift` is added last, to every family (a least time, say).
- `low` and `high` *truncate* the unbounded families, before the shift: the uniform u is replaced
  by F(low) + u (F(high) - F(low)), so no draw is rejected and one uniform stays one value. `mean`
  and `cv` then describe the law before truncation; `mean(law)` gives what is left.
- `empirical` is a step function: u gives the smallest observation whose share of the sample at or
  below it is at least u. Only observed values occur, and the mean is that of the sample.

>>> sail = Law("lognormal", mean=18.0, cv=0.25, shift=2.0)
>>> problems(sail), mean(sail), round(variance(sail), 6)
([], 20.0, 20.25)
>>> quantile(sail, [0.1, 0.5, 0.9]).round(2).tolist()
[14.74, 19.46, 25.94]
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

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

_NUMBERS = ("mean", "cv", "low", "mode", "high", "shape")
_TABLED = ("gamma", "erlang", "pert", "mixture")
_LARGEST_CV = 10.0  # beyond it a percentage was meant; tables are accurate up to it (tests)
_SMALLEST_SHAPE = 0.1
_GRID_LOGIT = math.log(1e12)  # tables reach from u = 1e-12 to 1 - 1e-12
_LAST_BELOW_ONE = 1.0 - 2.0**-53


@dataclass(frozen=True)
class Law:
    """One distribution of a value >= 0; the table above says which fields go together.

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
    components: tuple[tuple[float, "Law"], ...] = ()
    sample: tuple[float, ...] = ()


class Table(NamedTuple):
    """A quantile function at growing u, read by linear interpolation; both (m,), read-only."""

    u: Floats
    value: Floats


def problems(law: Law) -> list[str]:
    """What is missing or wrong in a law, in words; empty if nothing is.

    >>> problems(Law("lognormal", mean=18.0))
    ['lognormal needs mean and cv (no cv)']
    >>> problems(Law("triangular", low=4.0, mode=3.0, high=9.0))
    ['triangular needs low <= mode <= high (found 4.0, 3.0, 9.0)']
    """
    if law.family not in FIELDS:
        return [f"unknown family {law.family!r}, not one of {', '.join(FAMILIES)}"]
    found = list(_wrong_fields(law)) or list(_wrong_numbers(law))
    return found or list(_wrong_order(law))


def quantile(law: Law, u: ArrayLike) -> Floats:
    """Value below which a share u of the law lies: the exact inverse of `cdf`.

    Parameters
    ----------
    u    any shape, in (0, 1)

    Returns
    -------
    same shape, float64, the law's unit

    >>> quantile(Law("uniform", low=2.0, high=6.0), [0.25, 0.5]).tolist()
    [3.0, 4.0]
    """
    law, u = _canonical(law), np.asarray(u, dtype=np.float64)
    if not _is_truncated(law):
        return law.shift + _inverse(law, u)
    below, above = _kept(law)
    # rounding may reach u = 1, whose value is infinite
    u = np.minimum(below + u * (above - below), _LAST_BELOW_ONE)
    return law.shift + np.clip(_inverse(law, u), law.low, law.high)


def cdf(law: Law, x: ArrayLike) -> Floats:
    """Share of the law at or below x.

    Parameters
    ----------
    x    any shape, the law's unit

    Returns
    -------
    same shape, float64, in [0, 1]

    >>> cdf(Law("empirical", sample=(3.0, 5.0, 5.0, 9.0)), [4.0, 5.0]).tolist()
    [0.25, 0.75]
    """
    law = _canonical(law)
    x = np.asarray(x, dtype=np.float64) - law.shift
    if not _is_truncated(law):
        return _share_below(law, x)
    below, above = _kept(law)
    return np.clip((_share_below(law, x) - below) / (above - below), 0.0, 1.0)


def mean(law: Law) -> float:
    """Mean in the law's unit; exact, or of the compiled table where the law is truncated.

    >>> mean(Law("pert", low=4.0, mode=6.0, high=14.0))
    7.0
    """
    return _moments(law)[0]


def variance(law: Law) -> float:
    """Variance in the law's unit squared; exact, or of the table where the law is truncated.

    >>> variance(Law("erlang", mean=6.0, shape=4))
    9.0
    """
    return _moments(law)[1]


@lru_cache(maxsize=512)
def table(law: Law, n: int = 4097) -> Table:
    """Compile a law to a monotone table of its quantile function.

    The n points are even in log(u / (1 - u)), so dense in both tails; where the quantile function
    jumps, both sides of the jump are added. The table's mean is right to 1e-4 of the mean and its
    standard deviation to 1e-3 of the standard deviation.

    >>> crane = table(Law("gamma", mean=4.0, cv=0.5))
    >>> len(crane.u), read_table(crane, [0.5]).round(4).tolist()
    (4097, [3.6721])
    """
    even = 1.0 / (1.0 + np.exp(-np.linspace(-_GRID_LOGIT, _GRID_LOGIT, n)))
    edges = np.array(sorted(set(_edges(law))))
    steps = np.concatenate([cdf(law, np.nextafter(edges, -np.inf)), cdf(law, edges)])
    u = np.unique(np.concatenate([even, steps, np.nextafter(steps, 1.0)]))
    u = u[(u >= even[0]) & (u <= even[-1])]
    value = np.maximum.accumulate(quantile(law, u))
    u.flags.writeable = value.flags.writeable = False
    return Table(u, value)


def read_table(compiled: Table, u: ArrayLike) -> Floats:
    """Values at u by linear interpolation, the end values beyond the ends.

    Parameters
    ----------
    u    (n,), in (0, 1)

    Returns
    -------
    (n,) float64, the law's unit

    >>> read_table(Table(np.array([0.2, 0.8]), np.array([3.0, 9.0])), [0.1, 0.5]).tolist()
    [3.0, 6.0]
    """
    return np.interp(np.asarray(u, dtype=np.float64), compiled.u, compiled.value)


def sampler(law: Law) -> Callable[[ArrayLike], Floats]:
    """The cheapest function from u (n,) to values (n,): the closed quantile, or a table's.

    >>> sampler(Law("weibull", mean=1.0, shape=1.0))([0.5]).round(4).tolist()
    [0.6931]
    """
    if law.family in _TABLED:  # exact inversion costs some 1,000 ns a value, a table 30
        return partial(read_table, table(law))
    return partial(quantile, law)


def _need(law: Law, *names: str) -> list[float]:
    """Fields of a law that must be there."""
    values = [getattr(law, name) for name in names]
    if any(value is None for value in values):
        raise ValueError(f"{law.family} needs {' and '.join(names)}")
    return [float(value) for value in values]


def _canonical(law: Law) -> Law:
    """The same law in one of nine families: no spread is constant, erlang gamma, and so on."""
    if law.low is not None and law.low == law.high:
        return Law("constant", mean=law.low, shift=law.shift)
    if law.cv == 0:
        return Law("constant", mean=law.mean, shift=law.shift)
    if law.family == "exponential":
        return replace(law, family="weibull", shape=1.0)
    if law.family == "erlang":
        (shape,) = _need(law, "shape")
        return replace(law, family="gamma", cv=1.0 / math.sqrt(shape), shape=None)
    if law.family == "weibull" and law.shape is None:
        (cv,) = _need(law, "cv")
        return replace(law, shape=_weibull_shape(cv), cv=None)
    return law


def _weibull_shape(cv: float) -> float:
    """Shape whose coefficient of variation is cv, by bisection of its inverse."""
    below, above = 0.0, 1.0 / _SMALLEST_SHAPE
    for _ in range(60):
        middle = (below + above) / 2
        excess = math.lgamma(1 + 2 * middle) - 2 * math.lgamma(1 + middle)
        below, above = (middle, above) if excess < math.log1p(cv * cv) else (below, middle)
    return 1.0 / above


def _lognormal_logs(law: Law) -> tuple[float, float]:
    """Mean and standard deviation of the logarithm."""
    centre, cv = _need(law, "mean", "cv")
    spread2 = math.log1p(cv * cv)
    return math.log(centre) - spread2 / 2, math.sqrt(spread2)


def _weibull_scale(law: Law) -> tuple[float, float]:
    """Scale and shape."""
    centre, shape = _need(law, "mean", "shape")
    return centre / math.gamma(1 + 1 / shape), shape


def _pert_powers(law: Law) -> tuple[float, float]:
    """The two parameters of the beta law behind a PERT law."""
    low, mode, high = _need(law, "low", "mode", "high")
    return 1 + 4 * (mode - low) / (high - low), 1 + 4 * (high - mode) / (high - low)


def _is_truncated(law: Law) -> bool:
    """Whether `low` or `high` cuts an unbounded family."""
    cuts = "low" in FIELDS[law.family][1]
    return cuts and (law.low is not None or law.high is not None)


def _kept(law: Law) -> tuple[float, float]:
    """Shares of the untruncated law below `low` and below `high`."""
    ends = np.array([law.low or 0.0, math.inf if law.high is None else law.high])
    below, above = _share_below(law, ends)
    return float(below), float(above)


def _special_functions() -> Any:
    """scipy.special, imported late: it takes 0.4 s and `problems` does without it."""
    return import_module("scipy.special")


def _inverse(law: Law, u: Floats) -> Floats:
    """Quantile of a canonical law before truncation and shift."""
    special = _special_functions()
    value: Floats
    match law.family:
        case "constant":
            value = np.full(u.shape, _need(law, "mean")[0])
        case "lognormal":
            centre, spread = _lognormal_logs(law)
            value = np.exp(centre + spread * special.ndtri(u))
        case "gamma":
            centre, cv = _need(law, "mean", "cv")
            value = centre * cv**2 * special.gammaincinv(cv**-2, u)
        case "weibull":
            scale, shape = _weibull_scale(law)
            value = scale * (-np.log1p(-u)) ** (1 / shape)
        case "uniform":
            low, high = _need(law, "low", "high")
            value = low + u * (high - low)
        case "triangular":
            low, mode, high = _need(law, "low", "mode", "high")
            left = low + np.sqrt(u * (high - low) * (mode - low))
            right = high - np.sqrt((1 - u) * (high - low) * (high - mode))
            value = np.where(u * (high - low) < mode - low, left, right)
        case "pert":
            low, high = _need(law, "low", "high")
            value = low + (high - low) * special.betaincinv(*_pert_powers(law), u)
        case "empirical":
            steps = np.arange(1, len(law.sample) + 1) / len(law.sample)
            value = np.sort(np.array(law.sample, dtype=np.float64))[np.searchsorted(steps, u)]
        case "mixture":
            value = _mixture_inverse(law, u)
        case _:
            raise ValueError(f"unknown family {law.family!r}")
    return value


def _mixture_inverse(law: Law, u: Floats) -> Floats:
    """Smallest x with a share u at or below it: bisection between the components' quantiles."""
    quantiles = [quantile(part, u) for _, part in law.components]
    below: Floats = np.min(quantiles, axis=0)
    above: Floats = np.max(quantiles, axis=0)
    for _ in range(53):
        middle = (below + above) / 2
        is_short = _share_below(law, middle) < u
        below, above = np.where(is_short, middle, below), np.where(is_short, above, middle)
    return np.where(_share_below(law, below) >= u, below, above)  # an atom at the lower end


def _share_below(law: Law, x: Floats) -> Floats:
    """Cdf of a canonical law before truncation and shift."""
    special = _special_functions()
    share: Floats
    match law.family:
        case "constant":
            share = (x >= _need(law, "mean")[0]).astype(np.float64)
        case "lognormal":
            centre, spread = _lognormal_logs(law)
            with np.errstate(divide="ignore"):
                share = special.ndtr((np.log(np.maximum(x, 0.0)) - centre) / spread)
        case "gamma":
            centre, cv = _need(law, "mean", "cv")
            share = special.gammainc(cv**-2, np.maximum(x, 0.0) / (centre * cv**2))
        case "weibull":
            scale, shape = _weibull_scale(law)
            share = -np.expm1(-((np.maximum(x, 0.0) / scale) ** shape))
        case "uniform":
            low, high = _need(law, "low", "high")
            share = np.clip((x - low) / (high - low), 0.0, 1.0)
        case "triangular":
            low, mode, high = _need(law, "low", "mode", "high")
            x = np.clip(x, low, high)
            left = (x - low) ** 2 / ((high - low) * ((mode - low) or 1.0))
            right = 1 - (high - x) ** 2 / ((high - low) * ((high - mode) or 1.0))
            share = np.where(x < mode, left, right)
        case "pert":
            low, high = _need(law, "low", "high")
            share = special.betainc(*_pert_powers(law), np.clip((x - low) / (high - low), 0, 1))
        case "empirical":
            share = np.searchsorted(np.sort(law.sample), x, side="right") / len(law.sample)
        case "mixture":
            share = np.sum([weight * cdf(part, x) for weight, part in law.components], axis=0)
        case _:
            raise ValueError(f"unknown family {law.family!r}")
    return share


def _moments(law: Law) -> tuple[float, float]:
    """Mean and variance, shift included."""
    law = _canonical(law)
    if _is_truncated(law):
        return _table_moments(table(law))
    centre, spread2 = _plain_moments(law)
    return law.shift + centre, spread2


def _plain_moments(law: Law) -> tuple[float, float]:
    """Mean and variance of a canonical law before truncation and shift, in closed form."""
    match law.family:
        case "constant":
            return _need(law, "mean")[0], 0.0
        case "lognormal" | "gamma":
            centre, cv = _need(law, "mean", "cv")
            return centre, (centre * cv) ** 2
        case "weibull":
            centre, shape = _need(law, "mean", "shape")
            ratio = math.lgamma(1 + 2 / shape) - 2 * math.lgamma(1 + 1 / shape)
            return centre, centre**2 * math.expm1(ratio)
        case "uniform":
            low, high = _need(law, "low", "high")
            return (low + high) / 2, (high - low) ** 2 / 12
        case "triangular":
            low, mode, high = _need(law, "low", "mode", "high")
            spread2 = ((high - low) ** 2 - (mode - low) * (high - mode)) / 18
            return (low + mode + high) / 3, spread2
        case "pert":
            low, mode, high = _need(law, "low", "mode", "high")
            centre = (low + 4 * mode + high) / 6
            return centre, (centre - low) * (high - centre) / 7
        case "empirical":
            return float(np.mean(law.sample)), float(np.var(law.sample))
        case "mixture":
            parts = [(weight, *_moments(part)) for weight, part in law.components]
            centre = sum(weight * m for weight, m, _ in parts)
            return centre, sum(weight * (v + (m - centre) ** 2) for weight, m, v in parts)
    raise ValueError(f"unknown family {law.family!r}")


def _table_moments(compiled: Table) -> tuple[float, float]:
    """Mean and variance of the values a table gives, exact for its straight pieces."""
    width = np.diff(compiled.u, prepend=0.0, append=1.0)
    value = compiled.value
    left, right = np.append(value[0], value), np.append(value, value[-1])
    centre = float(width @ (left + right)) / 2
    left, right = left - centre, right - centre
    return centre, float(width @ (left * left + left * right + right * right)) / 3


def _edges(law: Law) -> Iterator[float]:
    """Where the cdf of a law may jump, or be flat on one side: its atoms and its ends."""
    law = _canonical(law)
    if law.family == "mixture":
        inner = [edge for _, part in law.components for edge in _edges(part)]
    elif law.family == "empirical":
        inner = list(law.sample)
    elif law.family == "constant":
        inner = _need(law, "mean")
    else:
        inner = [law.low or 0.0] + ([] if law.high is None else [law.high])
    return (law.shift + edge for edge in inner)


def _wrong_fields(law: Law) -> Iterator[str]:
    """Fields that are missing, or that the family would silently ignore."""
    needs, may = FIELDS[law.family]
    given = [name for name in _NUMBERS if getattr(law, name) is not None]
    given += [name for name in ("components", "sample") if getattr(law, name)]
    missing = [name for name in needs if name not in given]
    if missing:
        yield f"{law.family} needs {' and '.join(needs)} (no {', no '.join(missing)})"
    for name in given:
        if name not in needs + may:
            yield f"{law.family} takes no {name}"
    if law.family == "weibull" and (law.shape is None) == (law.cv is None):
        yield "weibull needs either shape or cv, not both and not neither"


def _wrong_numbers(law: Law) -> Iterator[str]:
    """Numbers that no law may have."""
    named = [(name, getattr(law, name)) for name in (*_NUMBERS, "shift")]
    named += [(f"sample value {k}", value) for k, value in enumerate(law.sample, 1)]
    named += [(f"weight {k}", weight) for k, (weight, _) in enumerate(law.components, 1)]
    for name, value in named:
        if value is not None and not 0 <= value < math.inf:
            yield f"{name} must be a finite number >= 0 (found {value})"
    if law.mean == 0 and law.family != "constant":
        yield f"{law.family} needs a mean above 0 (found {law.mean})"
    if law.cv is not None and _LARGEST_CV < law.cv < math.inf:
        yield f"cv must be at most {_LARGEST_CV:g}, it is no percentage (found {law.cv})"
    if law.shape is not None and 0 <= law.shape < _SMALLEST_SHAPE:
        yield f"shape must be at least {_SMALLEST_SHAPE:g} (found {law.shape})"
    if law.family == "erlang" and law.shape is not None and law.shape % 1 != 0:
        yield f"erlang needs a whole shape (found {law.shape}); gamma takes a mean and a cv"


def _wrong_order(law: Law) -> Iterator[str]:
    """Numbers that do not go together, and what is wrong inside a mixture."""
    line = [name for name in ("low", "mean", "mode", "high") if getattr(law, name) is not None]
    values = [getattr(law, name) for name in line]
    if values != sorted(values):
        yield f"{law.family} needs {' <= '.join(line)} (found {', '.join(map(str, values))})"
    total = math.fsum(weight for weight, _ in law.components)
    if law.components and abs(total - 1.0) > 1e-9:
        yield f"the weights of a mixture must sum to 1 (found {total:.12g})"
    for k, (_, part) in enumerate(law.components, 1):
        yield from (f"component {k}: {problem}" for problem in problems(part))
