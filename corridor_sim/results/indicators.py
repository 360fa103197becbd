"""Indicators that planners quote: one small formula each, with its unit and source.

`docs/measures.md` is made from the docstrings here: first line, Formula, Unit, Columns, Source.
Hours go in and out where nothing else is said; what cannot be known is NaN.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
NAN = float("nan")


def ratio(a: float, b: float) -> float:
    """a / b; NaN where b is 0."""
    return a / b if b else NAN


def quantile(ordered_h: FloatArray, q: float) -> float:
    """Hours that q % of the units do not exceed.

    Formula: linear between the order statistics of rank (n - 1) q / 100, counted from 0; a unit that
        was not delivered is the slowest (infinite), and a quantile that falls on one is not known
    Unit: hours
    Columns: reliability.p10_h, reliability.p50_h, reliability.p80_h, reliability.p90_h,
        reliability.p95_h, reliability.p99_h
    Source: Hyndman and Fan 1996, The American Statistician 50(4), definition 7

    >>> quantile(np.array([1.0, 2.0, np.inf]), 50)
    2.0
    """
    if not len(ordered_h):
        return NAN
    at = (len(ordered_h) - 1) * q / 100
    low = int(at)
    high = min(low + (at > low), len(ordered_h) - 1)
    a, b = ordered_h[low], ordered_h[high]
    if not np.isfinite(b):
        return NAN
    return float(a + (at - low) * (b - a))


def coefficient_of_variation(hours: FloatArray) -> float:
    """Spread of the units' hours against their mean.

    Formula: standard deviation / mean, over delivered units
    Unit: ratio
    Columns: reliability.transit_cv
    Source: textbook statistic

    >>> coefficient_of_variation(np.array([8.0, 12.0]))
    0.2
    """
    return ratio(float(hours.std()), float(hours.mean())) if len(hours) else NAN


def buffer_index(p95_h: float, mean_h: float) -> float:
    """Time to plan in addition to the mean so as to be late once in twenty times.

    Formula: (P95 - mean) / mean
    Unit: ratio
    Columns: reliability.buffer_ratio
    Source: FHWA 2006, Travel Time Reliability: Making It There On Time, All The Time

    >>> buffer_index(15.0, 10.0)
    0.5
    """
    return ratio(p95_h - mean_h, mean_h)


def robust_buffer_index(p95_h: float, p50_h: float) -> float:
    """The buffer index around the median, which a few very late units do not move.

    Formula: (P95 - P50) / P50
    Unit: ratio
    Columns: reliability.buffer_median_ratio
    Source: own variant of the buffer index

    >>> robust_buffer_index(15.0, 12.0)
    0.25
    """
    return ratio(p95_h - p50_h, p50_h)


def planning_time_index(p95_h: float, free_flow_h: float) -> float:
    """How many times the undisturbed time a planner has to allow.

    Formula: P95 / free flow; free flow is the sum of all works and runs of the route at their mean,
        with no wait, storm or incident
    Unit: ratio
    Columns: reliability.planning_time_ratio
    Source: FHWA 2006, Travel Time Reliability: Making It There On Time, All The Time

    >>> planning_time_index(15.0, 6.0)
    2.5
    """
    return ratio(p95_h, free_flow_h)


def promise_days(ordered_h: FloatArray, share: float) -> float:
    """The shortest promise in whole days that is kept for such a share of the units.

    Formula: the least whole D with (units delivered within D days) / (all units) >= share
    Unit: days
    Columns: reliability.promise_90_d, reliability.promise_95_d, reliability.promise_98_d
    Source: own definition

    >>> promise_days(np.array([20.0, 30.0, 50.0, np.inf]), 0.75), promise_days(np.array([24.0]), 0.9)
    (3.0, 1.0)
    """
    if not len(ordered_h):
        return NAN
    # so many units at least; the tolerance takes 0.9 x 10 = 9.000000000000002 for nine
    n = max(math.ceil(share * len(ordered_h) - 1e-9), 1)
    hours = float(ordered_h[n - 1])
    return float(math.ceil(hours / 24)) if math.isfinite(hours) else NAN


def on_time_share(ordered_h: FloatArray, promised_d: float) -> float:
    """Share of the units that are delivered within what was promised.

    Formula: (units delivered within the promise) / (all units); the promise is `promised_days` of
        the demand row, without one 1.25 times the free flow of its main route, rounded up to days
    Unit: share
    Columns: reliability.on_time_share
    Source: own definition; the rule without a promise is an assumption (docs/assumptions.md)

    >>> on_time_share(np.array([20.0, 48.0, 50.0, np.inf]), 2)
    0.5
    """
    if not len(ordered_h):
        return NAN
    return float(np.searchsorted(ordered_h, promised_d * 24, side="right") / len(ordered_h))


def tail_cost(ordered_h: FloatArray) -> float:
    """How much longer the worst twentieth takes than the average unit.

    Formula: mean of the slowest 5 % (at least one unit, n / 20 rounded up) / mean
    Unit: ratio
    Columns: reliability.tail_ratio
    Source: expected shortfall: Rockafellar and Uryasev 2000, Journal of Risk 2(3); the ratio is own

    >>> tail_cost(np.array([10.0] * 19 + [30.0])).__round__(4)
    2.7273
    """
    if not len(ordered_h) or not np.isfinite(ordered_h[-1]):
        return NAN
    worst = ordered_h[-math.ceil(len(ordered_h) / 20 - 1e-9) :]
    return ratio(float(worst.mean()), float(ordered_h.mean()))


def promise_without_contract(free_flow_h: float) -> float:
    """Days that count as promised where the demand row says nothing: 1.25 x free flow, rounded up.

    >>> promise_without_contract(100.0)
    6.0
    """
    return float(math.ceil(1.25 * free_flow_h / 24 - 1e-9))


def border_time(leave_h: FloatArray, arrive_h: FloatArray) -> FloatArray:
    """Time taken to clear a border crossing point (TFI1), of each unit.

    Formula: leaving the node - coming to it, all waits, papers, inspections, reloading and the
        change of gauge there included; at its origin a unit comes when it is ready. A pair of two
        neighbouring nodes is one border with both sides: from coming to the first to leaving the
        second. Mean, P50 and P95 are over delivered units that were ready in the window
    Unit: hours
    Columns: tfi.tfi1_mean_h, tfi.tfi1_p50_h, tfi.tfi1_p95_h
    Source: CAREC, Corridor Performance Measurement and Monitoring (CPMM), TFI1

    >>> border_time(np.array([30.0]), np.array([8.0])).tolist()
    [22.0]
    """
    return leave_h - arrive_h


def border_cost(usd_per_unit: float, feu_per_unit: float) -> float:
    """Cost of a border crossing (TFI2).

    Formula: prices of the part `border` at the node / FEU of a unit (a TEU is half of one, a wagon
        or a truck is one); mean over the units that pass
    Unit: USD an FEU, which stands for the 20 t of the source
    Columns: tfi.tfi2_usd_per_feu
    Source: CAREC CPMM, TFI2

    >>> border_cost(100.0, 0.5)
    200.0
    """
    return ratio(usd_per_unit, feu_per_unit)


def corridor_cost(usd: float, t_km: float) -> float:
    """Cost to travel a section of the corridor (TFI3).

    Formula: 500 km x 20 t x (line haul, handling, border and broker of all units) / (tonne-km)
    Unit: USD for 500 km and 20 t; empty for empties, which weigh nothing
    Columns: tfi.tfi3_usd_per_500km_20t
    Source: CAREC CPMM, TFI3

    >>> corridor_cost(2_800.0, 9_000.0 * 28)
    111.11111111111111
    """
    return ratio(500 * 20 * usd, t_km)


def speed_with_delay(unit_km: float, unit_h: float) -> float:
    """Speed with delay (SWD of TFI4): stops and waits on the way count.

    Formula: sum of km / sum of hours from leaving the origin to delivery, over units
    Unit: km/h
    Columns: tfi.swd_kmh
    Source: CAREC CPMM, TFI4

    >>> speed_with_delay(700.0, 50.0)
    14.0
    """
    return ratio(unit_km, unit_h) if unit_km else NAN


def speed_without_delay(unit_km: float, moving_h: float) -> float:
    """Speed without delay (SWOD of TFI4): only the time on the move counts.

    Formula: sum of km / sum of hours between leaving a node where it stayed and coming to the next,
        over units; never below SWD, and equal to it only without a stop
    Unit: km/h
    Columns: tfi.swod_kmh
    Source: CAREC CPMM, TFI4

    >>> speed_without_delay(700.0, 20.0)
    35.0
    """
    return ratio(unit_km, moving_h) if unit_km else NAN


def capacity(units_per_day: float, there_s: float, busy_s: float, fill_share: float) -> float:
    """Units a day that an element could pass of a stream, if all were busy and full.

    Formula: units a day x (time there is / time busy) / share filled. Nominal: servers, vehicles,
        places or paths of the whole calendar. Achievable: what opening hours, weather, works, other
        traffic and vehicles out of service leave. Busy is work (a facility or fleet), paths used (a
        leg), or as long as taken (locomotives, places of a yard). The mix of trips stays as it is
    Unit: units a day
    Columns: capacity_chain.nominal_units_per_day, capacity_chain.achievable_units_per_day
    Source: operational law U = X S (utilisation = throughput x service): Denning and Buzen 1978,
        ACM Computing Surveys 10(3)

    >>> capacity(100.0, 10.0, 5.0, 0.8)
    250.0
    """
    return units_per_day * ratio(there_s, busy_s) * ratio(1.0, fill_share)


def bottleneck_share(wait_unit_h: float, all_unit_h: float) -> float:
    """How much of all waiting one cause is charged with.

    Formula: unit-hours under the cause / unit-hours of all waiting; a wait has one cause at a time:
        weather before embargo before failure or closing hours before what was lacking
    Unit: share
    Columns: bottlenecks.wait_share
    Source: own definition; the order of causes is that of engine/CONTRACT.md

    >>> bottleneck_share(30.0, 120.0)
    0.25
    """
    return ratio(wait_unit_h, all_unit_h)


def demand_served(delivered: int, offered: int) -> float:
    """How much of what was offered was delivered.

    Formula: units delivered in the window, whenever they were ready / units ready in the window
    Unit: ratio; above 1 where a backlog is worked off
    Columns: backlog.served_ratio
    Source: usual measure of throughput against demand

    >>> demand_served(90, 100)
    0.9
    """
    return ratio(delivered, offered)


def backlog_slope(level: FloatArray, days: float) -> tuple[float, float, float]:
    """How fast what is in the system grows, and its 95 % interval within one replication.

    Formula: least squares line through the mean levels of 12 equal stretches of the window (of so
        many whole weeks, if it has fewer); t interval with two degrees of freedom less. Means of
        stretches of a month hardly depend on each other, as levels of days would; less than three
        stretches give no slope. Over replications summary.csv has the t interval of the slopes
    Unit: units a day
    Columns: backlog.slope_units_per_day, backlog.slope_lo_units_per_day,
        backlog.slope_hi_units_per_day
    Source: batch means: Law 2015, Simulation Modeling and Analysis, 9.5.3; linear regression

    >>> backlog_slope(np.array([1.0, 3.0, 5.0, 7.0]), 8.0)
    (1.0, 1.0, 1.0)
    """
    n = len(level)
    if n < 3:
        return NAN, NAN, NAN
    from scipy.special import stdtrit

    at = (np.arange(n) + 0.5) * days / n
    spread = at - at.mean()
    slope = float((spread * (level - level.mean())).sum() / (spread**2).sum())
    rest = level - level.mean() - slope * spread
    half = float(stdtrit(n - 2, 0.975) * np.sqrt((rest**2).sum() / (n - 2) / (spread**2).sum()))
    return slope, slope - half, slope + half
