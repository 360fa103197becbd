"""R12: with `split: false` a train rides on one vessel or waits for the next; nothing parts it.

Such a train is one lot of so many units. Every table counts units, so where nothing parts a train
anyway, all tables say the same with and without the flag.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from corridor_sim.engine import heap_engine
from corridor_sim.history.checks import check as checks
from corridor_sim.history.replay import replay
from corridor_sim.model.compile import compile_scenario
from corridor_sim.results.measures import od_rows, service_rows
from corridor_sim.studies.replicate import Replication, replicate_one, simulate
from tests.rules.ports import Ran, run
from tests.written import read_text

# a vessel is always ready, and sails at its times or when it is full
PORT = """\
network: {nodes: [{id: aktau}, {id: alat}]}
fleets: {feeder: {vessels: unlimited, capacity_units: 4}}
services: {line: {fleets: [feeder], run_law: constant, run_mean_h: 2}}
calls:
  - {id: home, service: line, seq: 0, node: aktau, sail_rule: timetable, every_h: 6}
  - {service: line, seq: 1, node: alat}
demand: {trains: {origin: aktau, destination: alat, at_start: 6, batch: 3}}
"""
WHOLE = "demand.trains.split=false"


def fill(units: int, capacity: int, trains: int) -> tuple[str, ...]:
    """Changes: sail with so many units, and so many trains come, one each 6 h."""
    return (
        "calls.home.sail_rule=fill",
        "calls.home.every_h=null",
        f"calls.home.fill_units={units}",
        f"fleets.feeder.capacity_units={capacity}",
        "demand.trains.at_start=0",
        "demand.trains.every_h=6",
        f"demand.trains.lots_limit={3 * trains}",
    )


def loads(ran: Ran) -> list[tuple[int, int]]:
    """(hour, units) of every loading that took something, in time."""
    cargo, visits, per_lot = ran.log.cargo, ran.log.visits, ran.built.model.cargo.units_per_lot
    flow = ran.built.model.cargo.lot_ptr.searchsorted(cargo.first, side="right") - 1
    units = (cargo.end - cargo.first) * per_lot[flow]
    began = dict(zip(zip(visits.source.tolist(), visits.k.tolist(), visits.visit.tolist(), strict=True), visits.start_s.tolist(), strict=True))  # fmt: skip
    at = [began[key] // 3600 for key in zip(cargo.source.tolist(), cargo.k.tolist(), cargo.visit.tolist(), strict=True)]  # fmt: skip
    found: dict[int, int] = {}
    for hour, n, direction in zip(at, units.tolist(), cargo.direction.tolist(), strict=True):
        if direction > 0:
            found[hour] = found.get(hour, 0) + n
    return sorted(found.items())


def mean_wait_h(ran: Ran) -> float:
    rows = service_rows(ran.built, ran.replay)
    return float(next(row["wait_mean_h"] for row in rows if row["call"] == "aktau"))


def test_a_vessel_of_four_takes_one_train_of_three_and_the_other_stays(tmp_path: Path) -> None:
    """Two trains of 3 stand there. At 0 h the vessel takes 4 boxes; with whole trains it takes 3,
    and the second train sails at 6 h. Waits: 0 x 4 + 6 x 2 = 12 box-hours, and 6 x 3 = 18."""
    parted, whole = run(tmp_path, PORT), run(tmp_path, PORT, WHOLE)
    assert loads(parted) == [(0, 4), (6, 2)]
    assert loads(whole) == [(0, 3), (6, 3)]
    assert mean_wait_h(parted) == 12 / 6
    assert mean_wait_h(whole) == 18 / 6
    assert whole.log.cargo.end.tolist() == [1, 1, 2, 2], "one lot a train"


@pytest.mark.parametrize("trains", [1, 2, 4, 8])
def test_whole_trains_wait_half_the_headways_between_those_of_a_vessel(
    tmp_path: Path, trains: int
) -> None:
    """n trains a vessel, h apart: the first waits (n - 1) h, the last not at all: (n - 1) h / 2."""
    ran = run(tmp_path, PORT, WHOLE, *fill(3 * trains, 99, 16))
    assert mean_wait_h(ran) == (trains - 1) / 2 * 6
    assert len(ran.sailings("aktau")) == 16 // trains


def test_a_vessel_that_is_full_for_the_next_train_leaves_where_it_is_asked_to(
    tmp_path: Path,
) -> None:
    """It waits for 4 of 4 boxes, and trains of 3 come at 0, 6, 12 h. Each next train does not fit,
    so the vessel leaves with 3 at 6 h and 12 h; the third train waits. Without `full_leaves` nobody
    would ever sail."""
    changes = (WHOLE, *fill(4, 4, 3))
    ran = run(tmp_path, PORT, *changes, "calls.home.full_leaves=true")
    assert loads(ran) == [(6, 3), (12, 3)]
    assert loads(run(tmp_path, PORT, *changes)) == []


def test_boxes_behind_a_train_that_does_not_fit_wait_with_it(tmp_path: Path) -> None:
    """In the stock stand 2 boxes, a train of 3, 2 boxes. Vessels of 4: the first takes the 2 boxes
    and stops at the train; at 6 h the train and 1 box; at 12 h the last box."""
    row = "{origin: aktau, destination: alat, at_start: 2}"
    rows = f"{{a: {row}, trains: {{origin: aktau, destination: alat, at_start: 3, batch: 3}}, z: {row}}}"
    text = PORT.replace(PORT[PORT.index("demand: ") :], f"demand: {rows}\n")
    ran = run(tmp_path, text, WHOLE)
    assert loads(ran) == [(0, 2), (6, 4), (12, 1)]


def test_a_deck_is_shared_by_whole_groups_of_wagons_and_by_trucks(tmp_path: Path) -> None:
    """10 wagons or 12 trucks: two groups of 4 wagons leave 2 tenths of the deck, room for 2 trucks
    (2.4); a third group would not have fitted."""
    deck = ("fleets.feeder.capacity_units=null", "fleets.feeder.capacity_wagons=10", "fleets.feeder.capacity_trucks=12")  # fmt: skip
    wagons = ("demand.trains.unit=wagon", "demand.trains.batch=4", "demand.trains.at_start=8")
    trucks = PORT.rstrip().removesuffix("}") + ", trucks: {origin: aktau, destination: alat, unit: truck, at_start: 5}}\n"  # fmt: skip
    ran = run(tmp_path, trucks, WHOLE, *deck, *wagons)
    assert loads(ran) == [(0, 10), (6, 3)]
    ran = run(tmp_path, PORT, WHOLE, *deck, *wagons[:2], "demand.trains.at_start=12")
    assert loads(ran) == [(0, 8), (6, 4)]


CORRIDOR = """\
name: chain
simulation: {start: 2024-01-01, warm_up_d: 3, window_d: 21, drain_d: 6, reps: 1, seed: 5}
network: {nodes: [{id: beyneu}, {id: aktau}, {id: alat}, {id: poti}]}
legs:
  east: {from_node_id: beyneu, to_node_id: aktau, length_km: 430, speed_kmh: 30, speed_cv: 0.3, paths_per_day: 6}
  caspian: {from_node_id: aktau, to_node_id: alat, mode: sea, length_km: 470, speed_kmh: 22}
  west: {from_node_id: alat, to_node_id: poti, length_km: 800, speed_kmh: 30}
