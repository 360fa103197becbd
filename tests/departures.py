"""Departures as in trips.csv, for tests that follow a few vessels by hand."""

from __future__ import annotations

from typing import Any

from corridor_sim.history.halves import halves_of, places_of
from corridor_sim.history.ledger import ledger
from corridor_sim.history.replay import Replay, replay
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built
from corridor_sim.results.trips import trip_rows
from corridor_sim.studies.replicate import simulate


def trips_of(scenario: Scenario) -> list[dict[str, Any]]:
    """Rows of replication 0, by service, call and trip."""
    built, log, _ = simulate(scenario, 0)
    return trips_in(scenario, built, replay(built.model, log))


def trips_in(scenario: Scenario, built: Built, replayed: Replay) -> list[dict[str, Any]]:
    """Rows of a replication that is replayed already."""
    places = places_of(scenario, built)
    return trip_rows(
        scenario, built, replayed, halves_of(scenario, built, ledger(replayed), places)
    )


def on_board(row: dict[str, Any]) -> int:
    """Units of all kinds with which it left."""
    return sum(units for name, units in row.items() if name.startswith("on_board_"))
