"""The cost core: identities of a separable formula, and what it refuses."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from corridor_sim.errors import ShapeError
from corridor_sim.money.cost_kernel import block_lots
from corridor_sim.money.costs import (
    PARTS,
    TIME_PARTS,
    cost_blocks,
    cost_parts,
    generalised_cost,
    is_cost_only,
    time_items,
    time_rates,
    transit_sigma_d,
)

FloatArray = npt.NDArray[np.float64]

# Sums of 15 positive float64 terms in another order differ by some 15 x 1.1e-16.
RTOL = 1e-12

# A product of two numbers below 1e-154 is subnormal and has fewer digits than both.
amounts = st.just(0.0) | st.floats(1e-150, 1e6)


def matrix(rows: int | tuple[int, int], columns: int) -> st.SearchStrategy[FloatArray]:
    """Non-negative amounts or prices, up to a million."""
    if isinstance(rows, tuple):
        return st.integers(*rows).flatmap(lambda n: matrix(n, columns))
    return arrays(np.float64, (rows, columns), elements=amounts)


uses, rates = matrix((1, 9), 5), matrix(5, 3)


def lots(n_lot: int, n_item: int = 12, n_set: int = 5) -> tuple[FloatArray, FloatArray]:
    """Activities of lots, every seventh undelivered, and prices."""
    rng = np.random.default_rng(20240101)
    use = rng.uniform(0, 1500, (n_lot, n_item))
    use[6::7, -1] = np.nan
    return use, rng.uniform(0.1, 2, (n_item, n_set))


@pytest.fixture(params=["one", "few", "a block", "two blocks and a lot"])
def case(request: pytest.FixtureRequest) -> tuple[FloatArray, FloatArray]:
    """Lots below, at and above the size of a block."""
    block = block_lots(12, 5)
    n = {"one": 1, "few": 7, "a block": block, "two blocks and a lot": 2 * block + 1}
    return lots(n[request.param])


def broadcast(use: FloatArray, rate: FloatArray) -> FloatArray:
    """The formula as it is written, without any trick."""
    result: FloatArray = (use[:, :, None] * rate).sum(axis=1)
    return result


def test_cost_equals_plain_broadcasting(case: tuple[FloatArray, FloatArray]) -> None:
    """The matrix product only reorders additions."""
    np.testing.assert_allclose(generalised_cost(*case), broadcast(*case), rtol=RTOL)


def test_blocks_are_the_cost_in_order(case: tuple[FloatArray, FloatArray]) -> None:
    """What streams is what stands in the whole answer: no lot left out, none twice."""
    whole, seen = generalised_cost(*case), 0
    for which, usd in cost_blocks(*case):
        assert which.start == seen
        np.testing.assert_array_equal(usd, whole[which])
        seen = which.stop
    assert seen == len(whole)


def test_invoice_by_hand_adds_up() -> None:
    """1 800 rail + 160 handling + 100 border + 300 inventory + 600 time + 120 reliability."""
    use = np.hstack([[[3000, 2, 1]], time_items([20], [5], [50_000], [2])])
    rate = np.vstack([[[0.6], [80.0], [100.0]], time_rates([0.0003], [15], [0.8])])
    assert generalised_cost(use, rate).item() == pytest.approx(3080, rel=RTOL)
    parts = cost_parts(use, rate, [0, 1, 2, *TIME_PARTS])
    assert {name: round(usd.item(), 9) for name, usd in parts.items()} == {
        "line_haul": 1800, "handling": 160, "border": 100,
        "inventory": 300, "time": 600, "reliability": 120,
    }  # fmt: skip


@given(uses, rates, st.integers(0, 4), st.floats(0, 1e3))
def test_cost_is_linear_in_each_tariff(
    use: FloatArray, rate: FloatArray, item: int, more: float
) -> None:
    """A price that rises costs each lot the rise times what it uses of the item."""
    dearer = rate.copy()
    dearer[item] += more
    expected = generalised_cost(use, rate) + np.outer(use[:, item], dearer[item] - rate[item])
    # the prices before and after round in their own last digit, however small the rise
    atol = 1e-15 * use[:, item].max() * dearer[item].max()
    np.testing.assert_allclose(generalised_cost(use, dearer), expected, rtol=RTOL, atol=atol)


@given(uses, rates)
def test_twice_the_prices_are_twice_the_cost(use: FloatArray, rate: FloatArray) -> None:
    """Exactly: a factor of 2 rounds nothing."""
    np.testing.assert_array_equal(generalised_cost(use, 2 * rate), 2 * generalised_cost(use, rate))


@given(uses)
def test_zero_tariffs_give_zero(use: FloatArray) -> None:
    """Where nothing has a price, nothing costs."""
    assert not generalised_cost(use, np.zeros((5, 3))).any()


def test_undelivered_stays_unknown_at_a_price_of_zero(
    case: tuple[FloatArray, FloatArray],
) -> None:
    """NaN times a price of 0 must not come out as a free lot, in no part either."""
    use, rate = case
    undelivered = np.isnan(use).any(axis=1)
    for usd in (generalised_cost(use, 0 * rate), *cost_parts(use, rate, np.arange(12)).values()):
        np.testing.assert_array_equal(np.isnan(usd).all(axis=1), undelivered)
        np.testing.assert_array_equal(np.isnan(usd).any(axis=1), undelivered)


@given(uses, rates, st.lists(st.integers(0, len(PARTS) - 1), min_size=5, max_size=5))
def test_parts_sum_to_total(use: FloatArray, rate: FloatArray, part: list[int]) -> None:
    """No item is lost or counted twice, whatever its part."""
    parts = cost_parts(use, rate, part)
    assert list(parts) == [name for p, name in enumerate(PARTS) if p in part]
    total = np.sum(list(parts.values()), axis=0)
    np.testing.assert_allclose(total, generalised_cost(use, rate), rtol=RTOL)


@given(
    arrays(np.float64, (4, 4), elements=st.floats(0, 1e3)),
    arrays(np.float64, (3, 2), elements=st.floats(0, 1e3)),
)
def test_price_of_time_is_as_defined(lot: FloatArray, price: FloatArray) -> None:
    """Days x (value x share + TEU x VoT) + sigma x TEU x VoT x ratio, lot by lot and set by set."""
    (days, sigma, value, teu), (share, vot, ratio) = lot, price
    usd = generalised_cost(time_items(days, sigma, value, teu), time_rates(share, vot, ratio))
    for i in range(4):
        for s in range(2):
            time = days[i] * (value[i] * share[s] + teu[i] * vot[s])
            expected = time + sigma[i] * teu[i] * vot[s] * ratio[s]
            assert usd[i, s] == pytest.approx(expected, rel=RTOL, abs=1e-300)


def test_reliability_costs_nothing_where_every_lot_takes_as_long() -> None:
    """The value of reliability prices the spread alone."""
    sigma = transit_sigma_d(np.zeros(3, np.int64), [12.0, 12.0, 12.0], 1)
    use = time_items([12.0] * 3, sigma, [1e4] * 3, [2.0] * 3)
    np.testing.assert_array_equal(use[:, 2], 0)


def test_sigma_is_of_the_group_and_of_delivered_lots() -> None:
    """10, 20 and 12, 12, undelivered: 5 and 0 days; a group that delivered nothing is unknown."""
    group = np.array([0, 1, 0, 1, 1, 2])
    days = np.array([10, 12, 20, 12, np.nan, np.nan])
    np.testing.assert_array_equal(transit_sigma_d(group, days, 4), [5, 0, 5, 0, 0, np.nan])
    assert np.isnan(time_items(days, np.full(6, 5.0), np.ones(6), np.ones(6))[4:]).all()


def test_each_set_is_priced_alone(case: tuple[FloatArray, FloatArray]) -> None:
    """A set's cost does not depend on which other sets are priced beside it."""
    use, rate = case
    np.testing.assert_allclose(
        generalised_cost(use, rate[:, 2:3]), generalised_cost(use, rate)[:, 2:3], rtol=RTOL
    )


