"""Days beyond a free time: prefix sums give the sum over the stays to the second."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridor_sim.errors import ShapeError
from corridor_sim.money.free_time import charged_usd, prepare_stays, whole_days_s
from corridor_sim.units import DAY_S

N_GROUP = 4
stays = st.lists(
    st.tuples(
        st.integers(0, N_GROUP - 1),
        st.one_of(st.integers(-1, 4), st.integers(0, 40 * DAY_S)),
        st.integers(0, 80),
    )
)
frees = st.lists(st.one_of(st.integers(0, 5), st.integers(0, 50 * DAY_S)), min_size=1)


@given(stays, frees)
def test_sum_beyond_free_time_is_that_of_each_stay(
    given_stays: list[tuple[int, int, int]], free_s: list[int]
) -> None:
    """To the second, in whole numbers of any size: equal stays and free times included."""
    group, stay, units = np.array(given_stays, np.int64).reshape(-1, 3).T
    beyond = prepare_stays(group, stay, units, N_GROUP).beyond_unit_s(free_s)
    expected = [
        [sum(u * max(0, s - f) for g, s, u in given_stays if g == at) for f in free_s]
        for at in range(N_GROUP)
    ]
    assert beyond.tolist() == expected


def test_steps_of_a_storage_tariff_by_hand() -> None:
    """A box of 2 TEU stays 16.2 days, another 6; 7 free, 5 USD to day 14, 8 USD from then on.

    Started days: 17 and 6. 7 d x 5 USD + 3 d x 8 USD = 59 USD a TEU: 118 USD; as rises of the
    rate: 10 d x 5 USD + 3 d x 3 USD = 59 USD.
    """
    stay = whole_days_s(np.array([int(16.2 * DAY_S), 6 * DAY_S]))
    place = prepare_stays(np.zeros(2, np.int64), stay, np.array([2, 2]), 1)
    free = np.array([[7 * DAY_S], [14 * DAY_S]])
    assert charged_usd([place, place], free, np.array([[5.0], [3.0]])).item() == pytest.approx(118)


def test_charge_is_linear_in_its_rate_and_zero_without() -> None:
    """Each set by itself: twice the rate is twice the charge, exactly."""
    rng = np.random.default_rng(3)
    place = prepare_stays(
        rng.integers(0, N_GROUP, 500), rng.integers(0, 20 * DAY_S, 500), np.full(500, 2), N_GROUP
    )
    free = np.array([[5 * DAY_S] * 3])
    usd = charged_usd([place], free, np.array([[0.0, 4.0, 8.0]]))
    assert not usd[:, 0].any() and (usd[:, 1] > 0).all()
    np.testing.assert_array_equal(usd[:, 2], 2 * usd[:, 1])


def test_fractions_and_unequal_columns_are_refused() -> None:
    """Exact sums are sums of whole numbers."""
    one = np.ones(2, np.int64)
    with pytest.raises(ShapeError, match="units"):
        prepare_stays(one, one, np.array([0.5, 1]), 2)
    with pytest.raises(ShapeError, match="stay_s"):
        prepare_stays(one, one[:1], one, 2)
    for free in ([-1], [0.5], [[1]]):
        with pytest.raises(ShapeError, match="free_s"):
            prepare_stays(one, one, one, 2).beyond_unit_s(free)
