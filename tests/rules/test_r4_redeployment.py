"""R4: a pooled vessel that ends its round goes where much more cargo waits than at home.

One ferry of Kuryk and Turkmenbashi; each crossing to Alat and back takes 4 h, from the one port to the
other 6 h. Wagons stand in the yards of both.
"""

from __future__ import annotations

from pathlib import Path

from tests.rules.ports import never_too_full, run

POOL = """\
network: {nodes: [{id: kuryk}, {id: turkmenbashi}, {id: alat}]}
facilities:
  kuryk_yard: {node: kuryk, type: yard, places: 99}
  turkmenbashi_yard: {node: turkmenbashi, type: yard, places: 99}
  kuryk_track: {node: kuryk, type: server}
fleets:
  ferry: {vessels: 1, capacity_units: 1, start_at: kuryk, allocation: pooled, redeploy_over_units: 2, reposition_h: 6}
  train: {kind: train_set, vessels: unlimited, capacity_units: 9}
services:
  north: {fleets: [ferry], run_law: constant, run_mean_h: 2}
  south: {fleets: [ferry], run_law: constant, run_mean_h: 2}
  feed_north: {fleets: [train], run_law: constant, run_mean_h: 1}
  feed_south: {fleets: [train], run_law: constant, run_mean_h: 1}
calls:
  - {service: north, seq: 0, node: kuryk, sail_rule: fill, fill_units: 1, load_yard: kuryk_yard}
  - {service: north, seq: 1, node: alat}
  - {service: south, seq: 0, node: turkmenbashi, sail_rule: fill, fill_units: 1, load_yard: turkmenbashi_yard}
  - {service: south, seq: 1, node: alat}
  - {service: feed_north, seq: 0, node: inland, sail_rule: fill, fill_units: 1}
  - {service: feed_north, seq: 1, node: kuryk, yard: kuryk_yard}
  - {service: feed_south, seq: 0, node: inland, sail_rule: fill, fill_units: 1}
  - {service: feed_south, seq: 1, node: turkmenbashi, yard: turkmenbashi_yard}
demand:
  northern: {origin: inland, destination: alat, at_start: NORTH}
  southern: {origin: inland, destination: alat, at_start: SOUTH}
routes:
  n: {demand: northern, rides: [feed_north, north]}
  s: {demand: southern, rides: [feed_south, south]}
""".replace("{id: alat}]", "{id: alat}, {id: inland}]")


def test_it_sails_empty_to_the_larger_stock(tmp_path: Path) -> None:
    """From 1 h on 3 wagons at Kuryk and 4 at Turkmenbashi. It leaves Kuryk at 1 h with one, is back
    at 5 h: 2 here, 4 there, two more: off it goes, 6 h. At 11 h it takes one there; back at 15, 19,
    23 h it finds 3, 2, 1 here and always 2 at Kuryk, and stays; at 27 h 0 and 2, and goes."""
    ran = run(tmp_path, POOL.replace("NORTH", "3").replace("SOUTH", "4"))
    assert [(a, b) for _, a, b in ran.visits(" to ")] == [(5, 11), (27, 33)]
    assert ran.sailings("north@kuryk") == [1, 33, 37]
    assert ran.sailings("south@turkmenbashi") == [11, 15, 19, 23]
    assert never_too_full(ran)


def test_a_difference_below_the_threshold_sends_nobody(tmp_path: Path) -> None:
    """2 at each: back at 5 h, 1 here and 2 there, and at 9 h 0 here and 2 there: then it goes."""
    ran = run(tmp_path, POOL.replace("NORTH", "2").replace("SOUTH", "2"))
    assert [(a, b) for _, a, b in ran.visits(" to ")] == [(9, 15)]
    assert ran.sailings("south@turkmenbashi") == [15, 19]


def test_the_fleet_is_never_more_than_it_is(tmp_path: Path) -> None:
    """Whatever it does, at most one vessel is in the pools: one place, or neither."""
    ran = run(tmp_path, POOL.replace("NORTH", "3").replace("SOUTH", "4"))
    names = ran.built.model.names.counters
    at = [names.index(f"fleet ferry at {node}") for node in ("kuryk", "turkmenbashi")]
    times = sorted({t for row in at for t in ran.replay.free.row(row)[0].tolist()})
    total = [sum(int(ran.replay.free.at(row, t)) for row in at) for t in times]
    assert set(total) == {0, 1}
