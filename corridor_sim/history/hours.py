"""Hours: the columns of the ledger of many units, texts as numbers; and their mean over replications."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np

from corridor_sim.primitives import IntArray

REST = "rest"
"""Stands where a cause stands: what the mean of the lots near a quantile leaves of it."""
ALL = "all"
ORIGIN, CARRIED, WAY = "origin", "carried", "on_the_way"
"""Places that are no nodes."""


class Clock(IntEnum):
    """Whose hours."""

    SHIPPER = 0
    """From ready to delivered."""
    CARRIER = 1
    """From first loaded by a service to delivered."""
    NODE = 2
    """The carrier's, by node and on the way."""


@dataclass(frozen=True)
class Hours:
    """Columns of the ledger (n,), sorted by their keys; texts are numbers of `words`."""

    words: tuple[str, ...]
    """Sorted."""
    keys: IntArray
    """(n, 6) od, route, cohort, clock, place, cause."""
    units: np.ndarray
    """Delivered units of the group."""
    mean_h: np.ndarray
    """Mean hours a unit; of the rest 0."""
    near_h: dict[float, np.ndarray]
    """q -> mean hours of the units near the q-quantile; of the rest what is left over."""

    def rows(self, only: Sequence[bool] | np.ndarray | None = None) -> Iterator[tuple[Any, ...]]:
        """Texts of the keys, and then the numbers, of some rows or all."""
        which = slice(None) if only is None else only
        numbers = (self.units, self.mean_h, *self.near_h.values())
        columns = (column[which].tolist() for column in numbers)
        for keys, *values in zip(self.keys[which].tolist(), *columns, strict=True):
            yield (*(self.words[k] for k in keys), *values)


def joined(parts: Sequence[Hours]) -> Hours:
    """Tables with the same words as one, sorted by its keys."""
    keys = np.concatenate([part.keys for part in parts])
    order = np.lexsort(keys.T[::-1])
    near = {q: np.concatenate([part.near_h[q] for part in parts])[order] for q in parts[0].near_h}
    return Hours(
        parts[0].words,
        keys[order],
        np.concatenate([part.units for part in parts])[order],
        np.concatenate([part.mean_h for part in parts])[order],
        near,
    )


def mean_hours(found: Sequence[Hours]) -> Hours:
    """Means over replications; of a group, over those in which it has lots (and the quantile).

    A cause that one replication does not know has no hours there.
    """
    words = tuple(sorted({word for hours in found for word in hours.words}))
    keys = np.concatenate([_renamed(hours, words) for hours in found])
    quantiles = tuple(found[0].near_h)
    key, group = _numbered(keys), _numbered(keys[:, :4])
    _, first, row = np.unique(key, return_index=True, return_inverse=True)
    of_group, n_group = group[first], int(group.max(initial=-1)) + 1
    is_rest = keys[:, 5] == words.index(REST)

    def mean(column: np.ndarray, knows: np.ndarray) -> np.ndarray:
        """Sums by row over how many replications know its group."""
        n = np.bincount(group[is_rest], knows[is_rest], n_group)[of_group]
        total = np.bincount(row, np.where(knows, column, 0), len(first))
        return np.asarray(np.divide(total, n, out=np.full(len(first), np.nan), where=n > 0))

    def column(name: str) -> np.ndarray:
        return np.concatenate([getattr(hours, name) for hours in found])

    n_found = np.bincount(group[is_rest], minlength=n_group)
    units = np.bincount(group[is_rest], column("units")[is_rest], n_group) / np.maximum(n_found, 1)
    near = {q: np.concatenate([hours.near_h[q] for hours in found]) for q in quantiles}
    return Hours(
        words,
        keys[first],
        units[of_group],
        mean(column("mean_h"), np.ones(len(keys), bool)),
        {q: mean(values, ~np.isnan(values)) for q, values in near.items()},
    )


def _renamed(hours: Hours, words: tuple[str, ...]) -> IntArray:
    """Its keys in other words that hold all of its own."""
    at = {word: i for i, word in enumerate(words)}
    return np.array([at[word] for word in hours.words], np.int64)[hours.keys]


def _numbered(keys: IntArray) -> IntArray:
    """One number for each combination of columns, in their order (n,); from 0, not without gaps."""
    columns, sizes = [], []
    for column in keys.T:
        used = np.bincount(column) > 0
        columns.append((np.cumsum(used) - 1)[column])
        sizes.append(int(used.sum()))
    return np.asarray(np.ravel_multi_index(columns, sizes)) if len(keys) else keys[:, 0]
