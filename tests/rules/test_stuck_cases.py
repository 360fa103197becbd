"""Standing still for ever, as a planner writes it: each case is named, refused, or lives.

The same cases of the engine's parts are in `tests/history/test_stuck.py`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from corridor_sim.engine import heap_engine
from corridor_sim.errors import InputError
from corridor_sim.history.replay import replay
from corridor_sim.history.stuck import Stuck, stuck, stuck_in
from corridor_sim.model.compile import compile_scenario
from corridor_sim.model.pack import pack
from corridor_sim.primitives import Births, Counter, Line, Primitives, Quantity, Source, Stage
from tests.history.test_stuck import movers, stuck_trips, waits_of
from tests.rules.everything import read_everything
from tests.rules.ports import run
from tests.rules.test_r2_yards import BOTH as WAGONS
from tests.small_models import ints


def found(folder: Path, text: str, *sets: str) -> Stuck:
    return stuck_in(run(folder, text, *sets).replay)


YARDS = """\
network: {nodes: [{id: mine}, {id: aktau}, {id: alat}, {id: plant}]}
facilities:
  west_yard: {type: yard, node: aktau, places: 2}
  east_yard: {type: yard, node: alat, places: 2}
fleets:
  train: {kind: train_set, vessels: unlimited, capacity_units: 1}
  aktau_ship: {vessels: 1, capacity_units: 2, start_at: aktau}
  alat_ship: {vessels: 1, capacity_units: 2, start_at: alat}
services:
  from_mine: {fleets: [train], run_law: constant, run_mean_h: 1}
  from_plant: {fleets: [train], run_law: constant, run_mean_h: 1}
  to_mine: {fleets: [train], run_law: constant, run_mean_h: 1}
  to_plant: {fleets: [train], run_law: constant, run_mean_h: 1}
  out: {fleets: [aktau_ship], run_law: constant, run_mean_h: 10}
  home: {fleets: [alat_ship], run_law: constant, run_mean_h: 10}
calls:
  - {service: from_mine, seq: 0, node: mine, sail_rule: fill, fill_units: 1}
  - {service: from_mine, seq: 1, node: aktau, yard: west_yard}
  - {service: from_plant, seq: 0, node: plant, sail_rule: fill, fill_units: 1}
  - {service: from_plant, seq: 1, node: alat, yard: east_yard}
  - {service: to_mine, seq: 0, node: aktau, sail_rule: fill, fill_units: 1, load_yard: west_yard}
  - {service: to_mine, seq: 1, node: mine}
  - {service: to_plant, seq: 0, node: alat, sail_rule: fill, fill_units: 1, load_yard: east_yard}
  - {service: to_plant, seq: 1, node: plant}
  - {service: out, seq: 0, node: aktau, yard: west_yard, load_yard: west_yard, sail_rule: fill, fill_units: 2}
  - {service: out, seq: 1, node: alat, yard: east_yard}
  - {service: home, seq: 0, node: alat, yard: east_yard, load_yard: east_yard, sail_rule: fill, fill_units: 2}
  - {service: home, seq: 1, node: aktau, yard: west_yard}
demand:
  boxes: {origin: mine, destination: plant, at_start: 4}
  goods: {origin: plant, destination: mine, at_start: 4}
routes:
  w: {demand: boxes, rides: [from_mine, out, to_plant]}
  e: {demand: goods, rides: [from_plant, home, to_mine]}
"""


def test_two_ships_before_two_full_yards(tmp_path: Path) -> None:
    """Each has two units for a yard that is full of what the other ship alone would load; at 11 h
    (loading at 1 h, ten hours at sea) they stand before each other's yards. Two places more on one
    side, and both sides live."""
    locked = found(tmp_path, YARDS)
    assert (locked.kind, locked.at_s) == ("gridlock", 11 * 3600)
    assert locked.story == (
        "service out#0 needs east_yard that waits for service home#0; "
        "service home#0 needs west_yard that waits for service out#0"
    )
    assert found(tmp_path, YARDS, "facilities.west_yard.places=4").kind == "none"


def ferries(north: str, south: str) -> Primitives:
    """Two ferries at two berths, an hour each; each goes on only when the other's berth is free."""
    parts = Primitives(
        horizon_s=100 * 3600, counters=[Counter("pier north", 1), Counter("pier south", 1)]
    )
    for own, other, gives in (("north", "south", north), ("south", "north", south)):
        mine, theirs = Quantity(f"pier {own}"), Quantity(f"pier {other}")
        first = (mine,) if gives == "first" else ()
        late = (theirs,) if gives == "first" else (mine, theirs)
        parts.stages += [
            Stage(f"{own} call", needs=(mine,), puts_end=first, work_s=3600, next_line=f"{own} on"),
            Stage(f"{own} next", needs=(theirs,), puts_end=late, work_s=3600),
        ]
        parts.lines += [Line(f"{own} in", (f"{own} call",)), Line(f"{own} on", (f"{own} next",))]
        parts.sources.append(Source(f"ferry {own}", f"{own} in", Births(ints(0))))
    return parts


