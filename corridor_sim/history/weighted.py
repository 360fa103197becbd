"""Means and quantiles of many groups at once, of values that stand for several lots each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corridor_sim.history.ordered import Ordered
from corridor_sim.primitives import IntArray
from corridor_sim.units import HOUR_S


class Summary(NamedTuple):
    """One entry a group (n_group,)."""

    n: IntArray
    """Lots, those whose value is not known included."""
    mean_h: np.ndarray
    """Over lots with a value; NaN where there is none."""
    quantile_h: dict[int, np.ndarray]
    """q -> hours; a lot without a value counts as the slowest, NaN where the quantile is one."""


def summed_up(
    group: IntArray, seconds: IntArray, lots: IntArray, n_group: int, quantiles: tuple[int, ...]
) -> Summary:
    """Sum up seconds (-1: not known) by group; quantiles lie linearly between order statistics.

    >>> one = np.zeros(3, np.int64)
    >>> found = summed_up(one, np.array([3600, -1, 7200]), np.array([1, 1, 2]), 1, (50, 90))
    >>> found.n.item(), found.mean_h.round(3).item(), [q.item() for q in found.quantile_h.values()]
    (4, 1.667, [2.0, nan])
    """
    known = seconds >= 0
    ordered = Ordered(group, seconds, n_group, lots)
    hours = np.bincount(group[known], (seconds * lots)[known] / HOUR_S, n_group)
    n_known = np.bincount(group[known], lots[known], n_group)
    mean = np.divide(hours, n_known, out=np.full(n_group, np.nan), where=n_known > 0)
    return Summary(ordered.n, mean, {q: ordered.quantile_h(q) for q in quantiles})
