"""Laws: quantiles against scipy.stats, moments, tables, and what `problems` says."""

import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from corridor_sim.laws import (
    FAMILIES,
    Law,
    cdf,
    mean,
    problems,
    quantile,
    read_table,
    sampler,
    table,
    variance,
)

U = np.concatenate([[1e-9, 1e-4], np.linspace(0.01, 0.99, 197), [1 - 1e-4, 1 - 1e-9]])
SPREAD = math.sqrt(math.log(1 + 0.4**2))

ORACLES = {
    "exponential": (Law("exponential", mean=7.0), stats.expon(scale=7.0)),
    "lognormal": (
        Law("lognormal", mean=7.0, cv=0.4),
        stats.lognorm(SPREAD, scale=7.0 / math.exp(SPREAD**2 / 2)),
    ),
    "gamma": (Law("gamma", mean=7.0, cv=0.5), stats.gamma(4.0, scale=7.0 / 4)),
    "erlang": (Law("erlang", mean=7.0, shape=3), stats.gamma(3.0, scale=7.0 / 3)),
    "weibull": (
        Law("weibull", mean=7.0, shape=1.7),
        stats.weibull_min(1.7, scale=7.0 / math.gamma(1 + 1 / 1.7)),
    ),
    "uniform": (Law("uniform", low=2.0, high=9.0), stats.uniform(2.0, 7.0)),
    "triangular": (
        Law("triangular", low=2.0, mode=4.0, high=9.0),
        stats.triang(2 / 7, loc=2.0, scale=7.0),
    ),
    "triangular_left": (
        Law("triangular", low=2.0, mode=2.0, high=9.0),
        stats.triang(0.0, loc=2.0, scale=7.0),
    ),
    "triangular_right": (
        Law("triangular", low=2.0, mode=9.0, high=9.0),
        stats.triang(1.0, loc=2.0, scale=7.0),
    ),
    "pert": (
        Law("pert", low=2.0, mode=4.0, high=9.0),
        stats.beta(1 + 8 / 7, 1 + 20 / 7, loc=2.0, scale=7.0),
    ),
}

PAPERS = Law(
    "mixture",
    components=((0.8, Law("constant", mean=1.0)), (0.2, Law("exponential", mean=24.0, shift=1.0))),
)
GAPPED = Law(
    "mixture",
    components=(
        (0.3, Law("uniform", low=1.0, high=2.0)),
        (0.5, Law("constant", mean=4.0)),
        (0.2, Law("empirical", sample=(9.0, 6.0, 6.0))),
    ),
)
TABLED = [
    *(Law("gamma", mean=7.0, cv=cv) for cv in (0.01, 0.3, 1.0, 3.0, 10.0)),
    Law("erlang", mean=7.0, shape=5),
    Law("gamma", mean=7.0, cv=0.5, shift=3.0),
    Law("pert", low=2.0, mode=4.0, high=9.0),
    Law("pert", low=2.0, mode=2.0, high=9.0),
    Law("pert", low=2.0, mode=9.0, high=9.0),
    PAPERS,
    GAPPED,
    Law("mixture", components=((0.4, PAPERS), (0.6, Law("lognormal", mean=5.0, cv=2.0)))),
]


def fine_moments(law: Law) -> tuple[float, float]:
    """Mean and sd of `sampler(law)`: 2 million u, even in log(u / (1 - u)), midpoint rule."""
    ends = 1 / (1 + np.exp(-np.linspace(-32.0, 32.0, 2_000_001)))
    ends[0], ends[-1] = 0.0, 1.0
    value, weight = sampler(law)((ends[1:] + ends[:-1]) / 2), np.diff(ends)
    centre = weight @ value
    return float(centre), float(np.sqrt(weight @ (value - centre) ** 2))


@pytest.mark.parametrize("name", ORACLES)
def test_quantile_equals_scipy_stats(name: str) -> None:
    """Source: scipy.stats, another parameterisation; 1e-9 for its own rounding in the tails."""
    law, oracle = ORACLES[name]
    np.testing.assert_allclose(quantile(law, U), oracle.ppf(U), rtol=1e-9)


@pytest.mark.parametrize("name", ORACLES)
def test_cdf_mean_and_variance_equal_scipy_stats(name: str) -> None:
    """Source: scipy.stats."""
    law, oracle = ORACLES[name]
    x = np.linspace(-1.0, 30.0, 63)
    np.testing.assert_allclose(cdf(law, x), oracle.cdf(x), rtol=1e-9, atol=1e-14)
    assert mean(law) == pytest.approx(oracle.mean(), rel=1e-12)
    assert variance(law) == pytest.approx(oracle.var(), rel=1e-12)


@pytest.mark.parametrize("cv", [0.01, 0.2, 1.0, 2.5, 10.0])
def test_weibull_finds_the_shape_of_a_cv(cv: float) -> None:
    """`variance` reads the shape alone, so it closes the circle."""
    law = Law("weibull", mean=3.0, cv=cv)
    assert math.sqrt(variance(law)) / mean(law) == pytest.approx(cv, rel=1e-9)


