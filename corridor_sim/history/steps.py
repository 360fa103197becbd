"""Step functions and sets of spans, many at once: the arithmetic beneath replay and ledger.

Ragged rows are CSR; a row and an instant make one sortable number (`row * width + instant`, with
`width` beyond every instant), so one binary search serves all rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from corridor_sim.primitives import IntArray

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Steps:
    """n step functions of time; row i holds `value[j]` from `at_s[j]` on, ptr[i] <= j < ptr[i + 1].

    Every row has an entry at 0, entries are strictly later than those before and differ from them.
    A value is that of the *end* of its instant: what one instant did in turn is not seen.
    """

    ptr: IntArray
    at_s: IntArray
    value: IntArray
    width: int

    def row(self, row: int) -> tuple[IntArray, IntArray]:
        """Change times and values of one row."""
        part = slice(int(self.ptr[row]), int(self.ptr[row + 1]))
        return self.at_s[part], self.value[part]

    def at(self, row: IntArray, t_s: IntArray) -> IntArray:
        """Values of many rows at many instants >= 0; shapes as given."""
        return np.asarray(self.value[self._last(row, t_s, "right")])

    def before(self, row: IntArray, t_s: IntArray) -> IntArray:
        """Values just before instants > 0 (at the end of the second before)."""
        return np.asarray(self.value[self._last(row, t_s, "left")])

    def last(self) -> IntArray:
        """The final value of each row (n,)."""
        return np.asarray(self.value[self.ptr[1:] - 1])

    def _last(self, row: IntArray, t_s: IntArray, side: Literal["left", "right"]) -> IntArray:
        rows = np.repeat(np.arange(len(self.ptr) - 1), np.diff(self.ptr))
        keys = rows * self.width + self.at_s
        wanted = row * self.width + t_s
        return np.searchsorted(keys, wanted, side) - 1


def steps_of(
    row: IntArray, at_s: IntArray, delta: IntArray, initial: IntArray, horizon_s: int
) -> Steps:
    """Changes in any order, at instants >= 0, to step functions of [0, horizon).

    row, at_s, delta (n,); initial (n_row,): the value before anything happened.
    """
    n_row, width = len(initial), horizon_s + 1
    happens = at_s < horizon_s
    rows = np.concatenate([np.arange(n_row), row[happens]])
    key = rows * width + np.concatenate([np.zeros(n_row, np.int64), at_s[happens]])
    change = np.concatenate([initial, delta[happens]])
    order = np.argsort(key, kind="stable")
    key, change = key[order], change[order]
    total = np.cumsum(change)
    is_last = np.append(key[1:] != key[:-1], True)[: len(key)]
    key, total = key[is_last], total[is_last]
    rows = key // width
    # the running total goes over all rows: take off what the rows before ended with
    ends = np.searchsorted(rows, np.arange(n_row), side="right") - 1
    base = np.concatenate([[0], total[ends]])[:-1]
    return steps_from(rows, key - rows * width, total - base[rows], n_row, width)


def steps_from(row: IntArray, at_s: IntArray, value: IntArray, n_row: int, width: int) -> Steps:
    """Sorted values to step functions; entries that change nothing are left out."""
    same = np.zeros(len(row), bool)
    same[1:] = (row[1:] == row[:-1]) & (value[1:] == value[:-1])
    row, at_s, value = row[~same], at_s[~same], value[~same]
    ptr = np.searchsorted(row, np.arange(n_row + 1)).astype(np.int64)
    return Steps(ptr, at_s, value, width)


@dataclass(frozen=True)
class Spans:
    """n rows of sorted, disjoint half-open spans with a label each (CSR), within [0, horizon]."""

    ptr: IntArray
    from_s: IntArray
    to_s: IntArray
    label: IntArray
    width: int

    def keys(self) -> tuple[IntArray, IntArray]:
        """Sortable numbers of all beginnings and ends."""
        rows = np.repeat(np.arange(len(self.ptr) - 1), np.diff(self.ptr)) * self.width
        return rows + self.from_s, rows + self.to_s


class Parts(NamedTuple):
    """Stretches of time: `owner` (an index of the caller's), from, to; each (n,) int64."""

    owner: IntArray
    from_s: IntArray
    to_s: IntArray

    def keep(self, which: IntArray | BoolArray) -> Parts:
        """Those parts that a mask or an index names."""
        return Parts(self.owner[which], self.from_s[which], self.to_s[which])

    def nonempty(self) -> Parts:
        """Without those that last no second."""
        return self.keep(self.to_s > self.from_s)


class Cut(NamedTuple):
    """What `cut` gives: covered parts with the index of the covering span, and the rest."""

    covered: Parts
    span: IntArray
    rest: Parts


def spans_from(pieces: list[tuple[IntArray, IntArray, IntArray]], width: int) -> Spans:
    """One (from, to, label) triple of arrays a row; clipped to the horizon, empty ones dropped."""
    kept = []
    for from_s, to_s, label in pieces:
        a, b = np.clip(from_s, 0, width - 1), np.clip(to_s, 0, width - 1)
        kept.append((a[b > a], b[b > a], label[b > a]))
    ptr = np.cumsum([0, *(len(a) for a, _, _ in kept)]).astype(np.int64)
    empty = np.zeros(0, np.int64)
    columns = [np.concatenate([empty, *(k[i] for k in kept)]) for i in range(3)]
    return Spans(ptr, columns[0], columns[1], columns[2], width)


def true_spans(
    at_s: IntArray, is_true: BoolArray, width: int
) -> tuple[IntArray, IntArray, IntArray]:
    """Where a boolean step function is true (to the horizon at most): from, to, label 0."""
    change = np.ones(len(at_s), bool)
    change[1:] = is_true[1:] != is_true[:-1]
    at_s, is_true = at_s[change], is_true[change]
    ends = np.append(at_s[1:], width - 1)
    return at_s[is_true], ends[is_true], np.zeros(int(is_true.sum()), np.int64)


def cut(parts: Parts, row: IntArray, spans: Spans) -> Cut:
    """Cut each part by the spans of its row (-1: by nothing). Nothing is lost or counted twice.

    >>> spans = spans_from([(np.array([2, 6]), np.array([4, 9]), np.array([0, 0]))], 11)
    >>> one = Parts(np.array([7]), np.array([3]), np.array([8]))
    >>> [x.tolist() for x in cut(one, np.array([0]), spans).rest]
    [[7], [4], [6]]
    """
    begins, ends = spans.keys()
    low = np.searchsorted(ends, row * spans.width + parts.from_s, side="right")
    high = np.searchsorted(begins, row * spans.width + parts.to_s, side="left")
    n = np.where(row < 0, 0, np.maximum(high - low, 0))
    part = np.repeat(np.arange(len(row)), n)
    span = np.arange(int(n.sum())) - np.repeat(np.cumsum(n) - n, n) + low[part]
    covered = Parts(
        parts.owner[part],
        np.maximum(parts.from_s[part], spans.from_s[span]),
        np.minimum(parts.to_s[part], spans.to_s[span]),
    )
    return Cut(covered, span, _rest(parts, n, span, spans))


def _rest(parts: Parts, n: IntArray, span: IntArray, spans: Spans) -> Parts:
    """The gaps: before the first span of each part, between them, after the last."""
    first = np.cumsum(n + 1) - (n + 1)
    is_first = np.zeros(len(span) + len(n), bool)
    is_first[first] = True
    is_last = np.zeros(len(is_first), bool)
    is_last[first + n] = True
    from_s, to_s = np.empty(len(is_first), np.int64), np.empty(len(is_first), np.int64)
    from_s[is_first], from_s[~is_first] = parts.from_s, spans.to_s[span]
    to_s[is_last], to_s[~is_last] = parts.to_s, spans.from_s[span]
    return Parts(np.repeat(parts.owner, n + 1), from_s, to_s).nonempty()


def cut_at(parts: Parts, at_s: IntArray) -> tuple[Parts, Parts]:
    """What lies before, and what from an instant of each part on. at_s (n,)."""
    early = Parts(parts.owner, parts.from_s, np.minimum(parts.to_s, at_s))
    late = Parts(parts.owner, np.maximum(parts.from_s, at_s), parts.to_s)
    return early.nonempty(), late.nonempty()


def expand(low: IntArray, row: IntArray, high: IntArray | None = None) -> tuple[IntArray, IntArray]:
    """All entries of many rows: which of the given rows (n,), which entry (n,).

    `low` is a CSR pointer; with `high`, row i has the entries low[i] <= j < high[i].

    >>> [x.tolist() for x in expand(np.array([0, 2, 5]), np.array([1, 0]))]
    [[0, 0, 0, 1, 1], [2, 3, 4, 0, 1]]
    """
    first = low[row]
    n = (low[row + 1] if high is None else high[row]) - first
    which = np.repeat(np.arange(len(row)), n)
    entry = np.arange(int(n.sum())) - np.repeat(np.cumsum(n) - n, n) + first[which]
    return which, entry


def sums(at: IntArray, values: IntArray, n: int) -> IntArray:
    """Sum of the values at each of n places (n,), exact."""
    if len(values) * int(np.abs(values).max(initial=0)) < 2**53:
        return np.bincount(at, values, n).astype(np.int64)
    out = np.zeros(n, np.int64)
    np.add.at(out, at, values)
    return out
