"""What replications can and cannot tell: intervals, paired comparisons and verdicts.

The replication is the unit: give one number per replication. Single lots of one run wait in the
same lines and are not independent. scipy.special loads inside functions: `--help` stays fast.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Better = Literal["lower", "higher"]
Verdict = Literal["better", "worse", "not distinguishable"]

#: True coverage of a 95 % t-interval for a skewed (exponential) output, by replications.
#: Measured in tests/results/test_statistics.py.
T_COVERAGE_SHARE = {5: 0.88, 10: 0.90, 20: 0.92, 50: 0.94}


@dataclass(frozen=True)
class Interval:
    """A mean and its two-sided confidence interval, in the unit of the values.

    n       values that are not NaN
    mean    NaN where n = 0
    sd      standard deviation of one value (n - 1 in the divisor); NaN where n < 2
    lo, hi  NaN where n < 2
    """

    n: int
    mean: float
    sd: float
    lo: float
    hi: float


@dataclass(frozen=True)
class Paired:
    """Two alternatives compared replication by replication.

    diff               interval of other - base, in the unit of the values
    p_value            two-sided paired t-test of "no difference"; NaN where it cannot be told
    better_share       share of replications in which `other` is better, ties counted half
    better_lo_share    its Clopper-Pearson interval
    better_hi_share
    """

    diff: Interval
    p_value: float
    better_share: float
    better_lo_share: float
    better_hi_share: float


def t_interval(values: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Mean of replications and its Student t interval; NaN values are dropped.

    Parameters
    ----------
    values    (n_replication,), one number per replication
    level     confidence, between 0 and 1

    >>> transit_d = t_interval([13.0, 14.0, 15.0, float("nan")])
    >>> transit_d.n, transit_d.mean, round(transit_d.lo, 3), round(transit_d.hi, 3)
    (3, 14.0, 11.516, 16.484)
    """
    _check_share("level", level)
    x = _vector("values", values)
    x = x[~np.isnan(x)]
    if x.size == 0:
        return Interval(0, math.nan, math.nan, math.nan, math.nan)
    # Measured from the first value, equal values have a spread of exactly 0.
    mean = float(x[0] + np.mean(x - x[0]))
    if x.size == 1:
        return Interval(1, mean, math.nan, math.nan, math.nan)
    from scipy.special import stdtrit

    sd = float(np.std(x - x[0], ddof=1))
    half = float(stdtrit(x.size - 1, (1 + level) / 2)) * sd / math.sqrt(x.size)
    return Interval(x.size, mean, sd, mean - half, mean + half)


def paired(
    base: npt.ArrayLike, other: npt.ArrayLike, level: float = 0.95, better: Better = "lower"
) -> Paired:
    """Difference other - base over replications that share their random numbers.

    Pairs with a NaN are dropped. Where no pair differs the p-value is 1. Where all differ by the same
    amount there is no spread to go by: then it is that of a sign test, 2 x 0.5^n, for two pairs
    that happen to agree prove nothing.

    Parameters
    ----------
    base, other    (n_replication,), same replications in the same order
    level          confidence of both intervals
    better         whether a lower or a higher value is better

    >>> result = paired([14.0, 15.0, 13.0], [13.0, 13.0, 13.0])
    >>> result.diff.mean, round(result.p_value, 3), round(result.better_share, 3)
    (-1.0, 0.225, 0.833)
    """
    _check_better(better)
    x, y = _vector("base", base), _vector("other", other)
    if x.shape != y.shape:
        raise ValueError(f"base, other: must be equally long (found {x.size} and {y.size})")
    differences = y - x
    differences = differences[~np.isnan(differences)]
    gains = -differences if better == "lower" else differences
    n_better = float(np.sum(gains > 0) + np.sum(gains == 0) / 2)
    diff = t_interval(differences, level)
    share = n_better / diff.n if diff.n else math.nan
    return Paired(diff, _paired_p(diff), share, *binomial_interval(n_better, diff.n, level))


