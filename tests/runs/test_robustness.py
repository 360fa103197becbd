"""The headline of base_2024 does not hang on the length of the warm-up or on the grain of time.

Slow (about five minutes on two cores): python -m pytest -m slow -s tests/runs/test_robustness.py
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from corridor_sim.model.compile import Built, compile_scenario
from corridor_sim.primitives import IntArray
from corridor_sim.results.statistics import Paired, holm, paired, t_interval
from corridor_sim.studies import replicate
from corridor_sim.studies.run import Run, read_many, run_resolved

REPS = 20
SEED = 1
FALSE_ALARM = 0.05
"""Of a whole test: Holm over its ODs; the replications are those of seed 1, fixed."""

pytestmark = pytest.mark.slow


def base_run(*sets: str, jobs: int = 2) -> Run:
    resolved = read_many([("base_2024", sets)], REPS, SEED)
    return run_resolved(resolved, jobs, "measures")[0]


@cache
def plain() -> Run:
    return base_run()


def moved(base: Run, other: Run) -> dict[str, tuple[Paired, float]]:
    """By OD: the difference of medians by replication, and its adjusted p-value."""
    ods = sorted(base.scenario.demand)
    pairs = []
    for od in ods:
        metric = f"od_kpi.{od}.shipper.p50_h"
        pairs.append(paired(base.values(metric), other.values(metric)))
    adjusted = holm(np.array([pair.p_value for pair in pairs]))
    rows = zip(ods, pairs, adjusted.tolist(), strict=True)
    found = {od: (pair, p) for od, pair, p in rows}
    for od, (pair, p) in found.items():
        diff = pair.diff
        print(f"{od:24} {diff.mean:+8.3f} h [{diff.lo:+8.3f}, {diff.hi:+8.3f}]  p {p:.3f}")
    return found


def test_twice_the_warm_up_moves_no_median() -> None:
    """September to December 2023 is enough: 20 weeks more in front change no OD's median.

    All ordinals shift, so the draws are others; the difference has an interval of its own. Whole
    periods of the timetables (3.5 and 10 days), which count from the start: another phase would be
    another timetable.
    """
    longer = base_run("simulation.start=2023-04-14", "simulation.warm_up_d=262")
    found = moved(plain(), longer)
    assert {od: p for od, (_, p) in found.items() if p < FALSE_ALARM} == {}


def to_minutes(seconds: IntArray) -> IntArray:
    """Rounded; what means `none` stays."""
    return np.where(seconds > 0, (seconds + 30) // 60 * 60, seconds)


def in_minutes(built: Built) -> Built:
    """The model with every duration in whole minutes."""
    model = built.model
    stages = model.stages
    durations = ("work_s", "deadline_s", "start_lag_s", "end_lag_s")
    return replace(
        built,
        model=replace(
            model,
            stages=replace(stages, **{c: to_minutes(getattr(stages, c)) for c in durations}),
            lines=replace(model.lines, give_up_s=to_minutes(model.lines.give_up_s)),
            tables=replace(model.tables, draw_s=to_minutes(model.tables.draw_s)),
        ),
    )


def test_durations_in_whole_minutes_move_no_median(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the same draws: no median moves by more than half of its own interval."""

    def compiled(*args: object, **options: object) -> Built:
        return in_minutes(compile_scenario(*args, **options))  # type: ignore[arg-type]

    monkeypatch.setattr(replicate, "compile_scenario", compiled)
    found = moved(plain(), base_run(jobs=1))  # one process: the change is in this one
    for od, (pair, _) in found.items():
        own = t_interval(plain().values(f"od_kpi.{od}.shipper.p50_h"))
        assert abs(pair.diff.mean) <= (own.hi - own.lo) / 2, od
