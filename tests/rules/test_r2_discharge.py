"""R2: a discharge that finds no room for all of it, by instalments or after loading first.

A vessel brings two boxes from Alat at 12 h (its sailing at 10 h) to a yard of four places in which
boxes for Alat stand; one crane moves one box an hour. Trains take imports away at once.
"""

from __future__ import annotations

from pathlib import Path

from corridor_sim.history.stuck import stuck_in
from tests.rules.ports import CALM, never_too_full, run

PORT = """\
network: {nodes: [{id: mine}, {id: aktau}, {id: alat}, {id: south}]}
facilities:
  yard: {type: yard, node: aktau, places: 4}
  gang: {type: crane_pool, node: aktau, servers: 1, moves_per_h: 1}
  berth: {type: berth, node: aktau, crane_pool: gang}
fleets:
  train: {kind: train_set, vessels: unlimited, capacity_units: 1}
  ship: {vessels: 1, capacity_units: 9, start_at: alat}
services:
  rail: {fleets: [train], run_law: constant, run_mean_h: 2}
  sea: {fleets: [ship], run_law: constant, run_mean_h: 2}
  away: {fleets: [train], run_law: constant, run_mean_h: 2}
calls:
  - {service: rail, seq: 0, node: mine, sail_rule: fill, fill_units: 1}
  - {service: rail, seq: 1, node: aktau, yard: yard}
  - {service: away, seq: 0, node: aktau, sail_rule: fill, fill_units: 1, load_yard: yard}
  - {service: away, seq: 1, node: south}
  - {id: quay, service: sea, seq: 0, node: aktau, berth: berth, yard: yard, load_yard: yard, sail_rule: on_demand}
  - {service: sea, seq: 1, node: alat, sail_rule: timetable, every_h: 99, offset_h: 10}
demand:
  out: {origin: mine, destination: alat, direction: west, at_start: 3}
  back: {origin: alat, destination: south, direction: east, at_start: 2}
"""


def test_a_discharge_that_fits_nowhere_as_a_whole_stands_still(tmp_path: Path) -> None:
    """One free place and two boxes: it asks for both, and nobody but itself would load any."""
    found = stuck_in(run(tmp_path, PORT).replay)
    assert (found.kind, found.cycle) == ("gridlock", ("yard",))


def test_instalments_keep_the_berth_and_ask_for_their_own_room(tmp_path: Path) -> None:
    """One box at a time: the first from 12 h to 13 h into the last free place; a train takes it at
    13 h, and the second is moved from 13 h to 14 h. Then three boxes are loaded, until 17 h; the
    berth was never given back in between."""
    ran = run(tmp_path, PORT, "calls.quay.unload_max_units=1")
    assert [(a, b) for _, a, b in ran.visits("sea@aktau unload")] == [(12, 13)]
    assert [(a, b) for _, a, b in ran.visits("sea@aktau rest")] == [(13, 14)]
    assert ran.sailings("away") == [13, 14]
    assert ran.sailings("sea@aktau") == [17]
    berth = ran.built.model.names.counters.index("berth")
    assert [x.tolist() for x in ran.replay.free.row(berth)] == [
        [0, 12 * 3600, 17 * 3600],
        [1, 0, 1],
    ]
    assert stuck_in(ran.replay).kind == "none" and never_too_full(ran)


def test_an_instalment_of_all_is_the_discharge_as_a_whole(tmp_path: Path) -> None:
    """Of at most nine boxes, with room for all: as without instalments, 12 h to 14 h."""
    sets = ("demand.out.at_start=2",)
    whole = run(tmp_path, PORT, *sets)
    parts = run(tmp_path, PORT, *sets, "calls.quay.unload_max_units=9")
    for ran in (whole, parts):
        assert [(a, b) for _, a, b in ran.visits("sea@aktau unload")] == [(12, 14)]
        assert ran.sailings("sea@aktau") == [16]
    assert parts.visits("sea@aktau rest") == []


def test_the_hours_of_a_law_are_those_of_the_first_instalment(tmp_path: Path) -> None:
    """A call of 36 h, half of it discharge: 18 h for the first box, until 30 h, when a train takes it;
    the second is off at once, so the call is as long as in one; then 18 h of loading."""
    law = PORT.replace(", crane_pool: gang", ", call_law: constant, call_mean_h: 36")
    ran = run(tmp_path, law, "calls.quay.unload_max_units=1")
    assert [(a, b) for _, a, b in ran.visits("sea@aktau unload")] == [(12, 30)]
    assert [(a, b) for _, a, b in ran.visits("sea@aktau rest")] == [(30, 30)]
    assert ran.sailings("sea@aktau") == [48]


POOL = (
    PORT.replace(", start_at: alat", "")
    .replace("services:", "services:\n  other: {fleets: [ship], run_law: constant, run_mean_h: 2}")
    .replace(
        "calls:",
        """calls:
  - {service: other, seq: 0, node: aktau, sail_rule: fill, fill_units: 9}
  - {service: other, seq: 1, node: south}""",
    )
)


