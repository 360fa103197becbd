"""R5: a scheduled sailing leaves at its time with what was there by the cut-off; the rest rolls.

Every 12 h from 12 h on a ferry of two places leaves Aktau, 2 h to Alat; work takes no time.
"""

from __future__ import annotations

from pathlib import Path

from corridor_sim.results.measures import service_rows
from tests.departures import trips_in
from tests.rules.ports import CALM, Ran, run

LINE = f"""\
network: {{nodes: [{{id: aktau}}, {{id: alat}}]}}
facilities: {{berth: {{node: aktau, type: berth, weather_zone: port}}}}
weather: {{port: {CALM}}}
fleets: {{ferry: {{vessels: 1, capacity_units: 2}}}}
services: {{line: {{fleets: [ferry], run_law: constant, run_mean_h: 2}}}}
calls:
  - {{id: home, service: line, seq: 0, node: aktau, berth: berth, sail_rule: timetable, every_h: 12, offset_h: 12, cutoff_h: 3}}
  - {{service: line, seq: 1, node: alat}}
demand: {{boxes: {{origin: aktau, destination: alat, every_h: 4, offset_h: 2, lots_limit: 5}}}}
"""


def line(folder: Path, *storms: tuple[str, str], sets: tuple[str, ...] = ()) -> Ran:
    """The case with storms that close the port between two instants."""
    rows = [f"  s{i}: {{zone: port, start: {a}, end: {b}}}\n" for i, (a, b) in enumerate(storms)]
    return run(folder, LINE + ("closures:\n" if rows else "") + "".join(rows), *sets)


def trips(ran: Ran) -> list[tuple[float, int, int]]:
    """(hour, boxes loaded, boxes rolled) of the first sailings from Aktau."""
    return [
        (row["departed_s"] / 3600, row["loaded_units"], row["rolled_units"])
        for row in trips_in(ran.scenario, ran.built, ran.replay)
        if row["call"] == "aktau"
    ][:4]


def cancelled(ran: Ran) -> int:
    rows = service_rows(ran.built, ran.replay)
    return next(row["cancelled"] for row in rows if row["call"] == "aktau")


def test_what_misses_the_cutoff_or_finds_no_room_rolls(tmp_path: Path) -> None:
    """Boxes at 2, 6, 10, 14, 18 h. At 12 h those of 2 and 6 h board, that of 10 h came after 9 h and
    rolls; at 24 h (cut-off 21 h) those of 10 and 14 h board, that of 18 h finds no room and rolls."""
    assert trips(line(tmp_path)) == [(12, 2, 1), (24, 2, 1), (36, 1, 0), (48, 0, 0)]


def test_it_sails_whatever_the_fill(tmp_path: Path) -> None:
    """Without cargo the ferry leaves at its times all the same."""
    ran = line(tmp_path, sets=("demand.boxes.offset_h=90",))
    assert ran.sailings("aktau") == [12, 24, 36, 48, 60, 72, 84]


def test_a_short_delay_is_sailed(tmp_path: Path) -> None:
    """Closed from 11 h to 15 h, sailings are cancelled after 6 h: it leaves at 15 h."""
    storm = ("2024-01-01T11:00:00Z", "2024-01-01T15:00:00Z")
    ran = line(tmp_path, storm, sets=("calls.home.cancel_after_h=6",))
    assert ran.sailings("aktau")[:3] == [15, 24, 36] and cancelled(ran) == 0


def test_a_long_delay_cancels_the_sailing(tmp_path: Path) -> None:
    """Closed from 11 h to 19 h: 7 h after its time is more than 6 h. The ferry takes the sailing of
    24 h, with the first two boxes; three roll."""
    storm = ("2024-01-01T11:00:00Z", "2024-01-01T19:00:00Z")
    ran = line(tmp_path, storm, sets=("calls.home.cancel_after_h=6",))
    assert trips(ran)[:2] == [(24, 2, 3), (36, 2, 1)] and cancelled(ran) == 1
    held = line(tmp_path, storm)
    assert held.sailings("aktau")[:2] == [19, 24] and cancelled(held) == 0, "without the rule"


def test_only_what_is_closed_at_its_time_is_delayed(tmp_path: Path) -> None:
    """A storm that ends at 12 h sharp, and one that begins just after, cancel nothing."""
    storms = (
        ("2024-01-01T02:00:00Z", "2024-01-01T12:00:00Z"),
        ("2024-01-01T12:00:01Z", "2024-01-01T23:00:00Z"),
    )
    ran = line(tmp_path, *storms, sets=("calls.home.cancel_after_h=0",))
    assert cancelled(ran) == 0 and ran.sailings("aktau")[:2] == [12, 24]


def test_on_demand_leaves_with_the_first_box(tmp_path: Path) -> None:
    """Boxes at 2, 6, 10 ... h and a round of 4 h: each leaves alone and at once."""
    text = LINE.replace("timetable, every_h: 12, offset_h: 12, cutoff_h: 3", "on_demand")
    assert run(tmp_path, text).sailings("aktau")[:5] == [2, 6, 10, 14, 18]


def test_at_its_time_lots_board_in_the_order_of_their_priority(tmp_path: Path) -> None:
    """Two of an ordinary row at 2 h and 6 h, two of a row that goes first at 7 h and 8 h: at 12 h the
    latter board, with the cut-off at 9 h, and the former, who came earlier, at 24 h."""
    urgent = (
        "  urgent: {origin: aktau, destination: alat, every_h: 1, offset_h: 7, lots_limit: 2}\n"
    )
    text = LINE.replace("demand: {boxes: {", "demand:\n  boxes: {").replace("lots_limit: 5}}", "lots_limit: 2, priority: 2}")  # fmt: skip
    ran = run(tmp_path, text + urgent)
    names, ptr = ran.built.model.names, ran.built.model.cargo.lot_ptr
    first = {
        flow.split()[0]: slice(int(ptr[i]), int(ptr[i + 1])) for i, flow in enumerate(names.flows)
    }
    hours = {row: (ran.replay.delivered_s[part] / 3600).tolist() for row, part in first.items()}
    assert hours == {"urgent": [14, 14], "boxes": [26, 26]}
