"""R6: a storm that drives ships out: what is moved stays moved, the berth goes, the rest comes first.

Feeders of eight boxes sail 2 h from Aktau to Alat, where one berth discharges in 4 h and loads in 4 h.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from corridor_sim.results.measures import service_rows
from tests.departures import trips_in
from tests.rules.ports import CALM, Ran, never_too_full, not_back, run

PORT = f"""\
network: {{nodes: [{{id: aktau}}, {{id: alat}}]}}
facilities:
  quay: {{node: alat, type: berth, call_law: constant, call_mean_h: 8, weather_zone: port, CRANES}}
  gang: {{node: alat, type: crane_pool, servers: 2}}
weather: {{port: {CALM}}}
fleets: {{feeder: {{vessels: 1, capacity_units: 8}}}}
services: {{line: {{fleets: [feeder], run_law: constant, run_mean_h: 2}}}}
calls:
  - {{id: home, service: line, seq: 0, node: aktau, sail_rule: fill, fill_units: 8}}
  - {{id: away, service: line, seq: 1, node: alat, berth: quay, sail_rule: fill_or_wait, fill_units: 8, max_wait_h: 12}}
demand:
  boxes: {{origin: aktau, destination: alat, at_start: 8}}
  goods: {{origin: alat, destination: aktau, at_start: 8}}
