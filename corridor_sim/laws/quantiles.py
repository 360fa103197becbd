"""From a share to a value of a law, and back; exact."""

from __future__ import annotations

import math
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from corridor_sim.laws.law import Floats, Law, canonical, is_truncated, need

_LAST_BELOW_ONE = 1.0 - 2.0**-53


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
    law, u = canonical(law), np.asarray(u, dtype=np.float64)
    if not is_truncated(law):
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
    law = canonical(law)
    x = np.asarray(x, dtype=np.float64) - law.shift
    if not is_truncated(law):
        return _share_below(law, x)
    below, above = _kept(law)
    return np.clip((_share_below(law, x) - below) / (above - below), 0.0, 1.0)


def _kept(law: Law) -> tuple[float, float]:
    """Shares of the untruncated law below `low` and below `high`."""
    ends = np.array([law.low or 0.0, math.inf if law.high is None else law.high])
    below, above = _share_below(law, ends)
    return float(below), float(above)


def _inverse(law: Law, u: Floats) -> Floats:
    """Quantile of a canonical law before truncation and shift."""
    special = _special_functions()
    value: Floats
    match law.family:
        case "constant":
            value = np.full(u.shape, need(law, "mean")[0])
        case "lognormal":
            centre, spread = _lognormal_logs(law)
            value = np.exp(centre + spread * special.ndtri(u))
        case "gamma":
            centre, cv = need(law, "mean", "cv")
            value = centre * cv**2 * special.gammaincinv(cv**-2, u)
        case "weibull":
            scale, shape = _weibull_scale(law)
            value = scale * (-np.log1p(-u)) ** (1 / shape)
        case "uniform":
            low, high = need(law, "low", "high")
            value = low + u * (high - low)
        case "triangular":
            low, mode, high = need(law, "low", "mode", "high")
            left = low + np.sqrt(u * (high - low) * (mode - low))
            right = high - np.sqrt((1 - u) * (high - low) * (high - mode))
            value = np.where(u * (high - low) < mode - low, left, right)
        case "pert":
            low, high = need(law, "low", "high")
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
            share = (x >= need(law, "mean")[0]).astype(np.float64)
        case "lognormal":
            centre, spread = _lognormal_logs(law)
            with np.errstate(divide="ignore"):
                share = special.ndtr((np.log(np.maximum(x, 0.0)) - centre) / spread)
        case "gamma":
            centre, cv = need(law, "mean", "cv")
            share = special.gammainc(cv**-2, np.maximum(x, 0.0) / (centre * cv**2))
        case "weibull":
            scale, shape = _weibull_scale(law)
            share = -np.expm1(-((np.maximum(x, 0.0) / scale) ** shape))
        case "uniform":
            low, high = need(law, "low", "high")
            share = np.clip((x - low) / (high - low), 0.0, 1.0)
        case "triangular":
            low, mode, high = need(law, "low", "mode", "high")
            x = np.clip(x, low, high)
            left = (x - low) ** 2 / ((high - low) * ((mode - low) or 1.0))
            right = 1 - (high - x) ** 2 / ((high - low) * ((high - mode) or 1.0))
            share = np.where(x < mode, left, right)
        case "pert":
            low, high = need(law, "low", "high")
            share = special.betainc(*_pert_powers(law), np.clip((x - low) / (high - low), 0, 1))
        case "empirical":
            share = np.searchsorted(np.sort(law.sample), x, side="right") / len(law.sample)
        case "mixture":
            share = np.sum([weight * cdf(part, x) for weight, part in law.components], axis=0)
        case _:
            raise ValueError(f"unknown family {law.family!r}")
    return share


def _lognormal_logs(law: Law) -> tuple[float, float]:
    """Mean and standard deviation of the logarithm."""
    centre, cv = need(law, "mean", "cv")
    spread2 = math.log1p(cv * cv)
    return math.log(centre) - spread2 / 2, math.sqrt(spread2)


def _weibull_scale(law: Law) -> tuple[float, float]:
    """Scale and shape."""
    centre, shape = need(law, "mean", "shape")
    return centre / math.gamma(1 + 1 / shape), shape


def _pert_powers(law: Law) -> tuple[float, float]:
    """The two parameters of the beta law behind a PERT law."""
    low, mode, high = need(law, "low", "mode", "high")
    return 1 + 4 * (mode - low) / (high - low), 1 + 4 * (high - mode) / (high - low)


def _special_functions() -> Any:
    """scipy.special, imported late: it takes 0.4 s and `problems` does without it."""
    return import_module("scipy.special")
