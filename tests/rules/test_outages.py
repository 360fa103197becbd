"""Dated outages: closed, or with a share of the capacity; by hand, and against the undisturbed twin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from corridor_sim.engine import heap_engine
from corridor_sim.errors import InputError
from corridor_sim.history.replay import replay
from corridor_sim.inputs.read import Resolved
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import compile_scenario
from corridor_sim.studies.replicate import replicate_one, simulate
from corridor_sim.studies.twin import undisturbed
from tests.departures import trips_of
from tests.rules.until import bytes_until, rows_until
from tests.written import read_text

FACILITIES = (
    "{id: shop, type: server, node: aktau, servers: 2, service_law: constant, service_mean_h: 4}",
    "{id: yard, type: yard, node: aktau, places: 4}",
    "{id: big_yard, type: yard, node: aktau, places: 10}",
    "{id: bcp, type: border_post, node: aktau, per_day: 4, service_law: constant, service_mean_h: 0}",
    "{id: papers, type: desk, node: aktau}",
)
NETWORK = (
    "network:\n  nodes: [{id: aktau}, {id: alat}]\n"
    "  legs: [{id: sea, from_node_id: aktau, to_node_id: alat, mode: sea, length_km: 20, "
    "speed_kmh: 10, paths_per_day: 6}]\n"
    "  facilities:\n" + "".join(f"  - {row}\n" for row in FACILITIES) + "fleets:\n"
    "  ferry: {vessels: 2, capacity_units: 4}\n  trucks: {vessels: unlimited}\n"
)
TIME = "simulation: {start: 2024-01-01, warm_up_h: 0, window_h: %d, drain_h: 0, reps: 1, seed: 1}\n"
LINE = "services: {line: {fleets: [ferry], mode: sea}}\ncalls:\n" + "".join(
    f"  - {{service: line, seq: {i}, node: {node}, sail_rule: at_once}}\n"
    for i, node in enumerate(("aktau", "alat"))
)

Read = Callable[..., Resolved]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a scenario on `NETWORK` from further tables and rows `id: columns` of disruptions."""

    def made(more: str = "", hours: int = 96, **outages: str) -> Resolved:
        rows = "".join(f"  {name}: {{{row}}}\n" for name, row in outages.items())
        text = NETWORK + more + TIME % hours + (f"disruptions:\n{rows}" if rows else "")
        return read_text(tmp_path, text)

    return made


def at(hour: float) -> str:
    """An instant of the first days, as a planner writes it."""
    day, rest = divmod(round(hour * 60), 1440)
    return f"2024-01-{1 + day:02d}T{rest // 60:02d}:{rest % 60:02d}"


def outage(target: str, start_h: float, end_h: float, more: str = "") -> str:
    return f"target: {target}, start: {at(start_h)}, end: {at(end_h)}{', ' if more else ''}{more}"


def through(facility: str, arrivals: str) -> str:
    row = f"origin: aktau, destination: alat, via: [{facility}], {arrivals}"
    return f"demand: {{lots: {{{row}}}}}\n"


def delivered_h(scenario: Scenario) -> list[float]:
    built, log, _ = simulate(scenario, 0)
    return [t / 3600 for t in replay(built.model, log).delivered_s.tolist()]


def departures(scenario: Scenario, call: str = "aktau") -> list[float]:
    return [row["departed_s"] / 3600 for row in trips_of(scenario) if row["call"] == call]


def capacity(scenario: Scenario, counter: str) -> list[tuple[float, int]]:
    """Steps (minute, units from then on) of a counter of the model, the first at 0."""
    model = compile_scenario(scenario, 0).model
    i = model.names.counters.index(counter)
    part = slice(*model.counters.step_ptr[i : i + 2].tolist())
    units = int(model.counters.cap[i]) + np.append(0, np.cumsum(model.counters.step_by[part]))
    minutes = np.append(0, model.counters.step_at_s[part]) / 60
    return list(zip(minutes.tolist(), units.tolist(), strict=True))


def test_severity_0_changes_nothing(read: Read) -> None:
    """The model is the same to the byte, whatever the target."""
    plain = compile_scenario(read(LINE).scenario, 0).model.fingerprint()
    for target in ("nodes.aktau", "legs.sea", "fleets.ferry", "facilities.shop"):
        case = read(LINE, works=outage(target, 1, 9, "severity_share: 0")).scenario
        assert compile_scenario(case, 0).model.fingerprint() == plain, target