""".replace("CRANES", "crane_pool: gang, cranes_needed: 2")


def storm(folder: Path, start: int, end: int, *sets: str, text: str = PORT) -> Ran:
    """The port is closed, and ships are driven out, between two hours of the first day."""
    row = f"{{zone: port, start: 2024-01-01T{start:02d}:00Z, end: 2024-01-01T{end:02d}:00Z, severity: evacuate}}"
    return run(folder, f"{text}closures: {{storm: {row}}}\n", *sets)


def moved(ran: Ran, direction: int) -> list[tuple[float, int]]:
    """(hour, boxes) of loads (1, at the start) or discharges (-1, at the end) at Alat."""
    cargo, visits = ran.log.cargo, ran.log.visits
    key = {
        (int(s), int(k), int(v)): (ran.built.model.names.stages[st], a / 3600, b / 3600)
        for s, k, v, st, a, b in zip(
            visits.source,
            visits.k,
            visits.visit,
            visits.stage,
            visits.start_s,
            visits.end_s,
            strict=True,
        )
        if st >= 0
    }
    rows: dict[float, int] = {}
    for s, k, v, d, first, end in zip(
        cargo.source, cargo.k, cargo.visit, cargo.direction, cargo.first, cargo.end, strict=True
    ):
        stage, a, b = key[int(s), int(k), int(v)]
        if d == direction and "alat" in stage:
            at = a if d > 0 else b
            rows[at] = rows.get(at, 0) + int(end - first)
    return sorted(rows.items())


def test_the_rest_of_the_discharge_is_done_after_the_storm(tmp_path: Path) -> None:
    """Discharge from 2 h; the storm begins at 5 h, when 3 of 4 hours and 6 of 8 boxes are done. It
    ends at 10 h: alongside again, one hour for the last two; loading 11 h to 15 h."""
    ran = storm(tmp_path, 5, 10)
    assert [(n[10:], a, b) for n, a, b in ran.visits("line@alat") if "unload" in n] == [
        ("unload", 2, 5), ("unload cut", 5, 5), ("unload resume", 10, 11)
    ]  # fmt: skip
    assert moved(ran, -1) == [(5, 6), (11, 2)]
    assert ran.sailings("alat") == [15]
    assert never_too_full(ran) and not_back(ran) == []


def test_the_rest_of_the_loading_is_done_after_the_storm(tmp_path: Path) -> None:
    """Loading from 6 h; the storm begins at 7 h with 2 of 8 boxes aboard; 3 h of work from 12 h on."""
    ran = storm(tmp_path, 7, 12)
    assert moved(ran, 1) == [(6, 2), (12, 6)]
    assert ran.sailings("alat") == [15]
    assert never_too_full(ran) and not_back(ran) == []


def test_a_loading_in_two_parts_is_one_departure(tmp_path: Path) -> None:
    """trips.csv and service_kpi: one trip with 8 boxes unloaded, 8 loaded."""
    ran = storm(tmp_path, 7, 12)
    rows = [r for r in trips_in(ran.scenario, ran.built, ran.replay) if r["call"] == "alat"]
    assert [(r["unloaded_units"], r["loaded_units"], r["on_board_units"]) for r in rows] == [
        (8, 8, 8)
    ]
    kpi = next(r for r in service_rows(ran.built, ran.replay) if r["call"] == "alat")
    assert (kpi["trips"], kpi["load_mean"]) == (1, 8)


def test_who_was_driven_out_comes_back_first(tmp_path: Path) -> None:
    """The second feeder, 3 h out, waits in the roads since 3 h. At 10 h the first, driven out at 5 h
    and so the younger in any queue, is next: 10 h to 11 h, loads to 15 h. Then the second."""
    two = PORT.replace("at_start: 8}\n  goods", "every_h: 1, batch: 8, lots_limit: 16}\n  goods")
    ran = storm(tmp_path, 5, 10, "fleets.feeder.vessels=2", text=two)
    assert [(a, b) for _, a, b in ran.visits("alat unload resume")] == [(10, 11)]
    assert [(a, b) for n, a, b in ran.visits("alat unload") if n.endswith("unload")] == [
        (2, 5),
        (15, 19),
    ]
    assert never_too_full(ran)


def test_who_waits_alongside_for_cargo_is_driven_out_too(tmp_path: Path) -> None:
    """Discharged at 6 h, no goods before 20 h; the storm of 8 h to 12 h sends it out; from the roads
    it loads at 20 h. It may stay alongside for 99 h, so it did not leave to make room."""
    late = PORT.replace(
        "destination: aktau, at_start: 8", "destination: aktau, every_h: 99, offset_h: 20, batch: 8"
    )
    ran = storm(tmp_path, 8, 12, "calls.away.yield_h=99", "calls.away.max_wait_h=99", text=late)
    assert [a for _, a, _ in ran.visits("alat out")] == [8]
    assert [(a, b) for _, a, b in ran.visits("alat roads")] == [(20, 24)]
    assert never_too_full(ran) and not_back(ran) == []


def test_who_waits_to_sail_is_driven_out_and_sails_when_it_may(tmp_path: Path) -> None:
    """Discharge and loading take 3 h each: loaded at 8 h, when the port closes. At 12 h it gets worse:
    out. At 20 h it sails; what it waited was weather, and a berth it did not need any more."""
    text = (
        f"{PORT}closures:\n"
        "  mild: {zone: port, start: 2024-01-01T08:00Z, end: 2024-01-01T12:00Z}\n"
        "  storm: {zone: port, start: 2024-01-01T12:00Z, end: 2024-01-01T20:00Z, severity: evacuate}\n"
    )
    ran = run(tmp_path, text, "facilities.quay.call_mean_h=6")
    assert [(n[10:], a) for n, a, _ in ran.visits("line@alat") if a >= 8] == [
        ("shelter", 12),
        ("set sail", 20),
        ("ride", 20),
    ]
    assert ran.waits("service line")["weather port"] == 12
    assert never_too_full(ran) and not_back(ran) == []


CASES = [(start, start + length) for start in range(3, 12) for length in (1, 5)]


@pytest.mark.parametrize(("start", "end"), CASES)
@pytest.mark.parametrize("kind", ["own", "pooled", "two berths"])
def test_what_a_vessel_holds_is_put_back_exactly_once(
    tmp_path: Path, kind: str, start: int, end: int
) -> None:
    """Whenever the storm comes: discharge, loading, waiting, sailing; berth, cranes and pool are
    whole when all is done, never more than whole, and every box arrives."""
    text, sets = (
        PORT,
        ["fleets.feeder.vessels=3", "demand.boxes.at_start=24", "demand.goods.at_start=24"],
    )
    if kind == "two berths":
        text = text.replace("berth: quay", "berths: [quay, pier]").replace(
            "  gang:",
            "  pier: {node: alat, type: berth, call_law: constant, call_mean_h: 5, weather_zone: port}\n  gang:",
        )
    if kind == "pooled":
        text = text.replace(
            "  - {id: home",
            "  - {service: other, seq: 0, node: alat, berth: quay, sail_rule: fill, fill_units: 8}\n  - {service: other, seq: 1, node: aktau}\n  - {id: home",
        )
        text = text.replace(
            "services: {",
            "services: {other: {fleets: [feeder], run_law: constant, run_mean_h: 2}, ",
        )
        sets += ["fleets.feeder.start_at=alat"]
    ran = storm(tmp_path, start, end, *sets, text=text)
    assert never_too_full(ran)
    assert not_back(ran) == []
    assert (ran.replay.delivered_s >= 0).all()
    assert ran.visits(" cut") or ran.visits(" out") or ran.visits(" shelter")


def test_no_evacuation_no_stages(tmp_path: Path) -> None:
    """Without such a closure nothing of this is in the model."""
    words = ("cut", "resume", "out", "shelter", "cast off", "first", "away")
    names = run(tmp_path, PORT).built.model.names
    assert not [n for n in (*names.stages, *names.lines) if n.endswith(words)]
