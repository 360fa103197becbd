"""Compare: scenarios on the same draws, paired differences, and a verdict for each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np

from corridor_sim.errors import InputError
from corridor_sim.inputs.schema import Expectation
from corridor_sim.results.statistics import Paired, holm, paired, t_interval, verdict
from corridor_sim.studies.run import Run

MEASURES: tuple[tuple[str, Literal["lower", "higher"]], ...] = (
    ("p50_h", "lower"),
    ("p90_h", "lower"),
    ("delivered", "higher"),
    ("usd_per_unit", "lower"),
)
"""What is compared for each OD, and which way is better."""

LOST: tuple[str, ...] = ("loss_d", "recover_d")
"""What is compared of each outage that both have with a twin; lower is better."""


@dataclass(frozen=True)
class Delta:
    """One measure of one OD in one scenario against the base."""

    scenario: str
    od: str
    measure: str
    base: float
    value: float
    paired: Paired
    p_adjusted: float
    verdict: str


def compare(runs: list[Run], only: Collection[str] = ()) -> list[Delta]:
    """Every scenario against the first: one family of tests, Holm-adjusted.

    The family is all (scenario, OD, measure) of the call, `only` of these ODs if any is named: who
    asks about few rows, and says so beforehand, can tell more of them apart. Replication r of every
    scenario has the same draws, so differences are paired by replication.
    """
    base = runs[0]
    ods = sorted(only or base.scenario.demand)
    found: list[tuple[str, str, str, str, np.ndarray, np.ndarray, Paired]] = []
    for other in runs[1:]:
        for od in ods:
            if od not in other.scenario.demand:
                continue
            for measure, better in MEASURES:
                a, b = _series(base, od, measure), _series(other, od, measure)
                n = min(len(a), len(b))
                pair = paired(a[:n], b[:n], better=better)
                found.append((other.scenario.name, od, measure, better, a[:n], b[:n], pair))
        for od, outage, column in outage_metrics([base, other], only, LOST):
            metric = f"resilience.{od}.{outage}.{column}"
            a, b = base.values(metric), other.values(metric)
            n = min(len(a), len(b))
            pair = paired(a[:n], b[:n], better="lower")
            name = f"{outage}.{column}"
            found.append((other.scenario.name, od, name, "lower", a[:n], b[:n], pair))
    adjusted = holm(np.array([f[-1].p_value for f in found]))
    return [
        Delta(
            scenario,
            od,
            measure,
            t_interval(a).mean,
            t_interval(b).mean,
            pair,
            float(p),
            verdict(pair.diff, float(p), "lower" if better == "lower" else "higher"),
        )
        for (scenario, od, measure, better, a, b, pair), p in zip(found, adjusted, strict=True)
    ]


def outage_metrics(
    runs: Collection[Run], only: Collection[str], columns: Collection[str]
) -> list[tuple[str, str, str]]:
    """(OD, outage, column) of outages that all these runs have with a twin.

    Of `only` these ODs; if none is named, of all ODs together (`all`, or one a load unit).
    """
    of_run = [{(r["od"], r["disruption"]) for r in run.rows("resilience")} for run in runs]
    keys = sorted(set.intersection(*of_run)) if of_run else []
    wanted = [
        (od, outage)
        for od, outage in keys
        if (od in only if only else all(od not in run.scenario.demand for run in runs))
    ]
    return [(od, outage, column) for od, outage in wanted for column in columns]


@dataclass(frozen=True)
class Expected:
    """A scenario's `expect:` row about its difference from another, beside what was found."""

    scenario: str
    expectation: Expectation
    paired: Paired
    met: bool | None
    """None: the metric has no value in the runs, so nothing can be judged."""


def expected(runs: list[Run]) -> list[Expected]:
    """Judge every `expect: than` row whose other scenario is among the runs.

    lower, higher: the interval of the difference leaves out 0 on that side, and its mean is at
    least `at_least_h`; same: the interval holds 0.
    """
    by_name = {run.scenario.name: run for run in runs}
    out = []
    for run in runs:
        for expectation in run.scenario.expect:
            if expectation.than not in by_name:
                continue
            base = by_name[expectation.than].values(expectation.metric)
            pair = paired(base, run.values(expectation.metric))
            sign = {"lower": -1, "higher": 1}.get(expectation.direction or "same", 0)
            if sign:
                least = min(sign * pair.diff.lo, sign * pair.diff.hi)
                met = least > 0 and abs(pair.diff.mean) >= (expectation.at_least_h or 0.0)
            else:
                met = pair.diff.lo <= 0 <= pair.diff.hi
            judged = bool(met) if pair.diff.n else None
            out.append(Expected(run.scenario.name, expectation, pair, judged))
    return out


def require_same_draws(runs: list[Run]) -> None:
    """Refuse runs that cannot be paired.

    Raises
    ------
    InputError    seeds or numbers of replications differ
    """
    seen = {(r.scenario.simulation.seed, len(r.replications)) for r in runs}
    if len(seen) > 1:
        found = "; ".join(
            f"{place}. {r.scenario.name}: seed {r.scenario.simulation.seed}, {len(r.replications)} replications"
            for place, r in enumerate(runs, start=1)
        )
        raise InputError(
            f"compare: runs must share seed and replications (found {found}). Fix: --seed and --reps"
        )


def _series(run: Run, od: str, measure: str) -> np.ndarray:
    return run.values(f"od_kpi.{od}.shipper.{measure}")
