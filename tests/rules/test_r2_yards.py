"""R2: a yard that is crowded slows the work, one that is full stops it; parts and a reserve.

Trains of one box come from the mine to the track of a port (1 h each), a vessel takes boxes to Alat,
2 h away. Boxes to Alat go west; boxes from Alat go east, they are the port's imports.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from corridor_sim.history.stuck import stuck_in
from corridor_sim.results.yard_hours import yard_rows
from tests.rules.ports import Ran, never_too_full, not_back, run

PORT = """\
network: {nodes: [{id: mine}, {id: aktau}, {id: alat}, {id: south}]}
facilities:
  yard: {type: yard, node: aktau, places: 4}
  track: {type: terminal, node: aktau, servers: 1, service_law: constant, service_mean_h: 1}
  berth: {type: berth, node: aktau, call_law: constant, call_mean_h: 4}
fleets:
  train: {kind: train_set, vessels: unlimited, capacity_units: 1}
  ship: {vessels: 1, capacity_units: 9, start_at: alat}
services:
  rail: {fleets: [train], run_law: constant, run_mean_h: 2}
  sea: {fleets: [ship], run_law: constant, run_mean_h: 2}
  away: {fleets: [train], run_law: constant, run_mean_h: 2}
calls:
  - {service: rail, seq: 0, node: mine, sail_rule: fill, fill_units: 1}
  - {service: rail, seq: 1, node: aktau, unload: track, yard: yard}
  - {service: away, seq: 0, node: aktau, sail_rule: fill, fill_units: 1, load_yard: yard}
  - {service: away, seq: 1, node: south}
  - {id: quay, service: sea, seq: 0, node: aktau, berth: berth, yard: yard, load_yard: yard, sail_rule: on_demand}
  - {service: sea, seq: 1, node: alat, sail_rule: timetable, every_h: 99, offset_h: 10}
demand:
  out: {origin: mine, destination: alat, direction: west, every_h: 1, lots_limit: 5}
"""
IN = """\
  back: {origin: alat, destination: south, direction: east, at_start: 2, arrival_law: constant, arrival_mean_h: 999}
"""


def unloadings(ran: Ran) -> list[tuple[float, float]]:
    return [(a, b) for _, a, b in ran.visits("rail@aktau unload")]


def test_work_takes_longer_by_the_share_in_use_when_it_starts(tmp_path: Path) -> None:
    """Four places, soft limit a half, k = 1: with 0, 1, 2 boxes there an hour; with 3 of 4 it is
    3,600 / (1 - 0.25) s, in per mille 1,333: 4,798.8, so 4,799 s; the fifth finds no room.

    The vessel comes at 12 h. The yard is full, so its 2 h of discharge take 1 / (1 - 0.5) times as
    long, until 16 h, and so do its 2 h of loading, until 20 h. Loading gives the places back when it
    begins: the fifth box is unloaded from 16 h on, in an empty yard.
    """
    ran = run(tmp_path, PORT, "facilities.yard.soft_share=0.5", "facilities.yard.rehandle_k=1")
    late = 5 + 4799 / 3600
    assert unloadings(ran) == [(2, 3), (3, 4), (4, 5), (5, late), (16, 17)]
    assert ran.visits("sea@aktau unload") == [("sea@aktau unload", 12, 16)]
    assert ran.visits("sea@aktau alongside") == [("sea@aktau alongside", 16, 20)]


def test_a_yard_without_a_soft_limit_only_stops_when_full(tmp_path: Path) -> None:
    """All work takes an hour; the fifth box waits from 6 h until the vessel loads at 14 h."""
    ran = run(tmp_path, PORT)
    assert unloadings(ran) == [(2, 3), (3, 4), (4, 5), (5, 6), (14, 15)]
    assert ran.sailings("sea@aktau") == [16]
    assert ran.waits("service rail")["wait:yard"] == 8


def test_hours_above_the_limits_are_the_hours_of_the_trace(tmp_path: Path) -> None:
    """In use: 1 from 2 h, 2 from 3 h, 3 from 4 h, 4 from 5 h until 14 h (room is taken when work
    begins); then only the fifth box, to the end. Above the half of 4 from 4 h to 14 h, full from 5 h
    to 14 h; the mean is (1 + 2 + 3 + 9 x 4 + 82 x 1) / 4 / 96. With k = 0 no work is slower."""
    ran = run(tmp_path, PORT, "facilities.yard.soft_share=0.5")
    (row,) = yard_rows(ran.scenario, ran.built, ran.replay)
    assert (row["above_soft_h"], row["full_h"]) == (10, 9)
    assert row["fill_mean_share"] == pytest.approx(124 / 4 / 96, rel=1e-12)
    assert row["fill_p95_share"] == 1.0
    assert (row["place"], row["kind"], row["node"]) == ("yard", "yard", "aktau")


def test_a_yard_full_of_exports_keeps_a_vessel_with_imports_out(tmp_path: Path) -> None:
    """Without a reserve: four boxes fill the yard at 5 h; the vessel comes at 12 h with two, finds
    no room, and nobody but the vessel would make some: gridlock, with the yard as its cycle."""
    ran = run(tmp_path, PORT + IN)
    found = stuck_in(ran.replay)
    assert (found.kind, found.cycle) == ("gridlock", ("yard",))
    assert ran.visits("sea@aktau unload") == []


RESERVE = ("facilities.yard.import_reserve=2", "facilities.yard.import_direction=east")


def test_a_reserve_for_imports_lets_both_sides_live(tmp_path: Path) -> None:
    """Exports stop at two of four places, at 4 h. At 12 h the vessel's two imports find the other
    two; at 14 h trains take them away and the vessel loads two boxes; the next two are unloaded from
    14 h on. The fifth waits for the ship, whose next sailing from Alat is at 109 h."""
    ran = run(tmp_path, PORT + IN, *RESERVE)
    assert unloadings(ran) == [(2, 3), (3, 4), (14, 15), (15, 16)]
    assert ran.visits("sea@aktau unload") == [("sea@aktau unload", 12, 14)]
    assert ran.sailings("away") == [14, 14]
    assert never_too_full(ran)
    assert not_back(ran) == ["yard", "yard not import"]


@pytest.mark.parametrize(
    ("sets", "exports"),
    [
        (("export_places=3",), 3),
        (("export_places=1",), 1),
        (("import_places=4",), 4),
        (("import_places=1", "import_reserve=1"), 3),
    ],
)
def test_exports_take_no_more_than_their_part(
    tmp_path: Path, sets: tuple[str, ...], exports: int
) -> None:
    """Before the vessel comes at 12 h so many boxes are unloaded, an hour each."""
    keys = [f"facilities.yard.{text}" for text in (*sets, "import_direction=east")]
    ran = run(tmp_path, PORT, *keys)
    assert sum(start < 12 for start, _ in unloadings(ran)) == exports


def test_imports_take_no_more_than_their_part(tmp_path: Path) -> None:
    """One place for imports: the vessel's two find no room at once, though the yard is empty."""
    ran = run(tmp_path, PORT + IN, "facilities.yard.import_places=1", "facilities.yard.import_direction=east", "demand.out.lots_limit=1")  # fmt: skip
    assert ran.visits("sea@aktau unload") == []


