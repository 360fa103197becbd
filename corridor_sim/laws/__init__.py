"""Distributions: their fields, quantile functions and tables; no randomness.

A law turns a uniform number into a value. Its numbers are in *one* unit chosen by the caller
(hours in files); `mean` in gives `mean` out in the same unit.

| family | needs | may have |
|---|---|---|
| constant | mean | |
| exponential | mean | low, high |
| lognormal, gamma | mean, cv | low, high |
| erlang (gamma with a whole shape) | mean, shape | low, high |
| weibull | mean, and either shape or cv | low, high |
| uniform | low, high | |
| triangular, pert | low, mode, high | |
| mixture | components: (weight, law) pairs | |
| empirical | sample | |

- `shift` is added last, to every family (a least time, say).
- `low` and `high` *truncate* the unbounded families, before the shift: the uniform u is replaced
  by F(low) + u (F(high) - F(low)), so no draw is rejected and one uniform stays one value. `mean`
  and `cv` then describe the law before truncation; `mean(law)` gives what is left.
- `empirical` is a step function: u gives the smallest observation whose share of the sample at or
  below it is at least u. Only observed values occur, and the mean is that of the sample.

>>> sail = Law("lognormal", mean=18.0, cv=0.25, shift=2.0)
>>> problems(sail), mean(sail), round(variance(sail), 6)
([], 20.0, 20.25)
>>> quantile(sail, [0.1, 0.5, 0.9]).round(2).tolist()
[14.74, 19.46, 25.94]
"""

from corridor_sim.laws.law import FAMILIES, FIELDS, Law
from corridor_sim.laws.moments import mean, variance
from corridor_sim.laws.quantiles import cdf, quantile
from corridor_sim.laws.tables import Table, read_table, sampler, table
from corridor_sim.laws.validity import problems

__all__ = [
    "FAMILIES",
    "FIELDS",
    "Law",
    "Table",
    "cdf",
    "mean",
    "problems",
    "quantile",
    "read_table",
    "sampler",
    "table",
    "variance",
]
