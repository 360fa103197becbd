"""R1: a train that cannot have a track and room waits in a hold station; a full one spills back.

Trains of one box leave the mine, 2 h from a port with room for one box; a vessel loads it at 20 h,
and one more every 10 h from then on. The junction on the way has one place for a train.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from corridor_sim.history.halves import places_of
from corridor_sim.results.ledger_rows import hours_of
from corridor_sim.results.story import Story
from corridor_sim.results.yard_hours import yard_rows
from corridor_sim.studies.replicate import replicate_one
from tests.rules.ports import Ran, never_too_full, not_back, run

PORT = """\
network: {nodes: [{id: mine, country: KZ}, {id: fork}, {id: junction}, {id: aktau}, {id: alat}]}
facilities:
  yard: {type: yard, node: aktau, places: 1}
  hold: {type: hold_station, node: junction, places: 1, detach_h: 3}
  far: {type: hold_station, node: fork, places: 1, detach_h: 3}
  track: {type: terminal, node: aktau, servers: 1, service_law: constant, service_mean_h: 1}
fleets:
  train: {kind: train_set, vessels: unlimited, capacity_units: 1}
  loco: {kind: locomotive, vessels: 9}
  ship: {vessels: 9, capacity_units: 1}
services:
  rail: {fleets: [train], needs: [loco], run_law: constant, run_mean_h: 2}
  local: {fleets: [train], run_law: constant, run_mean_h: 2}
  sea: {fleets: [ship], run_law: constant, run_mean_h: 2}
calls:
  - {service: rail, seq: 0, node: mine, sail_rule: fill, fill_units: 1}
  - {id: shed, service: rail, seq: 1, node: aktau, yard: yard, holds: [hold], approach_trains: 2}
  - {service: sea, seq: 0, node: aktau, sail_rule: timetable, every_h: 10, offset_h: 20, load_yard: yard}
  - {service: sea, seq: 1, node: alat}
  - {service: local, seq: 0, node: fork, sail_rule: fill, fill_units: 1}
  - {service: local, seq: 1, node: aktau, unload: track}
