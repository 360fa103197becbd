"""A run beside the observed figures of its network."""

from __future__ import annotations

from fnmatch import fnmatchcase

import numpy as np

from corridor_sim.inputs.observations import Observation
from corridor_sim.model.build import window_s
from corridor_sim.results.validation import Held, held_against, window_of
from corridor_sim.studies.replicate import Replication
from corridor_sim.studies.run import KEYS, Run, metric_value


def validation(run: Run) -> list[Held]:
    """Each observed figure of the run's network, by id; empty if it carries none."""
    window = window_of(run.scenario, window_s(run.scenario))
    return [
        held_against(o, np.array([observed_in(r, o) for r in run.replications]), window)
        for o in run.resolved.observations
    ]


def observed_in(replication: Replication, observation: Observation) -> float:
    """The measure of one replication in the observed unit; NaN if it names nothing."""
    if not observation.metric:
        return float("nan")
    value = summed(replication, observation.metric) * observation.factor
    return value / summed(replication, observation.per) if observation.per else value


def summed(replication: Replication, metric: str) -> float:
    """Paths joined by ` + `; a `*` in a key sums over all that match it. NaN if nothing does."""
    values = [v for path in metric.split(" + ") for v in _values(replication, path.strip())]
    return float(np.nansum(values)) if not np.isnan(values).all() else float("nan")


def _values(replication: Replication, path: str) -> list[float]:
    """What a path stands for: with a `*` one value for each way in which keys match it."""
    if "*" not in path:
        return [metric_value(replication, path)]
    table, *keys, column = path.split(".")
    found: dict[tuple[str, ...], float] = {}
    for row in replication.tables.get(table, []):
        first, *others = [str(row[k]) for k in KEYS[table]]
        texts = [[first], *[others] * (len(keys) - 1)]
        matched = [_match(key, known) for key, known in zip(keys, texts, strict=True)]
        if None not in matched and column in row:
            # as in `metric_value`: the first row of those that only trailing keys tell apart
            found.setdefault(tuple(str(m) for m in matched), float(row[column]))
    return list(found.values())


def _match(pattern: str, texts: list[str]) -> str | None:
    return next((text for text in texts if fnmatchcase(text, pattern)), None)