def test_two_ferries_that_hold_the_berths_that_each_needs() -> None:
    """At 1 h both are done and hold on; if one casts off first, both get through. In files a vessel
    that goes, or waits for cargo, gives its berth back (`test_r4_fill_to_sail`)."""
    model = pack(ferries("last", "last"))
    locked = stuck(model, heap_engine.run(model))
    assert (locked.kind, locked.at_s) == ("gridlock", 3600)
    assert locked.cycle == ("pier north", "pier south")
    assert locked.trips == ("ferry south#0", "ferry north#0")
    model = pack(ferries("first", "last"))
    assert stuck(model, heap_engine.run(model)).kind == "none"


HELD = """\
network: {nodes: [{id: mine}, {id: junction}, {id: aktau}, {id: alat}]}
facilities:
  yard: {node: aktau, type: yard, places: 1}
  hold: {node: junction, type: hold_station, places: 1, detach_h: 1}
fleets:
  train: {kind: train_set, vessels: unlimited, capacity_units: 1}
  loco: {kind: locomotive, vessels: 1}
  ship: {vessels: 1, capacity_units: 1}
services:
  rail: {fleets: [train], needs: [loco], run_law: constant, run_mean_h: 2}
  sea: {fleets: [ship], run_law: constant, run_mean_h: 2}
calls:
  - {service: rail, seq: 0, node: mine, sail_rule: fill, fill_units: 1}
  - {service: rail, seq: 1, node: aktau, yard: yard, holds: [hold]}
  - {service: sea, seq: 0, node: aktau, sail_rule: timetable, every_h: 99, offset_h: 20, load_yard: yard}
  - {service: sea, seq: 1, node: alat}
demand: {boxes: {origin: mine, destination: alat, at_start: 3}}
"""


def test_trains_that_stand_on_the_line_keep_the_locomotives_that_the_hold_needs(
    tmp_path: Path,
) -> None:
    """One locomotive. Train 0 is in at 2 h, train 1 in the hold at 4 h, its locomotive off at 5 h; it
    brings train 2 to the junction at 7 h, where it stands on the line, for the hold is full. The ship
    makes room at 20 h: train 1 needs a locomotive, which is with train 2, which needs the hold."""
    locked = found(tmp_path, HELD)
    assert (locked.kind, locked.at_s) == ("gridlock", 7 * 3600)
    assert set(locked.cycle) == {"fleet loco", "hold"}
    assert locked.trips == ("service rail#1", "service rail#2")
    assert found(tmp_path, HELD, "fleets.loco.vessels=2").kind == "none"


def test_a_batch_larger_than_its_yard_is_refused(tmp_path: Path) -> None:
    """Before anything is run: one place, and two wagons that come together."""
    with pytest.raises(
        InputError, match=r"demand\.wagons\.batch: a batch of 2 is larger than the yard"
    ):
        run(tmp_path, WAGONS, "demand.wagons.origin=kuryk", "demand.wagons.batch=2")


POOL = """\
network: {nodes: [{id: mine}, {id: aktau}]}
fleets:
  train: {kind: train_set, vessels: unlimited, capacity_units: 1}
  platforms: {kind: locomotive, vessels: 1}
services: {rail: {fleets: [train], needs: [platforms], run_law: constant, run_mean_h: 2}}
calls:
  - {service: rail, seq: 0, node: mine, sail_rule: fill, fill_units: 1}
  - {service: rail, seq: 1, node: aktau}
demand: {boxes: {origin: mine, destination: aktau, at_start: 3}}
"""


def test_an_empty_pool_is_named(tmp_path: Path) -> None:
    """No set of platforms is in service, ever: trains that would bring one would need one first. A
    set that comes after the run is no standstill; a fleet of none is refused."""
    starved = found(tmp_path, POOL, "fleets.platforms.vessels={2024-01-01: 0}")
    assert (starved.kind, starved.at_s, starved.cycle) == ("starved", 0, ("fleet platforms",))
    assert starved.story == "service rail#0 needs fleet platforms, which never comes"
    late = found(tmp_path, POOL, "fleets.platforms.vessels={2024-01-01: 0, 2034-01-01: 1}")
    assert late.kind == "none"
    assert found(tmp_path, POOL).kind == "none"
    with pytest.raises(InputError, match=r"fleets\.platforms\.vessels: must be >= 1"):
        run(tmp_path, POOL, "fleets.platforms.vessels=0")


