"""Services by hand: a few departures each, with the arithmetic in the test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corridor_sim.errors import InputError, ModelError
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import compile_scenario
from corridor_sim.model.routes import calls_of
from tests.departures import on_board, trips_of
from tests.written import read_text

FIXED = """\
network:
  nodes: [{id: aktau}, {id: alat}]
simulation: {start: 2024-01-01, warm_up_h: 0, window_h: 60, drain_h: 0, reps: 1, seed: 1}
"""
CROSSING = "services: {line: {fleets: [ferry], run_law: constant, run_mean_h: 2}}\n"
BACK = "  - {service: line, seq: 1, node: alat, sail_rule: at_once}\n"

Read = Callable[..., Scenario]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a scenario from its parts; `FIXED` is added where nodes are not given."""

    def made(*parts: str) -> Scenario:
        text = "".join(parts)
        text = text if "network:" in text else FIXED + text
        return read_text(tmp_path, text).scenario

    return made


def departures(scenario: Scenario, call: str = "aktau", service: str = "line") -> list[Any]:
    """(hour, units on board) of each departure of a call in the window."""
    return [
        (row["departed_s"] / 3600, on_board(row))
        for row in trips_of(scenario)
        if row["call"] == call and row["service"] == service
    ]


def ferries(vessels: str, capacity: int = 4) -> str:
    return f"fleets: {{ferry: {{vessels: {vessels}, capacity_units: {capacity}}}}}\n"


def home(rule: str) -> str:
    return f"calls:\n  - {{service: line, seq: 0, node: aktau, sail_rule: {rule}}}\n" + BACK


def boxes(arrivals: str) -> str:
    return f"demand: {{boxes: {{origin: aktau, destination: alat, {arrivals}}}}}\n"


def test_fill_waits_for_the_last_unit(read: Read) -> None:
    """Boxes at 0, 1, 2 ...: four at 3 h; back at 7 h, when the eighth comes; and so on."""
    case = read(ferries("1"), CROSSING, home("fill, fill_units: 4"), boxes("every_h: 1"))
    assert departures(case)[:3] == [(3, 4), (7, 4), (11, 4)]


def test_a_slow_vessel_leaves_with_no_more_than_its_capacity(read: Read) -> None:
    """Two boxes an hour, four places, a cycle of 4 h: always full, the rest stays."""
    case = read(ferries("1"), CROSSING, home("fill, fill_units: 4"), boxes("every_h: 0.5"))
    assert departures(case)[:3] == [(1.5, 4), (5.5, 4), (9.5, 4)]


def test_fill_or_wait_counts_from_the_first_unit(read: Read) -> None:
    """Boxes at 1, 3, 5, 7: the first waits 2.5 h and goes with the second."""
    rule = "fill_or_wait, fill_units: 4, max_wait_h: 2.5, counted_from: first_unit"
    case = read(
        ferries("unlimited"), CROSSING, home(rule), boxes("every_h: 2, offset_h: 1, lots_limit: 4")
    )
    assert departures(case) == [(3.5, 2), (7.5, 2)]


def test_fill_or_wait_leaves_at_once_when_full(read: Read) -> None:
    """Boxes every half an hour from 0: four at 1.5 h, before the time is up."""
    rule = "fill_or_wait, fill_units: 4, max_wait_h: 50, counted_from: first_unit"
    case = read(ferries("unlimited"), CROSSING, home(rule), boxes("every_h: 0.5, lots_limit: 8"))
    assert departures(case) == [(1.5, 4), (3.5, 4)]


def test_a_timetable_leaves_on_time_and_its_cutoff_leaves_late_boxes(read: Read) -> None:
    """Every 6 h; boxes at 0.5, 1.5 ...; those of the last hour take the next."""
    rule = "timetable, every_h: 6, cutoff_h: 1"
    case = read(ferries("unlimited", 20), CROSSING, home(rule), boxes("every_h: 1, offset_h: 0.5"))
    assert departures(case)[:4] == [(0, 0), (6, 5), (12, 6), (18, 6)]


def test_hybrid_keeps_a_headway(read: Read) -> None:
    """A box an hour from 1 h, one is enough, but 5 h between departures."""
    rule = "hybrid, fill_units: 1, max_wait_h: 9, min_headway_h: 5"
    case = read(ferries("unlimited", 20), CROSSING, home(rule), boxes("every_h: 1, offset_h: 1"))
    assert [at for at, _ in departures(case)[:3]] == [1, 6, 11]


def test_a_dated_fleet_grows_on_its_date(read: Read) -> None:
    """A cycle of 24 h: one departure a day at first, two from the second day on."""
    fleet = 'fleets: {ferry: {vessels: {"2024-01-01": 1, "2024-01-02": 2}, capacity_units: 4}}\n'
    slow = CROSSING.replace("2}", "12}")
    case = read(fleet, slow, home("at_once"), boxes("every_h: 1"))
    assert [at for at, _ in departures(case)] == [0, 24, 24, 48, 48]


def test_a_dated_fleet_shrinks_on_its_date(read: Read) -> None:
    """The second vessel is taken out when it is back."""
    fleet = 'fleets: {ferry: {vessels: {"2024-01-01": 2, "2024-01-02": 1}, capacity_units: 4}}\n'
    slow = CROSSING.replace("2}", "12}")
    case = read(fleet, slow, home("at_once"), boxes("every_h: 1"))
    assert [at for at, _ in departures(case)] == [0, 0, 24, 48]


