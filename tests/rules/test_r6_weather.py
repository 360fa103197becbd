"""R6: weather closes a port in the middle of work. Few vessels, dated closures, hours by hand.

The case is that of `storms`. Unless a test says otherwise nothing is drawn: all shares are 0.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from corridor_sim.engine import heap_engine
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.weather_thresholds import SEVERITIES
from corridor_sim.studies.replicate import replicate_one, simulate
from tests.departures import trips_of
from tests.rules.storms import read_storm

Storm = Callable[..., Scenario]


@pytest.fixture
def storm(tmp_path: Path) -> Storm:
    """Reads the scenario with dated closures (zone, from hour, to hour, severity) and changes."""

    def read(*closures: tuple[str, int, int, str], sets: tuple[str, ...] = (), share: float = 0.0):
        rows = [
            f"  c{i}: {{zone: {zone}, start: {instant(a)}, end: {instant(b)}, severity: {severity}}}\n"
            for i, (zone, a, b, severity) in enumerate(closures)
        ]
        return read_storm(tmp_path, "".join(rows), sets, share)

    return read


def instant(hour: int) -> str:
    return f"2024-01-{1 + hour // 24:02d}T{hour % 24:02d}:00Z"


def hours(scenario: Scenario, column: str, call: str) -> list[float]:
    """One column of the departures of one call, instants in hours, in order of time."""
    rows = sorted(
        (r for r in trips_of(scenario) if r["call"] == call), key=lambda r: r["departed_s"]
    )
    return [row[column] / (3600 if column.endswith("_s") else 1) for row in rows]


def test_work_goes_on_after_a_closure_where_it_stopped(storm: Storm) -> None:
    """Loading 0-4 h; closed 1-9 h. Worked 0-1, 9-12 h: away at 12 h, not 4 h.

    At Alat 16 h, discharged 18 h. Without the closure: 4, 8, 10 h.
    """
    calm, closed = storm(), storm(("aktau", 1, 9, "port"))
    for case, late in ((calm, 0), (closed, 8)):
        assert hours(case, "departed_s", "aktau")[0] == 4 + late
        assert hours(case, "unloaded_s", "alat")[0] == 10 + late


@pytest.mark.parametrize(
    ("severity", "lag", "ready", "departs"),
    [
        ("cranes", 0, 12, 12),
        ("port", 0, 12, 12),
        ("port", 2, 12, 12),
        ("port", 5, 12, 14),
        ("cranes", 5, 12, 12),
        ("berthing", 5, 12, 12),
    ],
)
def test_the_port_admits_movements_a_lag_after_its_closure(
    storm: Storm, severity: str, lag: int, ready: int, departs: int
) -> None:
    """Closed 1-9 h: cranes work again at 9 h and end at 12 h; the port opens at 9 h + lag.

    Only a closure of the port is followed by a lag.
    """
    case = storm(("aktau", 1, 9, severity), sets=(f"weather.aktau.restart_lag_h={lag}",))
    assert hours(case, "ready_s", "aktau")[0] == ready
    assert hours(case, "departed_s", "aktau")[0] == departs
    assert hours(case, "weather_h", "aktau")[0] == departs - ready


@pytest.mark.parametrize(
    ("severity", "departs", "discharged"),
    [("cranes", 4, 14), ("berthing", 4, 14), ("port", 12, 18)],
)
def test_each_threshold_stops_its_own(
    storm: Storm, severity: str, departs: int, discharged: int
) -> None:
    """Both shores 4-12 h: the vessel is loaded at 4 h.

    Cranes: it leaves at 4 h, comes alongside at 8 h and waits there till 12 h: discharged 14 h.
    Berthing: it leaves at 4 h, anchors 8-12 h, then the same. Port: it leaves at 12 h.
    """
    case = storm(("aktau", 4, 12, severity), ("alat", 4, 12, severity))
    assert hours(case, "departed_s", "aktau")[0] == departs
    assert hours(case, "unloaded_s", "alat")[0] == discharged
    begins = {"cranes": 8, "berthing": 12, "port": 16}[severity]
    assert hours(case, "unload_start_s", "alat")[0] == begins


def test_a_vessel_that_comes_in_a_closure_waits_for_weather_then_for_the_berth(
    storm: Storm,
) -> None:
    """Two vessels leave at 4 h and anchor off Alat from 8 h; closed 6-20 h; one berth.

    The first waits 12 h for weather, 0 h for the berth, and discharges 20-22 h. The second waits
    12 h for weather too, and 2 h for the berth: no hour twice.
    """
    case = storm(("alat", 6, 20, "port"), sets=("fleets.ferry.vessels=2",))
    assert hours(case, "unload_start_s", "alat")[:2] == [20, 22]
    assert hours(case, "weather_h", "alat")[:2] == [12, 12]
    assert hours(case, "queue_h", "alat")[:2] == [0, 2]


def test_vessels_leave_a_port_that_reopens_at_its_rate(storm: Storm) -> None:
    """Two movements an hour; three vessels, three berths, calls of 6 h; closed 6-20 h, lag 4 h.

    They come alongside at 0, 0.5, 1 h. The first is loaded at 6 h, when the port closes; the
    others lack 0.5 and 1 h and are loaded at 20.5 and 21 h. All could leave when the port admits
    movements at 24 h, and do at 24, 24.5, 25 h.
    """
    sets = (
        "fleets.ferry.vessels=3",
        "facilities.ramp.call_mean_h=6",
        "weather.aktau.restart_lag_h=4",
        "nodes.aktau.movements_per_h=2",
    )
    case = storm(("aktau", 6, 20, "port"), sets=sets)
    assert hours(case, "load_start_s", "aktau")[:3] == [0, 0.5, 1]
    assert hours(case, "ready_s", "aktau")[:3] == [6, 20.5, 21]
    assert hours(case, "departed_s", "aktau")[:3] == [24, 24.5, 25]


def test_arrivals_and_departures_of_a_port_share_one_queue(storm: Storm) -> None:
    """As before with two berths: the third vessel waits in the roads since 0 h.

    24 h: nobody can come alongside, the first vessel leaves. 24.5 h: the vessel in the roads has
    waited longer than the second has wanted to leave: it berths. 25 h: the second leaves.
    """
    sets = (
        "fleets.ferry.vessels=3",
        "facilities.ramp.servers=2",
        "facilities.ramp.call_mean_h=6",
        "weather.aktau.restart_lag_h=4",
        "nodes.aktau.movements_per_h=2",
    )
    case = storm(("aktau", 6, 20, "port"), sets=sets)
    assert hours(case, "load_start_s", "aktau")[:3] == [0, 0.5, 24.5]
    assert hours(case, "departed_s", "aktau")[:2] == [24, 25]


def test_without_a_rate_all_leave_at_once(storm: Storm) -> None:
    """The rate alone spreads the departures of the test above."""
    sets = ("fleets.ferry.vessels=3", "weather.aktau.restart_lag_h=4")
    case = storm(("aktau", 1, 20, "port"), sets=sets)
    assert hours(case, "departed_s", "aktau")[:3] == [24, 24, 24]


@pytest.mark.parametrize("driven", [False, True])
def test_a_port_that_is_ever_more_closed_lets_ever_less_through(storm: Storm, driven: bool) -> None:
    """Closed shares of 0 to 1 (limit): fewer boxes in 60 days, none at all at 1.

    One replication, seed 1; at 0 the ferry crosses every 14 h with four of always enough boxes.
    """
    sets = ("simulation.window_h=1440", "demand.boxes.at_start=1000")
    if driven:
        sets += tuple(
            f"weather.{zone}.{column}"
            for zone in ("aktau", "alat")
            for column in ("storm_group=g", "group_correlation=0.8")
        )
    delivered = []
    for share in (0.0, 0.5, 0.9, 0.99, 1.0):
        row = replicate_one(storm(sets=sets, share=share), 0, "measures").tables["od_kpi"][0]
        delivered.append(row["delivered"])
    assert delivered[0] == 4 * 103, "leaves at 4, 18, 32 ... h, discharged 6 h later"
    assert all(more > less for more, less in zip(delivered[:-1], delivered[1:], strict=True))
    assert delivered[-1] == 0


@pytest.mark.parametrize(("lag", "departs"), [(0, 12), (2, 14)])
def test_a_storm_that_drives_ships_out_keeps_what_is_aboard(
    storm: Storm, lag: int, departs: int
) -> None:
    """Loading 0-4 h, driven out at 1 h with one box of four; closed until 9 h, then the lag.

    Back alongside at 9 h + lag for the three hours that are left; the boxes arrive 4 h later and
    are discharged 6 h after departure, all four.
    """
    sets = (f"weather.aktau.restart_lag_h={lag}",)
    case = storm(("aktau", 1, 9, "evacuate"), sets=sets)
    assert hours(case, "departed_s", "aktau")[0] == departs
    assert hours(case, "on_board_units", "aktau")[0] == 4
    assert hours(case, "unloaded_s", "alat")[0] == departs + 6


def test_a_year_of_all_that_weather_does_keeps_the_accounts(storm: Storm) -> None:
    """Drawn closures of both shores with every threshold, lag, forecast and rate.

    Both engines give the same log, and every check of a run holds.
    """
    columns = (
        "cranes_stop_share=0.25",
        "berthing_stop_share=0.1",
        "evacuate_share=0.5",
        "restart_lag_h=4",
        "forecast_skill=0.7",
        "forecast_h=5",
        "storm_group=g",
        "group_correlation=0.8",
    )
    sets = (
        "simulation.window_h=4000",
        "fleets.ferry.vessels=4",
        "demand.boxes.at_start=3000",
        "nodes.aktau.movements_per_h=1",
        "nodes.alat.movements_per_h=2",
        *(f"weather.{zone}.{column}" for zone in ("aktau", "alat") for column in columns),
    )
    case = storm(sets=sets, share=0.2)
    built, log, _ = simulate(case, 0)
    assert heap_engine.run(built.model).tobytes() == log.tobytes()
    done = replicate_one(case, 0)
    assert all(row["ok"] for row in done.tables["checks"])
    assert {row["severity"] for row in done.tables["weather"]} == set(SEVERITIES)
    assert done.tables["od_kpi"][0]["delivered"] > 500
