"""R2: room in which a vessel swaps boxes is left free by trains (decision 0006).

A ship for two boxes takes west what trains bring from the mine, and brings east what leaves Aktau by
a train of three. One crane moves one box an hour; the ship discharges one by one, and loads first
when there is no room. The yard has four places, one of them kept for eastbound boxes.
"""

from __future__ import annotations

from pathlib import Path

from corridor_sim.history.stuck import stuck_in
from tests.rules.ports import Ran, never_too_full, run

PORT = """\
network: {nodes: [{id: mine}, {id: aktau}, {id: alat}, {id: south}]}
facilities:
  yard: {type: yard, node: aktau, places: 4, import_reserve: 1, import_direction: east}
  gang: {type: crane_pool, node: aktau, servers: 1, moves_per_h: 1}
  berth: {type: berth, node: aktau, crane_pool: gang}
fleets:
  train: {kind: train_set, vessels: unlimited, capacity_units: 3}
  ship: {vessels: 1, capacity_units: 2, start_at: alat}
services:
  rail: {fleets: [train], run_law: constant, run_mean_h: 2}
  sea: {fleets: [ship], run_law: constant, run_mean_h: 2}
  away: {fleets: [train], run_law: constant, run_mean_h: 2}
calls:
  - {service: rail, seq: 0, node: mine, sail_rule: fill, fill_units: 1}
  - {service: rail, seq: 1, node: aktau, yard: yard}
  - {service: away, seq: 0, node: aktau, sail_rule: fill, fill_units: 3, load_yard: yard}
  - {service: away, seq: 1, node: south}
  - service: sea
    seq: 0
    node: aktau
    berth: berth
    yard: yard
    load_yard: yard
    sail_rule: on_demand
    unload_max_units: 1
    load_first: true
  - {service: sea, seq: 1, node: alat, sail_rule: timetable, every_h: 10, offset_h: 10}
demand:
  out: {origin: mine, destination: alat, direction: west, every_h: 1, lots_limit: 5}
  back: {origin: alat, destination: south, direction: east, at_start: 3}
"""
HOLD = "{type: hold_station, node: aktau, places: 2}"
SWAP = "facilities.yard.swap_places=1"


def trains_in(ran: Ran) -> list[float]:
    return [a for _, a, _ in ran.visits("rail@aktau unload")]


def at_aktau(ran: Ran) -> list[tuple[str, float, float]]:
    """What the ship does there, without its rides."""
    return [
        (n.removeprefix("sea@aktau "), a, b)
        for n, a, b in ran.visits("sea@aktau")
        if "ride" not in n
    ]


def test_trains_that_take_the_last_place_hold_the_ship_for_ever(tmp_path: Path) -> None:
    """Three boxes are in at 4 h, the fourth would take the kept place. At 12 h the ship comes with two,
    unloads one into that place, and at 13 h loads one: the fourth train takes what that made free.
    Now the yard is full, the ship has a box east and a box west on board, the train away has one of
    its three: nothing moves any more."""
    ran = run(tmp_path, PORT)
    assert trains_in(ran) == [2, 3, 4, 13]
    assert at_aktau(ran) == [("unload", 12, 13), ("rest load first", 13, 14)]
    assert ran.sailings("sea@aktau") == [] and ran.sailings("away") == []


def test_a_place_left_free_keeps_both_sides_going(tmp_path: Path) -> None:
    """The same until 13 h; the fourth train would leave nothing, so it waits. The ship unloads the
    second box from 14 h to 15 h, loads another and sails at 16 h; it is back at 22 h with the third
    box, which the train away takes with the two others at 23 h; then both trains come in."""
    ran = run(tmp_path, PORT, SWAP)
    assert trains_in(ran) == [2, 3, 4, 23, 23]
    assert at_aktau(ran)[:6] == [
        ("unload", 12, 13),
        ("rest load first", 13, 14),
        ("rest", 14, 15),
        ("alongside", 15, 16),
        ("unload", 22, 23),
        ("alongside", 23, 24),
    ]
    assert ran.sailings("sea@aktau")[:2] == [16, 24] and ran.sailings("away") == [23]
    # the fourth from 4 h + 1, the fifth from 6 h on, both until 23 h
    assert ran.waits("service rail")["wait:yard"] == (23 - 5) + (23 - 6)
    assert never_too_full(ran) and stuck_in(ran.replay).kind == "none"


def test_trains_in_a_hold_leave_it_too(tmp_path: Path) -> None:
    """The fourth and the fifth stand in the hold from 5 h and 6 h on, and are let in at 23 h."""
    held = PORT.replace("facilities:", f"facilities:\n  hold: {HOLD}").replace(
        "node: aktau, yard: yard}", "node: aktau, yard: yard, holds: [hold]}"
    )
    ran = run(tmp_path, held, SWAP)
    assert trains_in(ran) == [2, 3, 4]
    assert [a for _, a, _ in ran.visits("rail@aktau held hold on")] == [23, 23]
