"""Figures that planners quote: reliability and what development banks publish."""

from __future__ import annotations

from corridor_sim.outputs.columns.table import Table


class Reliability(Table):
    """One row a demand row, route, clock and replication: how far one can count on the time.

    Of units ready in the window; those not delivered before the end of the drain are the slowest.
    The formulas stand in docs/measures.md.
    """

    keys = ("od", "route", "clock", "rep")
    od: str
    """Row of demand."""
    route: str
    """Row of routes; `all` sums up several."""
    clock: str
    """shipper: from ready to delivered; carrier: from first loaded to delivered."""
    rep: int
    """Replication, from 0."""
    n: int
    """Units that became ready in the window."""
    mean_h: float | None
    """Mean of those delivered."""
    p10_h: float | None
    """10 % were faster; empty, as every quantile here, where it falls on an undelivered unit."""
    p50_h: float | None
    """Median."""
    p80_h: float | None
    """80 % were faster."""
    p90_h: float | None
    """90 % were faster."""
    p95_h: float | None
    """95 % were faster."""
    p99_h: float | None
    """99 % were faster."""
    transit_cv: float | None
    """Standard deviation / mean, of those delivered."""
    buffer_ratio: float | None
    """Buffer index: (P95 - mean) / mean."""
    buffer_median_ratio: float | None
    """The same around the median: (P95 - P50) / P50."""
    free_flow_h: float | None
    """Time of an empty corridor: all works and runs at their mean, no wait, storm or incident."""
    planning_time_ratio: float | None
    """Planning time index: P95 / free flow."""
    promise_90_d: float | None
    """Shortest promise in whole days that 90 % of the units keep."""
    promise_95_d: float | None
    """The same for 95 %."""
    promise_98_d: float | None
    """The same for 98 %."""
    promised_d: float | None
    """`promised_days` of the demand row; without one 1.25 times the free flow of its main route,
    rounded up to days. On the shipper's clock only."""
    on_time_share: float | None
    """Share of the units delivered within that promise."""
    tail_ratio: float | None
    """Mean of the slowest 5 %, as a multiple of the mean; empty if one of them was not delivered."""


QUOTED: dict[str, type[Table]] = {"reliability": Reliability}
"""Name of the file without `.csv`, in the order in which a run lists them."""