def test_nothing_departs_before_the_service_opens(read: Read) -> None:
    """Open from 6 a.m."""
    late = CROSSING.replace("run_mean_h: 2", "run_mean_h: 2, open_from: 2024-01-01T06:00:00")
    case = read(ferries("1"), late, home("at_once"), boxes("every_h: 1"))
    assert [at for at, _ in departures(case)[:2]] == [6, 10]


def test_work_at_a_closed_berth_goes_on_where_it_stopped(read: Read) -> None:
    """Four hours of loading from 0 h, closed from 2 h to 6 h: away at 8 h."""
    network = FIXED.replace(
        "{id: alat}]",
        "{id: alat}]\n  facilities: [{id: ramp, node: aktau, type: berth, servers: 1, "
        "call_law: constant, call_mean_h: 4, load_share: 1}]",
    )
    closed = (
        "disruptions: {works: {target: facilities.ramp, "
        "start: 2024-01-01T02:00:00, end: 2024-01-01T06:00:00}}\n"
    )
    rule = home("at_once").replace("node: aktau,", "node: aktau, berth: ramp,")
    case = read(network, closed, ferries("1"), CROSSING, rule, boxes("every_h: 1"))
    assert departures(case)[0] == (8, 1)


def test_wagons_and_trucks_share_a_deck(read: Read) -> None:
    """Four wagons or two trucks fill it: a truck takes what two wagons take; no TEU at all."""
    fleet = "fleets: {ferry: {vessels: 1, capacity_wagons: 4, capacity_trucks: 2}}\n"
    demand = "demand:\n" + "".join(
        f"  {unit}s: {{origin: aktau, destination: alat, unit: {unit}, at_start: 1}}\n"
        for unit in ("wagon", "truck", "teu")
    )
    model = compile_scenario(read(fleet, CROSSING, home("at_once"), demand), 0).model
    vehicle = model.names.vehicles.index("line ferry")
    share = dict(zip(model.names.flows, model.cargo.size[vehicle, :, 1].tolist(), strict=True))
    cap = int(model.cargo.cap[vehicle, 1])
    assert share == {"wagons direct": cap // 4, "trucks direct": cap // 2, "teus direct": -1}


def test_a_shared_fleet_is_one_pool(read: Read) -> None:
    """Two services, one vehicle of 4 h a cycle: one departure every 4 h in all."""
    two = (
        "services:\n  line: {fleets: [ferry], run_law: constant, run_mean_h: 2}\n"
        "  rival: {fleets: [ferry], run_law: constant, run_mean_h: 2}\n"
    )
    calls = home("at_once") + (
        "  - {service: rival, seq: 0, node: aktau, sail_rule: at_once}\n"
        "  - {service: rival, seq: 1, node: alat, sail_rule: at_once}\n"
    )
    case = read(ferries("1"), two, calls, boxes("every_h: 1"))
    both = [at for service in ("line", "rival") for at, _ in departures(case, "aktau", service)]
    assert sorted(both) == [4 * i for i in range(15)]


RAIL = """\
network:
  nodes: [{id: aktau}, {id: alat}]
  legs:
    - {id: slow, from_node_id: aktau, to_node_id: alat, length_km: 100, speed_kmh: 25, gauge_mm: 1520, PATHS}
    - {id: quick, from_node_id: aktau, to_node_id: alat, length_km: 100, speed_kmh: 50, gauge_mm: 1435}
simulation: {start: 2024-01-01, warm_up_h: 0, window_h: 60, drain_h: 0, reps: 1, seed: 1}
services: {line: {fleets: [ferry], mode: rail, gauge_mm: 1520}}
"""


def test_trains_take_the_paths_that_other_traffic_leaves(read: Read) -> None:
    """Three paths a day less one: two of five trains go each day, at midnight UTC."""
    rail = RAIL.replace("PATHS", "paths_per_day: 3, background_paths_per_day: 1")
    case = read(rail, ferries("unlimited", 1), home("fill, fill_units: 1"), boxes("at_start: 5"))
    assert [at for at, _ in departures(case)] == [0, 0, 24, 24, 48]


def test_a_train_runs_only_on_its_gauge(read: Read) -> None:
    """The 1435 mm leg is quicker, but not for it: 4 h; no leg of its gauge is an error."""
    rail = RAIL.replace(", PATHS", "")
    case = read(rail, ferries("1"), home("at_once"), boxes("every_h: 1"))
    assert [at for at, _ in departures(case)[:3]] == [0, 8, 16]
    broken = rail.replace("gauge_mm: 1520}\n    - {id: quick", "gauge_mm: 1435}\n    - {id: quick")
    with pytest.raises((ModelError, InputError), match="1520"):
        compile_scenario(read(broken, ferries("1"), home("at_once"), boxes("every_h: 1")), 0)


def test_calls_without_seq_keep_the_order_in_which_they_are_written(read: Read) -> None:
    """`seq`: none: as written."""
    calls = "calls:\n" + "".join(
        f"  - {{service: line, node: {node}, sail_rule: at_once}}\n" for node in ("alat", "aktau")
    )
    case = read(ferries("1"), CROSSING, calls, boxes("every_h: 1"))
    assert [c.node for c in calls_of(case)["line"]] == ["alat", "aktau"]


def test_a_vehicle_begins_where_its_fleet_starts(read: Read) -> None:
    """The home call is the one at `start_at`, whatever the order of the calls."""
    fleet = "fleets: {ferry: {vessels: 1, capacity_units: 4, start_at: alat}}\n"
    case = read(fleet, CROSSING, home("at_once"), boxes("every_h: 1"))
    assert departures(case, "alat")[0][0] == 0
    assert departures(case, "aktau")[0] == (2, 3)
