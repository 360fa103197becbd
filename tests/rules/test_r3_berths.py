"""R3: a vessel comes alongside when a berth of its class is free, the port is open, the water deep.

Ferries wait at Aktau with a box each, sail 2 h to Alat and discharge there in 3 h.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from corridor_sim.errors import InputError
from tests.rules.ports import CALM, run

FERRIES = """\
network: {nodes: [{id: aktau}, {id: alat}]}
facilities:
  west: {node: alat, type: berth, call_law: constant, call_mean_h: 3, load_share: 0}
  east: {node: alat, type: berth, call_law: constant, call_mean_h: 3, load_share: 0}
fleets: {ferry: {vessels: 3, capacity_units: 1}}
services: {line: {fleets: [ferry], run_law: constant, run_mean_h: 2}}
calls:
  - {id: home, service: line, seq: 0, node: aktau, sail_rule: fill, fill_units: 1}
  - {id: away, service: line, seq: 1, node: alat, berths: [west, east]}
demand: {boxes: {origin: aktau, destination: alat, at_start: 3}}
"""


def test_berths_are_tried_in_their_order(tmp_path: Path) -> None:
    """Three come at 2 h: one to the west, one to the east for 4 h, the third to the west at 5 h."""
    ran = run(tmp_path, FERRIES, "facilities.east.call_mean_h=4")
    unloads = {(name.split()[-1], start, end) for name, start, end in ran.visits("alat unload")}
    assert unloads == {("west", 2, 5), ("east", 2, 6), ("west", 5, 8)}
    assert ran.sailings("alat") == [5, 6, 8]


def test_the_other_berth_is_used_while_the_first_is_shut(tmp_path: Path) -> None:
    """West is under repair until 6 h: two wait for the east, one after the other, the third is west."""
    works = (
        "disruptions: {repair: {target: facilities.west, start: 2024-01-01, "
        "end: 2024-01-01T06:00:00Z}}\n"
    )
    unloads = [
        (n.split()[-1], a, b) for n, a, b in run(tmp_path, FERRIES + works).visits("alat unload")
    ]
    assert unloads == [("east", 2, 5), ("east", 5, 8), ("west", 6, 9)]


MIXED = FERRIES.replace(
    "fleets: {ferry: {vessels: 3, capacity_units: 1}}",
    "fleets: {ferry: {vessels: 2, capacity_units: 1}, barge: {vessels: 1, capacity_units: 1}}",
).replace("fleets: [ferry]", "fleets: [ferry, barge]")


def test_a_vessel_waits_for_a_berth_of_its_class(tmp_path: Path) -> None:
    """East takes barges only, west ferries only: the second ferry waits though the east is free."""
    ran = run(tmp_path, MIXED, "facilities.west.fleets=[ferry]", "facilities.east.fleets=[barge]")
    assert [(a, b) for _, a, b in ran.visits("alat ferry unload")] == [(2, 5), (5, 8)]
    assert [(a, b) for _, a, b in ran.visits("alat barge unload")] == [(2, 5)]
    assert ran.waits("service line ferry")["wait:west"] == 3


def test_one_timetable_serves_one_class(tmp_path: Path) -> None:
    """Of two classes with lines of their own nobody could say which takes the next sailing."""
    timed = MIXED.replace("sail_rule: fill, fill_units: 1", "sail_rule: timetable, every_h: 6")
    with pytest.raises(InputError, match=r"calls\.home\.sail_rule: a timetable, but berths tell"):
        run(tmp_path, timed, "facilities.west.fleets=[ferry]")


def test_classes_have_numbers_of_their_own(tmp_path: Path) -> None:
    """One barge more delays no ferry: its voyages are drawn from other streams."""
    law = [
        "services.line.run_law=exponential",
        "simulation.window_h=500",
        "demand.boxes.at_start=40",
    ]
    classes = ["facilities.west.fleets=[ferry]", "facilities.east.fleets=[barge]"]
    one, two = (
        run(tmp_path, MIXED, *law, *classes, f"fleets.barge.vessels={n}").built.model
        for n in (1, 2)
    )
    rides = []
    for model in (one, two):
        names, tables = model.names, model.tables
        at = names.sources.index("service line ferry") * tables.n_column
        at += names.columns.index("line@aktau ferry ride")
        rides.append(tables.draw_s[tables.draw_ptr[at] : tables.draw_ptr[at + 1]].tolist())
    assert rides[0] == rides[1] and len(set(rides[0])) > 900


def test_a_deep_vessel_waits_for_the_dredger(tmp_path: Path) -> None:
    """The ferries draw 5 m; the east has 6 m from 24 h on, the west never: the barge goes at once."""
    ran = run(
        tmp_path,
        MIXED,
        "fleets.ferry.draught_m=5",
        "fleets.barge.draught_m=3",
        "facilities.west.depth_m=4",
        "facilities.east.depth_m={2024-01-01: 4, 2024-01-02: 6}",
    )
    assert [(a, b) for _, a, b in ran.visits("alat barge unload west")] == [(2, 5)]
    assert [(a, b) for _, a, b in ran.visits("alat ferry unload east")] == [(24, 27), (27, 30)]
    spent = ran.waits("service line ferry")
    assert spent["draught east"] == 22 + 22 and spent["wait:east"] == 3


WINDOWS = """\
network: {nodes: [{id: aktau}, {id: kuryk}, {id: alat}]}
facilities:
  berth: {node: alat, type: berth, call_law: constant, call_mean_h: 4, load_share: 0}
