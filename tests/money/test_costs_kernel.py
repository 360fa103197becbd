"""The compiled kernel: the numpy core's results, and no trace of it where numba is absent."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from corridor_sim.money import cost_kernel
from corridor_sim.money.cost_kernel import block_lots, has_numba
from corridor_sim.money.costs import cost_blocks, generalised_cost
from corridor_sim.money.free_time import charged_usd, lot_charges_usd, prepare_stays
from corridor_sim.units import DAY_S

RTOL = 1e-12


def stays(n_lot: int, n_place: int = 3, n_set: int = 6) -> tuple[np.ndarray, ...]:
    """Stays (one in five unknown), TEU, free times and rates."""
    rng = np.random.default_rng(5)
    stay_s = rng.integers(0, 20 * DAY_S, (n_lot, n_place))
    stay_s[::5] = -1
    units = rng.integers(1, 3, n_lot)
    free_s = rng.integers(0, 10, (n_place, n_set)) * DAY_S
    return stay_s, units, free_s, rng.uniform(0, 30, (n_place, n_set))


@pytest.mark.skipif(sys.version_info >= (3, 15), reason="no numba for this Python yet")
def test_numba_is_installed_where_tests_run() -> None:
    """It is in the extra `test`: else the tests below would compare numpy with itself."""
    assert has_numba()


@pytest.mark.parametrize("n_item", [1, 7, 8, 9, 15, 24])
@pytest.mark.parametrize("n_set", [1, 6])
def test_compiled_product_equals_numpy(n_item: int, n_set: int) -> None:
    """Whole and broken passes of eight items, two blocks and a lot; NaN and prices of 0."""
    rng = np.random.default_rng(n_item)
    use = rng.uniform(0, 1500, (2 * block_lots(n_item, n_set) + 1, n_item))
    use[::7, n_item // 2] = np.nan
    rate = rng.uniform(0, 2, (n_item, n_set))
    rate[n_item // 2, 0] = 0.0
    ours = generalised_cost(use, rate, fast=True)
    np.testing.assert_allclose(ours, generalised_cost(use, rate), rtol=RTOL)
    for lots, usd in cost_blocks(use, rate, fast=True):
        np.testing.assert_array_equal(usd, ours[lots])


@pytest.mark.parametrize("shape", [(0, 3, 2), (3, 0, 2), (3, 2, 0)])
def test_compiled_product_of_nothing(shape: tuple[int, int, int]) -> None:
    """No lots, no items, no sets: the same zeros, or none."""
    n_lot, n_item, n_set = shape
    use, rate = np.ones((n_lot, n_item)), np.ones((n_item, n_set))
    ours = generalised_cost(use, rate, fast=True)
    np.testing.assert_array_equal(ours, generalised_cost(use, rate))
    assert ours.shape == (n_lot, n_set)


def test_compiled_charges_equal_numpy() -> None:
    """Units x seconds are whole numbers in both: equal to the last digit."""
    given = stays(2 * block_lots(1, 6) + 1)
    np.testing.assert_array_equal(lot_charges_usd(*given, fast=True), lot_charges_usd(*given))


@pytest.mark.parametrize("fast", [False, True])
def test_charges_of_lots_sum_to_those_of_groups(fast: bool) -> None:
    """Prefix sums and lots one by one say the same; `out` is added to."""
    stay_s, units, free_s, rate = stays(500)
    group = np.arange(500) % 4
    usd = lot_charges_usd(stay_s, units, free_s, rate, np.ones((500, 6)), fast) - 1
    places = [prepare_stays(group, stay_s[:, p], units, 4) for p in range(3)]
    expected = [usd[group == g].sum(axis=0) for g in range(4)]
    # 1 was added to each of 125 charges and taken away again
    np.testing.assert_allclose(charged_usd(places, free_s, rate), expected, rtol=RTOL, atol=1e-9)


def test_absent_numba_leaves_numpy_silently(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """`fast=True` is a wish: without the extra the answer is numpy's own."""
    use, rate = np.random.default_rng(1).uniform(0, 9, (2, 50, 50))
    monkeypatch.setitem(sys.modules, "numba", None)
    cost_kernel._compiled.cache_clear()
    try:
        assert not has_numba()
        ours = generalised_cost(use, rate, fast=True)
    finally:
        cost_kernel._compiled.cache_clear()
    np.testing.assert_array_equal(ours, generalised_cost(use, rate))
    assert capfd.readouterr() == ("", "")


def test_numba_is_not_imported_unless_asked_for() -> None:
    """Its import takes as long as a small run."""
    import subprocess

    code = (
        "import sys; from corridor_sim.money.costs import generalised_cost as g;"
        "g([[1.0]], [[1.0]]); assert 'numba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
