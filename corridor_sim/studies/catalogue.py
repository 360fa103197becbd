"""The catalogue: every scenario of a study run once, its expectations beside what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np

from corridor_sim.errors import InputError, ModelError
from corridor_sim.inputs.places import studies
from corridor_sim.inputs.problems import located
from corridor_sim.inputs.read import Resolved, read_scenario
from corridor_sim.inputs.schema import Expectation
from corridor_sim.model.compile import compile_scenario
from corridor_sim.results.statistics import Interval, t_interval
from corridor_sim.studies.compare import expected
from corridor_sim.studies.replicate import Detail, Replication, run_tasks
from corridor_sim.studies.run import Run, findings, metric_value, read_many
from corridor_sim.studies.store import Kept, Store, number

MEASURED = frozenset({"od_kpi", "facility_kpi", "service_kpi", "resilience", "stuck"})
"""Tables of a metric for which `detail` measures is enough."""
STOOD_STILL = ("gridlock", "starved")


@dataclass(frozen=True)
class Plan:
    """What is judged, and everything that must be run for it, each scenario once."""

    judged: tuple[Resolved, ...]
    parents: tuple[Resolved, ...]
    """Scenarios that somebody is compared with, and that are not themselves judged."""

    @property
    def scenarios(self) -> tuple[Resolved, ...]:
        """In the order in which they run: whom others are compared with come first."""
        return (*self.parents, *self.judged)

    @cached_property
    def metrics(self) -> dict[str, tuple[str, ...]]:
        """By scenario, the metrics that its own expectations and those against it need."""
        wanted: dict[str, set[str]] = {r.scenario.name: set() for r in self.scenarios}
        for scenario in (r.scenario for r in self.judged):
            for row in scenario.expect:
                for name in {scenario.name, row.than or scenario.name}:
                    wanted[name].add(row.metric)
        return {name: tuple(sorted(paths)) for name, paths in wanted.items()}

    def detail(self, name: str) -> Detail:
        """No more of a replication than its metrics need."""
        tables = {metric.partition(".")[0] for metric in self.metrics[name]}
        return "measures" if tables <= MEASURED else "all"


def names_here() -> list[str]:
    """Scenarios of this folder's `scenarios/`, else the packaged ones, that expect something.

    Raises
    ------
    InputError    none does, or a file is wrong
    """
    folders = [study / "scenarios" for study in studies()]
    names = next(filter(None, (sorted(p.stem for p in f.glob("*.yaml")) for f in folders)), [])
    expecting = [name for name in names if read_scenario(name).scenario.expect]
    if not expecting:
        what = f"none of {len(names)} scenarios in scenarios/ expects anything"
        raise InputError(f"catalogue: {what}. Fix: write `expect:`, or name scenarios")
    return expecting


def read_plan(
    names: Sequence[str],
    sets: tuple[str, ...] = (),
    reps: int | None = None,
    seed: int | None = None,
) -> Plan:
    """Read the scenarios and all that they are compared with; refuse what cannot be judged.

    Raises
    ------
    InputError    a file is wrong, two scenarios have one name, or draws that cannot be paired
    """
    judged = read_many([(name, sets) for name in names], reps, seed)
    counted = Counter(r.scenario.name for r in judged)
    if twice := [name for name, n in counted.items() if n > 1]:
        raise InputError(f"catalogue: {twice[0]} is named twice. Fix: name each scenario once")
    others = {row.than for r in judged for row in r.scenario.expect if row.than}
    parents = read_many([(name, sets) for name in sorted(others - set(counted))], reps, seed)
    plan = Plan(tuple(judged), tuple(parents))
    _require_pairs(plan)
    return plan


def _require_pairs(plan: Plan) -> None:
    drawn = {r.scenario.name: r.scenario.simulation for r in plan.scenarios}
    for scenario in (r.scenario for r in plan.judged):
        for than in sorted({row.than for row in scenario.expect if row.than}):
            a, b = drawn[scenario.name], drawn[than]
            if (a.reps, a.seed) != (b.reps, b.seed):
                raise InputError(
                    f"catalogue: {scenario.name} is compared with {than}, but not on the same draws "
                    f"({a.reps} replications of seed {a.seed}, {b.reps} of seed {b.seed}). "
                    "Fix: --reps and --seed"
                )


@dataclass(frozen=True)
class Measured(Run):
    """A run of which only the values of some metrics are left."""

    kept: tuple[Kept, ...] = ()

    def values(self, metric: str) -> np.ndarray:
        """As `Run.values`, of the metrics that were kept."""
        return np.array([row.values[metric] for row in self.kept], dtype=float)

    @property
    def stuck(self) -> dict[int, str]:
        """Replication -> how it stood still, of those that did."""
        return {rep: f"{row.stuck}: {row.story}" for rep, row in enumerate(self.kept) if row.stuck}


@dataclass(frozen=True)
class Step:
    """Where the work on one scenario stands; said before its first replication and after its last."""

    name: str
    reps: int
    kept: int
    """Replications that an earlier call left."""
    why_anew: str = ""
    """Why others that an earlier call left are not used."""


Found = Mapping[str, tuple[list[Kept], str]]
"""By scenario, the replications that an earlier call left, and why others are not used."""


def read_kept(plan: Plan, store: Store) -> Found:
    """What need not be done again; the first model of each scenario that has more to do is built.

    Raises
    ------
    ModelError    models that cannot be built, all of them, before any runs
    """
    found = {}
    problems: list[str] = []
    for resolved in plan.scenarios:
        scenario = resolved.scenario
        found[scenario.name] = store.read(scenario, plan.metrics[scenario.name])
        if len(found[scenario.name][0]) < scenario.simulation.reps:
            try:
                compile_scenario(scenario, 0)
            except ModelError as error:
                problems += located(error.problems, resolved.origin)
    if problems:
        raise ModelError(list(dict.fromkeys(problems)))
    return found


def run_plan(
    plan: Plan,
    found: Found,
    store: Store,
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
    say: Callable[[Step, bool], None] | None = None,
) -> dict[str, Measured]:
    """Every scenario of the plan, by name; each replication is kept as soon as it is done.

    `progress` is told (done, total) replications of those still to do, `say` each scenario at its
    start (False) and at its end (True).
    """
    tasks = [
        (r.scenario, rep, plan.detail(r.scenario.name))
        for r in plan.scenarios
        for rep in range(len(found[r.scenario.name][0]), r.scenario.simulation.reps)
    ]
    step = None if progress is None else lambda done: progress(done, len(tasks))
    results = run_tasks(tasks, jobs, step) if tasks else iter(())
    runs = {}
    for resolved in plan.scenarios:
        name, reps = resolved.scenario.name, resolved.scenario.simulation.reps
        kept, why = found[name]
        about = Step(name, reps, len(kept), why)
        if say:
            say(about, False)
        rows = _go_on(resolved, kept, plan.metrics[name], store, results)
        runs[name] = Measured(resolved, (), rows)
        if say:
            say(about, True)
    return runs


def _go_on(
    resolved: Resolved,
    kept: Sequence[Kept],
    metrics: Collection[str],
    store: Store,
    results: Iterator[Replication],
) -> tuple[Kept, ...]:
    """The kept replications and, of the results, those that the scenario still needs."""
    rows = list(kept)
    for replication in islice(results, resolved.scenario.simulation.reps - len(kept)):
        rows.append(_reduced(replication, metrics))
        store.write(resolved.scenario, rows)
    return tuple(rows)


def _reduced(replication: Replication, metrics: Collection[str]) -> Kept:
    values = {metric: number(metric_value(replication, metric)) for metric in metrics}
    stuck = replication.stuck
    if stuck.kind in STOOD_STILL:
        return Kept(values, stuck.kind, stuck.story)
    return Kept(values)


@dataclass(frozen=True)
class Judged:
    """An expectation beside what was found."""

    scenario: str
    row: int
    """Which of its rows of `expect`, from 0."""
    expectation: Expectation
    base: float | None
    """Mean of the other scenario; None where the row `equals`."""
    value: float
    """Mean of this one."""
    found: Interval
    """The paired difference; where the row `equals`, the value itself."""
    met: bool | None
    """None: too few values to judge by."""
    stuck: int
    """Replications of the scenario, or of the other one, that stood still."""


def judge(plan: Plan, runs: Mapping[str, Measured]) -> list[Judged]:
    """Every expectation of the judged scenarios, in their order; as `run` and `compare` judge."""
    differences = {(e.scenario, e.expectation): e for e in expected(list(runs.values()))}
    out = []
    for name in (r.scenario.name for r in plan.judged):
        for at, finding in enumerate(findings(runs[name])):
            row, value, stuck = finding.expectation, finding.found, set(runs[name].stuck)
            difference = differences.get((name, row))
            if difference is None or row.than is None:
                base, found, met = None, value, finding.met if value.n else None
            else:
                base = t_interval(runs[row.than].values(row.metric)).mean
                found = difference.paired.diff
                met = difference.met if found.n > 1 else None
                stuck |= set(runs[row.than].stuck)
            out.append(Judged(name, at, row, base, value.mean, found, met, len(stuck)))
    return out