fleets: {tramp: {vessels: 2, capacity_units: 1}, liner: {vessels: 1, capacity_units: 1}}
services:
  trade: {fleets: [tramp], run_law: constant, run_mean_h: 1}
  line: {fleets: [liner], run_law: constant, run_mean_h: 3}
calls:
  - {service: trade, seq: 0, node: aktau, sail_rule: fill, fill_units: 1}
  - {id: trade_alat, service: trade, seq: 1, node: alat, berth: berth}
  - {service: line, seq: 0, node: kuryk, sail_rule: fill, fill_units: 1}
  - {id: line_alat, service: line, seq: 1, node: alat, berth: berth}
demand:
  boxes: {origin: aktau, destination: alat, every_h: 1, lots_limit: 2}
  goods: {origin: kuryk, destination: alat, at_start: 1}
"""


@pytest.mark.parametrize(
    ("grace", "trade", "line"),
    [("null", [1, 5], [9]), ("3", [1, 9], [5]), ("1", [1, 5], [9])],
)
def test_a_window_is_kept_for_its_grace(
    tmp_path: Path, grace: str, trade: list[float], line: list[float]
) -> None:
    """Tramps come at 1 h and 2 h, the liner at 3 h; the berth is free at 5 h.

    Without a window the second tramp is next. A window held for 3 h (to 6 h) puts the liner first.
    One held for 1 h is over at 4 h: then it counts as one that came at 3 h, behind the tramp.
    """
    ran = run(tmp_path, WINDOWS, f"calls.line_alat.grace_h={grace}")
    assert [start for _, start, _ in ran.visits("trade@alat unload")] == trade
    assert [start for _, start, _ in ran.visits("line@alat unload")] == line
    assert ran.waits("service line")["wait:berth"] == line[0] - 3


def test_weather_and_berth_are_never_both_charged(tmp_path: Path) -> None:
    """The port is shut from 1 h to 4 h: of the second ferry's 5 h in the roads 2 h are weather."""
    text = FERRIES.replace("berths: [west, east]", "berth: west") + (
        f"weather: {{port: {CALM}}}\n"
        "closures: {storm: {zone: port, start: 2024-01-01T01:00:00Z, end: 2024-01-01T04:00:00Z}}\n"
    )
    two = ("fleets.ferry.vessels=2", "demand.boxes.at_start=2")
    ran = run(tmp_path, text, "facilities.west.weather_zone=port", *two)
    assert [(a, b) for _, a, b in ran.visits("alat unload")] == [(4, 7), (7, 10)]
    spent = ran.waits("service line")
    assert spent["weather port"] == 2 + 2, "both wait from 2 h to 4 h"
    assert spent["wait:west"] == 3, "the second from 4 h to 7 h"
    assert sum(spent.values()) == 2 * 96, "every second of both once"
