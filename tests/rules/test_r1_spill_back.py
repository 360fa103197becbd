"""R1: a full port is felt behind a border, by trains that run through and by trains that end there.

Mine, 2 h, Khorgos (China), 1 h, Altynkol (Kazakhstan), 1 h, junction, 1 h, Aktau: a yard for one
box, which a ship takes at 40, 50, ... h. The post has one desk (3 h) and one track (1 h).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corridor_sim.history.stuck import stuck_in
from corridor_sim.studies.replicate import replicate_one
from tests.rules.ports import Ran, never_too_full, not_back, run

LAND = """\
network:
  nodes:
  - {id: mine, country: CN}
  - {id: khorgos, country: CN}
  - {id: altynkol, country: KZ}
  - {id: junction, country: KZ}
  - {id: aktau, country: KZ}
  - {id: alat, country: AZ}
  legs:
    inland: {from_node_id: mine, to_node_id: khorgos, length_km: 20, speed_kmh: 10}
    border: {from_node_id: khorgos, to_node_id: altynkol, length_km: 10, speed_kmh: 10}
    steppe: {from_node_id: altynkol, to_node_id: junction, length_km: 10, speed_kmh: 10}
    shore: {from_node_id: junction, to_node_id: aktau, length_km: 10, speed_kmh: 10}
facilities:
  post:
    {type: border_crossing, node: khorgos, documents_law: constant, documents_mean_h: 3,
    physical_law: constant, physical_mean_h: 1}
  ground: {type: yard, node: altynkol, places: 1}
  hold: {type: hold_station, node: junction, places: 1, detach_h: 6}
  yard: {type: yard, node: aktau, places: 1}
fleets:
  train: {kind: train_set, vessels: unlimited, capacity_units: 1}
  kz_set: {kind: train_set, vessels: 1, capacity_units: 1}
  loco: {kind: locomotive, vessels: 9}
  ship: {vessels: 9, capacity_units: 1}
"""
THROUGH = """\
services:
  rail: {mode: rail, fleets: [train], needs: [loco]}
  sea: {fleets: [ship], run_law: constant, run_mean_h: 2}
calls:
  - {service: rail, seq: 0, node: mine, sail_rule: fill, fill_units: 1}
  - {id: gate, service: rail, seq: 1, node: khorgos, via: [post]}
  - {id: shed, service: rail, seq: 2, node: aktau, yard: yard, holds: [hold], approach_trains: 1}
"""
CHANGED = """\
services:
  cn: {mode: rail, fleets: [train]}
  kz: {mode: rail, fleets: [kz_set]}
  sea: {fleets: [ship], run_law: constant, run_mean_h: 2}
calls:
  - {service: cn, seq: 0, node: mine, sail_rule: fill, fill_units: 1}
  - {id: lift, service: cn, seq: 1, node: altynkol, via: [post], yard: ground, approach_trains: 1}
  - {service: kz, seq: 0, node: altynkol, load_yard: ground, sail_rule: fill, fill_units: 1}
  - {service: kz, seq: 1, node: aktau, yard: yard, holds: [hold]}
"""
SHIP = """\
  - {service: sea, seq: 0, node: aktau, sail_rule: timetable, every_h: 10, offset_h: 40, load_yard: yard}
  - {service: sea, seq: 1, node: alat}
