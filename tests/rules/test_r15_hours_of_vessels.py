"""R15: every second of every vehicle has one cause; together they are the horizon."""

from __future__ import annotations

import numpy as np

from corridor_sim.history.ledger import ledger
from corridor_sim.history.replay import replay
from corridor_sim.inputs.read import read_scenario
from corridor_sim.studies.replicate import simulate
from tests.runs.conftest import SHORT


def test_cause_hours_of_every_vessel_sum_to_the_horizon() -> None:
    """All vehicles of base_2024 that cycle, over 50 days in autumn, with `==`; none is negative."""
    built, log, _ = simulate(read_scenario("base_2024", SHORT).scenario, 0)
    found = replay(built.model, log)
    trips = ledger(found).trips
    spent = np.bincount(trips.owner, trips.to_s - trips.from_s, len(log.births.k))
    is_vehicle = built.model.sources.tokens[log.births.source] > 0
    is_first = log.births.k < 0
    vehicles = is_vehicle & is_first
    print(f"{int(vehicles.sum())} vehicles, horizon {built.model.horizon_s} s")
    assert vehicles.sum() > 50
    assert (spent[vehicles] == built.model.horizon_s).all()
    assert (trips.to_s > trips.from_s).all()
