"""A run: one scenario, all its replications, summed up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from corridor_sim.inputs.read import Resolved
from corridor_sim.inputs.schema import Expectation, Scenario
from corridor_sim.model.reach import read_checked
from corridor_sim.results.statistics import Interval, t_interval
from corridor_sim.studies.replicate import Detail, Replication, Rows, run_tasks

KEYS = {
    "od_kpi": ("od", "commodity", "direction", "route", "clock"),
    "ledger": ("od", "direction", "cause"),
    "facility_kpi": ("facility", "class"),
    "service_kpi": ("service", "call"),
    "leg_kpi": ("leg", "from_node"),
    "node_dwell": ("node", "direction", "od"),
    "yard_hours": ("place", "kind", "node"),
    "resilience": ("od", "disruption"),
    "costs": ("od", "route", "ledger", "part", "item"),
    "reliability": ("od", "route", "clock"),
    "tfi": ("id", "kind", "direction", "route"),
    "od_causes": ("od", "cause"),
    "capacity_chain": ("od", "route", "element"),
    "bottlenecks": ("cause",),
    "backlog": ("od", "unit"),
    "tcd": ("od", "route", "node", "kind"),
}
"""Key columns of each table of measures."""

SUMMARISED = (
    "od_kpi",
    "facility_kpi",
    "service_kpi",
    "resilience",
    "reliability",
    "tfi",
    "backlog",
)
"""Tables whose measures stand in summary.csv, each with its interval."""

SAID = {"od_kpi": ("commodity", "direction"), "backlog": ("unit",)}
"""Key columns that the first one decides: summary.csv leaves them out."""

UNITS = {
    "_ratio": "ratio",
    "_cv": "ratio",
    "_kmh": "km/h",
    "_per_feu": "USD/FEU",
    "_20t": "USD",
    "_per_h": "1/h",
    "_h": "h",
    "_share": "share",
    "utilisation": "share",
    "usd_per_teu": "USD/TEU",
    "usd_per_unit": "USD/unit",
    "usd_per_tonne": "USD/t",
    "_mean": "units",
    "_units_per_day": "units/d",
    "_units": "units",
    "_d": "d",
}


@dataclass(frozen=True)
class Run:
    """One scenario's replications, in order."""

    resolved: Resolved
    replications: tuple[Replication, ...]

    @property
    def scenario(self) -> Scenario:
        """What was run."""
        return self.resolved.scenario

    def rows(self, table: str) -> Rows:
        """All rows of a table, by replication."""
        return [row for r in self.replications for row in r.tables.get(table, [])]

    def values(self, metric: str) -> np.ndarray:
        """One number a replication for a metric path `table.id[.key...].column`.

        A path may leave out trailing keys: the first class `all` or only class, the home call,
        the shipper's clock over all routes.
        """
        return np.array([metric_value(r, metric) for r in self.replications])


def metric_value(replication: Replication, metric: str) -> float:
    """The value of a metric path in one replication; NaN if it names nothing."""
    table, *keys, column = metric.split(".")
    if table == "stuck":
        return _stuck_value(replication, keys, column)
    best: float = float("nan")
    for row in replication.tables.get(table, []) if table in KEYS else ():
        texts = [str(row[k]) for k in KEYS[table]]
        if keys and texts[0] == keys[0] and all(k in texts[1:] for k in keys[1:]) and column in row:
            default = table != "facility_kpi" or len(keys) > 1 or row["class"] == "all"
            if default:
                return float(row[column])
            best = float(row[column])
    return best


def _stuck_value(replication: Replication, keys: list[str], column: str) -> float:
    stuck = replication.stuck
    if not keys or keys[0] != stuck.kind:
        return float("nan")
    return stuck.at_s / 3600 if column == "at_h" else float(stuck.left_units)


def run(
    name: str,
    sets: tuple[str, ...] = (),
    reps: int | None = None,
    seed: int | None = None,
    jobs: int = 1,
    detail: Detail = "all",
    progress: Callable[[int, int], None] | None = None,
) -> Run:
    """Read and run one scenario.

    >>> run("mm1", ("simulation.window_h=100",), reps=1).replications[0].rep
    0
    """
    return run_many([(name, sets)], reps, seed, jobs, detail, progress)[0]


