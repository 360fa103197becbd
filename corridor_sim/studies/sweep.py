"""Sweep: a grid over key paths; what only changes the bill is re-priced, not simulated again.

Points are grouped by what has to be simulated. A replication leaves the mean amounts that tariffs
price, by flow: every price of its points is one product with them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
import numpy.typing as npt

from corridor_sim.errors import InputError
from corridor_sim.inputs.read import Resolved, read_scenario
from corridor_sim.inputs.reprice import PRICES, is_price, with_prices
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.reach import read_checked
from corridor_sim.money.activities import Activities
from corridor_sim.money.costs import is_cost_only
from corridor_sim.results.cost_rows import first_groups, generalised_sets, mean_over
from corridor_sim.results.statistics import Interval, t_interval
from corridor_sim.studies.compare import LOST, outage_metrics
from corridor_sim.studies.replicate import Rows
from corridor_sim.studies.run import Run, run_resolved

POINTS_MAX = 10_000


@dataclass(frozen=True)
class Axis:
    """One `--vary key=a,b,c`."""

    key: str
    values: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Axis:
        """Read `key=a,b,c`.

        >>> Axis.parse("fleets.ferry.vessels=4,6").values
        ('4', '6')
        """
        key, sign, values = text.partition("=")
        parts = tuple(v.strip() for v in values.split(",") if v.strip())
        if not sign or not key.strip() or not parts:
            raise InputError(
                f"--vary {text}: not key=a,b,c. Fix: --vary fleets.rail_ferry_kuryk.vessels=4,6,8"
            )
        return cls(key.strip(), parts)


@dataclass(frozen=True)
class Grid:
    """All points of a sweep, read and checked: what is simulated, and the bills on top of each."""

    axes: tuple[Axis, ...]
    simulated: list[tuple[str, ...]]
    resolved: list[Resolved]
    bills: list[tuple[str, ...]]
    billed: list[list[Scenario]]


def sweep(
    name: str,
    axes: list[Axis],
    sets: tuple[str, ...] = (),
    reps: int | None = None,
    seed: int | None = None,
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Rows:
    """One row a point, OD and measure: mean and interval over replications, all on the same draws."""
    return run_grid(read_grid(name, axes, sets, reps, seed), jobs, progress)


def read_grid(
    name: str,
    axes: list[Axis],
    sets: tuple[str, ...] = (),
    reps: int | None = None,
    seed: int | None = None,
) -> Grid:
    """Count the points, then read each; everything that can be refused is refused here."""
    n_point = prod(len(a.values) for a in axes)
    if n_point > POINTS_MAX:
        raise InputError(f"--vary: {n_point} points are more than {POINTS_MAX}. Fix: fewer values")
    extra = tuple(
        f"simulation.{k}={v}" for k, v in (("reps", reps), ("seed", seed)) if v is not None
    )
    priced = [a for a in axes if is_repriced(a.key)]
    simulated = [a for a in axes if not is_repriced(a.key)]
    points = list(product(*(a.values for a in simulated)))
    changes = [
        tuple(f"{a.key}={v}" for a, v in zip(simulated, point, strict=True)) for point in points
    ]
    resolved = [read_checked(name, (*sets, *change, *extra)) for change in changes]
    bills = list(product(*(a.values for a in priced)))
    billed = [
        [_bill(name, sets, change, extra, point, priced, bill) for bill in bills]
        for change, point in zip(changes, resolved, strict=True)
    ]
    return Grid(tuple(axes), points, resolved, bills, billed)


def is_repriced(key: str) -> bool:
    """Whether all points along a key path need one simulation.

    Prices do. What a tariff counts (its legs, nodes, free days) is counted in the run.

    >>> is_repriced("tariffs.vot.value_usd"), is_repriced("tariffs.storage_port.free_d")
    (True, False)
    """
    return is_cost_only(key) and (is_price(key) or key.partition(".")[0] not in PRICES)


def run_grid(grid: Grid, jobs: int = 1, progress: Callable[[int, int], None] | None = None) -> Rows:
    """The rows of `sweep`, from a grid that was read."""
    priced = [a.key for a in grid.axes if is_repriced(a.key)]
    simulated = [a.key for a in grid.axes if not is_repriced(a.key)]
    runs = run_resolved(grid.resolved, jobs, "measures", progress)
    rows: Rows = []
    for point, run, scenarios in zip(grid.simulated, runs, grid.billed, strict=True):
        same, usd = _measured(run), reprice(run, scenarios)
        outages = _outages(run)
        for i, bill in enumerate(grid.bills):
            at = dict(zip((*simulated, *priced), (*point, *bill), strict=True))
            at = {a.key: at[a.key] for a in grid.axes}
            point_rows = _point(same, {od: usd[od][:, i] for od in usd})
            rows += [at | row for row in (*point_rows, *outages)]
    return rows


def _bill(
    name: str,
    sets: tuple[str, ...],
    change: tuple[str, ...],
    extra: tuple[str, ...],
    point: Resolved,
    priced: list[Axis],
    bill: tuple[str, ...],
) -> Scenario:
    """The point's scenario with these prices; read from its files only to say what is wrong."""
    own = tuple(f"{a.key}={v}" for a, v in zip(priced, bill, strict=True))
    prices_only = all(is_price(a.key) for a in priced)
    found = with_prices(point.scenario, own) if prices_only else None
    return found or read_scenario(name, (*sets, *change, *own, *extra)).scenario


