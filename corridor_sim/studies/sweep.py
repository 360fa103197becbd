"""Sweep: a grid over key paths; what only changes the bill is re-priced, not simulated again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

import numpy as np

from corridor_sim.errors import InputError
from corridor_sim.inputs.read import Resolved, read_scenario
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.reach import read_checked
from corridor_sim.results.costs import is_cost_only
from corridor_sim.results.pricing import lot_cost
from corridor_sim.results.statistics import t_interval
from corridor_sim.studies.replicate import Replication, Rows
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
    priced = [a for a in axes if is_cost_only(a.key)]
    simulated = [a for a in axes if not is_cost_only(a.key)]
    points = list(product(*(a.values for a in simulated)))
    changes = [
        tuple(f"{a.key}={v}" for a, v in zip(simulated, point, strict=True)) for point in points
    ]
    resolved = [read_checked(name, (*sets, *change, *extra)) for change in changes]
    bills = list(product(*(a.values for a in priced)))
    billed = [
        [_bill(name, sets, change, extra, priced, bill) for bill in bills] for change in changes
    ]
    return Grid(tuple(axes), points, resolved, bills, billed)


def run_grid(grid: Grid, jobs: int = 1, progress: Callable[[int, int], None] | None = None) -> Rows:
    """The rows of `sweep`, from a grid that was read."""
    priced = [a.key for a in grid.axes if is_cost_only(a.key)]
    simulated = [a.key for a in grid.axes if not is_cost_only(a.key)]
    runs = run_resolved(grid.resolved, jobs, "measures", progress)
    rows: Rows = []
    for point, run, scenarios in zip(grid.simulated, runs, grid.billed, strict=True):
        for bill, scenario in zip(grid.bills, scenarios, strict=True):
            at = dict(zip((*simulated, *priced), (*point, *bill), strict=True))
            at = {a.key: at[a.key] for a in grid.axes}
            rows += [at | row for row in _point(run, scenario if priced else None)]
    return rows


def _bill(
    name: str,
    sets: tuple[str, ...],
    change: tuple[str, ...],
    extra: tuple[str, ...],
    priced: list[Axis],
    bill: tuple[str, ...],
) -> Scenario:
    own = tuple(f"{a.key}={v}" for a, v in zip(priced, bill, strict=True))
    return read_scenario(name, (*sets, *change, *own, *extra)).scenario


MEASURES = ("mean_h", "p50_h", "p90_h", "p95_h", "delivered", "censored_share", "usd_per_teu")


def _point(run: Run, scenario: Scenario | None) -> Rows:
    rows: Rows = []
    priced = [reprice(scenario, r) if scenario else {} for r in run.replications]
    for od in sorted(run.scenario.demand):
        for measure in MEASURES:
            values = run.values(f"od_kpi.{od}.shipper.{measure}")
            if measure == "usd_per_teu" and scenario:
                values = np.array([p.get(od, float("nan")) for p in priced])
            i = t_interval(values)
            rows.append(
                {
                    "od": od,
                    "measure": measure,
                    "n": i.n,
                    "mean": i.mean,
                    "sd": i.sd,
                    "ci_lo": i.lo,
                    "ci_hi": i.hi,
                }
            )
    return rows


def reprice(scenario: Scenario, replication: Replication) -> dict[str, float]:
    """USD a unit by OD under other tariffs, from the mean transit of each route alone.

    Cost is linear in a lot's days, so the mean cost is the cost of the mean: no lot is needed.
    """
    flows = {(f.demand, f.route): f for f in replication.flows}
    n_route: dict[str, int] = {}
    for demand, _ in flows:
        n_route[demand] = n_route.get(demand, 0) + 1
    sums: dict[str, list[Any]] = {}
    for row in replication.tables["od_kpi"]:
        if row["clock"] != "shipper" or (row["route"] == "all" and n_route[row["od"]] > 1):
            continue
        flow = flows[row["od"], row["route"]]
        n = row["n"] * (1 - row["censored_share"]) if row["n"] else 0.0
        if n:
            usd = float(lot_cost(scenario, flow, np.array([row["mean_h"] / 24]))[0])
            sums.setdefault(row["od"], []).append((n, usd))
    return {
        od: sum(n * usd for n, usd in pairs) / sum(n for n, _ in pairs)
        for od, pairs in sums.items()
    }