def test_severity_1_suspends_work_and_is_the_default(read: Read) -> None:
    """Four hours of work from 0 h, closed from 2 h to 6 h: done at 8 h; the next two until 12 h."""
    case = through("shop", "every_h: 1, lots_limit: 4")
    closed, said = (
        read(case, works=outage("facilities.shop", 2, 6, more)).scenario
        for more in ("", "severity_share: 1.0")
    )
    assert delivered_h(closed) == [8, 9, 12, 13]
    models = [compile_scenario(case, 0).model.fingerprint() for case in (closed, said)]
    assert models[0] == models[1]


def test_a_partial_outage_lets_work_finish_and_admits_no_new(read: Read) -> None:
    """Two servers, 4 h each; five lots, two at 0 h, then at 2, 4 and 6 h; one server from 1 to 9 h.

    Lots 0 and 1 are at work at 1 h, and end at 4 h. One server is left: lot 2 from 4 to 8 h, lot 3
    from 8 to 12 h. At 9 h the other one is back: lot 4 from 9 to 13 h.
    """
    arrivals = "every_h: 2, offset_h: 2, at_start: 2, lots_limit: 5"
    half = outage("facilities.shop", 1, 9, "severity_share: 0.5")
    assert delivered_h(read(through("shop", arrivals), works=half).scenario) == [4, 4, 8, 12, 13]


def test_a_border_accepts_fewer_trains_a_day(read: Read) -> None:
    """Four trains a day, half of it on the first: 2 on the first day, the other 3 on the second."""
    half = outage("facilities.bcp", 0, 24, "severity_share: 0.5")
    case = read(through("bcp", "at_start: 5, lots_limit: 5, every_h: 99"), works=half).scenario
    assert delivered_h(case) == [0, 0, 24, 24, 24]


def test_a_border_that_comes_back_at_noon_accepts_the_rest_of_the_day(read: Read) -> None:
    """Of 4 trains a day none until noon of the first day, then 4; the fifth on the second day."""
    shut = outage("facilities.bcp", 0, 12, "what: per_day")
    case = read(through("bcp", "at_start: 5, lots_limit: 5, every_h: 99"), works=shut).scenario
    assert delivered_h(case) == [12, 12, 12, 12, 24]


def test_a_fleet_loses_a_vessel_when_it_is_back_home(read: Read) -> None:
    """Two vessels, 2 h each way; one less from 1 h to 13 h.

    Both left at 0 h and are back at 4 h; one goes at 4, 8 and 12 h, the other again from 13 h on.
    """
    half = outage("fleets.ferry", 1, 13, "severity_share: 0.5")
    unhit = LINE.replace("mode: sea", "run_law: constant, run_mean_h: 2")
    found = departures(read(unhit, works=half).scenario)
    assert sorted(found)[:8] == [0, 0, 4, 8, 12, 13, 16, 17]


def test_a_leg_has_fewer_paths_a_day(read: Read) -> None:
    """Six sailings a day and direction; a third of them on the first day: 2, then as many as can."""
    most = outage("legs.sea", 0, 24, "severity_share: 0.67")
    case = read(LINE, works=most).scenario
    for way in ("aktau>alat", "alat>aktau"):
        assert capacity(case, f"paths sea {way}") == [(0, 2), (1440, 6)]
    assert sorted(departures(case))[:4] == [0, 0, 24, 24]


def test_a_closed_node_holds_who_is_there(read: Read) -> None:
    """Sailings of 2 h; alat is closed from 1 h to 7 h: both ferries wait there from 2 h to 7 h."""
    case = read(LINE, works=outage("nodes.alat", 1, 7)).scenario
    assert sorted(departures(case, "alat"))[:2] == [7, 7]
    assert sorted(departures(case))[:4] == [0, 0, 9, 9]


def test_nobody_leaves_for_a_closed_node(read: Read) -> None:
    """A sailing every 3 h; alat is closed from 2.5 h to 8 h: those of 3 and 6 h leave at 8 h."""
    every = LINE.replace("sail_rule: at_once}\n", "sail_rule: timetable, every_h: 3}\n", 1)
    case = read(every, works=outage("nodes.alat", 2.5, 8)).scenario
    assert sorted(departures(case))[:3] == [0, 8, 8]