COST = "usd_per_unit"
MEASURES = ("mean_h", "p50_h", "p90_h", "p95_h", "delivered", "censored_share", COST)

Measured = dict[tuple[str, str], Interval]


def _measured(run: Run) -> Measured:
    """By OD and measure: what no price changes."""
    return {
        (od, measure): t_interval(run.values(f"od_kpi.{od}.shipper.{measure}"))
        for od in sorted(run.scenario.demand)
        for measure in MEASURES
        if measure != COST
    }


def _point(same: Measured, usd: dict[str, npt.NDArray[np.float64]]) -> Rows:
    """One row an OD and measure; usd: (n_replication,) by OD."""
    rows: Rows = []
    for od in sorted({od for od, _ in same}):
        for measure in MEASURES:
            i = t_interval(usd[od]) if measure == COST else same[od, measure]
            rows.append(_row(od, measure, i))
    return rows


def _outages(run: Run) -> Rows:
    """One row an outage with a twin and measure, of all ODs together."""
    return [
        _row(od, f"{outage}.{column}", t_interval(run.values(f"resilience.{od}.{outage}.{column}")))
        for od, outage, column in outage_metrics([run], (), LOST)
    ]


def _row(od: str, measure: str, i: Interval) -> dict[str, str | int | float]:
    about: dict[str, str | int | float] = {"od": od, "measure": measure, "n": i.n, "mean": i.mean}
    return about | {"sd": i.sd, "ci_lo": i.lo, "ci_hi": i.hi}


def reprice(run: Run, scenarios: list[Scenario]) -> dict[str, npt.NDArray[np.float64]]:
    """USD a unit by OD (n_replication, n_scenario), of one run under the prices of many scenarios.

    The scenarios may differ from the run's in prices alone (`is_price`).
    """
    found: dict[str, list[npt.NDArray[np.float64]]] = {}
    for replication in run.replications:
        activities = replication.activities
        assert isinstance(activities, Activities)
        cost = generalised_sets(scenarios, activities)
        for group in first_groups(activities):
            mean = mean_over(activities, group.flows, cost)
            found.setdefault(group.demand, []).append(mean)
    none = np.full((len(run.replications), len(scenarios)), np.nan)
    return {od: np.stack(found[od]) if od in found else none for od in run.scenario.demand}
