"""Resilience: what an outage takes from deliveries, against an undisturbed twin on the same draws.

Everything follows from when each lot was delivered with the outage and without it. With D(t) and
T(t) the units delivered until t with and without it:

- normal      T's units a day in the window;
- shortfall   T(t) - D(t): units late by now. Lots are ready at the same instants in both, so this
              is also how many units more are in the system than in the twin's;
- tolerance   the largest of 1 % of a normal day, the twin's largest delivery at one instant, and
              twice the standard deviation of what the units in the twin's system gain or lose in a
              week. After an outage vessels keep other hours for ever: what no outage explains
              should not count as its effect. A shortfall never beyond it counts as none;
- depth       the greatest shortfall until the recovery, and until the outage can have been felt: a
              normal transit and a week after its end;
- P(t)        units delivered in the 7 days before t, as a share of the twin's (1 where it has none);
- loss        the area between P and 1 while P is below 1, in days of normal throughput, from the
              start of the outage until 7 days after the recovery (none: until the horizon);
- recovery    from the end of the outage to the first instant, not before the greatest shortfall,
              from which the shortfall stays within the tolerance for 7 days;
- clearance   likewise, until the units in the system are at most 10 % more than the twin's, or
              within the tolerance of it;
- fluid       depth / (fastest - normal), where fastest is the most that was delivered in 7 days
              between outage and recovery, a day. For a full outage of T days this is
              T x normal / (fastest - normal). Undefined where the recovery takes no 7 days.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corridor_sim.primitives import IntArray
from corridor_sim.units import DAY_S, HOUR_S

TOLERANCE_DAY_SHARE = 0.01
"""Of a normal day. An assumption: small beside every outage that one asks about."""

TOLERANCE_SD = 2.0
"""Two runs that have nothing more in common than their arrivals differ by no more, 19 times in 20:
the weekly change and the difference of two copies have the same spread. An assumption."""

BACKLOG_SHARE = 0.10
"""A backlog so much above the twin's counts as cleared. An assumption."""

CALM_S = 7 * DAY_S
"""So long it must stay so, and over so long throughput is counted. An assumption: a week holds
each day of the week once."""


class Deliveries(NamedTuple):
    """The same lots with and without an outage; each (n_lot,) int64."""

    units: IntArray
    ready_s: IntArray
    delivered_s: IntArray
    """-1: not before the horizon."""
    twin_s: IntArray
    """Without the outage; -1 likewise."""


class Resilience(NamedTuple):
    """What an outage did; the module says what each is. NaN: not before the horizon, or undefined."""

    normal_units_per_day: float
    tolerance_units: float
    depth_units: float
    depth_d: float
    depth_share: float
    """1 less the least P."""
    loss_d: float
    recover_d: float
    clear_d: float
    fluid_d: float
    ready_units: int
    """Units of the lots that were ready during the outage and were delivered in both."""
    extra_mean_h: float
    """How much longer these took, mean of a unit."""


def resilience(
    lots: Deliveries, outage_s: tuple[int, int], window_s: tuple[int, int], horizon_s: int
) -> Resilience:
    """Compare deliveries with those of the twin.

    Parameters
    ----------
    lots         the same lots in both, in any order
    outage_s     start and end of the outage
    window_s     over which the twin's throughput counts as normal
    horizon_s    the end of both runs

    Ten lots a day come in the twin. In an outage of 10 days none comes; then 15 a day, until the
    100 late ones are there, 10 x 10 / (15 - 10) = 20 days later:

    >>> ready = np.arange(1_200) * 8_640
    >>> late = np.maximum(ready, 40 * DAY_S + (np.arange(1_200) - 300) * 5_760)
    >>> late = np.where(ready < 30 * DAY_S, ready, late)
    >>> lots = Deliveries(np.ones(1_200, np.int64), ready, late, ready)
    >>> found = resilience(lots, (30 * DAY_S, 40 * DAY_S), (0, 120 * DAY_S), 120 * DAY_S)
    >>> found.normal_units_per_day, found.depth_units, found.depth_d
    (10.0, 100.0, 10.0)
    >>> round(found.recover_d, 1), round(found.fluid_d, 1)
    (19.7, 20.0)
    >>> found.depth_share, round(found.loss_d, 2), found.ready_units
    (1.0, 8.85, 100)

    The last late lot is within the tolerance, so the recovery comes a little before 20 days. The
    loss is less than 10 days, since a week that holds part of the outage also holds busier days.
    """
    start, end = outage_s
    plain, twin = _Curve(lots.units, lots.delivered_s), _Curve(lots.units, lots.twin_s)
    normal = twin.per_day(window_s)
    tolerance = max(TOLERANCE_DAY_SHARE * normal, twin.largest, _usual_change(lots, window_s))
    at = _instants(lots, start, end, horizon_s)
    shortfall = twin(at) - plain(at)
    felt = at < max(end, at[0] + 1) + _transit_s(lots) + CALM_S
    worst = int(np.argmax(np.where(felt, shortfall, -1)))
    is_seen = bool(shortfall[worst] > tolerance)
    since = max(end, int(at[worst])) if is_seen else end
    stock = _Curve(lots.units, lots.ready_s)(at) - twin(at)
    allowed = np.maximum(tolerance, BACKLOG_SHARE * stock)
    recover = calm_from(at, shortfall > tolerance, since, horizon_s) if is_seen else end
    clear = calm_from(at, shortfall > allowed, since, horizon_s) if is_seen else end
    last = horizon_s if recover is None else recover
    depth = max(0, int(shortfall[felt | (at < last)].max()))
    missing = _missing(plain, twin, at, min(horizon_s, last + CALM_S)) if is_seen else (0.0, 0.0)
    fastest = plain.fastest_per_day(at[(at >= end + CALM_S) & (at <= last)])
    late = (lots.ready_s >= start) & (lots.ready_s < end)
    late &= (lots.delivered_s >= 0) & (lots.twin_s >= 0)
    n = int(lots.units[late].sum())
    extra_s = ((lots.delivered_s - lots.twin_s) * lots.units)[late].sum()
    return Resilience(
        normal_units_per_day=normal,
        tolerance_units=float(tolerance),
        depth_units=float(depth),
        depth_d=_ratio(depth, normal),
        depth_share=missing[0],
        loss_d=missing[1],
        recover_d=_days(recover, end),
        clear_d=_days(clear, end),
        fluid_d=_ratio(depth, fastest - normal),
        ready_units=n,
        extra_mean_h=_ratio(extra_s / HOUR_S, n),
    )


