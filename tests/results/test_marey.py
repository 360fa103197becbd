"""marey: the diagram of the small corridor, and of a timetable."""

from __future__ import annotations

from pathlib import Path

import pytest

from corridor_sim.inputs.read import read_scenario
from corridor_sim.results.marey import marey_rows, places_km
from tests.results.tiny import TINY, replayed, tiny
from tests.runs.conftest import SHORT
from tests.written import read_text


def test_a_ferry_goes_to_and_fro_on_one_line(tmp_path: Path) -> None:
    """Leaves Aktau at 4 h, is at Alat, km 100, at 8 h, and back at 12 h; the train runs 90 km."""
    case = tiny(tmp_path)
    rows = marey_rows(case.scenario, case.built, case.replay)
    ferry = [
        (r["event"], r["node"], r["km"], r["at_s"] / 3600)
        for r in rows
        if r["service"] == "crossing"
    ]
    assert ferry[:4] == [
        ("departure", "aktau", 0, 4),
        ("arrival", "alat", 100, 8),
        ("departure", "alat", 100, 8),
        ("arrival", "aktau", 0, 12),
    ]
    train = [
        (r["node"], r["km"], r["at_s"] / 3600, r["trip"]) for r in rows if r["service"] == "train"
    ]
    assert train == [
        ("alat", 0, 8, 0),
        ("absheron", 90, 11, 0),
        ("alat", 0, 24, 1),
        ("absheron", 90, 27, 1),
    ]
    assert {r["kind"] for r in rows} == {"simulated"}


def test_a_timetable_is_drawn_beside_what_sailed(tmp_path: Path) -> None:
    """Every 12 h from 2 h on: due at 2, 14, 26, 38 h; loading takes an hour, the sea four."""
    text = TINY.replace(
        "sail_rule: fill, fill_units: 4}", "sail_rule: timetable, every_h: 12, offset_h: 2}"
    )
    case = replayed(read_text(tmp_path, text).scenario)
    rows = [
        r for r in marey_rows(case.scenario, case.built, case.replay) if r["service"] == "crossing"
    ]
    planned = [(r["trip"], r["event"], r["at_s"] / 3600) for r in rows if r["kind"] == "planned"]
    assert planned[:4] == [
        (0, "departure", 2),
        (0, "arrival", 6),
        (1, "departure", 14),
        (1, "arrival", 18),
    ]
    sailed = {r["trip"]: r["at_s"] / 3600 for r in rows
              if r["kind"] == "simulated" and r["node"] == "aktau" and r["event"] == "departure"}  # fmt: skip
    assert sailed == {0: 3, 1: 15, 2: 27, 3: 39}


def test_large_diagrams_end_early(tmp_path: Path) -> None:
    """The first rows by time."""
    case = tiny(tmp_path)
    rows = marey_rows(case.scenario, case.built, case.replay)
    assert marey_rows(case.scenario, case.built, case.replay, most=5) == rows[:5]


def test_every_ride_of_the_base_is_two_ends_of_a_line() -> None:
    """Arrivals follow their departures; a call on the way back stands where it was passed."""
    case = replayed(read_scenario("base_2024", SHORT).scenario)
    rows = marey_rows(case.scenario, case.built, case.replay)
    assert len(rows) > 500 and not {r["service"] for r in rows} & {"truck_road_west"}
    departures = [r for r in rows if r["event"] == "departure"]
    assert 2 * len(departures) == len(rows)
    km = places_km(case.scenario, case.built, "kz_block_train")
    assert 0 == km["altynkol"] < km["almaty"] < km["aktau"]
    assert km["aktau"] == pytest.approx(3320, abs=1)


def test_classes_of_vessels_have_numbers_of_their_own() -> None:
    """The Kuryk line has three classes that berths tell apart: no two lines have one name."""
    case = replayed(read_scenario("base_2024", SHORT).scenario)
    keys = ("service", "vehicle", "kind", "trip", "event", "node")
    names = [tuple(r[k] for k in keys) for r in marey_rows(case.scenario, case.built, case.replay)]
    assert len(set(names)) == len(names)
    assert len({name[1] for name in names if name[0] == "kuryk_alat_ferry"}) == 3