def run_many(
    wanted: list[tuple[str, tuple[str, ...]]],
    reps: int | None = None,
    seed: int | None = None,
    jobs: int = 1,
    detail: Detail = "all",
    progress: Callable[[int, int], None] | None = None,
) -> list[Run]:
    """Several scenarios (or variants) over one pool of workers, on the same draws."""
    return run_resolved(read_many(wanted, reps, seed), jobs, detail, progress)


def read_many(
    wanted: Sequence[tuple[str, tuple[str, ...]]], reps: int | None = None, seed: int | None = None
) -> list[Resolved]:
    """Scenarios as they will run; everything that can be refused is refused here."""
    extra = tuple(
        f"simulation.{k}={v}" for k, v in (("reps", reps), ("seed", seed)) if v is not None
    )
    return [read_checked(name, (*sets, *extra)) for name, sets in wanted]


def run_resolved(
    resolved: list[Resolved],
    jobs: int = 1,
    detail: Detail = "all",
    progress: Callable[[int, int], None] | None = None,
) -> list[Run]:
    """As `run_many`, from scenarios already read."""
    tasks = [
        (r.scenario, rep, detail) for r in resolved for rep in range(r.scenario.simulation.reps)
    ]
    step = None if progress is None else lambda done: progress(done, len(tasks))
    results = iter(run_tasks(tasks, jobs, step))
    runs = []
    for r in resolved:
        n = r.scenario.simulation.reps
        runs.append(Run(r, tuple(next(results) for _ in range(n))))
    return runs


def summary(run_: Run) -> list[tuple[str, str, Interval]]:
    """(metric, unit, interval over replications) for every measure, in the order of the tables."""
    series: dict[str, list[float]] = defaultdict(list)
    for table in SUMMARISED:
        keys = KEYS[table]
        for row in run_.rows(table):
            told = [row[k] for k in keys if k not in SAID.get(table, ())]
            prefix = ".".join([table, *(str(word) for word in told if word is not None)])
            for column, value in row.items():
                if column not in keys and column != "rep":
                    series[f"{prefix}.{column}"].append(float(value))
    return [
        (metric, unit_of(metric), t_interval(np.array(values))) for metric, values in series.items()
    ]


def unit_of(metric: str) -> str:
    """The unit that a column's suffix says."""
    return next((unit for suffix, unit in UNITS.items() if metric.endswith(suffix)), "count")


@dataclass(frozen=True)
class Finding:
    """An expectation beside what was found."""

    expectation: Expectation
    found: Interval
    met: bool | None
    """None: cannot be judged from one scenario (`than`)."""


def findings(run_: Run) -> list[Finding]:
    """Each `expect:` row of a scenario, judged where it can be judged alone."""
    out = []
    for expectation in run_.scenario.expect:
        values = run_.values(expectation.metric)
        interval = t_interval(values)
        met: bool | None = None
        if expectation.equals is not None:
            off = abs(interval.mean - expectation.equals)
            if expectation.within_share is None:
                met = bool(np.all(values == expectation.equals))
            else:
                met = bool(off <= expectation.within_share * abs(expectation.equals))
        out.append(Finding(expectation, interval, met))
    return out


def totals(run_: Run) -> dict[str, Any]:
    """Delivered units by unit, mean over replications, and the censored share."""
    delivered: dict[str, float] = defaultdict(float)
    offered, censored = 0.0, 0.0
    n = len(run_.replications)
    seen: set[tuple[int, str]] = set()
    for row in run_.rows("od_kpi"):
        if row["clock"] != "shipper" or (row["rep"], row["od"]) in seen:
            continue
        seen.add((row["rep"], row["od"]))
        delivered[run_.scenario.demand[row["od"]].unit] += row["delivered"] / n
        offered += row["offered"]
        censored += row["offered"] * (row["censored_share"] if row["offered"] else 0.0)
    return {"delivered": dict(delivered), "censored_share": censored / offered if offered else 0.0}
