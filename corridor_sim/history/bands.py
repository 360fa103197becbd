"""The band of lots around a quantile of each of many groups: those that tell its story."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corridor_sim.history.ordered import Ordered
from corridor_sim.primitives import IntArray

HALF_WIDTH = 2
"""Percentile points on either side of a quantile whose lots are in its band."""


class Band(NamedTuple):
    """By group (n_group,): the quantile, and the shortest and longest time of the lots near it."""

    quantile_h: np.ndarray
    """Linear between order statistics; NaN: no lot, or it falls among those without a value."""
    low_s: IntArray
    high_s: IntArray


def band(ordered: Ordered, q: float) -> Band:
    """Around the q-quantile, q in percent.

    Equal times are in or out together, and the two lots between which a quantile lies are in.

    >>> one = Ordered(np.zeros(101, np.int64), 3600 * np.arange(101), 1)
    >>> [(x / k).tolist() for x, k in zip(band(one, 50), (1, 3600, 3600))]
    [[50.0], [48.0], [52.0]]
    """
    last = np.maximum(ordered.n - 1, 0)
    begin = np.floor(last * max(q - HALF_WIDTH, 0) / 100).astype(np.int64)
    end = np.ceil(last * min(q + HALF_WIDTH, 100) / 100).astype(np.int64)
    return Band(ordered.quantile_h(q), ordered.ranked(begin), ordered.ranked(end))
