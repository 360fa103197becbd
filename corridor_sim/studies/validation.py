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
    """Paths joined by ` + `; a `*` in a key stands for all that match it. NaN if nothing does."""
    values = [
        metric_value(replication, path)
        for pattern in metric.split(" + ")
        for path in _paths(replication, pattern.strip())
    ]
    return float(np.nansum(values)) if not np.isnan(values).all() else float("nan")


def _paths(replication: Replication, pattern: str) -> list[str]:
    """The paths of a replication's tables that a pattern stands for, sorted."""
    table, *keys, column = pattern.split(".")
    starred = next((i for i, key in enumerate(keys) if "*" in key), None)
    if starred is None:
        return [pattern]
    first, *others = KEYS[table]
    asked = (first,) if starred == 0 else others
    rows = [
        row
        for row in replication.tables.get(table, [])
        if starred == 0 or fnmatchcase(str(row[first]), keys[0])
    ]
    texts = {str(row[k]) for row in rows for k in asked}
    found = sorted(text for text in texts if fnmatchcase(text, keys[starred]))
    paths = [".".join([table, *keys[:starred], t, *keys[starred + 1 :], column]) for t in found]
    return [path for p in paths for path in _paths(replication, p)]
