"""R6: a storm at sea does not stop the railway behind the port, unless one says so.

A train an hour brings a box to the track of Aktau (1 h of work each); the port is closed from 2 h to
10 h, and the vessel that waits there for three boxes sails at 10 h.
"""

from __future__ import annotations

from pathlib import Path

from tests.rules.ports import CALM, run

PORT = f"""\
network: {{nodes: [{{id: mine}}, {{id: aktau}}, {{id: alat}}]}}
facilities:
  track: {{node: aktau, type: terminal, servers: 1, service_law: constant, service_mean_h: 1}}
  quay: {{node: aktau, type: berth, weather_zone: port}}
weather: {{port: {CALM}}}
closures: {{storm: {{zone: port, start: 2024-01-01T02:00Z, end: 2024-01-01T10:00Z}}}}
fleets:
  train: {{kind: train_set, vessels: unlimited, capacity_units: 1}}
  ship: {{vessels: 1, capacity_units: 3, start_at: aktau}}
services:
  rail: {{fleets: [train], run_law: constant, run_mean_h: 1}}
  sea: {{fleets: [ship], run_law: constant, run_mean_h: 2}}
calls:
  - {{service: rail, seq: 0, node: mine, sail_rule: fill, fill_units: 1}}
  - {{service: rail, seq: 1, node: aktau, unload: track}}
  - {{service: sea, seq: 0, node: aktau, berth: quay, sail_rule: fill, fill_units: 3}}
  - {{service: sea, seq: 1, node: alat}}
demand: {{boxes: {{origin: mine, destination: alat, every_h: 1, lots_limit: 3}}}}
"""


def test_trains_are_unloaded_while_the_port_is_closed(tmp_path: Path) -> None:
    """At 1, 2 and 3 h, an hour each; the vessel has its boxes at 4 h and sails at 10 h."""
    ran = run(tmp_path, PORT)
    assert [(a, b) for _, a, b in ran.visits("rail@aktau unload")] == [(1, 2), (2, 3), (3, 4)]
    assert ran.sailings("sea@aktau") == [10]


def test_a_track_in_the_zone_stands_still_too(tmp_path: Path) -> None:
    """The second and third box come off at 11 h and 12 h, when the vessel sails."""
    ran = run(tmp_path, PORT, "facilities.track.weather_zone=port")
    assert [(a, b) for _, a, b in ran.visits("rail@aktau unload")] == [(1, 2), (2, 11), (11, 12)]
    assert ran.sailings("sea@aktau") == [12]
