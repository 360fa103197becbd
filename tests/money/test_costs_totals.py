"""Totals by group: the sum over its lots, whatever the sets and however they are grouped."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from corridor_sim.errors import ShapeError
from corridor_sim.money.cost_totals import prepare
from corridor_sim.money.costs import PARTS, cost_parts, generalised_cost

N_GROUP = 4
# Sums of positive terms in another order: each keeps its last digits.
RTOL = 1e-12


@pytest.fixture
def lots() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Activities, groups (the last one empty) and rates; every seventh lot undelivered."""
    rng = np.random.default_rng(7)
    use = rng.uniform(0, 1500, (5_000, 15))
    use[6::7, 3] = np.nan
    return use, rng.integers(0, N_GROUP - 1, 5_000), rng.uniform(0.1, 2, (15, 6))


def test_totals_are_the_sums_of_the_lots(lots: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    """Against the exactly rounded sum of every delivered lot's cost."""
    use, group, rate = lots
    usd, totals = generalised_cost(use, rate), prepare(use, group, N_GROUP)
    done = ~np.isnan(usd[:, 0])
    for g in range(N_GROUP):
        mine = usd[(group == g) & done]
        assert totals.n[g] == len(mine)
        expected = [math.fsum(column) for column in mine.T] if len(mine) else [0.0] * 6
        np.testing.assert_allclose(totals.usd(rate)[g], expected, rtol=RTOL)


def test_parts_of_totals_are_totals_of_parts(
    lots: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    """Splitting and summing may be swapped, and parts sum to the total."""
    use, group, rate = lots
    part = np.arange(15) % len(PARTS)
    totals = prepare(use, group, N_GROUP)
    found, by_lot = totals.parts_usd(rate, part), cost_parts(use, rate, part)
    assert list(found) == list(by_lot)
    for name, usd in found.items():
        expected = [np.nansum(by_lot[name][group == g], axis=0) for g in range(N_GROUP)]
        np.testing.assert_allclose(usd, expected, rtol=RTOL)
    np.testing.assert_allclose(np.sum(list(found.values()), axis=0), totals.usd(rate), rtol=RTOL)


@given(
    arrays(np.float64, (12, 2), elements=st.floats(0, 1e6)),
    arrays(np.int64, 12, elements=st.integers(0, 2)),
    arrays(np.int64, 12, elements=st.integers(0, 1)),
)
def test_months_of_an_od_sum_to_the_od(use: np.ndarray, od: np.ndarray, month: np.ndarray) -> None:
    """Cohorts are a finer grouping of the same lots."""
    rate = np.array([[0.5], [3.0]])
    fine = prepare(use, od * 2 + month, 6).usd(rate).reshape(3, 2, 1).sum(axis=1)
    np.testing.assert_allclose(fine, prepare(use, od, 3).usd(rate), rtol=RTOL)


def test_unfit_shapes_are_refused() -> None:
    """One group a lot, one row of rates an item."""
    with pytest.raises(ShapeError, match="group"):
        prepare(np.ones((3, 2)), np.zeros(2, np.int64), 1)
    with pytest.raises(ShapeError, match="rate_usd"):
        prepare(np.ones((3, 2)), np.zeros(3, np.int64), 1).usd(np.ones((3, 1)))