LEG = """\
network:
  nodes: [{id: a}, {id: b}]
  legs: [{id: line, from_node_id: a, to_node_id: b, mode: rail, length_km: 10, speed_kmh: 10, paths_per_day: 2, background_paths_per_day: 2}]
fleets: {t: {kind: train_set, vessels: unlimited, capacity_units: 1}}
services: {r: {mode: rail, fleets: [t]}}
calls:
  - {service: r, seq: 0, node: a, sail_rule: fill, fill_units: 1}
  - {service: r, seq: 1, node: b}
demand: {lots: {origin: a, destination: b, at_start: 3}}
"""


def test_a_line_without_paths_is_named(tmp_path: Path) -> None:
    """Other traffic takes both paths of every day; one that opens after the run is no standstill."""
    starved = found(tmp_path, LEG)
    assert (starved.kind, starved.cycle) == ("starved", ("paths line a>b",))
    assert found(tmp_path, LEG, "legs.line.background_paths_per_day=1").kind == "none"
    opens = LEG.replace("background_paths_per_day: 2", "open_from: 2034-01-01")
    assert found(tmp_path, opens).kind == "none"


@pytest.mark.parametrize("hours", ["00:00-00:00", "08:00-08:00"])
def test_hours_that_never_open_are_refused(tmp_path: Path, hours: str) -> None:
    """A calendar that never opens can only come from hours of no length."""
    row = f'{{node: a, type: border_crossing, documents_mean_h: 1, open_daily: "{hours}"}}'
    with pytest.raises(InputError, match=r"facilities\.post\.open_daily: no such hours of the day"):
        run(tmp_path, f"network: {{nodes: [{{id: a}}]}}\nfacilities: {{post: {row}}}\n")


PRIORITY = """\
network: {nodes: [{id: aktau}, {id: alat}]}
facilities: {gate: {node: aktau, type: server, queue: priority, service_law: constant, service_mean_h: 1}}
demand:
  block: {origin: aktau, destination: alat, via: [gate], every_h: 1, priority: 1}
  local: {origin: aktau, destination: alat, via: [gate], at_start: 2, priority: 2}
"""


def test_priority_that_starves_is_named(tmp_path: Path) -> None:
    """Block trains fill the gate for ever: two local ones wait from the start to the end, 41 days,
    and 720 others went first in the last 30. With a train less every ten hours both get through."""
    starved = found(tmp_path, PRIORITY, "simulation.window_h=1000")
    assert (starved.kind, starved.at_s) == ("starved", 0)
    assert starved.trips == ("demand local direct#0", "demand local direct#1")
    assert starved.story.startswith(
        "demand local direct#0 has waited 41 days in demand local direct 0:gate, and in the last "
        "30 days 720 that came later went first"
    )
    assert found(tmp_path, PRIORITY, "simulation.window_h=700").kind == "none", "29 days are late"
    slack = ("simulation.window_h=1000", "demand.block.every_h=1.1")
    assert found(tmp_path, PRIORITY, *slack).kind == "none"


def test_a_long_queue_is_no_starvation(tmp_path: Path) -> None:
    """Without priority the same gate is as overloaded: who came first goes first, however late."""
    fifo = ("facilities.gate.queue=fifo", "demand.local.at_start=1500", "simulation.window_h=1000")
    assert found(tmp_path, PRIORITY, *fifo).kind == "none"


@pytest.mark.parametrize("n_seed", [8, pytest.param(125, marks=pytest.mark.slow)])
def test_no_false_alarm_where_all_happens_at_once(tmp_path: Path, n_seed: int) -> None:
    """The port of `everything`, each seed told who is stuck at 4 instants and run on: of those who
    are called stuck nobody moves, and nothing is called gridlock or starved. Slow: 500 times."""
    n = 0
    for seed in range(n_seed):
        case = read_everything(tmp_path, f"simulation.seed={seed}", "simulation.window_h=1200")
        whole = compile_scenario(case, 0).model
        future = heap_engine.run(whole)
        for share in (20, 40, 60, 80):
            cut = replace(whole, horizon_s=whole.horizon_s * share // 100)
            log = heap_engine.run(cut)
            played = replay(cut, log)
            told = stuck_in(played)
            assert told.kind in ("none", "left_waiting"), (seed, share, told.story)
            lines, moved = waits_of(cut, log), movers(future, cut.horizon_s)
            assert not [t for t in stuck_trips(played) if (*t, lines[t]) in moved], (seed, share)
            n += 1
    assert n == 4 * n_seed