facilities:
  papers: {type: terminal, node: beyneu, servers: 1, service_law: lognormal, service_mean_h: 4, service_cv: 1}
  cranes: {type: crane_pool, node: aktau, servers: 2, moves_per_h: 2}
  quay: {type: berth, node: aktau, servers: 1, crane_pool: cranes}
  quay_alat: {type: berth, node: alat, servers: 1, call_law: constant, call_mean_h: 5}
  yard: {type: yard, node: aktau, places: 60, import_reserve: 30, import_direction: east, unit: teu}
  customs: {type: desk, node: alat, servers: 2, service_law: lognormal, service_mean_h: 6, service_cv: 1}
fleets:
  sets: {kind: train_set, vessels: 4, capacity_teu: 5}
  feeder: {vessels: 2, capacity_teu: 20, payload_t: 300}
  az_sets: {kind: train_set, vessels: unlimited, capacity_teu: 90}
services:
  kz: {mode: rail, fleets: [sets]}
  sea: {mode: sea, fleets: [feeder], run_law: lognormal, run_mean_h: 20, run_cv: 0.3}
  az: {mode: rail, fleets: [az_sets]}
calls:
  - {service: kz, seq: 0, node: beyneu, sail_rule: fill, fill_units: 1}
  - {service: kz, seq: 1, node: aktau, yard: yard}
  - {service: sea, seq: 0, node: aktau, sail_rule: fill_or_wait, fill_units: 15, max_wait_h: 40, berth: quay, load_yard: yard, full_leaves: true}
  - {service: sea, seq: 1, node: alat, berth: quay_alat, desks: [customs]}
  - {service: az, seq: 0, node: alat, sail_rule: timetable, every_h: 12, cutoff_h: 3}
  - {service: az, seq: 1, node: poti}