class _Curve:
    """Units until an instant, itself included."""

    def __init__(self, units: IntArray, at_s: IntArray):
        known = at_s >= 0
        self.at, which = np.unique(at_s[known], return_inverse=True)
        steps = np.bincount(which, weights=units[known], minlength=len(self.at)).astype(np.int64)
        self.sum = np.append(0, np.cumsum(steps))
        self.largest = int(steps.max(initial=0))

    def __call__(self, t: IntArray | int) -> IntArray:
        return np.asarray(self.sum[np.searchsorted(self.at, t, side="right")])

    def per_day(self, window_s: tuple[int, int]) -> float:
        """Units a day in a window."""
        begin, until = window_s
        return float(self(until - 1) - self(begin - 1)) * DAY_S / (until - begin)

    def fastest_per_day(self, at: IntArray) -> float:
        """The most in the 7 days before any of these instants, a day; 0 without any."""
        return float((self(at) - self(at - CALM_S)).max(initial=0)) * DAY_S / CALM_S


def _usual_change(lots: Deliveries, window_s: tuple[int, int]) -> float:
    """Twice the standard deviation of a week's change of the units in the twin's system, daily."""
    at = np.arange(window_s[0] + CALM_S, window_s[1], DAY_S)
    ready, twin = _Curve(lots.units, lots.ready_s), _Curve(lots.units, lots.twin_s)
    change = (ready(at) - twin(at)) - (ready(at - CALM_S) - twin(at - CALM_S))
    return TOLERANCE_SD * float(change.std()) if len(at) > 1 else 0.0


def _transit_s(lots: Deliveries) -> int:
    """Mean transit of a unit in the twin."""
    done = lots.twin_s >= 0
    n = int(lots.units[done].sum())
    return int(((lots.twin_s - lots.ready_s) * lots.units)[done].sum() // n) if n else 0


def _instants(lots: Deliveries, start: int, end: int, horizon_s: int) -> IntArray:
    """From the start on: whenever a curve moves, or leaves the 7 days before."""
    moved = np.unique(np.concatenate([lots.delivered_s, lots.twin_s, lots.ready_s]))
    at = np.concatenate([[start, min(end, horizon_s - 1)], moved, moved + CALM_S])
    return np.unique(at[(at >= start) & (at < horizon_s)])


def calm_from(at: IntArray, is_bad: np.ndarray, since: int, horizon_s: int) -> int | None:
    """The first instant from `since` on from which it stays good for 7 days before the horizon.

    at, is_bad (n,): sorted instants, and whether it is bad from each to the next.

    >>> calm_from(np.array([0, 5, 9]), np.array([True, False, True]), 3, 20 * DAY_S) is None
    True
    >>> calm_from(np.array([0, 5]), np.array([True, False]), 3, 20 * DAY_S)
    5
    """
    turns = np.flatnonzero(np.append(True, is_bad[1:] != is_bad[:-1]))
    spans = list(zip(at[turns].tolist(), np.append(at[turns][1:], horizon_s).tolist(), strict=True))
    for (begin, end), bad in zip(spans, is_bad[turns].tolist(), strict=True):
        begin = max(begin, since)
        if not bad and end - begin >= CALM_S:
            return int(begin)
    return None


def _missing(plain: _Curve, twin: _Curve, at: IntArray, last: int) -> tuple[float, float]:
    """The greatest and the summed (in days) missing share of a week's deliveries, until `last`."""
    at = at[at < last]
    usual, found = (curve(at) - curve(at - CALM_S) for curve in (twin, plain))
    share = np.where(usual > 0, 1 - found / np.maximum(usual, 1), 0.0).clip(0)
    return float(share.max(initial=0.0)), float(
        (share * np.diff(np.append(at, last))).sum() / DAY_S
    )


def _days(t: int | None, since: int) -> float:
    return float("nan") if t is None else (t - since) / DAY_S


def _ratio(a: float, b: float) -> float:
    return float(a / b) if b > 0 else float("nan")