demand: {boxes: {origin: mine, destination: alat, every_h: 1, lots_limit: 5}}
"""


def into_port(ran: Ran) -> list[tuple[str, float]]:
    """(stage, hour) of each train that is taken in, without the words that all share."""
    stages = ("rail@aktau unload", "rail@aktau held")
    return [
        (stage.removeprefix("rail@aktau "), start)
        for stage, start, _ in ran.visits("rail@aktau")
        if stage.startswith(stages) and not stage.endswith(" off")
    ]


def test_trains_wait_in_the_hold_then_on_the_line_then_where_they_are(tmp_path: Path) -> None:
    """Boxes at 0, 1, 2, 3, 4 h; two trains may be on the approach, the running ones included.

    Train 0 runs 0-2 h and is taken in. Train 1 comes at 3 h into the hold, and train 2 (left at 2 h,
    for 0 made room on the approach) finds it full at 4 h. Train 3 leaves at 3 h, when 1 came off the
    approach, and stands behind 2. Train 4 stays at the mine: spill-back, until at 20 h the vessel
    takes box 0, train 1 goes in, 2 moves up into the hold and 4 leaves. Boxes sail at 20, 30, ... h.
    """
    ran = run(tmp_path, PORT, "simulation.window_h=100")
    assert ran.sailings("rail@mine") == [0, 1, 2, 3, 20]
    assert [a for _, a, _ in ran.visits("into hold")] == [3, 20, 30, 40]
    parked = "held hold parked"
    assert into_port(ran) == [("unload", 2), (parked, 20), (parked, 30), (parked, 40), (parked, 50)]
    assert ran.sailings("sea@aktau")[:5] == [20, 30, 40, 50, 60]
    assert (ran.replay.delivered_s / 3600).tolist() == [22, 32, 42, 52, 62]
    assert never_too_full(ran) and not_back(ran) == []


def test_hours_in_a_hold_are_called_by_what_the_train_lacked(tmp_path: Path) -> None:
    """Where: at the junction; why: room in the yard. Trains stand there 17 (3-20 h), 10, 10 and 10 h;
    on the line before it, for a place there, train 2 from 4 h to 20 h, 3 from 5 h to 30 h, and 4,
    which waited 16 h for the approach, from 22 h to 40 h. Both are dwell at the junction."""
    ran = run(tmp_path, PORT, "simulation.window_h=100")
    held, behind = 17 + 30, 16 + 25 + 18
    assert ran.waits("service rail")["wait:yard"] == held
    assert ran.waits("service rail")["wait:hold"] == behind
    assert ran.waits("service rail")["wait:approach rail@aktau"] == 16
    rows = {row["node"]: row for row in replicate_one(ran.scenario, 0).tables["node_dwell"]}
    assert rows["junction"]["n"] == 4
    assert rows["junction"]["mean_h"] == (held + behind) / 4
    hold = yard_rows(ran.scenario, ran.built, ran.replay)[1]
    assert (hold["place"], hold["full_h"], hold["fill_mean_share"]) == ("hold", 47, 0.47)


def test_a_locomotive_leaves_a_held_train_after_a_while(tmp_path: Path) -> None:
    """Of nine: two run at 1 h; at 2 h train 0 gives one back and train 2 takes one; train 3 takes one
    at 3 h; train 1, held since 3 h, gives one up at 6 h. At 20 h it asks for one, which is back at
    once, and train 4 takes one; 2, in the hold since 20 h, gives one up at 23 h, and so on."""
    ran = run(tmp_path, PORT, "simulation.window_h=100")
    loco = ran.built.model.names.counters.index("fleet loco")
    at, free = ran.replay.free.row(loco)
    found = dict(zip((at / 3600).tolist(), free.tolist(), strict=True))
    assert found == {0: 8, 1: 7, 3: 6, 6: 7, 20: 6, 23: 7, 33: 8, 43: 9}
    assert [a for _, a, _ in ran.visits("held hold off")] == [6, 23, 33, 43]


def test_a_short_hold_needs_no_second_locomotive(tmp_path: Path) -> None:
    """The vessel comes at 5 h: train 1, held since 3 h, goes on with the locomotive it has."""
    ran = run(tmp_path, PORT.replace("offset_h: 20", "offset_h: 5"), "demand.boxes.lots_limit=2")
    assert into_port(ran) == [("unload", 2), ("held hold on", 5)]
    assert ran.visits("off") == []


def test_the_way_from_the_hold_takes_its_time_and_the_locomotive(tmp_path: Path) -> None:
    """One hour into the port: room is kept from 20 h on, the box is off at 21 h, and so is the
    locomotive, of which there is one in all."""
    ran = run(tmp_path, PORT, "facilities.hold.move_h=1", "demand.boxes.lots_limit=2", "fleets.loco.vessels=1")  # fmt: skip
    assert ran.sailings("rail@mine") == [0, 2]
    assert ran.visits("held hold parked") == [("rail@aktau held hold parked", 20, 21)]
    loco = ran.built.model.names.counters.index("fleet loco")
    at, free = ran.replay.free.row(loco)
    assert dict(zip((at / 3600).tolist(), free.tolist(), strict=True)) == {0: 0, 7: 1, 20: 0, 21: 1}


def test_the_nearest_hold_with_a_place_is_taken(tmp_path: Path) -> None:
    """Train 1 at the junction, 2 at the fork; who came first goes on first, whatever the hold."""
    ran = run(tmp_path, PORT, "calls.shed.holds=[hold, far]", "demand.boxes.lots_limit=3")
    assert [a for _, a, _ in ran.visits("into hold")] == [3]
    assert [a for _, a, _ in ran.visits("into far")] == [4]
    assert into_port(ran) == [("unload", 2), ("held hold parked", 20), ("held far parked", 30)]


def test_track_and_room_are_granted_together(tmp_path: Path) -> None:
    """One track, an hour a train. Train 1 finds no room and takes no track: the local train of 3 h,
    which needs no room, is unloaded at once. At 20 h there is room, but the track is taken by the
    local train of 19.5 h: train 1 takes neither until 20.5 h."""
    text = PORT.replace("yard: yard, holds", "unload: track, yard: yard, holds")
    text = text.rstrip().removesuffix("}") + """, goods: {origin: fork, destination: aktau, every_h: 16.5, offset_h: 1, lots_limit: 2}}
"""  # fmt: skip
    ran = run(tmp_path, text, "demand.boxes.lots_limit=2")
    assert [a for _, a, _ in ran.visits("local@aktau unload")] == [3, 19.5]
    assert into_port(ran) == [("unload", 2), ("held hold parked", 20.5)]
    yard, track = (ran.built.model.names.counters.index(name) for name in ("yard", "track"))
    assert ran.replay.free.at(np.array([yard]), np.array([20 * 3600])).tolist() == [1]
    assert ran.replay.free.row(track)[1].min() == 0


SHORT = """\
demand:
  boxes: {origin: mine, destination: alat, every_h: 1, batch: 3, lots_limit: 6}
  one: {origin: mine, destination: alat, every_h: 17, offset_h: 2, lots_limit: 2}
