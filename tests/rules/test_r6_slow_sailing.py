"""R6, mid-voyage: who sets out in a storm of the open sea, or in a hard month, is slower.

A ferry sails 100 km at 25 km/h, 4 h, from Aktau to Alat and back, over and over; its ports are open.
The sea has a zone of its own, of which all closures are dated.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from corridor_sim.errors import InputError
from corridor_sim.inputs.read import read_scenario
from corridor_sim.model.compile import compile_scenario
from corridor_sim.studies.replicate import replicate_one, simulate
from corridor_sim.studies.twin import undisturbed
from tests.rules.ports import CALM, HEAD, run
from tests.rules.until import bytes_until
from tests.written import read_text

SEA = f"""\
network:
  nodes: [{{id: aktau}}, {{id: islet}}, {{id: alat}}]
  legs:
    - {{id: sea, from_node_id: aktau, to_node_id: alat, mode: sea, length_km: 100, speed_kmh: 25, weather_zone: open_sea}}
weather: {{open_sea: {CALM}}}
closures:
  storm: {{zone: open_sea, start: 2024-01-01T07:00Z, end: 2024-01-01T14:00Z}}
  breeze: {{zone: open_sea, start: 2024-01-01T20:00Z, end: 2024-01-02T20:00Z, severity: cranes}}
fleets: {{ferry: {{vessels: 1, capacity_units: 1}}}}
services: {{line: {{fleets: [ferry], mode: sea}}}}
calls:
  - {{service: line, seq: 0, node: aktau, sail_rule: at_once}}
  - {{service: line, seq: 1, node: alat}}
