"""R2: room in which a vessel swaps boxes is left free by trains, which swap too (0006, 0007).

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


LAND = """\
network: {nodes: [{id: mine}, {id: aktau}, {id: alat}, {id: south}]}
facilities:
  yard: {type: yard, node: aktau, places: 3}
  track: {type: terminal, node: aktau, servers: 1, service_law: constant, service_mean_h: 6}
fleets:
  train: {kind: train_set, vessels: 1, capacity_units: 2, start_at: mine}
  ship: {vessels: 1, capacity_units: 9, start_at: alat}
services:
  rail: {fleets: [train], run_law: constant, run_mean_h: 4}
  sea: {fleets: [ship], run_law: constant, run_mean_h: 1}
calls:
  - {service: rail, seq: 0, node: mine, sail_rule: fill, fill_units: 2}
  - {id: station, service: rail, seq: 1, node: aktau, unload: track, yard: yard, load_yard: yard, sail_rule: fill_or_wait, fill_units: 2, max_wait_h: 5}
  - {service: sea, seq: 0, node: alat, sail_rule: timetable, every_h: 99, offset_h: 1}
  - {service: sea, seq: 1, node: aktau, yard: yard, load_yard: yard, sail_rule: timetable, every_h: 99, offset_h: 30}
demand:
  out: {origin: mine, destination: alat, direction: west, at_start: 2}
  back: {origin: alat, destination: mine, direction: east, at_start: 3}
"""


def test_a_train_with_no_room_for_all_waits_for_the_ship(tmp_path: Path) -> None:
    """Three boxes east fill the yard from 2 h on. The train comes with two at 4 h and waits, though it
    would take two away: nobody else makes room."""
    ran = run(tmp_path, LAND)
    assert trains_in(ran) == []
    assert ran.waits("service rail")["wait:yard"] == 96 - 4


def test_a_train_is_let_in_for_what_it_takes_away(tmp_path: Path) -> None:
    """The same, box for box: the visit of 6 h needs no place, and ends at 10 h with two boxes east on
    board, two west and one east in the yard. The train leaves at once, since it has the two of its rule; the
    ship takes both at 30 h."""
    ran = run(tmp_path, LAND, "calls.station.swap=true")
    assert ran.visits("rail@aktau unload") == [("rail@aktau unload swap", 4, 10)]
    assert ran.sailings("rail@aktau") == [10] and ran.sailings("sea@aktau") == [30]
    yard = ran.built.model.names.counters.index("yard")
    assert [x.tolist() for x in ran.replay.free.row(yard)] == [
        [0, 2 * 3600, 30 * 3600],
        [3, 0, 2],
    ]
    assert never_too_full(ran)


def test_of_a_swap_the_difference_needs_room(tmp_path: Path) -> None:
    """With one box east alone the train needs one place more. In a yard of two it is let in at 4 h,
    unless it has to leave the last place free; of a yard of three it does not have to swap at all."""
    sets = ("calls.station.swap=true", "demand.back.at_start=1")
    for places, kept, came in ((2, 0, ["unload swap"]), (2, 1, []), (3, 0, ["unload"])):
        yard = (f"facilities.yard.places={places}", f"facilities.yard.swap_places={kept}")
        ran = run(tmp_path, LAND, *sets, *yard)
        found = [name for name, *_ in ran.visits("rail@aktau unload")]
        assert found == [f"rail@aktau {name}" for name in came], (places, kept)


def test_a_limit_for_one_direction_counts_all_of_it(tmp_path: Path) -> None:
    """Of three places one is kept for boxes east: two west come in box for box; with two kept they do
    not, since only one place is theirs."""
    kept = ("calls.station.swap=true", "facilities.yard.import_direction=east")
    for reserve, n in ((1, 1), (2, 0)):
        ran = run(tmp_path, LAND, *kept, f"facilities.yard.import_reserve={reserve}")
        assert len(trains_in(ran)) == n


SWAPS = "calls.station.swap=true"
QUAY = "berth: quay, yard: yard, load_yard: yard"
GANG = """\
  gang: {type: crane_pool, node: aktau, servers: 1, moves_per_h: 1}
  quay: {type: berth, node: aktau, crane_pool: gang}
"""
MINE = "{service: rail, seq: 1, node: mine, sail_rule: fill, fill_units: 2}"


def test_after_a_swap_what_is_on_board_counts_for_the_sail_rule(tmp_path: Path) -> None:
    """Places for four, two boxes are enough. With two taken in exchange it leaves at 10 h, though no
    box is left; with one it waits its 5 h for another, from the end of the exchange on."""
    sets = (SWAPS, "fleets.train.capacity_units=4")
    for boxes, leaves in ((2, 10), (1, 15)):
        ran = run(
            tmp_path, LAND, *sets, f"demand.back.at_start={boxes}", "facilities.yard.places=2"
        )
        assert ran.visits("rail@aktau unload") == [("rail@aktau unload swap", 4, 10)]
        assert ran.sailings("rail@aktau") == [leaves], boxes


HOME = (
    LAND.replace("  - {service: rail, seq: 0, node: mine, sail_rule: fill, fill_units: 2}\n", "")
    .replace("service: rail, seq: 1, node: aktau", "service: rail, seq: 0, node: aktau")
    .replace("max_wait_h: 5}", f"max_wait_h: 5, counted_from: first_unit}}\n  - {MINE}")
    .replace("start_at: mine", "start_at: aktau")
    .replace("node: aktau, yard: yard, load_yard: yard, sail", f"node: aktau, {QUAY}, sail")
    .replace("facilities:", f"facilities:\n{GANG}")
)


def test_a_train_at_home_that_swapped_leaves_without_another_box(tmp_path: Path) -> None:
    """The set is Aktau's own and waits there for boxes. One crane unloads three from 2 h to 5 h; it takes
    two, brings two from the mine at 13 h, and has to leave one of two free places: it is let in for
    the third box, until 19 h. That is one too few for its rule, so it waits 5 h from then; if one is
    enough it goes at once."""
    for least, leaves in ((2, 24), (1, 19)):
        sets = (SWAPS, "facilities.yard.swap_places=1", f"calls.station.fill_units={least}")
        ran = run(tmp_path, HOME, *sets)
        assert ("rail@aktau unload swap", 13, 19) in ran.visits("rail@aktau unload")
        assert ran.sailings("rail@aktau") == [5, leaves]
        assert stuck_in(ran.replay).kind != "starved"
