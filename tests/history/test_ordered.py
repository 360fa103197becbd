"""Quantiles by group: those of each group alone, whatever stands beside it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridor_sim.history.ordered import Ordered
from corridor_sim.history.weighted import summed_up
from corridor_sim.results.indicators import quantile
from corridor_sim.units import FOREVER, HOUR_S

N_GROUP = 4
entries = st.lists(
    st.tuples(
        st.integers(0, N_GROUP - 1),
        st.one_of(st.integers(-1, 3), st.integers(0, 10**8)),
        st.integers(1, 5),
    )
)
percents = st.one_of(st.sampled_from([0, 5, 10, 50, 90, 95, 99, 100]), st.floats(0, 100))


def columns(given_entries: list[tuple[int, int, int]]) -> tuple[np.ndarray, ...]:
    """group, seconds, lots."""
    return tuple(np.array(given_entries, np.int64).reshape(-1, 3).T)


@given(entries, percents)
def test_quantile_of_a_group_is_that_of_its_lots_alone(
    given_entries: list[tuple[int, int, int]], q: float
) -> None:
    """To the last digit the one that reliability.csv uses, on every lot written out."""
    group, seconds, lots = columns(given_entries)
    found = Ordered(group, seconds, N_GROUP, lots).quantile_h(q)
    for g in range(N_GROUP):
        mine = np.repeat(seconds, lots * (group == g)).astype(float)
        alone = quantile(np.sort(np.where(mine < 0, np.inf, mine)), q) / HOUR_S
        np.testing.assert_array_equal(found[g], alone)


@given(entries, percents)
def test_quantile_without_unknown_times_is_numpys(
    given_entries: list[tuple[int, int, int]], q: float
) -> None:
    """numpy.percentile by group; its formula interpolates from the nearer end: a last digit."""
    group, seconds, _ = columns(given_entries)
    seconds = np.abs(seconds)
    found = Ordered(group, seconds, N_GROUP).quantile_h(q)
    for g in range(N_GROUP):
        mine = seconds[group == g]
        expected = np.percentile(mine, q) / HOUR_S if len(mine) else np.nan
        # a rank a hair below a whole number: 1e-15 of the way between two lots of up to 1e8 s
        np.testing.assert_allclose(found[g], expected, rtol=1e-12, atol=1e-8)


@given(entries, percents)
def test_lots_of_one_entry_are_as_many_entries(
    given_entries: list[tuple[int, int, int]], q: float
) -> None:
    """A batch of 40 boxes counts as 40, sorted with an index or without."""
    group, seconds, lots = columns(given_entries)
    written_out = Ordered(np.repeat(group, lots), np.repeat(seconds, lots), N_GROUP)
    together = Ordered(group, seconds, N_GROUP, lots)
    np.testing.assert_array_equal(together.n, written_out.n)
    np.testing.assert_array_equal(together.quantile_h(q), written_out.quantile_h(q))


def test_ranks_by_hand() -> None:
    """Group 0: 10, 50, unknown; group 1: nothing; group 2: 30 twice."""
    group, seconds = np.array([2, 0, 0, 0]), np.array([30, 50, -1, 10])
    ordered = Ordered(group, seconds, 3, np.array([2, 1, 1, 1]))
    assert ordered.n.tolist() == [3, 0, 2]
    assert ordered.ranked(np.array([0, 0, 0])).tolist() == [10, FOREVER, 30]
    assert ordered.ranked(np.array([1, 0, 1])).tolist() == [50, FOREVER, 30]
    assert ordered.ranked(np.array([2, 0, 1])).tolist() == [FOREVER, FOREVER, 30]


def test_arguments_are_left_as_they_are() -> None:
    """Columns of a replay are read-only; a sort in place would scramble a ledger."""
    given_columns = columns([(1, 5, 1), (0, 9, 1), (0, -1, 1)])
    for column in given_columns:
        column.flags.writeable = False
    group, seconds, lots = given_columns
    Ordered(group, seconds, 2, lots).quantile_h(50)
    assert seconds.tolist() == [5, 9, -1]


def test_too_many_groups_are_no_silent_overflow() -> None:
    """Group and time share 63 bits."""
    with pytest.raises(AssertionError):
        Ordered(np.array([0]), np.array([2**50]), 2**20)


def test_summary_counts_all_lots_and_averages_the_known() -> None:
    """1 h, unknown and twice 2 h: four lots, mean 5/3 h, median 2 h, P90 unknown."""
    one = np.zeros(3, np.int64)
    found = summed_up(one, np.array([3600, -1, 7200]), np.array([1, 1, 2]), 1, (50, 90))
    assert found.n.tolist() == [4]
    assert found.mean_h == pytest.approx([5 / 3])
    np.testing.assert_array_equal([found.quantile_h[50], found.quantile_h[90]], [[2.0], [np.nan]])
