"""Means and quantiles of many groups at once, of values that stand for several lots each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corridor_sim.primitives import IntArray
from corridor_sim.units import FOREVER, HOUR_S


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
    value = np.where(known, seconds, FOREVER)
    order = np.lexsort((value, group))
    value, total = value[order], np.cumsum(lots[order])
    n = np.bincount(group, lots, n_group).astype(np.int64)
    first = np.cumsum(n) - n
    hours = np.bincount(group[known], (seconds * lots)[known] / HOUR_S, n_group)
    n_known = np.bincount(group[known], lots[known], n_group)
    mean = np.divide(hours, n_known, out=np.full(n_group, np.nan), where=n_known > 0)
    return Summary(n, mean, {q: _quantile(value, total, first, n, q) for q in quantiles})


def _quantile(value: IntArray, total: IntArray, first: IntArray, n: IntArray, q: int) -> np.ndarray:
    """value (n_value,) sorted within groups, total (n_value,) running lots over all groups."""
    at = np.maximum(n - 1, 0) * q / 100
    low = np.floor(at).astype(np.int64)
    high = np.ceil(at).astype(np.int64)
    out = np.full(len(n), np.nan)
    has = n > 0
    # the lot of rank r (from 0) stands in the first entry whose running total exceeds r
    a = value[np.searchsorted(total, (first + low)[has], side="right")]
    b = value[np.searchsorted(total, (first + high)[has], side="right")]
    between = a + (at - low)[has] * (b - a)
    out[has] = np.where(b < FOREVER, between / HOUR_S, np.nan)
    return out