def test_no_train_passes_a_closed_node(read: Read) -> None:
    """Rail of 1 h from `west` over `junction` to `east`; the junction is closed from 1.5 h to 6 h.

    Trains set out every hour: those of 2 to 5 h leave at 6 h. That of 1 h is on its way: it arrives.
    """
    legs = "".join(
        f"  {a}_{b}: {{from_node_id: {a}, to_node_id: {b}, length_km: 10, speed_kmh: 20}}\n"
        for a, b in (("west", "junction"), ("junction", "east"))
    )
    rail = (
        "nodes: {west: {}, junction: {}, east: {}}\nlegs:\n" + legs + "services: {train: "
        "{fleets: [trucks], mode: rail}}\ncalls:\n  - {service: train, node: west, "
        "sail_rule: timetable, every_h: 1}\n  - {service: train, node: east}\n"
    )
    case = read(rail, works=outage("nodes.junction", 1.5, 6)).scenario
    assert sorted(departures(case, "west"))[:8] == [0, 1, 6, 6, 6, 6, 6, 7]


def test_a_closed_node_closes_its_facilities(read: Read) -> None:
    """As if each of them had its row; a yard has no clock, so it takes nothing in."""
    case = read(through("shop", "every_h: 1, lots_limit: 4"), works=outage("nodes.aktau", 2, 6))
    assert delivered_h(case.scenario) == [8, 9, 12, 13]
    assert capacity(case.scenario, "yard") == [(0, 4), (120, 0), (360, 4)]
    assert capacity(case.scenario, "shop") == [(0, 2)]


LINEAR = [(0, 4), (31, 3), (91, 2), (151, 1), (211, 0), (510, 1), (570, 2), (630, 3), (690, 4)]
S = [(0, 4), (54, 3), (100, 2), (141, 1), (187, 0), (534, 1), (580, 2), (621, 3), (667, 4)]


@pytest.mark.parametrize(("shape", "steps"), [("linear", LINEAR), ("s", S)])
def test_ramps_compile_to_steps(read: Read, shape: str, steps: list[tuple[int, int]]) -> None:
    """Four places, 12 h, ramps of 4 h = 240 min; a place is gone once more than half of it is.

    Linear: (k + 1/2) / 4 of the ramp, 30, 90, 150, 210 min: one minute later it is below the half.
    Back from 480 min on: at the half itself. S: 3 x^2 - 2 x^3 = 1/8, 3/8, 5/8, 7/8 at x = 0.2211,
    0.4159, 0.5841, 0.7789, that is 53.06, 99.8, 140.2 and 186.9 min; back at 720 min less these.
    """
    row = outage("facilities.yard", 0, 12, f"shape: {shape}, ramp_h: 4")
    assert capacity(read(works=row).scenario, "yard") == steps


def test_on_a_ramp_a_server_closes_only_at_full_severity(read: Read) -> None:
    """Two servers, ramps of 4 h from 0 h to 12 h: work is suspended from 4 h to 8 h.

    At 61 min less than 1.5 servers are left: one. The first two lots, at work, go on until 4 h,
    where they end. The third starts at 9 h, when half a server is back (540 min), and ends at 13 h.
    """
    row = outage("facilities.shop", 0, 12, "shape: linear, ramp_h: 4")
    case = read(through("shop", "at_start: 3, lots_limit: 3, every_h: 99"), works=row).scenario
    assert capacity(case, "shop") == [(0, 2), (61, 1), (181, 0), (540, 1), (660, 2)]
    assert delivered_h(case) == [4, 4, 13]


def test_of_overlapping_outages_the_smallest_capacity_holds(read: Read) -> None:
    """Of 10 places half are lost until 10 h and 3 from 5 h on: 5, then 7; not 0.5 x 0.7 of 10."""
    rows = {
        "fire": outage("facilities.big_yard", 1, 10, "severity_share: 0.5"),
        "works": outage("facilities.big_yard", 5, 15, "severity_share: 0.3"),
    }
    case = read(**rows).scenario
    assert capacity(case, "big_yard") == [(0, 10), (60, 5), (600, 7), (900, 10)]