demand: {boxes: {origin: mine, destination: alat, every_h: %d, lots_limit: %d}}
"""
FIVE = LAND + THROUGH + SHIP % (2, 5)
"""Five trains, two hours apart, that run from the mine to the port."""
ROOMY = "facilities.yard.places=5"
NO_LIMIT = "calls.shed.approach_trains=5"
SAILED = [42, 52, 62, 72, 82]


def starts(ran: Ran, *words: str) -> list[float]:
    """Hours at which visits of stages of these words began, in order."""
    return [start for _, start, _ in ran.visits(*words)]


def ends(ran: Ran, *words: str) -> list[float]:
    """Hours at which they ended, in order."""
    return sorted(end for _, _, end in ran.visits(*words))


def waits_of(ran: Ran, k: int, service: str = "rail") -> dict[str, float]:
    """Hours that the train number k of a service waited, by label, but for cargo."""
    itinerary, trips = ran.replay.itinerary, ran.book.trips
    source = ran.built.model.names.sources.index(f"service {service}")
    mine = (itinerary.source == source) & (itinerary.k == k)
    pieces = np.flatnonzero(mine[trips.row])
    spent = np.bincount(trips.label[pieces], (trips.to_s - trips.from_s)[pieces])
    hours = {ran.book.labels[i]: float(spent[i] / 3600) for i in np.flatnonzero(spent)}
    return {
        label: h
        for label, h in hours.items()
        if label.startswith("wait:") and label != f"wait:fill {service}"
    }


def delivered(ran: Ran) -> list[float]:
    """Hours at which the boxes were delivered, by number."""
    hours: list[float] = (ran.replay.delivered_s / 3600).tolist()
    return hours


def table(ran: Ran, name: str, key: str) -> dict[str, dict[str, Any]]:
    """Rows of a table by a column, the last one where several have the same."""
    return {row[key]: row for row in replicate_one(ran.scenario, 0).tables[name]}


def free_locomotives(ran: Ran, hour: float) -> int:
    """Locomotives that nobody had at an hour."""
    loco = ran.built.model.names.counters.index("fleet loco")
    return int(ran.replay.free.at(np.array([loco]), np.array([round(hour * 3600)]))[0])


def test_a_full_port_keeps_trains_behind_the_border(tmp_path: Path) -> None:
    """One train may be on the way from Khorgos to the port, or stand on the line before it.

    train  to Khorgos  desk's queue  desk   track  stands at  leaves  stands on  in the   in the
                                                   Khorgos            the line   hold     port
      0     0- 2        -             2- 5   5- 6   -           6      -          -         9
      1     2- 4        4- 5          5- 8   8- 9   -           9      -         12-40     40
      2     4- 6        6- 8          8-11  11-12   -          12     15-40      40-50     50
      3     6- 8        8-11         11-14  14-15  15-40       40     43-50      50-60     60
      4     8-10       10-14         14-17  17-18  18-50       50     53-60      60-70     70

    At 30 h: 0 fills the yard, 1 the hold, 2 the line, 3 and 4 stand in China. The hold's hours are
    the yard's, the line's are the hold's, those at Khorgos the approach's, the desk's its own.
    """
    ran = run(tmp_path, FIVE)
    assert starts(ran, "rail@mine ride") == [0, 2, 4, 6, 8]
    assert starts(ran, "post documents") == [2, 5, 8, 11, 14]
    assert ends(ran, "post physical") == [6, 9, 12, 15, 18]
    assert starts(ran, "rail@khorgos ride") == [6, 9, 12, 40, 50]
    assert starts(ran, "into hold") == [12, 40, 50, 60]
    assert starts(ran, "rail@aktau unload") + starts(ran, "hold parked") == [9, 40, 50, 60, 70]
    approach, line, port = "wait:approach rail@aktau", "wait:hold", "wait:yard"
    assert [waits_of(ran, k) for k in range(5)] == [
        {},
        {"wait:post documents": 1, port: 28},
        {"wait:post documents": 2, line: 25, port: 10},
        {"wait:post documents": 3, approach: 25, line: 7, port: 10},
        {"wait:post documents": 4, approach: 32, line: 7, port: 10},
    ]


def test_when_the_ship_comes_all_move_up_by_one_and_the_border_clears(tmp_path: Path) -> None:
    """At 40 h in the same second: 1 into the port, 2 into the hold, 3 over the border; 4 is then
    alone at Khorgos, and goes at 50 h. Nobody overtakes: box k sails at 40 + 10 k, 2 h to Alat."""
    ran = run(tmp_path, FIVE)
    for hour, kept in ((40, 1), (50, 0)):
        for stage in ("hold parked", "into hold", "rail@khorgos ride"):
            assert hour in starts(ran, stage), (hour, stage)
        come, gone = ends(ran, "post physical"), starts(ran, "rail@khorgos ride")
        assert sum(h <= hour for h in come) - sum(h <= hour for h in gone) == kept
    assert delivered(ran) == SAILED
    assert never_too_full(ran) and not_back(ran) == []


def test_the_border_is_not_charged_for_what_the_port_causes(tmp_path: Path) -> None:
    """Trains queue 0, 1, 2, 3, 4 h at the desk, whether the port is full or has room for all.

    At Khorgos there are besides 5 x 4 h of work, and 57 h (25 + 32) for the approach. Where these
    began: the one place on the approach was held by trains that ran for 5 x 3 h and stood for
    25 + 7 + 7 h, so 57 x 15 / 54 h stay with it, and the rest goes on to the hold, to the yard and
    to the ship's timetable, as do 39 h before the hold, 58 h in it, and 31 + 10 x 4 h in the yard.
    """
    full, roomy = run(tmp_path, FIVE), run(tmp_path, FIVE, ROOMY)
    for ran in (full, roomy):
        assert ran.waits("service rail")["wait:post documents"] == 10
        row = table(ran, "facility_kpi", "facility")["post documents"]
        assert (row["arrivals"], row["completed"], row["wait_mean_h"]) == (5, 5, 10 / 5)
    assert [waits_of(roomy, k).keys() - {"wait:post documents"} for k in range(5)] == [set()] * 5
    assert table(roomy, "node_dwell", "node")["khorgos"]["mean_h"] == (5 * 4 + 10) / 5
    assert table(full, "node_dwell", "node")["khorgos"]["mean_h"] == (5 * 4 + 10 + 57) / 5
    began = {c: row["root_unit_h"] for c, row in table(full, "bottlenecks", "cause").items()}
    kept = 57 * 15 / 54
    assert began == pytest.approx(
        {
            "wait:post documents": 10,
            "wait:approach rail@aktau": kept,
            "wait:hold": 0,
            "wait:yard": 0,
            "wait:timetable sea": 57 - kept + 39 + 58 + 71,
        },
        abs=1e-6,  # a billionth of each stays where it is
    )


def test_without_a_limit_the_same_trains_pass_the_border_and_stand_on_the_line(
    tmp_path: Path,
) -> None:
    """3 and 4 leave Khorgos at 15 and 18 h and stand on the line from 18 to 50 and 21 to 60 h: the
    57 hours of the approach are the line's, as many and by the same trains. They keep their
    locomotives: at 30 h 2, 3 and 4 have one each, with the limit 2 alone. Boxes sail as before."""
    limited, free = run(tmp_path, FIVE), run(tmp_path, FIVE, NO_LIMIT)
    assert starts(free, "rail@khorgos ride") == [6, 9, 12, 15, 18]
    assert starts(free, "into hold") == [12, 40, 50, 60]
    line, port = "wait:hold", "wait:yard"
    assert [waits_of(free, k) for k in (2, 3, 4)] == [
        {"wait:post documents": 2, line: 25, port: 10},
        {"wait:post documents": 3, line: 25 + 7, port: 10},
        {"wait:post documents": 4, line: 32 + 7, port: 10},
    ]
    stood = [table(ran, "node_dwell", "node")["junction"]["mean_h"] for ran in (limited, free)]
    assert stood == [(58 + 39) / 4, (58 + 39 + 57) / 4]
    assert (free_locomotives(limited, 30), free_locomotives(free, 30)) == (9 - 1, 9 - 3)
    assert delivered(free) == delivered(limited) == SAILED


def test_a_limit_behind_the_border_leaves_a_locomotive_for_the_train_in_the_hold(
    tmp_path: Path,
) -> None:
    """Two locomotives. Without a limit trains 2 and 3 take them to the line, where they stand, and
    train 1, which gave its own up at 18 h, can never be brought in. With it 3 stands at Khorgos."""
    free = run(tmp_path, FIVE, NO_LIMIT, "fleets.loco.vessels=2")
    locked = stuck_in(free.replay)
    assert (locked.kind, set(locked.cycle)) == ("gridlock", {"fleet loco", "hold"})
    limited = run(tmp_path, FIVE, "fleets.loco.vessels=2")
    assert stuck_in(limited.replay).kind == "none"
    assert delivered(limited) == SAILED and not_back(limited) == []


@pytest.mark.parametrize("detach_h, leaves, waited", [(6, 25, 5), (99, 40, 20)])
def test_a_train_behind_the_border_gets_the_locomotive_of_one_that_is_held(
    tmp_path: Path, detach_h: int, leaves: int, waited: int
) -> None:
    """One locomotive, boxes at 0, 7 and 14 h, a hold for two trains.

    0-2 h train 0 to Khorgos, 6-9 h to the port; 9-11 h train 1 to Khorgos (it waited 2 h), 14-16 h
    train 2, 16-19 h train 1 to the hold (1 h). Train 2 is through the post at 20 h and waits at
    Khorgos: until 25 h, when 1 has been held for 6 h; or, if a held train keeps its locomotive,
    until 40 h, when it is taken in.
    """
    sets = ("fleets.loco.vessels=1", "facilities.hold.places=2")
    text = LAND + THROUGH + SHIP % (7, 3)
    ran = run(tmp_path, text, *sets, f"facilities.hold.detach_h={detach_h}")
    assert starts(ran, "rail@mine ride") == [0, 9, 14]
    assert ends(ran, "post physical") == [6, 15, 20]
    assert starts(ran, "rail@khorgos ride") == [6, 16, leaves]
    assert waits_of(ran, 1)["wait:fleet loco"] == 2 + 1
    assert waits_of(ran, 2)["wait:fleet loco"] == waited
    assert delivered(ran) == SAILED[:3] and not_back(ran) == []


def test_the_border_itself_never_fills(tmp_path: Path) -> None:
    """One train may be on the way to Khorgos or in its post: the next leaves the mine when one is
    through, at 6, 12, 18 and 24 h. Those that then stand at Khorgos for the port take no place there:
    with 3 kept from 24 h and 4 from 30 h on (6 h a train) the mine goes on as if the port had room."""
    limit = "calls.gate.approach_trains=1"
    full, roomy = run(tmp_path, FIVE, limit), run(tmp_path, FIVE, limit, ROOMY)
    for ran in (full, roomy):
        assert starts(ran, "rail@mine ride") == [0, 6, 12, 18, 24]
        assert ends(ran, "post physical") == [6, 12, 18, 24, 30]
    assert starts(roomy, "rail@khorgos ride") == [6, 12, 18, 24, 30]
    assert starts(full, "rail@khorgos ride") == [6, 12, 18, 40, 50]


def test_tracks_that_are_kept_until_a_train_may_leave_are_a_berth(tmp_path: Path) -> None:
    """With one siding behind the post, train 3 keeps it from 15 to 40 h, and 4, through at 18 h, waits
    22 h for the siding and 10 h for the approach instead of 32 h. The desk's hours stay its own, and
    the siding's hours all began at the approach: who held it stood for that."""
    siding = "sidings: {type: berth, node: khorgos, call_law: constant, call_mean_h: 0}"
    text = FIVE.replace("via: [post]", "via: [post], berth: sidings")
    ran = run(tmp_path, text.replace("facilities:\n", f"facilities:\n  {siding}\n"))
    before = {"wait:post documents": 4, "wait:sidings": 22, "wait:approach rail@aktau": 10}
    assert waits_of(ran, 4) == before | {"wait:hold": 7, "wait:yard": 10}
    assert ran.waits("service rail")["wait:post documents"] == 10
    began = {c: row["root_unit_h"] for c, row in table(ran, "bottlenecks", "cause").items()}
    assert began["wait:sidings"] == pytest.approx(0, abs=1e-6)
    assert began["wait:approach rail@aktau"] == pytest.approx(57 * 15 / 54, abs=1e-6)