def _paired_p(diff: Interval) -> float:
    """Two-sided p-value of a mean difference of zero."""
    if diff.n < 2:
        return math.nan
    if diff.sd == 0:
        return 1.0 if diff.mean == 0 else 2 * 0.5**diff.n
    from scipy.special import stdtr

    t = diff.mean * math.sqrt(diff.n) / diff.sd
    return float(2 * stdtr(diff.n - 1, -abs(t)))


def binomial_interval(successes: float, n: int, level: float = 0.95) -> tuple[float, float]:
    """Clopper-Pearson interval of a share; half successes (ties) go into the same formula.

    >>> lo, hi = binomial_interval(9, 10)
    >>> round(lo, 3), round(hi, 3)
    (0.555, 0.997)
    """
    _check_share("level", level)
    if n == 0:
        return math.nan, math.nan
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    failures = n - successes
    lo = float(betaincinv(successes, failures + 1, tail)) if successes > 0 else 0.0
    hi = float(betaincinv(successes + 1, failures, 1 - tail)) if failures > 0 else 1.0
    return lo, hi


def holm(p: npt.ArrayLike) -> FloatArray:
    """Holm's adjusted p-values: with m comparisons, one false alarm at most at rate alpha.

    The k-th smallest of m is multiplied by m - k + 1, never falls below its predecessor and is
    at most 1. A NaN is no test: it stays NaN and does not count in m.

    Parameters
    ----------
    p    (n_comparison,)

    Returns
    -------
    (n_comparison,) float64, in the order given

    Source: Holm 1979, Scandinavian Journal of Statistics 6(2), 65-70

    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    raw = _vector("p", p)
    if np.any((raw < 0) | (raw > 1)):
        raise ValueError("p: must be between 0 and 1")
    tested = np.flatnonzero(~np.isnan(raw))
    ascending = tested[np.argsort(raw[tested], kind="stable")]
    steps = raw[ascending] * np.arange(ascending.size, 0, -1)
    adjusted = np.full(raw.shape, np.nan)
    adjusted[ascending] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted


def verdict(
    diff_interval: Interval, p_adjusted: float, better: Better, alpha: float = 0.05
) -> Verdict:
    """Say whether `other` is better than `base`, or that the runs cannot tell.

    It takes both: an interval of other - base that leaves out 0, and an adjusted p <= alpha.

    >>> verdict(Interval(20, -1.0, 1.5, -1.7, -0.3), 0.02, better="lower")
    'better'
    >>> verdict(Interval(20, -1.0, 1.5, -1.7, -0.3), 0.08, better="lower")
    'not distinguishable'
    """
    _check_better(better)
    _check_share("alpha", alpha)
    leaves_out_zero = diff_interval.lo > 0 or diff_interval.hi < 0
    # Written so that a NaN on either side ends here.
    if not (leaves_out_zero and p_adjusted <= alpha):
        return "not distinguishable"
    return "better" if (diff_interval.mean < 0) == (better == "lower") else "worse"


def coverage_note(n: int) -> str:
    """One sentence on how far to trust a 95 % t-interval of n replications.

    >>> coverage_note(12)
    "With 12 replications a '95 %' t-interval covers about 90 % for skewed outputs."
    """
    if n < 2:
        return "With fewer than 2 replications no interval exists."
    known = [least for least in T_COVERAGE_SHARE if least <= n]
    words = "about" if known else "less than"
    share = T_COVERAGE_SHARE[max(known, default=min(T_COVERAGE_SHARE))]
    percent = f"{words} {100 * share:.0f} %"
    return f"With {n} replications a '95 %' t-interval covers {percent} for skewed outputs."


def _vector(name: str, values: npt.ArrayLike) -> FloatArray:
    """Return a one-dimensional float64 array, or raise ValueError."""
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 1:
        raise ValueError(f"{name}: must be one-dimensional (found shape {x.shape})")
    return x


def _check_share(name: str, share: float) -> None:
    """Raise ValueError unless 0 < share < 1 (NaN included)."""
    if not 0 < share < 1:
        raise ValueError(f"{name}: must be between 0 and 1 (found {share})")


def _check_better(better: str) -> None:
    """Raise ValueError for a word that is neither 'lower' nor 'higher'."""
    if better not in ("lower", "higher"):
        raise ValueError(f"better: must be 'lower' or 'higher' (found {better!r})")