def test_an_outage_that_began_before_the_run_holds_from_its_start(read: Read) -> None:
    """Half of four places, since two days before the run, until 3 h."""
    row = "target: facilities.yard, start: 2023-12-30, end: 2024-01-01T03:00, severity_share: 0.5"
    assert capacity(read(works=row).scenario, "yard") == [(0, 2), (180, 4)]


@pytest.mark.parametrize(
    "row",
    ["target: fleets.ferry", "target: facilities.shop, severity_share: 0.8", "target: nodes.alat"],
)
def test_an_outage_beyond_the_horizon_is_no_standstill(read: Read, row: str) -> None:
    """Who waits for its end is late, not stuck for ever."""
    case = read(BUSY, works=f"{row}, start: 2024-01-03, end: 2024-03-01").scenario
    done = replicate_one(case, 0)
    assert done.stuck.kind in ("none", "left_waiting"), done.stuck.story


BUSY = (
    "services: {line: {fleets: [ferry], mode: sea}}\ncalls:\n"
    "  - {service: line, seq: 0, node: aktau, sail_rule: fill_or_wait, fill_units: 3, max_wait_h: 9}\n"
    "  - {service: line, seq: 1, node: alat, sail_rule: at_once}\n"
    "demand:\n"
    "  lots: {origin: aktau, destination: alat, via: [shop], arrival_law: exponential, "
    "arrival_mean_h: 3}\n"
)
START_H = 200


ROWS = [
    outage("nodes.aktau", START_H, 300),
    outage("fleets.ferry", START_H, 300, "severity_share: 0.5"),
    outage("legs.sea", START_H, 300, "severity_share: 0.7, shape: s, ramp_h: 24"),
    outage("facilities.shop", START_H, 300, "severity_share: 0.5"),
    outage("facilities.shop", START_H, 300, "shape: linear, ramp_h: 30"),
]


@pytest.mark.parametrize("row", ROWS)
def test_both_engines_agree_and_every_check_holds(read: Read, row: str) -> None:
    """Byte for byte; every second of every lot has its one cause; nothing stands still for ever."""
    case = read(BUSY, hours=600, works=row).scenario
    built, log, _ = simulate(case, 0)
    assert heap_engine.run(built.model).same(log)
    done = replicate_one(case, 0)
    assert [check["name"] for check in done.tables["checks"] if not check["ok"]] == []
    assert done.stuck.kind in ("none", "left_waiting")


@pytest.mark.parametrize("row", ROWS)
def test_the_twin_is_identical_until_the_event(read: Read, row: str) -> None:
    """Byte for byte: every row of the log that begins before it, its end too if that is before."""
    case = read(BUSY, hours=600, works=f"{row}, twin: true").scenario
    calm = undisturbed(case)
    assert not calm.disruptions
    logs = [simulate(each, 0)[1] for each in (case, calm)]
    assert bytes_until(logs[0], START_H * 3600) == bytes_until(logs[1], START_H * 3600)
    assert len(rows_until(logs[0], START_H * 3600)["ends"][0]) > 100
    assert not logs[0].same(logs[1])


def test_a_closure_clears_as_the_fluid_formula_says(read: Read) -> None:
    """24 lots a day, 36 at most, closed for 10 days: 10 x 24 / (36 - 24) = 20 days until it clears.

    Exact up to one lot (the tolerance), worth 1 / 12 day, and the lot in work at the closure.
    """
    shop = "facilities: {shop: {servers: 1, service_mean_h: 0.6666666666666666}}\n"
    case = read(
        shop + through("shop", "every_h: 1"),
        hours=24 * 90,
        works="target: facilities.shop, start: 2024-01-21, end: 2024-01-31, twin: true",
    ).scenario
    rows = replicate_one(case, 0).tables["resilience"]
    assert [row["od"] for row in rows] == ["all", "lots"]
    assert {k: v for k, v in rows[0].items() if k != "od"} == {
        k: v for k, v in rows[1].items() if k != "od"
    }
    row = rows[0]
    assert row["normal_units_per_day"] == pytest.approx(24, abs=1 / 90)
    assert row["depth_units"] == 240
    assert 20 - 2 / 12 <= row["recover_d"] <= 20
    assert row["clear_d"] == row["recover_d"]
    assert row["fluid_d"] == pytest.approx(20, rel=0.01)