demand:
  trains: {origin: beyneu, destination: poti, direction: west, unit: teu, via: [papers], together: true, batch: 5, arrival_law: exponential, arrival_mean_h: 12, tonnes_per_unit: 9, value_usd_per_unit: 1000}
  other: {origin: beyneu, destination: poti, direction: west, unit: teu, via: [papers], together: true, batch: 5, every_h: 30, laden: false, tonnes_per_unit: 2, value_usd_per_unit: 10}
embargoes: {full: {yards: [yard], on_units: 25, off_units: 10, min_days: 1, demand: [trains]}}
tariffs:
  rail: {part: line_haul, basis: per_feu_km, legs: [east, west], value_usd: 0.5}
  port: {part: handling, basis: per_unit, nodes: [aktau], value_usd: 30}
  capital: {part: inventory, basis: share_per_day, value_usd: 0.001}
emission_factors:
  rail: {mode: rail, basis: per_t_km, value: 20, unit: g, scope: WTW, ghg: CO2e}
  sea: {mode: sea, basis: per_t_km, value: 30, unit: g, scope: WTW, ghg: CO2e}
  hub: {mode: hub, basis: per_teu, value: 10, unit: kg, scope: WTW, ghg: CO2e}
  idle: {mode: hub, basis: per_vessel_h, value: 500, unit: kg, scope: WTW, ghg: CO2e}
"""
ALL_WHOLE = (WHOLE, "demand.other.split=false")


FILLED = {"od_kpi", "facility_kpi", "service_kpi", "reliability", "ledger", "embargo", "yard_hours"}
FILLED |= {"emissions", "anchorage", "leg_kpi", "node_dwell", "trips"}


def replicated(folder: Path, *sets: str) -> Replication:
    return replicate_one(read_text(folder, CORRIDOR, *sets).scenario, 0)


def test_where_nothing_parts_a_train_all_tables_are_the_same(tmp_path: Path) -> None:
    """Vehicles have places for 1, 4 and 18 trains of 5 boxes, and trains pass `via` together: lots of
    one box and of a whole train have the same history, and each box counts once in either."""
    parted, whole = replicated(tmp_path), replicated(tmp_path, *ALL_WHOLE)
    assert parted.fingerprint != whole.fingerprint
    for name in sorted(parted.tables.keys() - {"costs"}):
        assert repr(whole.tables[name]) == repr(parted.tables[name]), name
    # money is a mean of fewer, larger numbers: the same but for the order of the additions
    for one, other in zip(whole.tables["costs"], parted.tables["costs"], strict=True):
        assert {k: v for k, v in one.items() if isinstance(v, str)}.items() <= other.items()
        numbers = [k for k, v in one.items() if not isinstance(v, str)]
        same = pytest.approx([other[k] for k in numbers], rel=1e-12, nan_ok=True)
        assert [one[k] for k in numbers] == same
    assert {name for name, rows in whole.tables.items() if rows} >= FILLED
    for field in ("levels", "hours"):
        np.testing.assert_equal(vars(getattr(whole, field)), vars(getattr(parted, field)))
    assert all(row["ok"] for row in whole.tables["checks"])


def test_whole_trains_between_single_boxes_are_never_parted(tmp_path: Path) -> None:
    """Sets of 7 and vessels of 23 would part trains of 5 among the boxes of the other row: all on
    board of the row is a multiple of 5 all the way, all arrives, and nothing is left behind taken."""
    sets = ("fleets.sets.capacity_teu=7", "fleets.feeder.capacity_teu=23", "demand.other.together=false")  # fmt: skip
    scenario = read_text(tmp_path, CORRIDOR, WHOLE, *sets).scenario
    built, log, _ = simulate(scenario, 0)
    assert heap_engine.run(built.model).same(log)
    found = replay(built.model, log)
    assert all(check.ok for check in checks(found))
    trains = np.array([name.startswith("trains ") for name in built.model.names.flows])
    aboard = found.before(built.model.cargo.units_per_lot * trains)
    assert set(np.unique(aboard % 5)) == {0} and aboard.max() >= 20
    assert {row["delivered"] % 5 for row in od_rows(scenario, built, found) if row["od"] == "trains"} == {0}  # fmt: skip
    assert (found.before(built.model.cargo.units_per_lot * ~trains) % 5).any(), "the others are"


def test_a_batch_of_one_is_the_same_model_whole_or_not(tmp_path: Path) -> None:
    """The flag alone changes nothing: the compiled models are equal to the byte."""
    one = ("demand.trains.batch=1", "demand.other.batch=1")
    models = [
        compile_scenario(read_text(tmp_path, CORRIDOR, *one, *sets).scenario, 0).model
        for sets in ((), ALL_WHOLE)
    ]
    assert models[0].fingerprint() == models[1].fingerprint()
