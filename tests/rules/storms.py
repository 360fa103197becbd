"""A ferry between two ports that dated closures, or drawn ones, shut; hours by hand.

Boxes wait at Aktau from the start, ferries of four places load there (call 4 h) and sail 4 h
(100 km at 25 km/h) to Alat, where they discharge in 2 h. Hours count from 2024-01-01 00:00 UTC.
"""

from __future__ import annotations

from pathlib import Path

from corridor_sim.inputs.schema import Scenario
from tests.written import read_text

MONTHS = ", ".join(f"m{month:02d}: {{share}}" for month in range(1, 13))
STORM = """\
name: storm
network:
  nodes: [{id: aktau}, {id: alat}]
  legs: [{id: sea, from_node_id: aktau, to_node_id: alat, mode: sea, length_km: 100, speed_kmh: 25}]
  facilities:
    - {id: ramp, node: aktau, type: berth, servers: 3, call_law: constant, call_mean_h: 4, load_share: 1, weather_zone: aktau}
    - {id: pier, node: alat, type: berth, servers: 1, call_law: constant, call_mean_h: 2, load_share: 0, weather_zone: alat}
fleets: {ferry: {vessels: 1, capacity_units: 4, start_at: aktau}}
services: {crossing: {mode: sea, fleets: [ferry]}}
calls:
  - {service: crossing, seq: 0, node: aktau, berth: ramp, sail_rule: fill, fill_units: 4}
  - {service: crossing, seq: 1, node: alat, berth: pier, sail_rule: at_once}
demand: {boxes: {origin: aktau, destination: alat, at_start: 12}}
weather:
  aktau: {SHARES}
  alat: {SHARES}
simulation: {start: 2024-01-01, warm_up_h: 0, window_h: 72, drain_h: 0, reps: 1, seed: 1}
"""


def read_storm(
    folder: Path, closures: str = "", sets: tuple[str, ...] = (), share: float = 0.0
) -> Scenario:
    """The case with rows of `closures` as YAML, changes, and a share of closed hours all year."""
    text = STORM.replace("SHARES", MONTHS.format(share=share))
    return read_text(folder, text + (f"closures:\n{closures}" if closures else ""), *sets).scenario
