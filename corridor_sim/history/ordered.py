"""Times of many groups in order: sorted once, then asked for any rank or quantile."""

from __future__ import annotations

import numpy as np

from corridor_sim.primitives import IntArray
from corridor_sim.units import FOREVER, HOUR_S


class Ordered:
    """Times of groups of lots, sorted by group and time.

    Group and time are one number, so there is one sort, of whole numbers and mostly without an
    index: a quarter of what a `lexsort` of the two takes (benchmarks/group_quantiles.py).
    """

    def __init__(
        self, group: IntArray, seconds: IntArray, n_group: int, lots: IntArray | None = None
    ):
        """Each (n,); seconds -1: no value, the slowest of all; an entry stands for `lots` lots.

        lots: none, one each.
        """
        # no value: longer by one than the longest
        self._none = int(seconds.max(initial=0)) + 1
        self._span = self._none + 1
        assert n_group * self._span < 2**63, "groups x longest time do not fit a whole number"
        key = np.where(seconds >= 0, seconds, self._none)
        key += group.astype(np.int64, copy=False) * self._span
        if lots is None or (lots == 1).all():
            self._total = None
            self.n: IntArray = np.bincount(group, minlength=n_group).astype(np.int64)
            """Lots by group (n_group,)."""
            key.sort()
        else:
            order = np.argsort(key)
            key, self._total = key[order], np.cumsum(lots[order])
            self.n = np.bincount(group, lots, n_group).astype(np.int64)
        self._key = key
        self._first = np.cumsum(self.n) - self.n

    def ranked(self, rank: IntArray) -> IntArray:
        """Seconds of the lot of this rank (from 0) in each group (n_group,); FOREVER: none.

        >>> seconds = np.array([50, 10, -1, 30])
        >>> Ordered(np.array([0, 0, 1, 1]), seconds, 2).ranked(np.array([1, 0])).tolist()
        [50, 30]
        """
        out = np.full(len(rank), FOREVER)
        has = np.flatnonzero(self.n > 0)
        at = (self._first + rank)[has]
        if self._total is not None:
            # the lot of rank r stands in the first entry whose running total exceeds r
            at = np.searchsorted(self._total, at, side="right")
        value = self._key[at] - has * self._span
        out[has] = np.where(value < self._none, value, FOREVER)
        return out

    def quantile_h(self, q: float) -> np.ndarray:
        """The q-quantile of each group in hours (n_group,), q in percent.

        Linear between order statistics, as `indicators.quantile`; NaN where a group has no lot or
        the quantile falls among those without a value.

        >>> Ordered(np.zeros(3, np.int64), np.array([3600, 7200, -1]), 1).quantile_h(25).tolist()
        [1.5]
        """
        at = np.maximum(self.n - 1, 0) * q / 100
        low, high = np.floor(at).astype(np.int64), np.ceil(at).astype(np.int64)
        a, b = self.ranked(low), self.ranked(high)
        value = (a + (at - low) * (b - a)) / HOUR_S
        return np.where(b < FOREVER, value, np.nan)
