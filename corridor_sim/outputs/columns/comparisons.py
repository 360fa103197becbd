"""One run beside another: scenarios with the first, a run with its undisturbed twin."""

from __future__ import annotations

from corridor_sim.outputs.columns.table import Table


class DeltaTable(Table):
    """One row a scenario, demand row and measure: paired difference from the first scenario."""

    keys = ("scenario", "od", "measure")
    scenario: str
    """The scenario that is compared with the first."""
    od: str
    """Row of demand."""
    measure: str
    """Column of od_kpi, on the shipper's clock over all routes."""
    unit: str
    """Unit of the values."""
    n: int
    """Pairs of replications with a value on both sides."""
    base: float | None
    """Mean of the first scenario."""
    value: float | None
    """Mean of this one."""
    delta: float | None
    """Mean difference, this less the first."""
    ci_lo: float | None
    """Lower end of the 95 % t interval of the difference."""
    ci_hi: float | None
    """Upper end of it."""
    p_better: float | None
    """Share of replications in which this scenario is better, ties counted half."""
    p_better_lo: float | None
    """Lower end of its 95 % interval."""
    p_better_hi: float | None
    """Upper end of it."""
    p_adjusted: float | None
    """p-value of no difference, adjusted (Holm) for all rows of the table."""
    verdict: str
    """better, worse or not distinguishable."""


class ResilienceTable(Table):
    """One row an OD (and `all`), outage and replication: deliveries beside the undisturbed twin's.

    Only where an outage has `twin: true`, or with --twin. All such outages are taken away together.
    """

    keys = ("od", "disruption", "rep")
    od: str
    """Row of demand; `all`, or `all_<unit>` where demand is in several units."""
    disruption: str
    """Row of disruptions; what follows is from its start on."""
    rep: int
    """Replication, from 0."""
    normal_units_per_day: float
    """Units that the twin delivers a day, mean of the window: a normal day."""
    tolerance_units: float
    """Shortfall that counts as none: 1 % of a normal day, or the twin's largest delivery at once."""
    depth_units: float
    """Largest shortfall of the units delivered so far, against the twin."""
    depth_d: float | None
    """The same in normal days."""
    depth_share: float
    """Largest missing share of a week's deliveries, against the twin's week."""
    loss_d: float
    """Sum over time of that share: days of normal throughput lost until a week after recovery."""
    recover_d: float | None
    """Days from the end of the outage until the shortfall is within the tolerance for a week;
    empty: not before the horizon."""
    clear_d: float | None
    """Days from the end of the outage until units in the system are at most 10 % above the twin's
    for a week; empty: not before the horizon."""
    fluid_d: float | None
    """Beside it: depth / (most delivered in a week after the outage, a day, less a normal day)."""
    ready_units: int
    """Units that were ready during the outage and were delivered in both."""
    extra_mean_h: float | None
    """Their mean transit, less that in the twin."""
    n1_rank: int
    """1: of the outages with a twin this one lost most (`loss_d`). Overlapping ones share their loss."""


class CatalogueTable(Table):
    """One row an expectation of a scenario, written before its run, beside what was found."""

    keys = ("scenario", "row")
    scenario: str
    """Whose expectation it is."""
    row: int
    """Which of its rows of `expect`, from 0."""
    metric: str
    """Table, row and column that it is about."""
    unit: str
    """Unit of the values."""
    equals: float | None
    """The value expected; empty where a difference is ..."""
    within_share: float | None
    """... to within this share."""
    than: str | None
    """The scenario that it is compared with, on the same draws ..."""
    direction: str | None
    """... and what was expected: lower, higher or same ..."""
    at_least_h: float | None
    """... by this much at least."""
    n: int
    """Replications, or pairs of them, with a value."""
    base: float | None
    """Mean of the other scenario."""
    value: float | None
    """Mean of this one."""
    found: float | None
    """Mean difference, this less the other; the value itself where `equals` is given."""
    ci_lo: float | None
    """Lower end of its 95 % t interval."""
    ci_hi: float | None
    """Upper end of it."""
    verdict: str
    """as expected, not as expected, or not judged: too few values."""
    stuck: int
    """Replications of either scenario that stood still (gridlock, starved)."""
    because: str | None
    """Why the author expected it."""
