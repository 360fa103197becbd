"""A small port in which all happens at once: storms that drive ships out, a yard that fills, holds.

Trains of ten boxes come through a border to Aktau's yard, two feeders take them to Alat and bring
others back, which trains take on. Storms close both shores; an embargo holds boxes at the mine.
"""

from __future__ import annotations

from pathlib import Path

from corridor_sim.inputs.schema import Scenario
from tests.written import read_text

ZONE = (
    "{mean_closure_h: 20, cranes_stop_share: 0.25, berthing_stop_share: 0.1, evacuate_share: 0.5, "
    "restart_lag_h: 4, forecast_skill: 0.5, forecast_h: 5, storm_group: sea, group_correlation: 0.8, "
    + ", ".join(f"m{month:02d}: 0.2" for month in range(1, 13))
    + "}"
)
EVERYTHING = f"""\
name: everything
network: {{nodes: [{{id: mine}}, {{id: junction}}, {{id: aktau, movements_per_h: 1}}, {{id: alat}}, {{id: south}}]}}
facilities:
  yard: {{node: aktau, type: yard, places: 40, soft_share: 0.5, rehandle_k: 0.5, import_reserve: 15, import_direction: east}}
  hold: {{node: junction, type: hold_station, places: 2, detach_h: 3}}
  bcp: {{node: junction, type: border_crossing, documents_law: exponential, documents_mean_h: 0.5, inspection_law: exponential, inspection_mean_h: 6, inspection_share: 0.3, physical_mean_h: 1, tracks: 2, open_daily: "06:00-22:00"}}
  gang: {{node: aktau, type: crane_pool, servers: 2, moves_per_h: 10}}
  quay: {{node: aktau, type: berth, crane_pool: gang, weather_zone: aktau}}
  pier: {{node: alat, type: berth, call_law: lognormal, call_mean_h: 8, call_cv: 0.5, weather_zone: alat}}
fleets:
  train: {{kind: train_set, vessels: unlimited, capacity_units: 10}}
  loco: {{kind: locomotive, vessels: 9}}
  feeder: {{vessels: 2, capacity_units: 20, start_at: aktau}}
services:
  rail: {{fleets: [train], needs: [loco], run_law: lognormal, run_mean_h: 8, run_cv: 0.3}}
  away: {{fleets: [train], run_law: constant, run_mean_h: 8}}
  sea: {{fleets: [feeder], run_law: lognormal, run_mean_h: 10, run_cv: 0.2}}
calls:
  - {{service: rail, seq: 0, node: mine, sail_rule: fill, fill_units: 10}}
  - {{service: rail, seq: 1, node: aktau, yard: yard, holds: [hold], approach_trains: 4}}
  - {{service: away, seq: 0, node: aktau, sail_rule: fill, fill_units: 5, load_yard: yard}}
  - {{service: away, seq: 1, node: south}}
  - {{service: sea, seq: 0, node: aktau, berth: quay, yard: yard, load_yard: yard, unload_max_units: 5, sail_rule: fill_or_wait, fill_units: 18, max_wait_h: 24}}
  - {{service: sea, seq: 1, node: alat, berth: pier, sail_rule: fill_or_wait, fill_units: 10, max_wait_h: 12}}
weather: {{aktau: {ZONE}, alat: {ZONE}}}
embargoes: {{full: {{yards: [yard], on_units: 24, off_units: 12, min_days: 2, quota_per_day: 2}}}}
demand:
  boxes: {{origin: mine, destination: alat, direction: west, via: [bcp], arrival_law: exponential, arrival_mean_h: 2}}
  goods: {{origin: alat, destination: south, direction: east, arrival_law: exponential, arrival_mean_h: 6}}
simulation: {{start: 2024-01-01, warm_up_h: 0, window_h: 2400, drain_h: 0, reps: 1, seed: 3}}
"""


def read_everything(folder: Path, *sets: str, more: str = "") -> Scenario:
    """The case with further tables as YAML and changes."""
    return read_text(folder, EVERYTHING + more, *sets).scenario
