"""Verify: the textbook cases against their exact values, one false alarm in a hundred tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from corridor_sim.inputs.places import list_textbook
from corridor_sim.inputs.read import Resolved, read_scenario
from corridor_sim.results.statistics import Interval, t_interval
from corridor_sim.studies.run import run_resolved

FALSE_ALARM = 0.01
QUICK_REPS, QUICK_WINDOW_SHARE = 10, 0.1


@dataclass(frozen=True)
class Row:
    """One expectation beside what was found; `interval` has the table's level."""

    case: str
    metric: str
    expected: float
    exact: bool
    interval: Interval
    passed: bool
    reason: str


def verify(
    cases: list[str] | None = None,
    quick: bool = False,
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> list[Row]:
    """Run the cases and judge every `expect:` row.

    A statistical row passes if its interval at level 1 - 0.01 / rows holds the exact value and is
    no wider than `within_share` to each side; `quick` runs are shorter and are not judged by width.
    """
    resolved = [read_scenario(name) for name in cases or list_textbook()]
    n_row = sum(len(r.scenario.expect) for r in resolved)
    if quick:
        resolved = [_quick(r) for r in resolved]
    rows = []
    for run in run_resolved(resolved, jobs, "measures", progress):
        for expectation in run.scenario.expect:
            if expectation.equals is None:
                continue
            values = run.values(expectation.metric)
            interval = t_interval(values, 1 - FALSE_ALARM / n_row)
            exact = expectation.within_share is None
            if exact:
                passed = bool(np.all(values == expectation.equals))
                reason = "" if passed else "not equal"
            else:
                half = (interval.hi - interval.lo) / 2
                inside = interval.lo <= expectation.equals <= interval.hi
                narrow = quick or half <= (expectation.within_share or 0) * abs(expectation.equals)
                passed = bool(inside and narrow)
                reason = "" if passed else "too wide" if inside else "outside"
            rows.append(
                Row(
                    run.scenario.name,
                    expectation.metric,
                    expectation.equals,
                    exact,
                    interval,
                    passed,
                    reason,
                )
            )
    return rows


def _quick(resolved: Resolved) -> Resolved:
    """A tenth of the window, ten replications; exact rows stay as they are."""
    if all(e.within_share is None for e in resolved.scenario.expect):
        return resolved
    simulation = resolved.scenario.simulation
    shorter = simulation.model_copy(
        update={
            "reps": min(QUICK_REPS, simulation.reps),
            "window_h": (simulation.window_h or 0) * QUICK_WINDOW_SHARE,
        }
    )
    return replace(resolved, scenario=resolved.scenario.model_copy(update={"simulation": shorter}))
