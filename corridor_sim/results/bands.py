"""Quantiles of many groups at once, and the band of lots around each: those that tell its story."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corridor_sim.primitives import IntArray
from corridor_sim.results.pieces import narrow
from corridor_sim.units import FOREVER, HOUR_S

HALF_WIDTH = 2
"""Percentile points on either side of a quantile whose lots are in its band."""


class Band(NamedTuple):
    """By group (n_group,): the quantile, and the shortest and longest time of the lots near it."""

    quantile_h: np.ndarray
    """Linear between order statistics; NaN: no lot, or it falls among those without a value."""
    low_s: IntArray
    high_s: IntArray


class Ordered:
    """Times of groups of lots in order: sorted once, asked for any quantile."""

    def __init__(self, group: IntArray, seconds: IntArray, lots: IntArray, n_group: int):
        """Each (n,); seconds -1: no value, the slowest of all; an entry stands for `lots` lots."""
        value = np.where(seconds >= 0, seconds, FOREVER)
        order = np.argsort(value, kind="stable")
        # a stable sort of small integers takes no time
        order = order[np.argsort(narrow(group[order]), kind="stable")]
        self._value, self._total = value[order], np.cumsum(lots[order])
        self.n = np.bincount(group, lots, n_group).astype(np.int64)
        """Lots by group."""
        self._first = np.cumsum(self.n) - self.n

    def _ranked(self, rank: IntArray) -> IntArray:
        """The value of the lot of this rank (from 0) in each group; FOREVER: none."""
        out = np.full(len(rank), FOREVER)
        has = self.n > 0
        at = np.searchsorted(self._total, (self._first + rank)[has], side="right")
        out[has] = self._value[at]
        return out

    def band(self, q: float) -> Band:
        """Around the q-quantile, q in percent.

        Equal times are in or out together, and the two lots between which a quantile lies are in.

        >>> hours = 3600 * np.arange(101)
        >>> one = Ordered(np.zeros(101, np.int64), hours, np.ones(101, np.int64), 1)
        >>> [(x / k).tolist() for x, k in zip(one.band(50), (1, 3600, 3600))]
        [[50.0], [48.0], [52.0]]
        """
        last = np.maximum(self.n - 1, 0)
        at = last * q / 100
        low, high = np.floor(at).astype(np.int64), np.ceil(at).astype(np.int64)
        a, b = self._ranked(low), self._ranked(high)
        value = (a + (at - low) * (b - a)) / HOUR_S
        begin = np.floor(last * max(q - HALF_WIDTH, 0) / 100).astype(np.int64)
        end = np.ceil(last * min(q + HALF_WIDTH, 100) / 100).astype(np.int64)
        known = (self.n > 0) & (b < FOREVER)
        return Band(np.where(known, value, np.nan), self._ranked(begin), self._ranked(end))
