"""Totals of cost by group of lots, for many tariff sets: prepared once, then priced in no time.

A total is linear in the rates, too: sum over lots of (activity x rate) is (sum of activity) x
rate. So lots are summed once, and each further tariff set costs one small product.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corridor_sim.errors import ShapeError
from corridor_sim.money.cost_loops import FloatArray
from corridor_sim.money.costs import PARTS, part_numbers
from corridor_sim.primitives import IntArray


@dataclass(frozen=True)
class Totals:
    """What each group of lots uses of each item in all."""

    n: IntArray
    """(n_group,) lots summed; the undelivered are not."""
    activity: FloatArray
    """(n_group, n_item)"""

    def usd(self, rate_usd: npt.ArrayLike) -> FloatArray:
        """USD of each group under each set (n_group, n_set); 0 for a group without lots.

        rate_usd: (n_item, n_set), as in `costs.generalised_cost`. The mean of a lot is this
        divided by `n[:, None]`.

        >>> sums = prepare([[10.0], [20.0], [np.nan]], np.array([0, 0, 1]), 2)
        >>> sums.usd([[2.0, 3.0]]).tolist(), sums.n.tolist()
        ([[60.0, 90.0], [0.0, 0.0]], [2, 0])
        """
        total: FloatArray = self.activity @ self._rates(rate_usd)
        return total

    def parts_usd(self, rate_usd: npt.ArrayLike, part: npt.ArrayLike) -> dict[str, FloatArray]:
        """`usd` split by part, as `costs.cost_parts` splits a lot's cost.

        >>> sums = prepare([[10.0, 1.0]], np.array([0]), 1)
        >>> {name: usd.item() for name, usd in sums.parts_usd([[2.0], [80.0]], [0, 1]).items()}
        {'line_haul': 20.0, 'handling': 80.0}
        """
        rate = self._rates(rate_usd)
        number = part_numbers(part, len(rate))
        return {
            PARTS[p]: self.activity[:, number == p] @ rate[number == p] for p in np.unique(number)
        }

    def _rates(self, rate_usd: npt.ArrayLike) -> FloatArray:
        rate = np.asarray(rate_usd, np.float64)
        if rate.ndim != 2 or len(rate) != self.activity.shape[1]:
            raise ShapeError(
                f"rate_usd: must be (n_item, n_set) with {self.activity.shape[1]} items "
                f"(found {rate.shape}). Fix: one row of rates per item"
            )
        return rate


def prepare(activity: npt.ArrayLike, group: IntArray, n_group: int) -> Totals:
    """Sum the activities of lots by group.

    A group is what a row of the answer is about: an OD, or OD x month as
    ``od * n_month + month``; totals of coarser groups are sums of those rows.

    Parameters
    ----------
    activity    (n_lot, n_item), as in `costs.generalised_cost`; NaN in a row: undelivered
    group       (n_lot,) int, 0 to n_group - 1

    Raises
    ------
    ShapeError    shapes do not fit together
    """
    use = np.asarray(activity, np.float64)
    if use.ndim != 2 or group.shape != (len(use),):
        raise ShapeError(
            "activity, group: must be (n_lot, n_item) and (n_lot,) "
            f"(found {use.shape} and {group.shape}). Fix: one group per lot"
        )
    done = ~np.isnan(use).any(axis=1)
    of = group[done]
    sums = np.empty((n_group, use.shape[1]))
    for item in range(use.shape[1]):
        sums[:, item] = np.bincount(of, use[done, item], n_group)
    return Totals(np.bincount(of, minlength=n_group).astype(np.int64), sums)