@pytest.mark.parametrize(
    "law",
    [
        Law("constant", mean=4.0),
        Law("lognormal", mean=4.0, cv=0.0),
        Law("gamma", mean=4.0, cv=0.0),
        Law("weibull", mean=4.0, cv=0.0),
        Law("uniform", low=4.0, high=4.0),
        Law("triangular", low=4.0, mode=4.0, high=4.0),
        Law("pert", low=4.0, mode=4.0, high=4.0),
    ],
)
def test_law_without_spread_is_a_constant(law: Law) -> None:
    """A sweep of a cv or a width may end at zero."""
    assert problems(law) == []
    assert sampler(law)(U).tolist() == [4.0] * len(U)
    assert (mean(law), variance(law)) == (4.0, 0.0)


@pytest.mark.parametrize("name", ORACLES)
def test_shift_moves_values_and_mean_alone(name: str) -> None:
    """Identity."""
    law, _ = ORACLES[name]
    moved = replace(law, shift=5.0)
    assert (quantile(moved, U) == quantile(law, U) + 5.0).all()
    assert mean(moved) == mean(law) + 5.0
    assert variance(moved) == variance(law)


@pytest.mark.parametrize("name", ["exponential", "lognormal", "gamma", "erlang", "weibull"])
@pytest.mark.parametrize(("low", "high"), [(3.0, 12.0), (None, 12.0), (3.0, None)])
def test_truncation_restricts_the_quantiles(
    name: str, low: float | None, high: float | None
) -> None:
    """P(X <= x | low <= X <= high) by scipy.stats; the mean by scipy's integration, to 1e-4."""
    law, oracle = ORACLES[name]
    cut = replace(law, low=low, high=high, shift=1.0)
    ends = (low or 0.0, high or math.inf)
    below, above = oracle.cdf(ends)
    value = quantile(cut, U) - 1.0
    assert problems(cut) == []
    assert value.min() >= ends[0] and value.max() <= ends[1] and np.isfinite(value).all()
    np.testing.assert_allclose((oracle.cdf(value) - below) / (above - below), U, atol=1e-12)
    np.testing.assert_allclose(cdf(cut, value + 1.0), U, atol=1e-12)
    inside = oracle.expect(lambda x: x, lb=ends[0], ub=ends[1], conditional=True)
    assert mean(cut) == pytest.approx(inside + 1.0, rel=1e-4)


def test_truncated_value_is_finite_at_the_last_uniform() -> None:
    """Rounding once made u = 1 of the largest double below 1."""
    law = Law("exponential", mean=7.0, low=6.0)
    assert np.isfinite(quantile(law, [1 - 2.0**-53])).all()


def test_empirical_is_the_step_function_of_its_sample() -> None:
    """Source: scipy.stats.rv_discrete; the mean and variance are those of the sample."""
    sample = (5.0, 2.0, 9.0, 5.0)
    law = Law("empirical", sample=sample)
    oracle = stats.rv_discrete(values=((2, 5, 9), (0.25, 0.5, 0.25)))
    u = [0.1, 0.25, 0.2501, 0.75, 0.7501, 0.99]
    assert quantile(law, u).tolist() == oracle.ppf(u).tolist() == [2.0, 2.0, 5.0, 5.0, 9.0, 9.0]
    assert (mean(law), variance(law)) == (float(np.mean(sample)), float(np.var(sample)))


def test_mixture_has_the_quantiles_of_its_cdf() -> None:
    """By hand: 30 % even over 1-2 h, 50 % exactly 4 h, then 6, 6 and 9 h."""
    u = [0.15, 0.299, 0.301, 0.799, 0.801, 0.93, 0.94]
    expected = [1.5, 1 + 0.299 / 0.3, 4.0, 4.0, 6.0, 6.0, 9.0]
    np.testing.assert_allclose(quantile(GAPPED, u), expected, rtol=1e-12)
    np.testing.assert_allclose(sampler(GAPPED)(u), expected, rtol=1e-4)
    assert mean(GAPPED) == pytest.approx(0.3 * 1.5 + 0.5 * 4 + 0.2 * 7)
    second = 0.3 * (1.5**2 + 1 / 12) + 0.5 * 16 + 0.2 * (36 + 36 + 81) / 3
    assert variance(GAPPED) == pytest.approx(second - mean(GAPPED) ** 2)


def test_mixture_of_one_law_is_that_law() -> None:
    """Identity, by bisection: the width of the bracket is zero."""
    law, _ = ORACLES["lognormal"]
    mixed = Law("mixture", components=((0.25, law), (0.75, law)))
    np.testing.assert_allclose(quantile(mixed, U), quantile(law, U), rtol=1e-12)


@pytest.mark.parametrize("law", TABLED)
def test_table_keeps_mean_and_sd(law: Law) -> None:
    """The closed forms; 1e-4 and 1e-3 are the promise of `table`."""
    centre, sd = fine_moments(law)
    assert centre == pytest.approx(mean(law), rel=1e-4)
    assert sd == pytest.approx(math.sqrt(variance(law)), rel=1e-3)


