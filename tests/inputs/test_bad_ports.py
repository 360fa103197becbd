"""Malformed berths, cranes, windows and pools: each gives a located line and what to type."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from corridor_sim.errors import InputError
from corridor_sim.inputs.read import read_scenario
from tests.inputs.conftest import SCENARIO

Make = Callable[..., Path]
S = "scenarios/small.yaml"
ALAT, AKTAU = "berth: alat_berth", "berth: aktau_berth"
ALAT_CALL = "\n  - {service: crossing, node: alat, berth: alat_berth}\n"
POOL = "facilities: {gang: {type: crane_pool, node: alat, servers: 2, moves_per_h: 20}, alat_berth: {crane_pool: gang"

# edit of small.yaml (or what is put on top of it), start of the expected line, phrase in it
BAD: list[tuple[tuple[str, str] | str, str, str]] = [
    ((ALAT, f"{ALAT}, berths: [alat_berth]"), f"{S}:10:", "berth and berths are both given"),
    ((ALAT, "berths: [alat_bert]"), f"{S}:10:", "did you mean 'alat_berth'?"),
    ((ALAT, "berths: [aktau_berth]"), f"{S}:10:", "aktau_berth stands at aktau"),
    ((ALAT, "berths: [aktau_yard]"), f"{S}:10:", "must name a berth"),
    ((ALAT, "grace_h: 4"), f"{S}:10:", "a window at no berth"),
    ((ALAT, f"{ALAT}, grace_h: -4"), f"{S}:10:", "must be >= 0"),
    ((AKTAU, f"{AKTAU}, cancel_after_h: 6"), f"{S}:9:", "no sailing to cancel: sail_rule is fill"),
    ((f"fill, fill_units: 40, {AKTAU}", f"timetable, every_h: 24, {AKTAU}, cancel_after_h: 6"), f"{S}:9:", "berth: one with a weather_zone"),
    ((ALAT, f"{ALAT}, full_leaves: true"), f"{S}:10:", "full_leaves on a call whose sail_rule is at_once"),
    ((ALAT, f"{ALAT}, full_leaves: 3"), f"{S}:10:", "must be true or false"),
    ("facilities: {alat_berth: {fleets: [ferries]}}", f"{S}:1:", "did you mean 'ferry'?"),
    ("facilities: {alat_berth: {fleets: [train_set]}}", f"{S}:11:", "no berth takes ferry"),
    ("facilities: {alat_berth: {cranes_needed: 2}}", f"{S}:1:", "2 cranes of no pool"),
    ("facilities: {alat_berth: {crane_pool: aktau_track}}", f"{S}:1:", "must name a crane_pool"),
    (f"{POOL}}}}}", "networks/net/facilities.csv:3:", "also by gang.moves_per_h. Fix: keep one"),
    (f"{POOL}, call_mean_h: null, cranes_needed: 3}}}}", f"{S}:1:", "needs 3 cranes, but gang has 2"),
    (f"{POOL}, call_mean_h: null}}}}".replace("node: alat", "node: aktau"), f"{S}:1:", "gang stands at aktau"),
    ("facilities: {alat_berth: {depth_m: 6}}\nfleets: {ferry: {draught_m: 6.5}}", f"{S}:12:", "no berth is ever deeper than 6 m"),
    ("facilities: {alat_berth: {depth_m: {2024-01-01: 0}}}", f"{S}:1:", "must be > 0 at each date"),
    ("fleets: {ferry: {payload_t: {}}}", f"{S}:1:", "at least one date"),
    ("fleets: {ferry: {payload_t: {2024-01-01: heavy}}}", f"{S}:1:", "must be a number"),
    ("fleets: {ferry: {payload_t: {soon: 3000}}}", f"{S}:1:", "year first"),
    ("fleets: {ferry: {decks: 3}}", f"{S}:1:", "must be <= 2"),
    ("fleets: {ferry: {reposition_h: 9}}", f"{S}:1:", "nobody is sent: allocation is fixed"),
    ("fleets: {ferry: {allocation: pooled, redeploy_over_units: 9}}", f"{S}:1:", "two services"),
    ("fleets: {ferry: {allocation: pooled}}", "networks/net/fleets.csv:2:", "needs redeploy_over_units"),
    ((f", load_yard: aktau_yard}}{ALAT_CALL}", f"}}{ALAT_CALL}fleets: {{ferry: {{allocation: pooled, redeploy_over_units: 9}}}}\n"), f"{S}:9:", "is sent by the stock of the yard"),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "place", "phrase"), BAD)
def test_bad_ports_are_located_and_explained(
    make_study: Make, edit: tuple[str, str] | str, place: str, phrase: str
) -> None:
    """One line begins with the place and holds the phrase."""
    change = ("name: small", f"name: small\n{edit}") if isinstance(edit, str) else edit
    if isinstance(edit, str):
        place = place.replace(f"{S}:1:", f"{S}:2:")
    path = make_study({"small.yaml": change})
    with pytest.raises(InputError) as caught:
        read_scenario(str(path))
    lines = caught.value.problems
    assert any(line.startswith(place) and phrase in line for line in lines), "\n".join(lines)


@pytest.mark.parametrize(
    ("fleets", "facilities"),
    [
        ("ropax,vessel,1,60,1,aktau", "ramp,berth,aktau,1,7,,ferry"),
        ("ropax,vessel,1,60,2,aktau", "ramp,berth,aktau,1,7,9,"),
    ],
)
def test_berths_that_tell_vessels_apart_bear_no_timetable(
    make_study: Make, fleets: str, facilities: str
) -> None:
    """A ramp for ferries alone; a ramp where two decks take longer: two classes, in both cases."""
    scenario = SCENARIO.replace("fleets: [ferry]", "fleets: [ferry, ropax]")
    edits = {
        "fleets.csv": "id,kind,vessels,capacity_units,decks,start_at\n"
        f"ferry,vessel,4,60,1,aktau\n{fleets}\ntrain_set,train_set,unlimited,50,1,\n",
        "facilities.csv": "id,type,node,servers,call_mean_h,two_deck_mean_h,fleets\n"
        f"{facilities}\nquay,berth,aktau,1,7,,\nalat_berth,berth,alat,1,10,,\n",
        "small.yaml": scenario.replace(
            "fill, fill_units: 40, berth: aktau_berth, load_yard: aktau_yard",
            "timetable, every_h: 24, berths: [ramp, quay]",
        ).replace(", yard: aktau_yard", ""),
    }
    with pytest.raises(InputError) as caught:
        read_scenario(str(make_study(edits)))
    (line,) = caught.value.problems
    assert line.startswith(f"{S}:9:") and "calls.crossing_aktau.sail_rule: a timetable, but" in line
    assert "the vessels of crossing apart (found ferry | ropax). Fix: berths that treat" in line
    edits["small.yaml"] = edits["small.yaml"].replace("berths: [ramp, quay]", "berth: quay")
    assert read_scenario(str(make_study(edits))).scenario.calls["crossing_aktau"].berth == "quay"


def test_a_payload_by_date_stands_in_a_cell(make_study: Make) -> None:
    """`2024-01-01: 3500; 2024-10-01: 2900`, as dated vessels do."""
    header = "id,kind,vessels,capacity_units,payload_t,start_at\n"
    rows = 'ferry,vessel,4,60,"2024-01-01: 3500; 2024-10-01: 2900",aktau\ntrain_set,train_set,unlimited,50,1500,\n'
    fleets = read_scenario(str(make_study({"fleets.csv": header + rows}))).scenario.fleets
    assert fleets["ferry"].payload_t == {"2024-01-01": 3500, "2024-10-01": 2900}
    assert fleets["train_set"].payload_t == 1500
