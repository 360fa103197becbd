"""R5: a vessel that is late by a headway takes the sailing that is due; those before do not take place.

Every 12 h from 12 h on a sailing is due at Aktau, with a cut-off of 3 h; work takes no time. Boxes
come at 7, 17, 27, 37 and 47 h. Nobody goes from Alat.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from corridor_sim.results.service_quality import quality_of
from tests.rules.ports import Ran, run
from tests.rules.test_r5_timetable import cancelled, trips

LINE = """\
network: {nodes: [{id: aktau}, {id: alat}]}
facilities: {berth: {node: aktau, type: berth}}
fleets: {ferry: {vessels: 1, capacity_units: 2}}
services: {line: {fleets: [ferry], run_law: constant, run_mean_h: 15}}
calls:
  - {id: home, service: line, seq: 0, node: aktau, berth: berth, sail_rule: timetable, every_h: 12, offset_h: 12, cutoff_h: 3}
  - {id: away, service: line, seq: 1, node: alat}
demand: {boxes: {origin: aktau, destination: alat, every_h: 10, offset_h: 7, lots_limit: 5}}
"""


def line(folder: Path, *sets: str) -> Ran:
    return run(folder, LINE, *sets)


def slots(ran: Ran) -> list[int]:
    """Ordinals of the sailings, in time."""
    births = ran.log.births
    return sorted(births.k[births.k >= 0].tolist())


def test_a_late_vessel_takes_what_came_after_the_cut_off_of_the_sailing_it_missed(
    tmp_path: Path,
) -> None:
    """A round takes 30 h. It sails at 12 h (cut-off 9 h: the box of 7 h) and is back at 42 h.

    Due were 24 and 36 h: it takes that of 36 h, 6 h late, with the boxes of 17 and 27 h (by 24 h and
    its cut-off at 21 h the box of 27 h would stay); that of 37 h came after 33 h and rolls. Back at
    72 h, when a sailing is due, it takes that one (cut-off 69 h: the boxes of 37 and 47 h). It is back
    at 102 h, after the end. Nobody sailed at 24, 48 and 60 h.
    """
    ran = line(tmp_path)
    assert trips(ran) == [(12, 1, 0), (42, 2, 1), (72, 2, 0)]
    assert slots(ran) == [0, 2, 5]
    assert cancelled(ran) == 3
    share = quality_of(ran.built, ran.replay)["line", "aktau"]["cancelled_share"]
    assert share == pytest.approx(3 / 6)


def test_one_that_is_late_by_less_than_a_headway_sails_its_own_slot(tmp_path: Path) -> None:
    """A round of 20 h: back at 32 h it takes that of 24 h (cut-off 21 h: the box of 17 h alone; that of
    27 h rolls), at 52 h that of 48 h. Back at 72 h it sails that of 72 h: nobody took 36 and 60 h."""
    ran = line(tmp_path, "services.line.run_mean_h=10")
    assert trips(ran) == [(12, 1, 0), (32, 1, 1), (52, 2, 1), (72, 1, 0)]
    assert slots(ran)[:4] == [0, 1, 3, 5]


def test_several_vessels_in_line_are_given_one_slot_each(tmp_path: Path) -> None:
    """Three of a round of 30 h sail at 12, 24 and 36 h. From then on one is back 6 h after each sailing
    was due, so it takes that one: 42 h the slot of 36 h is taken, so it waits for 48 h, and so on."""
    ran = line(tmp_path, "fleets.ferry.vessels=3")
    assert ran.sailings("aktau") == [12, 24, 36, 48, 60, 72, 84]
    assert slots(ran) == [0, 1, 2, 3, 4, 5, 6] and cancelled(ran) == 0


def test_slots_that_the_weather_takes_out_are_none_to_be_late_for(tmp_path: Path) -> None:
    """Closed from 23 h to 35 h, sailings are cancelled after 6 h: that of 24 h is none. Back at 42 h the
    ferry takes that of 36 h, the second of those left; of 24 h it is said once that it was cancelled."""
    storm = (
        "closures:\n  storm: {zone: port, start: 2024-01-01T23:00:00Z, end: 2024-01-02T11:00:00Z}\n"
    )
    calm = "{" + ", ".join(f"m{month:02d}: 0" for month in range(1, 13)) + "}"
    text = LINE.replace("type: berth", "type: berth, weather_zone: port")
    ran = run(tmp_path, f"{text}weather: {{port: {calm}}}\n{storm}", "calls.home.cancel_after_h=6")
    assert ran.sailings("aktau") == [12, 42, 72]
    assert slots(ran) == [0, 1, 4] and cancelled(ran) == 3
