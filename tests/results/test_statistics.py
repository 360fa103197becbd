"""Statistics: scipy.stats as oracle, hand examples, and measured coverage."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
import scipy.stats

from corridor_sim.results.statistics import (
    T_COVERAGE_SHARE,
    Better,
    Interval,
    binomial_interval,
    coverage_note,
    holm,
    paired,
    t_interval,
    verdict,
)

NAN = math.nan
# Two implementations of the same special functions agree to about 1e-13.
RTOL = 1e-10


def coverage(
    draw: Callable[[np.random.Generator, int], npt.NDArray[np.float64]],
    truth: float,
    n: int,
    n_trials: int,
) -> float:
    """Share of seeded trials whose 95 % t-interval holds the truth."""
    rng = np.random.default_rng(7)
    intervals = [t_interval(draw(rng, n)) for _ in range(n_trials)]
    return sum(i.lo <= truth <= i.hi for i in intervals) / n_trials


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
@pytest.mark.parametrize("n", [2, 5, 40])
def test_t_interval_equals_scipy(n: int, level: float) -> None:
    """Oracle: scipy.stats.t.interval."""
    x = np.random.default_rng(n).normal(14, 2, n)
    ours = t_interval(x, level)
    lo, hi = scipy.stats.t.interval(level, n - 1, x.mean(), scipy.stats.sem(x))
    np.testing.assert_allclose(
        [ours.mean, ours.sd, ours.lo, ours.hi], [x.mean(), x.std(ddof=1), lo, hi], rtol=RTOL
    )


def test_t_interval_drops_nan_and_says_how_many_are_left() -> None:
    """A failed replication must not turn the mean of the others into NaN."""
    assert t_interval([1.0, NAN, 3.0]) == t_interval([1.0, 3.0])
    assert t_interval([1.0, NAN, 3.0]).n == 2


@pytest.mark.parametrize("values", [[], [NAN], [5.0], [5.0, NAN]])
def test_t_interval_of_fewer_than_two_values_has_no_bounds(values: list[float]) -> None:
    """One replication says nothing about the spread."""
    interval = t_interval(values)
    assert math.isnan(interval.lo) and math.isnan(interval.hi) and math.isnan(interval.sd)
    assert interval.mean == 5.0 or interval.n == 0


def test_equal_values_have_no_spread() -> None:
    """Plain numpy gives three times 0.1 a standard deviation of 1.7e-17."""
    assert t_interval([0.1, 0.1, 0.1]) == Interval(3, 0.1, 0.0, 0.1, 0.1)


def test_t_interval_covers_normal_means_at_its_level() -> None:
    """Seed 7, 4 000 trials of n = 20: sd 0.0034, band of 4 sd, false-alarm rate 6e-5."""
    measured = coverage(lambda rng, n: rng.normal(3, 2, n), 3.0, 20, 4000)
    assert abs(measured - 0.95) < 4 * math.sqrt(0.95 * 0.05 / 4000)


@pytest.mark.parametrize(("n", "share"), T_COVERAGE_SHARE.items())
def test_coverage_figures_hold_for_exponential_outputs(n: int, share: float) -> None:
    """Seed 7, 4 000 trials: sd <= 0.0052; band 4 sd + 0.005 of rounding, false-alarm rate 6e-5."""
    measured = coverage(lambda rng, n: rng.exponential(1.0, n), 1.0, n, 4000)
    assert abs(measured - share) < 4 * math.sqrt(share * (1 - share) / 4000) + 0.005


def test_paired_equals_scipy() -> None:
    """Oracle: scipy.stats.ttest_rel and its interval."""
    rng = np.random.default_rng(3)
    base = rng.normal(14, 2, 25)
    other = base + rng.normal(-0.3, 0.8, 25)
    theirs = scipy.stats.ttest_rel(other, base)
    bounds = theirs.confidence_interval(0.9)
    ours = paired(base, other, 0.9)
    np.testing.assert_allclose(
        [ours.p_value, ours.diff.lo, ours.diff.hi], [theirs.pvalue, *bounds], rtol=RTOL
    )


def test_pair_with_a_gap_is_dropped() -> None:
    """Half a pair would compare different random numbers."""
    assert paired([1.0, NAN, 4.0, 2.0], [0.0, 5.0, 1.0, NAN]) == paired([1.0, 4.0], [0.0, 1.0])


def test_identical_runs_have_p_one_and_half_the_ties() -> None:
    """A change that touches nothing must not divide zero by zero."""
    same = paired([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    assert same.p_value == 1.0
    assert same.better_share == 0.5
    assert (same.diff.lo, same.diff.hi) == (0.0, 0.0)


@pytest.mark.parametrize(("n", "p"), [(2, 0.5), (3, 0.25), (6, 1 / 32)])
def test_an_equal_shift_of_all_pairs_is_a_sign_test(n: int, p: float) -> None:
    """Counts may agree by chance: heads n times, or tails n times."""
    base = np.arange(n, dtype=float)
    assert paired(base, base - 0.5).p_value == p


def test_better_turns_the_share_round() -> None:
    """Lower is better for hours, higher for TEU: the shares add to 1, ties included."""
    base, other = [5.0, 5.0, 5.0, 5.0], [4.0, 3.0, 5.0, 6.0]
    assert paired(base, other, better="lower").better_share == 2.5 / 4
    assert paired(base, other, better="higher").better_share == 1.5 / 4


@pytest.mark.parametrize("n", [0, 1])
def test_too_few_pairs_have_no_p_value(n: int) -> None:
    """With one pair there is no spread to compare the difference with."""
    assert math.isnan(paired([1.0] * n, [2.0] * n).p_value)


@pytest.mark.parametrize("k", range(0, 13, 3))
def test_binomial_interval_equals_scipy(k: int) -> None:
    """Oracle: scipy.stats.binomtest, exact method."""
    theirs = scipy.stats.binomtest(k, 12).proportion_ci(0.95, "exact")
    np.testing.assert_allclose(binomial_interval(k, 12), theirs, rtol=RTOL)


def test_half_successes_lie_between_whole_ones() -> None:
    """Ties counted half keep the bounds in order, also at the ends."""
    bounds = np.array([binomial_interval(k / 2, 10) for k in range(21)])
    assert np.all(np.diff(bounds, axis=0) >= 0)
    assert bounds.min() == 0 and bounds.max() == 1


def test_holm_by_hand() -> None:
    """Sorted 0.005 0.01 0.03 0.04 times 4 3 2 1 = 0.02 0.03 0.06 0.04; the last rises to 0.06."""
    np.testing.assert_allclose(
        holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02], rtol=1e-15
    )


def test_holm_caps_at_one_and_leaves_out_nan() -> None:
    """A comparison without a p-value is no test."""
    np.testing.assert_array_equal(holm([0.9, NAN, 0.8]), [1.0, NAN, 1.0])
    assert holm([]).size == 0


@pytest.mark.parametrize(
    ("lo", "hi", "p", "better", "expected"),
    [
        (-2.0, -1.0, 0.01, "lower", "better"),
        (-2.0, -1.0, 0.01, "higher", "worse"),
        (1.0, 2.0, 0.01, "lower", "worse"),
        (1.0, 2.0, 0.05, "higher", "better"),
        (1.0, 2.0, 0.051, "higher", "not distinguishable"),
        (-1.0, 2.0, 0.01, "higher", "not distinguishable"),
        (0.0, 0.0, 1.0, "lower", "not distinguishable"),
        (NAN, NAN, NAN, "lower", "not distinguishable"),
        (1.0, 2.0, NAN, "lower", "not distinguishable"),
    ],
)
def test_verdict_needs_interval_and_adjusted_p(
    lo: float, hi: float, p: float, better: Better, expected: str
) -> None:
    """Either alone would call noise an improvement when many scenarios are compared."""
    assert verdict(Interval(20, (lo + hi) / 2, 1.0, lo, hi), p, better) == expected


@pytest.mark.parametrize(
    ("n", "words"),
    [(1, "no interval"), (3, "less than 88 %"), (5, "about 88 %"), (19, "about 90 %"),
     (20, "about 92 %"), (500, "about 94 %")],
)  # fmt: skip
def test_coverage_note_says_what_the_interval_is_worth(n: int, words: str) -> None:
    """88 % at 5, 90 % at 10, 92 % at 20, 94 % at 50."""
    assert words in coverage_note(n)


@pytest.mark.parametrize(
    "call",
    [
        lambda: t_interval([1.0, 2.0], 95),
        lambda: t_interval([[1.0, 2.0]]),
        lambda: paired([1.0], [1.0, 2.0]),
        lambda: paired([1.0], [2.0], better="less"),  # type: ignore[arg-type]
        lambda: holm([1.5]),
    ],
)
def test_senseless_arguments_are_refused(call: Callable[[], object]) -> None:
    """A level of 95 for 0.95 is the likely slip."""
    with pytest.raises(ValueError, match=r"must (be|not)"):
        call()


def test_import_loads_no_scipy() -> None:
    """scipy.special costs 0.4 s, which `--help` must not pay."""
    code = "import sys, corridor_sim.results.statistics; print('scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
