"""Mean and variance of a law."""

from __future__ import annotations

import math

import numpy as np

from corridor_sim.laws.law import Law, canonical, is_truncated, need
from corridor_sim.laws.tables import Table, table


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


def _moments(law: Law) -> tuple[float, float]:
    """Mean and variance, shift included."""
    law = canonical(law)
    if is_truncated(law):
        return _table_moments(table(law))
    centre, spread2 = _plain_moments(law)
    return law.shift + centre, spread2


def _plain_moments(law: Law) -> tuple[float, float]:
    """Mean and variance of a canonical law before truncation and shift, in closed form."""
    match law.family:
        case "constant":
            return need(law, "mean")[0], 0.0
        case "lognormal" | "gamma":
            centre, cv = need(law, "mean", "cv")
            return centre, (centre * cv) ** 2
        case "weibull":
            centre, shape = need(law, "mean", "shape")
            ratio = math.lgamma(1 + 2 / shape) - 2 * math.lgamma(1 + 1 / shape)
            return centre, centre**2 * math.expm1(ratio)
        case "uniform":
            low, high = need(law, "low", "high")
            return (low + high) / 2, (high - low) ** 2 / 12
        case "triangular":
            low, mode, high = need(law, "low", "mode", "high")
            spread2 = ((high - low) ** 2 - (mode - low) * (high - mode)) / 18
            return (low + mode + high) / 3, spread2
        case "pert":
            low, mode, high = need(law, "low", "mode", "high")
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
