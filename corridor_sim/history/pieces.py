"""Pieces of the ledger: stretches of time with one label, kept in few bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from corridor_sim.primitives import IntArray


class Pieces:
    """Stretches of time with one label (n,), sorted by (owner, time); they touch within an owner.

    Of trips: owner = carrier (row of births), row = row of the itinerary. Of stocks: owner = stock,
    row = the itinerary's row of the foremost trip there (-1: none). Each column is kept in the
    smallest whole numbers that hold it, and read as a new array of int64: read it once.
    """

    def __init__(
        self,
        *,
        owner: IntArray,
        row: IntArray,
        label: IntArray,
        part: IntArray,
        from_s: IntArray,
        to_s: IntArray,
    ):
        self._owner, self._row, self._label = narrow(owner), narrow(row), narrow(label)
        self._part, self._from_s, self._to_s = narrow(part), narrow(from_s), narrow(to_s)

    def __len__(self) -> int:
        return len(self._owner)

    @property
    def nbytes(self) -> int:
        """Memory of all columns, bytes."""
        return sum(column.nbytes for column in vars(self).values())

    @property
    def owner(self) -> IntArray:
        """Carrier or stock."""
        return self._owner.astype(np.int64)

    @property
    def row(self) -> IntArray:
        """Row of the itinerary; -1: none."""
        return self._row.astype(np.int64)

    @property
    def label(self) -> IntArray:
        """Number of the label."""
        return self._label.astype(np.int64)

    @property
    def part(self) -> IntArray:
        """A `Part`."""
        return self._part.astype(np.int64)

    @property
    def from_s(self) -> IntArray:
        """Beginning."""
        return self._from_s.astype(np.int64)

    @property
    def to_s(self) -> IntArray:
        """End."""
        return self._to_s.astype(np.int64)


def narrow(values: IntArray) -> npt.NDArray[np.signedinteger[Any]]:
    """The same numbers in the smallest signed type that holds them all.

    >>> narrow(np.array([-1, 127])).dtype, narrow(np.array([128])).dtype
    (dtype('int8'), dtype('int16'))
    """
    # ~high is negative, so a signed type is found, and it holds high as well
    least = min(int(values.min(initial=0)), ~int(values.max(initial=0)))
    return values.astype(np.min_scalar_type(least))
