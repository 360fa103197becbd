"""The cost core: identities of a separable formula, and what it refuses."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt
import pytest

from corridor_sim.errors import ShapeError
from corridor_sim.results import costs
from corridor_sim.results.costs import PARTS, cost_parts, generalised_cost, is_cost_only

FloatArray = npt.NDArray[np.float64]

# Sums of 14 positive float64 terms in another order differ by some 14 x 1.1e-16.
RTOL = 1e-12


@dataclass(frozen=True)
class Case:
    """Arguments of `generalised_cost`, by name."""

    activity: FloatArray
    rate_usd: FloatArray
    transit_d: FloatArray
    value_usd: FloatArray
    teu: FloatArray
    inventory_share_per_day: FloatArray
    vot_usd_per_teu_d: FloatArray

    def cost(self) -> FloatArray:
        return generalised_cost(**vars(self))


@pytest.fixture(params=[1, 7, costs._BLOCK_LOTS, 2 * costs._BLOCK_LOTS + 1])
def case(request: pytest.FixtureRequest) -> Case:
    """Lots below, at and above the size of a block; every seventh undelivered."""
    n_lot, n_item, n_set = request.param, 12, 5
    rng = np.random.default_rng(20240101)
    transit_d = rng.uniform(5, 40, n_lot)
    transit_d[6::7] = np.nan
    return Case(
        rng.uniform(0, 1500, (n_lot, n_item)),
        rng.uniform(0.1, 2, (n_item, n_set)),
        transit_d,
        rng.uniform(1e4, 1e5, n_lot),
        rng.integers(1, 3, n_lot).astype(np.float64),
        rng.uniform(1e-4, 5e-4, n_set),
        rng.uniform(5, 40, n_set),
    )


def broadcast(c: Case) -> FloatArray:
    """The formula as it is written, without any trick."""
    money = (c.activity[:, :, None] * c.rate_usd).sum(axis=1)
    per_day = (
        c.value_usd[:, None] * c.inventory_share_per_day + c.teu[:, None] * c.vot_usd_per_teu_d
    )
    result: FloatArray = money + c.transit_d[:, None] * per_day
    return result


def test_cost_equals_plain_broadcasting(case: Case) -> None:
    """The matrix product only reorders additions."""
    np.testing.assert_allclose(case.cost(), broadcast(case), rtol=RTOL)


def test_invoice_by_hand_adds_up() -> None:
    """1 800 rail + 160 handling + 100 border + 300 inventory + 600 time, see the docstring."""
    usd = generalised_cost(
        [[3000, 2, 1]], [[0.6], [80.0], [100.0]], [20], [50_000], [2], [0.0003], [15]
    )
    assert usd.item() == pytest.approx(2960, rel=RTOL)


@pytest.mark.parametrize("item", range(12))
def test_cost_is_linear_in_each_tariff(case: Case, item: int) -> None:
    """One USD more on an item costs each lot as much as it uses of that item."""
    dearer = case.rate_usd.copy()
    dearer[item] += 1.0
    extra = replace(case, rate_usd=dearer).cost() - case.cost()
    expected = np.where(np.isnan(case.transit_d), np.nan, case.activity[:, item])
    # A difference of totals near 1e4 USD keeps about 1e-11 of them: absolute tolerance.
    np.testing.assert_allclose(
        extra, np.broadcast_to(expected[:, None], extra.shape), rtol=0, atol=1e-8
    )


def test_cost_is_linear_in_inventory_share_and_value_of_time(case: Case) -> None:
    """Doubling every price doubles every cost, exactly: a factor of 2 rounds nothing."""
    double = replace(
        case,
        rate_usd=2 * case.rate_usd,
        inventory_share_per_day=2 * case.inventory_share_per_day,
        vot_usd_per_teu_d=2 * case.vot_usd_per_teu_d,
    )
    np.testing.assert_array_equal(double.cost(), 2 * case.cost())


def test_zero_tariffs_give_zero_and_undelivered_stays_nan(case: Case) -> None:
    """NaN times a price of 0 must not come out as a free lot."""
    nothing = replace(
        case,
        rate_usd=0 * case.rate_usd,
        inventory_share_per_day=0 * case.inventory_share_per_day,
        vot_usd_per_teu_d=0 * case.vot_usd_per_teu_d,
    ).cost()
    undelivered = np.isnan(case.transit_d)
    assert np.all(nothing[~undelivered] == 0)
    assert np.all(np.isnan(nothing[undelivered]))
    assert np.array_equal(np.isnan(case.cost()).all(axis=1), undelivered)


def test_parts_sum_to_total(case: Case) -> None:
    """No item is lost or counted twice, whatever its group."""
    parts = cost_parts(**vars(case), group=np.arange(12) % 3)
    assert tuple(parts) == PARTS
    np.testing.assert_allclose(np.sum(list(parts.values()), axis=0), case.cost(), rtol=RTOL)


def test_group_without_items_costs_nothing() -> None:
    """A corridor without borders has a border part of zero, not a missing one."""
    parts = cost_parts([[10.0]], [[2.0]], [1], [0], [1], [0], [0], group=[0])
    assert {part: usd.item() for part, usd in parts.items()} == {
        "line_haul": 20, "handling": 0, "border": 0, "inventory": 0, "time": 0
    }  # fmt: skip


def test_each_set_is_priced_alone(case: Case) -> None:
    """A set's cost does not depend on which other sets are priced beside it."""
    one = slice(2, 3)
    alone = replace(
        case,
        rate_usd=case.rate_usd[:, one],
        inventory_share_per_day=case.inventory_share_per_day[one],
        vot_usd_per_teu_d=case.vot_usd_per_teu_d[one],
    )
    np.testing.assert_allclose(alone.cost(), case.cost()[:, one], rtol=RTOL)


