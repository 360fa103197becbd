"""Validation: observed figures beside what a run says, each with its role. Misses stay misses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import numpy as np

from corridor_sim.inputs.observations import Observation
from corridor_sim.inputs.schema import Scenario
from corridor_sim.results.statistics import Interval, t_interval

Verdict = Literal["inside", "miss", "not a test", "other period", "not measured"]


@dataclass(frozen=True)
class Held:
    """One observation, what was simulated, and the verdict."""

    observation: Observation
    simulated: Interval
    verdict: Verdict


def held_against(
    observation: Observation, values: np.ndarray, window: tuple[datetime, datetime]
) -> Held:
    """The mean over replications against the tolerance.

    An input is no test whatever comes out. A figure of one window says nothing of another.

    Parameters
    ----------
    values    (n_replication,), in the observed unit; NaN where the measure does not exist
    window    of the run: begin, end
    """
    is_same_period = observation.window in (None, window)
    found = t_interval(values if is_same_period else np.array([]))
    if observation.role == "input":
        return Held(observation, found, "not a test")
    if not is_same_period:
        return Held(observation, found, "other period")
    if found.n == 0 or observation.low is None or observation.high is None:
        return Held(observation, found, "not measured")
    is_inside = observation.low <= found.mean <= observation.high
    return Held(observation, found, "inside" if is_inside else "miss")


def window_of(scenario: Scenario, window_s: tuple[int, int, int]) -> tuple[datetime, datetime]:
    """Begin and end of the window as instants."""
    start = scenario.simulation.start
    return start + timedelta(seconds=window_s[0]), start + timedelta(seconds=window_s[1])
