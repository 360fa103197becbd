"""Malformed yards, hold stations, discharges and embargoes: located lines, and what to type."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from corridor_sim.errors import InputError
from corridor_sim.inputs.read import read_scenario
from corridor_sim.model.reach import read_checked

Make = Callable[..., Path]
S, F = "scenarios/small.yaml", "networks/net/facilities.csv"
FERRY = "berth: aktau_berth, load_yard: aktau_yard"
TRAIN = "node: aktau, yard: aktau_yard}"
HOLD = "facilities: {hold: {type: hold_station, node: beyneu"


def yard(columns: str) -> str:
    return f"facilities: {{aktau_yard: {{{columns}}}}}"


def embargo(columns: str) -> str:
    given = {"yards": "[aktau_yard]", "on_units": "300", "off_units": "100"}
    given |= dict(part.split(": ") for part in columns.split(", ") if part)
    return f"embargoes: {{full: {{{', '.join(f'{k}: {v}' for k, v in given.items())}}}}}"


# edit of small.yaml (or what is put on top of it), start of the expected line, phrase in it
BAD: list[tuple[tuple[str, str] | str, str, str]] = [
    (yard("export_places: 501"), f"{S}:2:", "501 places, but the whole yard has 500"),
    (yard("empty_places: -1"), f"{S}:2:", "must be >= 0"),
    (yard("import_reserve: 500"), f"{S}:2:", "keeps all 500 places for imports"),
    (yard("import_reserve: 60"), f"{S}:2:", "Fix: import_direction: west, or east"),
    (yard("swap_places: 500"), f"{S}:2:", "trains leave all 500 places free, so none ever comes in"),
    (yard("import_places: 60"), f"{S}:2:", "tells imports and exports apart, but not by what"),
    (yard("import_direction: north"), f"{S}:2:", "'north' is none of west, east"),
    (yard("rehandle_k: 1"), f"{S}:2:", "add soft_share: 0.75"),
    (yard("soft_share: 75"), f"{S}:2:", "0.75 (a share, not per cent)"),
    (yard("soft_share: 0.5, rehandle_k: 2"), f"{S}:2:", "in a full yard work would never end"),
    (yard("unit: box"), f"{S}:2:", "'box' is none of teu, wagon, truck, unit"),
    (f"{HOLD}}}}}", f"{S}:2:", "`places` (trains) or `length_m`, one of the two"),
    (f"{HOLD}, places: 2, length_m: 900}}}}", f"{S}:2:", "`places` (trains) or `length_m`, one of"),
    (f"{HOLD}, places: 0}}}}", f"{S}:2:", "must be >= 1"),
    ((TRAIN, "node: aktau, yard: aktau_yard, holds: [aktau_yard]}"), f"{S}:8:", "must name a hold_station"),
    ((TRAIN, "node: aktau, yard: aktau_yard, holds: [hold]}"), f"{S}:8:", "unknown facility (found 'hold')"),
    ((TRAIN, "node: aktau, yard: aktau_yard, unload_max_units: 9}"), f"{S}:8:", "is for vessels that discharge at a berth"),
    ((TRAIN, "node: aktau, yard: aktau_yard, load_first: true}"), f"{S}:8:", "is for vessels that discharge at a berth"),
    ((TRAIN, "node: aktau, yard: aktau_yard, load_yard: aktau_yard, swap: true}"), f"{S}:8:", "vehicles of train end their round here"),
    ((FERRY, f"{FERRY}, swap: true"), f"{S}:9:", "is for trains; vessels wait in the roads"),
    ((TRAIN, "node: aktau, yard: aktau_yard, swap: true}"), f"{S}:8:", "boxes change places in one yard, not in aktau_yard and none"),
    ((TRAIN, "node: aktau, yard: aktau_yard, load_yard: aktau_yard, swap: true, cutoff_h: 2}"), f"{S}:8:", "ask for no cut-off"),
    ((TRAIN, "node: aktau, yard: aktau_yard, load_yard: aktau_yard, load: aktau_track, swap: true}"), f"{S}:8:", "loading is a visit of its own"),
    ((FERRY, f"{FERRY}, approach_trains: 3"), f"{S}:9:", "is for trains; vessels wait in the roads"),
    ((FERRY, f"{FERRY}, unload_max_units: 9"), f"{S}:9:", "add berth: ... and yard: ..."),
    (("berth: aktau_berth, load_yard: aktau_yard", "berth: aktau_berth, yard: aktau_yard, load_first: true"), f"{S}:9:", "load_yard: aktau_yard"),
    (embargo("off_units: 300"), f"{S}:2:", "must be < on_units (found 300 >= 300). Fix: off_units: 150"),
    (embargo("yards: []"), f"{S}:2:", "no yard that could be full"),
    (embargo("yards: [aktau_berth]"), f"{S}:2:", "must name a yard (found 'aktau_berth', a berth)"),
    (embargo("demand: [boxs]"), f"{S}:2:", "did you mean 'boxes'?"),
    (embargo("exempt: [boxs]"), f"{S}:2:", "did you mean 'boxes'?"),
    (embargo("quota_per_day: 0"), f"{S}:2:", "must be >= 1"),
    (embargo("min_days: -1"), f"{S}:2:", "must be >= 0"),
    (("units_per_year: 900, season: level", "arrival_law: saturated, via: [aktau_track]}\nembargoes: {full: {yards: [aktau_yard], on_units: 9, off_units: 1}"), f"{S}:13:", "boxes is saturated"),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "place", "phrase"), BAD)
def test_bad_yards_are_located_and_explained(
    make_study: Make, edit: tuple[str, str] | str, place: str, phrase: str
) -> None:
    """One line begins with the place and holds the phrase."""
    with pytest.raises(InputError) as caught:
        read_scenario(str(make_study({"small.yaml": _change(edit)})))
    lines = caught.value.problems
    assert any(line.startswith(place) and phrase in line for line in lines), "\n".join(lines)


SHARED = (FERRY, f"{FERRY}, yard: aktau_yard")

# as above, of what is lawful, but sooner or later stands still or does nothing
DOUBTFUL: list[tuple[tuple[str, str] | str, str, str]] = [
    (f"{HOLD}, length_m: 800}}}}", f"{S}:2:", "shorter than one train (850 m): it is never used"),
    ((FERRY, f"{SHARED[1]}, unload_max_units: 9, load_first: true"), f"{F}:4:", "less than a vessel unloads at a time (9)"),
    (SHARED, f"{F}:4:", "keeps 0 places for imports, less than the largest discharge (60)"),
    (yard("places: 40"), f"{S}:9:", "a full load (50 units) never finds room in aktau_yard (40 places)"),
    ((f", {FERRY.partition(', ')[2]}", ""), f"{S}:12:", "go on by crossing without leaving it, so they hold it for ever"),
    (("node: alat, berth: alat_berth", "node: alat, berth: alat_berth, yard: quay}\nfacilities: {quay: {type: yard, node: alat, places: 99}"), f"{S}:13:", "take room in quay at alat and end there"),
    (("aktau, yard: aktau_yard", "aktau"), f"{S}:12:", "without having taken room there. Fix: calls.train_aktau.yard: aktau_yard"),
    (embargo("on_units: 501"), f"{S}:2:", "never comes on: at most 500 units"),
    (embargo("direction: west"), f"{S}:2:", "stops no row of demand"),
    (("season: level", "season: level, batch: 30, together: true}\nembargoes: {full: {yards: [aktau_yard], on_units: 9, off_units: 1, quota_per_day: 29}"), f"{S}:13:", "a batch of boxes (30, together) never passes the quota"),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "place", "phrase"), DOUBTFUL)
def test_what_stands_still_sooner_or_later_is_warned_of(
    make_study: Make, edit: tuple[str, str] | str, place: str, phrase: str
) -> None:
    """One warning begins with the place and holds the phrase."""
    lines = read_checked(str(make_study({"small.yaml": _change(edit)}))).warnings
    assert any(line.startswith(place) and phrase in line for line in lines), "\n".join(lines)


@pytest.mark.parametrize(
    "extra",
    ["import_reserve: 60, import_direction: east", "export_places: 440, import_direction: east"],
)
def test_room_kept_for_the_largest_discharge_is_enough(make_study: Make, extra: str) -> None:
    """By a reserve of 60, or by a limit for exports that leaves 60; nothing is warned of."""
    study = make_study({"small.yaml": SHARED})
    assert read_checked(str(study)).warnings
    columns = dict(part.split(": ") for part in extra.split(", "))
    sets = [f"facilities.aktau_yard.{key}={value}" for key, value in columns.items()]
    assert read_checked(str(study), sets).warnings == ()


def _change(edit: tuple[str, str] | str) -> tuple[str, str]:
    return ("name: small", f"name: small\n{edit}") if isinstance(edit, str) else edit