def test_outages_are_ranked_by_what_each_costs(read: Read) -> None:
    """Ten days shut cost more than four, and four more than twenty minutes, which are within what is usual:
    the two that lose nothing have one rank."""
    shop = "facilities: {shop: {servers: 1, service_mean_h: 0.6666666666666666}}\n"
    row = "target: facilities.shop, start: 2024-%s, end: 2024-%s, twin: true"
    case = read(
        shop + through("shop", "every_h: 1"),
        hours=24 * 150,
        four=row % ("01-15", "01-19"),
        ten=row % ("02-10", "02-20"),
        hour=row % ("04-10T00:00", "04-10T00:20"),
        later=row % ("05-01T00:00", "05-01T00:20"),
    ).scenario
    rows = replicate_one(case, 0, "measures").tables["resilience"]
    ranks = {(row["od"], row["disruption"]): row["n1_rank"] for row in rows}
    for od in ("all", "lots"):
        assert [ranks[od, name] for name in ("ten", "four", "hour", "later")] == [1, 2, 3, 3]


def test_disruptions_are_listed_as_compiled(read: Read) -> None:
    """One row a capacity, before and at the least; one for what is only closed."""
    rows = {
        "fire": outage("nodes.aktau", 1, 9, "severity_share: 0.5, what: places"),
        "ice": outage("legs.sea", 1, 9),
        "laid_up": outage("fleets.ferry", 1, 9, "severity_share: 0.5"),
        "strike": outage("facilities.papers", 1, 9),
    }
    found = replicate_one(read(BUSY, **rows).scenario, 0).tables["disruptions"]
    columns = ("id", "capacity", "what", "capacity_before", "capacity_during")
    assert [tuple(row[c] for c in columns) for row in found] == [
        ("fire", "big_yard", "places", 10, 5),
        ("fire", "yard", "places", 4, 2),
        ("ice", "paths sea aktau>alat", "paths", 6, 0),
        ("ice", "paths sea alat>aktau", "paths", 6, 0),
        ("laid_up", "fleet ferry", "vehicles", 2, 1),
        ("strike", "facilities.papers", "closed", None, 0),
    ]


BAD = [
    ("target: facilities.shop, severity_share: 1.5", "severity_share: must be <= 1 (found 1.5)"),
    ("target: facilities.shopp", "did you mean 'shop'?"),
    ("target: nodes.atyrau", "unknown node (found 'atyrau')"),
    ("target: fleets.feri", "unknown fleet (found 'feri')"),
    ("target: shop", "nodes.<id>, legs.<id>, fleets.<id> or facilities.<id>"),
    ("target: legs.sea, shape: linear", "linear needs ramp_h. Fix: ramp_h: 24"),
    ("target: legs.sea, ramp_h: 3", "a step has no ramp (found 3 hours). Fix: shape: linear"),
    ("target: legs.sea, shape: s, ramp_h: 5", "longer than the outage (8 hours). Fix: ramp_h: 4"),
    ("target: legs.sea, what: places", "has no places to lose. Fix: what: paths"),
    ("target: facilities.papers, severity_share: 0.5", "no limit of which a share could be lost"),
    ("target: fleets.trucks", "Fix: fleets.trucks.vessels: a number"),
]


@pytest.mark.parametrize(("row", "phrase"), BAD)
def test_bad_outages_are_located(read: Read, row: str, phrase: str) -> None:
    """At the row of the file, with what to type."""
    with pytest.raises(InputError) as caught:
        read(works=f"{row}, start: {at(1)}, end: {at(9)}")
    lines = caught.value.problems
    assert any("case.yaml:" in line and phrase in line for line in lines), lines
    assert all("disruptions.works" in line for line in lines)


def test_an_outage_that_ends_before_it_starts_is_refused(read: Read) -> None:
    """And an equal end, too: nothing would be out."""
    for end in (1, 0.5):
        with pytest.raises(InputError, match=r"works\.end: ends before it starts"):
            read(works=outage("facilities.shop", 1, end))


def test_an_outage_that_rounds_to_nothing_is_warned_of(read: Read) -> None:
    """0.2 of two servers: 1.6 are left, rounded to 2."""
    warned = read(works=outage("facilities.shop", 1, 9, "severity_share: 0.2")).warnings
    assert any("0.2 of 2 rounds to nothing lost" in line for line in warned)
    assert not read(works=outage("facilities.shop", 1, 9, "severity_share: 0.3")).warnings