demand: {{boxes: {{origin: aktau, destination: alat, at_start: 1}}}}
"""
SLOW = "weather.open_sea.storm_speed_share=0.6"


def rides(folder: Path, *sets: str, text: str = SEA) -> list[tuple[float, float]]:
    return [(round(a, 3), round(b - a, 3)) for _, a, b in run(folder, text, *sets).visits("ride")]


def test_who_sets_out_in_a_storm_is_slower_all_the_way(tmp_path: Path) -> None:
    """At 0.6 of the speed 4 h are 6.67 h (1,667 per mille: 6.668 h). Out at 0 and 4 h, back in the
    storm of 7 h to 14 h at 8 h, until 14.67 h, then as usual; the breeze that stops cranes alone, from
    20 h on, slows nobody. What began at 4 h meets the storm and does not notice."""
    assert rides(tmp_path, SLOW)[:5] == [(0, 4), (4, 4), (8, 6.668), (14.668, 4), (18.668, 4)]
    assert rides(tmp_path)[:4] == [(0, 4), (4, 4), (8, 4), (12, 4)]


def test_who_sets_out_as_the_storm_begins_is_slower_and_as_it_ends_is_not(tmp_path: Path) -> None:
    """From 8 h sharp to 12 h sharp, and a ride of 4 h in the calm of 12 h would be at 12 h: here the
    ride of 8 h takes 5 h at 0.8 of the speed; a storm that ends at 8 h sharp slows nobody."""
    begins = SEA.replace("T07:00Z", "T08:00Z")
    slow = ("weather.open_sea.storm_speed_share=0.8",)
    assert rides(tmp_path, *slow, text=begins)[2] == (8, 5)
    ends = SEA.replace("T07:00Z", "T05:00Z").replace("T14:00Z", "T08:00Z")
    assert rides(tmp_path, *slow, text=ends)[2] == (8, 4)


def test_a_hard_month_slows_and_a_storm_comes_on_top(tmp_path: Path) -> None:
    """January at half the speed: 8 h each; in the storm at 0.8 of that, 10 h."""
    sets = ("weather.open_sea.s01=0.5", "weather.open_sea.storm_speed_share=0.8")
    assert rides(tmp_path, *sets)[:3] == [(0, 8), (8, 10), (18, 8)]


def test_a_month_begins_at_midnight_of_its_first_day(tmp_path: Path) -> None:
    """From 31 January on: rides of 4 h until midnight; February at half the speed, 8 h."""
    sets = ("weather.open_sea.s02=0.5", "simulation.start=2024-01-31")
    calm = SEA.partition("closures:")[0] + SEA[SEA.index("fleets:") :]
    found = rides(tmp_path, *sets, text=calm)
    assert found[4:8] == [(16, 4), (20, 4), (24, 8), (32, 8)]


def test_legs_count_by_their_hours(tmp_path: Path) -> None:
    """One hour of four is in the zone, at a quarter of the speed: 3 + 4 h."""
    legs = (
        "    - {id: bay, from_node_id: aktau, to_node_id: islet, mode: sea, length_km: 25, speed_kmh: 25, weather_zone: open_sea}\n"
        "    - {id: sea, from_node_id: islet, to_node_id: alat, mode: sea, length_km: 75, speed_kmh: 25}\n"
    )
    head, _, tail = SEA.partition("    - {id: sea")
    text = head + legs + tail[tail.index("\n") + 1 :]
    assert rides(tmp_path, "weather.open_sea.s01=0.25", text=text)[:2] == [(0, 7), (7, 7)]


def test_where_nobody_is_slowed_the_model_is_the_same_to_the_byte(tmp_path: Path) -> None:
    """A zone that slows nobody compiles to nothing, and is warned of."""
    plain = read_text(tmp_path, HEAD + SEA.replace(", weather_zone: open_sea", "")).scenario
    zoned = read_text(tmp_path, HEAD + SEA)
    prints = {compile_scenario(s, 0).model.fingerprint() for s in (plain, zoned.scenario)}
    assert len(prints) == 1
    assert any("no month and no storm of open_sea slows anybody" in w for w in zoned.warnings)
    assert not read_text(tmp_path, HEAD + SEA, SLOW).warnings


def test_every_table_of_a_run_bears_with_slow_rides(tmp_path: Path) -> None:
    """Drawn storms for 60 days: checks hold, nothing is stuck, the time is the ride's own (a move),
    and a twin is equal until its event."""
    text = HEAD + SEA.partition("closures:")[0] + SEA[SEA.index("fleets:") :]
    text += "disruptions: {shut: {target: nodes.alat, start: 2024-02-10, end: 2024-02-12, twin: true}}\n"
    months = tuple(f"weather.open_sea.m{month:02d}=0.3" for month in range(1, 13))
    sets = (*months, SLOW, "simulation.window_h=1440", "demand.boxes.at_start=40")
    case = read_text(tmp_path, text, *sets).scenario
    done = replicate_one(case, 0, "lots")
    assert [c["name"] for c in done.tables["checks"] if not c["ok"]] == []
    assert done.stuck.kind == "none"
    causes = {row["cause"]: row["mean_h"] for row in done.tables["ledger"]}
    assert 4 < causes["move:line"] < 6.668
    hit, calm = (simulate(each, 0)[1] for each in (case, undisturbed(case)))
    assert bytes_until(hit, 40 * 86_400) == bytes_until(calm, 40 * 86_400)


@pytest.mark.parametrize(
    ("change", "phrase"),
    [
        ("weather.open_sea.storm_speed_share=0", "storm_speed_share: must be > 0"),
        ("weather.open_sea.s07=1.2", "s07: must be <= 1"),
        ("legs.sea.weather_zone=open_see", "did you mean 'open_sea'?"),
    ],
)
def test_bad_speeds_and_zones_are_located(tmp_path: Path, change: str, phrase: str) -> None:
    """At the value, with what to type."""
    (tmp_path / "case.yaml").write_text(HEAD + SEA, encoding="utf-8", newline="\n")
    with pytest.raises(InputError) as caught:
        read_scenario(str(tmp_path / "case.yaml"), [change])
    assert any(phrase in line for line in caught.value.problems), caught.value.problems