def test_empties_have_a_part_of_their_own(tmp_path: Path) -> None:
    """Two places for empties, none for laden exports: of five empties two are unloaded, of five
    laden boxes none, until the vessel comes."""
    sets = ("facilities.yard.import_direction=east", "facilities.yard.empty_places=2", "facilities.yard.export_places=0")  # fmt: skip
    empties = run(tmp_path, PORT, *sets, "demand.out.laden=false")
    assert [start for start, _ in unloadings(empties) if start < 12] == [2, 3]
    assert unloadings(run(tmp_path, PORT, *sets)) == []


def test_an_outage_takes_from_all_parts_alike(tmp_path: Path) -> None:
    """Half of four places and half of the three for exports (1.5, rounded up to 2): two boxes."""
    works = "disruptions: {fire: {target: facilities.yard, start: 2024-01-01, end: 2024-02-01, severity_share: 0.5}}\n"
    ran = run(tmp_path, PORT + works, "facilities.yard.export_places=3", "facilities.yard.import_direction=east")  # fmt: skip
    assert sum(start < 12 for start, _ in unloadings(ran)) == 2
    assert {(o.capacity, o.before, o.least) for o in ran.built.meaning.outages} == {("yard", 4, 2), ("yard export", 3, 2)}  # fmt: skip


BOTH = """\
network: {nodes: [{id: kuryk}, {id: alat}, {id: beyneu}]}
facilities: {yard: {type: yard, node: kuryk, places: 1, unit: wagon}}
fleets:
  wagons: {kind: train_set, vessels: unlimited, capacity_wagons: 1, capacity_trucks: 1}
  ferry: {vessels: 1, capacity_wagons: 10, capacity_trucks: 10}
services:
  rail: {fleets: [wagons], run_law: constant, run_mean_h: 1}
  sea: {fleets: [ferry], run_law: constant, run_mean_h: 2}
calls:
  - {service: rail, seq: 0, node: beyneu, sail_rule: fill, fill_units: 1}
  - {service: rail, seq: 1, node: kuryk, yard: yard}
  - {service: sea, seq: 0, node: kuryk, sail_rule: timetable, every_h: 10, offset_h: 10, load_yard: yard}
  - {service: sea, seq: 1, node: alat}
demand:
  wagons: {origin: beyneu, destination: alat, unit: wagon, at_start: 2}
  trucks: {origin: beyneu, destination: alat, unit: truck, at_start: 2}
"""


def test_a_yard_for_wagons_takes_no_room_for_trucks(tmp_path: Path) -> None:
    """One place: the first wagon has it until the ferry loads at 10 h, the second comes in then and
    leaves at 20 h; both trucks pass at 1 h, and what the ferry loads of them gives nothing back."""
    ran = run(tmp_path, BOTH)
    assert [start for _, start, _ in ran.visits("rail@kuryk unload")] == [1, 1, 1, 10]
    assert never_too_full(ran) and not_back(ran) == []


def test_lots_that_begin_in_a_yard_take_room_there(tmp_path: Path) -> None:
    """Two boxes of Aktau before a yard of one place: the second waits outside, on its shipper's
    clock, until the vessel of 10 h loads the first; it sails with that of 20 h."""
    text = """\
network: {nodes: [{id: aktau}, {id: alat}]}
facilities: {yard: {type: yard, node: aktau, places: 1}}
fleets: {ship: {vessels: 1, capacity_units: 9}}
services: {sea: {fleets: [ship], run_law: constant, run_mean_h: 2}}
calls:
  - {service: sea, seq: 0, node: aktau, sail_rule: timetable, every_h: 10, offset_h: 10, load_yard: yard}
  - {service: sea, seq: 1, node: alat}
demand: {out: {origin: aktau, destination: alat, at_start: 2}}
"""
    ran = run(tmp_path, text)
    assert [start for _, start, _ in ran.visits("into yard")] == [0, 10]
    assert (ran.replay.delivered_s / 3600).tolist() == [12, 22]
    assert ran.waits("demand out direct") == {"wait:yard": 10}
    assert never_too_full(ran) and not_back(ran) == []
