"""A corridor small enough to follow by hand: boxes cross by one ferry and go on by train.

A box an hour from 0 h. One ferry of four places: it loads 1 h at Aktau once four boxes wait, sails
4 h (100 km at 25 km/h), turns round at once, sails back and discharges 1 h. So it leaves Aktau at
4, 14, 24, ... h with boxes 0-3, 4-7, 8-11, ... and comes to Alat at 8, 18, 28, ... h.
Trains load what the ferry brings and run 1 h to Baku and 2 h to Absheron. One path a day is left
from Alat to Baku: they leave at 8, 24, 48, 72 h, having waited 0, 6, 20, 34 h for it.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from corridor_sim.history.halves import (
    Halves,
    Places,
    StockClock,
    halves_of,
    places_of,
    stock_clock,
)
from corridor_sim.history.ledger import Ledger, ledger
from corridor_sim.history.replay import Replay, replay
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built
from corridor_sim.studies.replicate import simulate
from tests.written import read_text

TINY = """\
name: tiny
question: How long does a box take over the sea?
network:
  nodes: [{id: aktau}, {id: alat}, {id: baku}, {id: absheron}]
  legs:
    - {id: sea, from_node_id: aktau, to_node_id: alat, mode: sea, length_km: 100, speed_kmh: 25}
    - {id: coast, from_node_id: alat, to_node_id: baku, mode: rail, length_km: 30, speed_kmh: 30, paths_per_day: 3, background_paths_per_day: 2}
    - {id: hill, from_node_id: baku, to_node_id: absheron, mode: rail, length_km: 60, speed_kmh: 30}
  facilities:
    - {id: ramp, node: aktau, type: berth, servers: 1, call_law: constant, call_mean_h: 2}
    - {id: quay, node: alat, type: yard, places: 30}
fleets:
  ferry: {vessels: 1, capacity_units: 4, start_at: aktau}
  wagon: {kind: train_set, vessels: unlimited, capacity_units: 4}
services:
  crossing: {mode: sea, fleets: [ferry]}
  train: {mode: rail, fleets: [wagon]}
calls:
  - {service: crossing, seq: 0, node: aktau, berth: ramp, sail_rule: fill, fill_units: 4}
  - {service: crossing, seq: 1, node: alat, sail_rule: at_once, yard: quay}
  - {service: train, seq: 0, node: alat, sail_rule: fill, fill_units: 2, load_yard: quay}
  - {service: train, seq: 1, node: absheron, sail_rule: at_once}
demand:
  boxes: {origin: aktau, destination: absheron, unit: teu, direction: west, every_h: 1, tonnes_per_unit: 12}
simulation: {start: 2024-01-01, warm_up_h: 0, window_h: 48, drain_h: 48, reps: 1, seed: 1}
"""


class Tiny(NamedTuple):
    """One replication, replayed."""

    scenario: Scenario
    built: Built
    replay: Replay
    book: Ledger
    places: Places
    halves: Halves
    clock: StockClock


def tiny(folder: Path, *sets: str) -> Tiny:
    """The small corridor, with changes."""
    return replayed(read_text(folder, TINY, *sets).scenario)


def replayed(scenario: Scenario) -> Tiny:
    """Replication 0 of a scenario."""
    built, log, _ = simulate(scenario, 0)
    found = replay(built.model, log)
    book, places = ledger(found), places_of(scenario, built)
    halves = halves_of(scenario, built, book, places)
    return Tiny(scenario, built, found, book, places, halves, stock_clock(scenario, book))