@pytest.mark.parametrize("law", [*TABLED, *(law for law, _ in ORACLES.values())])
def test_table_is_monotone_and_close_to_the_quantiles(law: Law) -> None:
    """1e-4 of the sd or of the value between grid points, where the quantile has no jump."""
    compiled = table(law)
    assert (np.diff(compiled.u) > 0).all() and (np.diff(compiled.value) >= 0).all()
    u = np.linspace(0.0005, 0.9995, 1999)
    exact = quantile(law, u)
    tolerance = 1e-4 * math.sqrt(variance(law))
    np.testing.assert_allclose(read_table(compiled, u), exact, rtol=1e-4, atol=tolerance)


def test_table_jumps_where_the_law_jumps() -> None:
    """A smeared jump would give values that the law never takes."""
    two = Law(
        "mixture", components=((0.8, Law("constant", mean=0.0)), (0.2, Law("constant", mean=48.0)))
    )
    u = np.linspace(0.0005, 0.9995, 100_000)
    assert set(sampler(two)(u).tolist()) == {0.0, 48.0}


def test_table_is_read_only() -> None:
    """It is shared by all who draw from the law."""
    with pytest.raises(ValueError, match="read-only"):
        table(TABLED[1]).value[0] = 1.0


@pytest.mark.parametrize("law", [*TABLED, PAPERS, *(law for law, _ in ORACLES.values())])
def test_sampler_is_finite_and_not_negative_at_the_ends(law: Law) -> None:
    """The smallest and the largest uniforms that `draws` can make."""
    value = sampler(law)(np.array([2.0**-53, 1 - 2.0**-53]))
    assert np.isfinite(value).all() and (value >= 0).all()


@pytest.mark.parametrize("law", [GAPPED, PAPERS, *(law for law, _ in ORACLES.values())])
def test_law_in_order_has_no_problems(law: Law) -> None:
    """The laws of this file."""
    assert problems(law) == []


@pytest.mark.parametrize(
    ("law", "said"),
    [
        (Law("normal", mean=1.0), "unknown family 'normal'"),
        (Law("constant"), "constant needs mean (no mean)"),
        (Law("lognormal", mean=18.0), "lognormal needs mean and cv (no cv)"),
        (Law("lognormal"), "lognormal needs mean and cv (no mean, no cv)"),
        (Law("exponential", mean=18.0, cv=0.3), "exponential takes no cv"),
        (Law("gamma", mean=math.nan, cv=0.3), "mean must be a finite number >= 0 (found nan)"),
        (Law("gamma", mean=math.inf, cv=0.3), "mean must be a finite number >= 0 (found inf)"),
        (Law("gamma", mean=0.0, cv=0.3), "gamma needs a mean above 0"),
        (Law("gamma", mean=5.0, cv=-0.3), "cv must be a finite number >= 0 (found -0.3)"),
        (Law("gamma", mean=5.0, cv=30.0), "cv must be at most 10, it is no percentage"),
        (Law("constant", mean=1.0, shift=-2.0), "shift must be a finite number >= 0"),
        (Law("erlang", mean=1.0, shape=2.5), "erlang needs a whole shape (found 2.5)"),
        (Law("erlang", mean=1.0, shape=0), "shape must be at least 0.1 (found 0)"),
        (Law("weibull", mean=1.0), "weibull needs either shape or cv"),
        (Law("weibull", mean=1.0, shape=2.0, cv=0.5), "weibull needs either shape or cv"),
        (Law("uniform", low=5.0, high=2.0), "uniform needs low <= high (found 5.0, 2.0)"),
        (Law("triangular", low=2.0, high=5.0), "needs low and mode and high (no mode)"),
        (Law("pert", low=2.0, mode=9.0, high=5.0), "pert needs low <= mode <= high"),
        (Law("exponential", mean=5.0, low=6.0), "exponential needs low <= mean (found 6.0, 5.0)"),
        (Law("mixture"), "mixture needs components (no components)"),
        (Law("mixture", components=((0.9, Law("constant", mean=1.0)),)), "sum to 1 (found 0.9)"),
        (Law("mixture", components=((1.0, Law("gamma", mean=1.0)),)), "component 1: gamma needs"),
        (Law("empirical"), "empirical needs sample (no sample)"),
        (Law("empirical", sample=(3.0, -1.0)), "sample value 2 must be a finite number >= 0"),
    ],
)
def test_problems_says_what_is_wrong(law: Law, said: str) -> None:
    """One sentence for one mistake, in the words of the files."""
    (problem,) = problems(law)
    assert said in problem


def test_every_family_reports_what_it_lacks() -> None:
    """No family is forgotten."""
    assert all(problems(Law(family)) for family in FAMILIES)


def test_problems_does_not_import_scipy() -> None:
    """`validate` answers at once: scipy.special takes 0.4 s."""
    code = (
        "import sys; from corridor_sim.laws import Law, problems;"
        "assert not problems(Law('gamma', mean=5.0, cv=0.5, low=1.0, high=9.0));"
        "assert not any(name.startswith('scipy') for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[1])
