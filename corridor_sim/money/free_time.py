"""Storage and demurrage: what stays beyond a free time cost.

A stay of d with f free is charged for max(0, d - f). That is no product of a number of the lot and
a price, so it is no item of `costs`: a set that changes f changes every lot by another amount.
Sorted by length, though, the stays beyond any f are the end of the list, and their sum is a
difference of two prefix sums. All is in whole seconds and units: exact.

Tariffs by steps (a rate from day 7, a higher one from day 14) are several such charges, each with
its own free time and the rate's *rise*. Where started days are charged, round stays up first
(`whole_days_s`) and give whole free days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corridor_sim.errors import ShapeError
from corridor_sim.money.cost_kernel import block_lots, charges
from corridor_sim.money.cost_loops import FloatArray
from corridor_sim.primitives import IntArray
from corridor_sim.units import DAY_S


@dataclass(frozen=True)
class Stays:
    """Stays at one place, sorted by group and length; made by `prepare_stays`."""

    key: IntArray
    """(n_stay,) group x span + stay, ascending"""
    span: int
    """More than the longest stay, s"""
    end: IntArray
    """(n_group,) where each group ends in `key`"""
    unit_s: IntArray
    """(n_stay + 1,) sum of units x stay over all before"""
    units: IntArray
    """(n_stay + 1,) sum of units over all before"""

    def beyond_unit_s(self, free_s: npt.ArrayLike) -> IntArray:
        """Sum over stays of units x max(0, stay - free): (n_group, n_set) int64, unit-seconds.

        free_s: (n_set,) int, s, not negative.

        >>> stays = prepare_stays(np.array([0, 0, 1]), np.array([50, 90, 70]), np.array([1, 2, 1]), 2)
        >>> stays.beyond_unit_s([0, 60]).tolist()
        [[230, 60], [70, 10]]
        """
        free = np.asarray(free_s)
        if free.ndim != 1 or free.dtype.kind not in "iu" or (free < 0).any():
            raise ShapeError(
                f"free_s: must be one whole number of seconds >= 0 a set (found {free!r}). "
                "Fix: days times 86400"
            )
        groups = np.arange(len(self.end))[:, None]
        first = np.searchsorted(
            self.key, groups * self.span + np.minimum(free, self.span - 1), side="right"
        )
        end = self.end[:, None]
        longer_s = self.unit_s[end] - self.unit_s[first]
        beyond: IntArray = longer_s - free * (self.units[end] - self.units[first])
        return beyond


def prepare_stays(group: IntArray, stay_s: IntArray, units: IntArray, n_group: int) -> Stays:
    """Sort stays once; then any free time is two look-ups a group.

    Parameters
    ----------
    group     (n_stay,) int, 0 to n_group - 1: an OD, or OD x month
    stay_s    (n_stay,) int, s; -1 where not known: left out
    units     (n_stay,) int, what is charged: TEU, wagons

    Raises
    ------
    ShapeError    lengths differ, or seconds or units are not whole numbers
    """
    columns = {"group": group, "stay_s": stay_s, "units": units}
    for name, column in columns.items():
        if column.shape != group.shape or column.dtype.kind not in "iu":
            raise ShapeError(
                f"{name}: must be whole numbers of shape {group.shape} "
                f"(found {column.dtype}, {column.shape})"
            )
    known = stay_s >= 0
    of, stay, size = (column[known].astype(np.int64) for column in columns.values())
    span = int(stay.max(initial=0)) + 1
    key = of * span + stay
    order = np.argsort(key, kind="stable")
    return Stays(
        key[order],
        span,
        np.cumsum(np.bincount(of, minlength=n_group)),
        _sums_before((size * stay)[order]),
        _sums_before(size[order]),
    )


def charged_usd(stays: Sequence[Stays], free_s: IntArray, rate_usd: FloatArray) -> FloatArray:
    """Charges of all places by group and set, (n_group, n_set), USD.

    Parameters
    ----------
    stays       one `Stays` a place, all with the same groups
    free_s      (n_place, n_set) int, s
    rate_usd    (n_place, n_set), USD per unit and day beyond

    Two containers of 2 TEU stay 3 and 10 days; 5 are free, then 4 USD a TEU and day:
    5 d x 2 TEU x 4 USD = 40 USD.

    >>> days = np.array([3, 10]) * DAY_S
    >>> stays = prepare_stays(np.array([0, 0]), days, np.array([2, 2]), 1)
    >>> charged_usd([stays], np.array([[5 * DAY_S]]), np.array([[4.0]])).tolist()
    [[40.0]]
    """
    charges = [
        place.beyond_unit_s(free) * (rate / DAY_S)
        for place, free, rate in zip(stays, free_s, rate_usd, strict=True)
    ]
    total: FloatArray = np.sum(charges, axis=0)
    return total


def lot_charges_usd(
    stay_s: IntArray,
    units: IntArray,
    free_s: IntArray,
    rate_usd: FloatArray,
    out: FloatArray | None = None,
    fast: bool = False,
) -> FloatArray:
    """Charges of each lot at all places by set, (n_lot, n_set), USD.

    Parameters
    ----------
    stay_s      (n_lot, n_place) int, s; -1 or 0 where the lot was not there
    units       (n_lot,) int, what is charged: TEU, wagons
    free_s      (n_place, n_set) int, s
    rate_usd    (n_place, n_set), USD per unit and day beyond
    out         (n_lot, n_set) float64, added to instead of a new array of 0
    fast        by the compiled kernel, if numba is installed (`cost_kernel`)

    Raises
    ------
    ShapeError    shapes do not fit together

    The two containers of `charged_usd`, each by itself:

    >>> stay_s, free_s = np.array([[3], [10]]) * DAY_S, np.array([[5 * DAY_S]])
    >>> lot_charges_usd(stay_s, np.array([2, 2]), free_s, np.array([[4.0]])).round(9).tolist()
    [[0.0], [40.0]]
    """
    (n_lot, n_place), n_set = stay_s.shape, rate_usd.shape[1]
    shapes = (units.shape, free_s.shape, rate_usd.shape)
    if shapes != ((n_lot,), (n_place, n_set), (n_place, n_set)):
        raise ShapeError(
            "units, free_s, rate_usd: must be (n_lot,), (n_place, n_set), (n_place, n_set) "
            f"(found {shapes}, with stay_s {stay_s.shape})"
        )
    if out is None:
        out = np.zeros((n_lot, n_set))
    if out.shape != (n_lot, n_set):
        raise ShapeError(f"out: must have shape {(n_lot, n_set)} (found {out.shape})")
    size, add = block_lots(1, n_set), charges(free_s, rate_usd / DAY_S, fast)
    for start in range(0, n_lot, size):
        lots = slice(start, start + size)
        add(stay_s[lots], units[lots], out[lots])
    return out


def whole_days_s(stay_s: IntArray) -> IntArray:
    """Stays rounded up to whole days, s: what is charged where started days count; -1 stays.

    >>> whole_days_s(np.array([0, 1, 86_400, 86_401, -1])).tolist()
    [0, 86400, 86400, 172800, -1]
    """
    return np.where(stay_s < 0, stay_s, -(-stay_s // DAY_S) * DAY_S)


def _sums_before(amounts: IntArray) -> IntArray:
    return np.concatenate([[0], np.cumsum(amounts)])