def test_a_vessel_that_ends_its_round_gives_the_berth_back_after_the_last_box(
    tmp_path: Path,
) -> None:
    """The ship is from a pool at Aktau: with three boxes it loads from 2 h to 5 h, is back from Alat
    with two at 12 h, and discharges one by one; the trip ends at 14 h, then the berth is free."""
    sets = ("calls.quay.unload_max_units=1", "calls.quay.sail_rule=fill", "calls.quay.fill_units=3")
    ran = run(tmp_path, POOL, *sets)
    assert [(a, b) for _, a, b in ran.visits("sea@aktau", "unload")] == [(12, 13)]
    assert [a for _, a, _ in ran.visits("sea@aktau off")] == [14]
    berth = ran.built.model.names.counters.index("berth")
    assert [x.tolist() for x in ran.replay.free.row(berth)] == [
        [0, 2 * 3600, 5 * 3600, 12 * 3600, 14 * 3600],
        [1, 0, 1, 0, 1],
    ]
    assert never_too_full(ran)


FULL = ("demand.out.at_start=4", "calls.quay.load_first=true")


def test_loading_first_makes_room_for_the_discharge(tmp_path: Path) -> None:
    """A full yard: at 12 h the vessel comes alongside and loads all four, until 16 h, which frees
    their places at once; it discharges its two from 16 h to 18 h, and goes with what it has."""
    assert stuck_in(run(tmp_path, PORT, FULL[0]).replay).kind == "gridlock"
    ran = run(tmp_path, PORT, *FULL, "calls.quay.sail_rule=at_once")
    assert [(a, b) for _, a, b in ran.visits("sea@aktau load first")] == [(12, 16)]
    assert [(a, b) for _, a, b in ran.visits("sea@aktau rest")] == [(16, 18)]
    assert ran.sailings("sea@aktau") == [18]
    assert ran.sailings("away") == [18, 18]
    assert stuck_in(ran.replay).kind == "none" and never_too_full(ran)


def test_who_finds_room_does_not_load_first(tmp_path: Path) -> None:
    """Two places are free: discharge from 12 h to 14 h, then loading of two."""
    ran = run(tmp_path, PORT, "demand.out.at_start=2", "calls.quay.load_first=true")
    assert ran.visits("load first") == []
    assert ran.sailings("sea@aktau") == [16]


STORM = f"""\
weather: {{sea: {CALM}}}
closures: {{storm: {{zone: sea, start: 2024-01-01T13:30, end: 2024-01-01T20:00, severity: evacuate}}}}
"""


def test_a_storm_between_two_instalments_drives_the_vessel_out(tmp_path: Path) -> None:
    """The first box from 12 h to 13 h fills the yard, and the next train goes at 15 h. At 13.5 h the
    vessel is driven out; it is first in the roads, comes back at 20 h, and moves the second box
    until 21 h. Three boxes are loaded until 24 h."""
    text = (PORT + STORM).replace("crane_pool: gang}", "crane_pool: gang, weather_zone: sea}")
    text = text.replace("aktau, sail_rule: fill, fill_units: 1,", "aktau, sail_rule: timetable, every_h: 99, offset_h: 15,")  # fmt: skip
    ran = run(tmp_path, text, "calls.quay.unload_max_units=1")
    assert [(a, b) for _, a, b in ran.visits("sea@aktau unload")] == [(12, 13), (20, 21)]
    assert [a for _, a, _ in ran.visits("sea@aktau rest out")] == [13.5]
    assert ran.sailings("sea@aktau") == [24]
    assert never_too_full(ran)


def test_a_reserve_of_one_discharge_is_too_small_while_imports_stand_in_it(tmp_path: Path) -> None:
    """Two of four places are kept for imports, vessels carry two boxes, trains take two at a time.

    The first vessel leaves one import at 13 h, and exports fill their two places again. The second
    comes at 17 h with two, and one place is free: a train would take two imports, but there is one:
    gridlock, the train's cargo and the vessel's room. By instalments the first of the two makes up the train, whose places are free at 18 h.
    """
    text = (
        PORT.replace("ship: {vessels: 1, capacity_units: 9", "ship: {vessels: 2, capacity_units: 2")
        .replace("aktau, sail_rule: fill, fill_units: 1, load_yard", "aktau, sail_rule: fill, fill_units: 2, load_yard")
        .replace("train: {kind: train_set, vessels: unlimited, capacity_units: 1}", "train: {kind: train_set, vessels: unlimited, capacity_units: 2}")
        .replace("every_h: 99, offset_h: 10", "every_h: 5, offset_h: 10")
        .replace("direction: east, at_start: 2", "direction: east, every_h: 3, offset_h: 9, lots_limit: 3")
    )  # fmt: skip
    sets = ("facilities.yard.import_reserve=2", "facilities.yard.import_direction=east", "demand.out.at_start=9")  # fmt: skip
    found = stuck_in(run(tmp_path, text, *sets).replay)
    assert (found.kind, found.cycle) == ("gridlock", ("away@aktau", "yard"))
    assert found.trips == ("service away#0", "service sea#1")
    ran = run(tmp_path, text, *sets, "calls.quay.unload_max_units=1")
    assert [(a, b) for _, a, b in ran.visits("sea@aktau unload")][:2] == [(12, 13), (17, 18)]
    assert [(a, b) for _, a, b in ran.visits("sea@aktau rest")] == [(18, 19)]
    assert ran.sailings("away") == [18]
    assert stuck_in(ran.replay).kind != "gridlock" and never_too_full(ran)