def test_where_boxes_change_trains_a_full_port_is_felt_at_the_mine(tmp_path: Path) -> None:
    """Chinese trains end at Altynkol, on ground for one box; one Kazakh set runs on from there. Boxes
    every 7 h; a Chinese train is 3 h on the way and 4 h in the post, the set 2 h each way.

    box  leaves    at         on the ground   the set   in the   in the   the set
         the mine  Altynkol   from            leaves    hold     port     is back
      0    0         7          7               7        -         9       11
      1    7        14         14              14       16-40     40       42
      2   14        21         21              42       44-50     50       52
      3   21        28         42              52       54-60     60       62
      4   42        49         52              62       64-70     70       72

    At 30 h: 0 in the yard, 1 in the hold, 2 on the ground, 3 on its train before it, and 4, ready at
    28 h, in China until train 3 is unloaded at 42 h.
    """
    text = LAND + CHANGED + SHIP % (7, 5)
    ran = run(tmp_path, text)
    assert starts(ran, "cn@mine ride") == [0, 7, 14, 21, 42]
    assert starts(ran, "cn@altynkol unload") == [7, 14, 21, 42, 52]
    assert starts(ran, "kz@altynkol ride") == [7, 14, 42, 52, 62]
    assert starts(ran, "into hold") == [16, 44, 54, 64]
    assert starts(ran, "kz@aktau unload") + starts(ran, "hold on") == [9, 40, 50, 60, 70]
    assert [waits_of(ran, k, "cn") for k in range(5)] == [
        {},
        {},
        {},
        {"wait:ground": 42 - 28},
        {"wait:approach cn@altynkol": 42 - 28, "wait:ground": 52 - 49},
    ]
    assert table(ran, "facility_kpi", "facility")["post documents"]["wait_mean_h"] == 0
    assert delivered(ran) == SAILED
    assert never_too_full(ran) and not_back(ran) == []


def test_without_a_limit_the_last_chinese_train_stands_before_the_ground_too(
    tmp_path: Path,
) -> None:
    """It leaves at 28 h and is at Altynkol at 35 h: 17 h for the ground, to 52 h, none at the mine.
    With room in the port nobody waits at all."""
    text = LAND + CHANGED + SHIP % (7, 5)
    ran = run(tmp_path, text, "calls.lift.approach_trains=5")
    assert starts(ran, "cn@mine ride") == [0, 7, 14, 21, 28]
    assert [waits_of(ran, k, "cn") for k in (3, 4)] == [{"wait:ground": 14}, {"wait:ground": 17}]
    assert delivered(ran) == SAILED
    roomy = run(tmp_path, text, ROOMY)
    assert starts(roomy, "cn@mine ride") == [0, 7, 14, 21, 28]
    assert [waits_of(roomy, k, "cn") for k in range(5)] == [{}] * 5