def test_arguments_are_not_written_and_out_is_returned(
    case: tuple[FloatArray, FloatArray],
) -> None:
    """Arrays of a compiled model are read-only; `out` saves the allocation."""
    for array in case:
        array.flags.writeable = False
    out = np.full((len(case[0]), 5), -1.0)
    assert generalised_cost(*case, out=out) is out
    np.testing.assert_array_equal(out, generalised_cost(*case))


def test_no_lots_give_no_rows() -> None:
    """An empty period is priced without a special case at the caller."""
    assert generalised_cost(np.empty((0, 2)), np.ones((2, 3))).shape == (0, 3)
    assert list(cost_blocks(np.empty((0, 2)), np.ones((2, 3)))) == []


def test_wrong_shapes_are_refused_by_name() -> None:
    """A column of length 1 would broadcast silently: it is refused, and named."""
    use, rate = np.ones((4, 3)), np.ones((3, 2))
    with pytest.raises(ShapeError, match="activity, rate_usd"):
        generalised_cost(use, rate[:1])
    with pytest.raises(ShapeError, match="out"):
        generalised_cost(use, rate, out=np.empty((1, 2)))
    with pytest.raises(ShapeError, match="part"):
        cost_parts(use, rate, [0])
    with pytest.raises(ShapeError, match="teu"):
        time_items(np.ones(4), np.ones(4), np.ones(4), [1])
    with pytest.raises(ShapeError, match="reliability_ratio"):
        time_rates([1, 1], [1, 1], [1])
    with pytest.raises(ShapeError, match="group"):
        transit_sigma_d(np.zeros(1, np.int64), np.ones(4), 1)


def test_unfit_out_and_part_are_refused() -> None:
    """float32 would lose cents; an unknown part would lose an item."""
    use, rate = np.ones((4, 3)), np.ones((3, 2))
    with pytest.raises(ShapeError, match="out: must be float64"):
        generalised_cost(use, rate, out=np.empty((4, 2), dtype=np.float32))
    with pytest.raises(ShapeError, match="part"):
        cost_parts(use, rate, [0, 1, len(PARTS)])


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("tariffs.aktau_alat.value_usd", True),
        ("tariffs.x", True),
        ("tariffs.*.value_usd", True),
        ("exchange_rates.kzt.usd", True),
        ("emission_factors.rail_diesel.kg_co2e_per_t_km", True),
        ("demand.xian_absheron.value_usd_per_unit", True),
        ("demand.xian_absheron.units", False),
        ("demand.xian_absheron.tonnes_per_unit", False),
        ("demand.value_usd_per_unit", False),
        ("demand..value_usd_per_unit", False),
        ("demand.a.b.value_usd_per_unit", False),
        ("fleets.kmtf_225.vessels", False),
        ("legs.aktau__alat.value_usd", False),
        ("tariffs_old.x.y", False),
        ("emission_factors..x", False),
        ("exchange_rates", False),
        ("tariffs", False),
        ("tariffs.", False),
        ("", False),
    ],
)
def test_only_what_is_read_after_the_run_needs_no_new_run(key: str, expected: bool) -> None:
    """When in doubt, simulate: everything else may move a lot."""
    assert is_cost_only(key) is expected
