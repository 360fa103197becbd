"""Waterfall: the change of the mean transit time between two scenarios, by cause, summing exactly."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from corridor_sim.history.causes import cause_of
from corridor_sim.results.statistics import Interval, t_interval
from corridor_sim.studies.run import Run

TOTAL = "total"
"""Stands where a cause stands: the change of the mean itself, read from od_kpi."""


@dataclass(frozen=True)
class Step:
    """What one cause adds to the change of the mean transit time of one OD, hours a unit."""

    scenario: str
    od: str
    cause: str
    group: str
    base_h: float
    value_h: float
    diff: Interval


def waterfall(runs: list[Run], only: Collection[str] = ()) -> list[Step]:
    """What each cause adds to the change of the mean transit time; it sums exactly.

    Formula: mean over replications of (mean hours a unit under the cause - the same in the base);
        as a unit's hours by cause are its transit time, the changes of a demand row sum to that of
        `od_kpi.mean_h`. A change of a median or P95 has no parts that sum
    Unit: hours a unit
    Columns: delta_waterfall.delta_h
    Source: own definition, after the mean of the ledger

    Every scenario is held against the first. Replications in which one of the two delivered no unit
    of a demand row are left out. The total comes first, then the steps by size.
    """
    base = runs[0]
    ods = sorted(only or base.scenario.demand)
    return [
        step
        for other in runs[1:]
        for od in ods
        if od in other.scenario.demand
        for step in _steps(base, other, od)
    ]


def _steps(base: Run, other: Run, od: str) -> list[Step]:
    total = [run.values(f"od_kpi.{od}.shipper.mean_h") for run in (base, other)]
    n = min(len(values) for values in total)
    pairs = [r for r in range(n) if not np.isnan(total[0][r] + total[1][r])]
    if not pairs:
        return []
    by_cause = [_hours(run, od, pairs) for run in (base, other)]
    names = sorted(by_cause[0].keys() | by_cause[1].keys())
    none = np.zeros(len(pairs))
    steps = [
        _step(other, od, cause, by_cause[0].get(cause, none), by_cause[1].get(cause, none))
        for cause in names
    ]
    steps.sort(key=lambda step: (-abs(step.diff.mean), step.cause))
    return [_step(other, od, TOTAL, *(values[pairs] for values in total)), *steps]


def _step(run: Run, od: str, cause: str, base_h: np.ndarray, value_h: np.ndarray) -> Step:
    facilities = run.scenario.facilities.values()
    yards = frozenset(row.id for row in facilities if row.type == "yard")
    group = TOTAL if cause == TOTAL else cause_of(cause, yards).name.lower()
    means = (float(base_h.mean()), float(value_h.mean()))
    return Step(run.scenario.name, od, cause, group, *means, t_interval(value_h - base_h))


def _hours(run: Run, od: str, pairs: list[int]) -> dict[str, np.ndarray]:
    """Cause -> mean hours by replication (n_pair,); 0 where one does not know the cause."""
    place = {rep: i for i, rep in enumerate(pairs)}
    found: dict[str, np.ndarray] = {}
    for row in run.rows("od_causes"):
        if row["od"] == od and row["rep"] in place:
            hours = found.setdefault(row["cause"], np.zeros(len(pairs)))
            hours[place[row["rep"]]] += row["mean_h"]
    return found