"""
THREE = (
    (PORT.partition("demand:")[0] + SHORT)
    .replace("unlimited, capacity_units: 1", "unlimited, capacity_units: 3")
    .replace("places: 1", "places: 3")
    .replace(", approach_trains: 2", "")
)
"""Room for three boxes, in the yard and in the hold; trains of up to three."""


def test_a_shorter_train_does_not_pass_one_that_is_held(tmp_path: Path) -> None:
    """Room for three. Trains of 3, 3, 1 and 1 boxes leave at 0, 1, 2 and 19 h; one box sails at 20,
    30, ... h. Train 0 goes in at 2 h. Train 1, held since 3 h, needs three places: the one of 20 h
    is kept for it, though train 3, of one box, comes at 21 h; so are those of 30 and 40 h. Then
    train 2 goes in at 50 h and train 3 at 60 h."""
    ran = run(tmp_path, THREE, "simulation.window_h=120")
    assert ran.sailings("rail@mine") == [0, 1, 2, 19]
    parked = "held hold parked"
    assert into_port(ran) == [("unload", 2), (parked, 40), (parked, 50), (parked, 60)]
    assert never_too_full(ran) and not_back(ran) == []


def test_room_is_not_kept_for_who_stands_at_a_closed_junction(tmp_path: Path) -> None:
    """The same, but the junction is closed from 19.5 h to 44 h: train 3, on its way from 19 h to
    21 h, finds the place of 20 h and takes it. Train 1 has three places at 50 h, train 2 at 60 h."""
    closed = (
        "disruptions: {works: {target: nodes.junction, start: 2024-01-01T19:30Z, "
        "end: 2024-01-02T20:00Z}}\n"
    )
    ran = run(tmp_path, THREE + closed, "simulation.window_h=120")
    parked = "held hold parked"
    assert into_port(ran) == [("unload", 2), ("unload", 21), (parked, 50), (parked, 60)]
    assert never_too_full(ran) and not_back(ran) == []


def test_a_hold_of_so_many_metres_holds_whole_trains(tmp_path: Path) -> None:
    """1,800 m are two trains of 850 m: trains 1 and 2 are held at 3 h and 4 h, train 3 is not."""
    text = PORT.replace("places: 1, detach_h: 3}\n  far", "length_m: 1800, detach_h: 3}\n  far")
    ran = run(tmp_path, text, "demand.boxes.lots_limit=4")
    assert [a for _, a, _ in ran.visits("into hold")] == [3, 4, 20]


def test_trains_before_the_port_are_visits_of_its_track(tmp_path: Path) -> None:
    """Two trains of an hour's unloading at 2 h and (held from 3 h) at 20 h: two arrivals, two
    services, and a mean wait of 0 and 17 h; with `detach_h` beyond, so that it keeps its locomotive."""
    text = PORT.replace("yard: yard, holds", "unload: track, yard: yard, holds")
    ran = run(tmp_path, text, "demand.boxes.lots_limit=2", "facilities.hold.detach_h=99")
    row = next(
        row
        for row in replicate_one(ran.scenario, 0).tables["facility_kpi"]
        if (row["facility"], row["class"]) == ("track", "rail")
    )
    assert (row["arrivals"], row["completed"], row["wait_mean_h"]) == (2, 2, 17 / 2)


def test_who_was_held_waits_at_the_hold_and_is_unloaded_in_the_port(tmp_path: Path) -> None:
    """Box 1 stands at the junction from 3 h to 20 h; then an hour to the port and an hour on its
    track are the port's, and 8 h in the yard until 30 h. Box 0: one hour and 17 h, to 20 h."""
    text = PORT.replace("yard: yard, holds", "unload: track, yard: yard, holds")
    ran = run(tmp_path, text, "demand.boxes.lots_limit=2", "facilities.hold.move_h=1")
    rows = {row["node"]: row for row in replicate_one(ran.scenario, 0).tables["node_dwell"]}
    assert (rows["junction"]["n"], rows["junction"]["mean_h"]) == (1, 17)
    assert (rows["aktau"]["n"], rows["aktau"]["mean_h"]) == (2, ((1 + 17) + (2 + 8)) / 2)
    assert rows["aktau"]["service_share"] == (1 + 2) / (18 + 10)
    _, hours = hours_of(ran.scenario, ran.built, ran.book)
    mean_h = {row[4:6]: row[7] for row in hours.rows() if row[2:4] == ("all", "node")}
    at = {key: h for key, h in mean_h.items() if key[0] in ("aktau", "junction")}
    assert at == {
        ("junction", "wait:yard"): 17 / 2,
        ("aktau", "service:track"): (1 + 2) / 2,
        ("aktau", "wait:timetable sea"): (17 + 8) / 2,
    }
    steps = Story(ran.book, places_of(ran.scenario, ran.built)).steps(1)
    nodes = sorted(ran.scenario.nodes)
    told = [(step.what.value, nodes[step.node]) for step in steps if step.node >= 0]
    by_rail = [("wait", "junction"), ("service", "aktau"), ("leaves", "aktau"), ("wait", "aktau")]
    assert told[-6:-2] == by_rail, told


def test_who_was_held_stays_there_while_the_port_is_closed(tmp_path: Path) -> None:
    """Closed from 2.5 h to 6 h, with a second track free: train 1 stands in the hold until 6 h."""
    text = PORT.replace("yard: yard, holds", "unload: track, holds").replace(
        ", load_yard: yard", ""
    )
    text = text.replace("node: aktau, servers: 1", "node: aktau, servers: 2") + (
        "disruptions: {works: {target: nodes.aktau, start: 2024-01-01T02:30Z, "
        "end: 2024-01-01T06:00Z}}\n"
    )
    ran = run(tmp_path, text, "demand.boxes.lots_limit=2", "facilities.hold.detach_h=99")
    assert into_port(ran) == [("unload", 2), ("held hold on", 6)]
