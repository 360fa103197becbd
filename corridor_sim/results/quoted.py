"""The tables of figures that planners quote, of one replication."""

from __future__ import annotations

from typing import Any

from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built
from corridor_sim.results.reliability import reliability_rows
from corridor_sim.results.replay import Replay

Rows = list[dict[str, Any]]


def measured(scenario: Scenario, built: Built, replay: Replay) -> dict[str, Rows]:
    """Those that every run has, sweeps and comparisons too."""
    return {"reliability": reliability_rows(scenario, built, replay)}