def test_arguments_are_not_written_and_out_is_returned(case: Case) -> None:
    """Arrays of a compiled model are read-only; `out` saves the allocation."""
    for array in vars(case).values():
        array.flags.writeable = False
    out = np.full((case.teu.size, 5), -1.0)
    assert generalised_cost(**vars(case), out=out) is out
    np.testing.assert_array_equal(out, case.cost())


def test_no_lots_give_no_rows() -> None:
    """An empty period is priced without a special case at the caller."""
    empty = np.empty(0)
    assert generalised_cost(np.empty((0, 2)), np.ones((2, 3)), empty, empty, empty,
                            np.ones(3), np.ones(3)).shape == (0, 3)  # fmt: skip


@pytest.mark.parametrize("field", [f.name for f in fields(Case) if f.name != "activity"])
def test_wrong_shape_is_refused_by_name(field: str) -> None:
    """A column of length 1 would broadcast silently: it is refused, and named."""
    good = Case(*(np.ones(s) for s in [(4, 3), (3, 2), 4, 4, 4, 2, 2]))
    with pytest.raises(ShapeError, match=field):
        replace(good, **{field: np.ones(1)}).cost()


def test_unfit_out_and_group_are_refused() -> None:
    """float32 would lose cents; an unknown group would lose an item."""
    good = Case(*(np.ones(s) for s in [(4, 3), (3, 2), 4, 4, 4, 2, 2]))
    with pytest.raises(ShapeError, match="out"):
        generalised_cost(**vars(good), out=np.empty((4, 2), dtype=np.float32))
    with pytest.raises(ShapeError, match="group"):
        cost_parts(**vars(good), group=[0, 1, 3])
    with pytest.raises(ShapeError, match="group"):
        cost_parts(**vars(good), group=[0, 1])


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("tariffs.aktau_alat.rate_usd_per_feu", True),
        ("tariffs.x", True),
        ("demand.xian_absheron.value_usd_per_unit", True),
        ("demand.xian_absheron.units", False),
        ("demand.value_usd_per_unit", False),
        ("demand..value_usd_per_unit", False),
        ("demand.a.b.value_usd_per_unit", False),
        ("fleets.kmtf_225.vessels", False),
        ("tariffs_old.x.y", False),
        ("tariffs", False),
        ("tariffs.", False),
        ("", False),
    ],
)
def test_only_tariffs_and_cargo_value_need_no_new_run(key: str, expected: bool) -> None:
    """When in doubt, simulate: everything else may move a lot."""
    assert is_cost_only(key) is expected
