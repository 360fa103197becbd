"""What must hold whatever the rules do together: hand sums, twins, hours, and the fluid limit.

The small port of `everything` has storms that drive ships out, forecasts, a yard with a soft limit
and a reserve, instalments, holds, a border, an embargo with a quota, and locomotives.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from corridor_sim.engine import heap_engine
from corridor_sim.engine.log import EventLog
from corridor_sim.history.checks import check, check_hours
from corridor_sim.history.conditions import Part
from corridor_sim.history.seconds import totals
from corridor_sim.model.compile import Built, compile_scenario
from corridor_sim.model.compiled import CompiledModel
from corridor_sim.results.weather_rows import weather_rows
from corridor_sim.studies.replicate import replicate_one, simulate
from corridor_sim.studies.twin import undisturbed
from corridor_sim.units import DAY_S, HOUR_S
from tests.rules.everything import read_everything
from tests.rules.ports import Ran, replay, run
from tests.rules.until import bytes_until, rows_until
from tests.written import read_text


@cache
def everything() -> Ran:
    with TemporaryDirectory() as folder:
        scenario = read_everything(Path(folder))
    built, log, _ = simulate(scenario, 0)
    return Ran(scenario, built, log, replay(built.model, log))


def test_everything_that_can_happen_happens() -> None:
    """Or the tests below would say less than they seem to: every mechanism shows in the log."""
    ran = everything()
    for words in ("unload cut", "unload resume", "rest", "into hold", "held hold", "by quota"):
        assert ran.visits(words), words
    assert heap_engine.run(ran.built.model).same(ran.log)
    assert len(ran.log.switches.t_s) > 10
    found = totals(ran.book)
    for label in ("weather alat", "wait:yard", "wait:hold", "hold:embargo full", "closed bcp"):
        assert found[ran.book.labels.index(label)] > 0, label


def test_hours_of_every_vessel_and_trip_sum_up_in_all_weathers() -> None:
    """To the second, over 100 days; the checks of a run say so too, and look at all of them."""
    ran = everything()
    laws = {c.name: c for c in check_hours(ran.book)}
    vessels = laws["hours of every vehicle sum to the horizon"]
    assert (vessels.found, vessels.n) == (0, 2)
    seconds = laws["every second of a trip has one cause"]
    assert seconds.found == 0 and seconds.n > 10_000
    assert all(c.ok for c in check(ran.replay))
    assert sum(ran.waits("service sea").values()) == 2 * 2400


def test_in_no_second_of_a_wait_for_a_berth_was_the_port_closed() -> None:
    """Weather before berth: in 100 days of storms no second is charged to the berth while nobody may
    come alongside; while the berth is taken and the port shut it is the weather's."""
    ran = everything()
    for port, berth in (("aktau", "quay"), ("alat", "pier")):
        shut = np.zeros(ran.built.model.horizon_s, bool)
        for row in weather_rows(ran.built):
            if row["zone"] == port and row["severity"] in ("berthing", "port", "evacuate"):
                lag = 0 if row["severity"] == "berthing" else 4 * HOUR_S
                shut[max(0, row["start_s"]) : row["end_s"] + lag] = True
        waits_for_berth, weather = (
            _seconds(ran, label) for label in (f"wait:{berth}", f"weather {port}")
        )
        assert waits_for_berth.any() and not (waits_for_berth & shut).any(), port
        counter = ran.built.model.names.counters.index(berth)
        at = np.flatnonzero(weather)
        taken = ran.replay.free.at(np.full(len(at), counter), at) == 0
        assert taken.any(), "both lacked, and the weather had it"


def _seconds(ran: Ran, label: str) -> np.ndarray:
    """Whether some vessel waits under this label in its roads, by second."""
    trips = ran.book.trips
    source = ran.replay.itinerary.source[trips.row]
    mine = (trips.label == ran.book.labels.index(label)) & (trips.part >= Part.GATE)
    mine &= source == ran.built.model.names.sources.index("service sea")
    out = np.zeros(ran.built.model.horizon_s, bool)
    for a, b in zip(trips.from_s[mine].tolist(), trips.to_s[mine].tolist(), strict=True):
        out[a:b] = True
    return out


SHUT = "disruptions: {%s: {target: %s, start: 2024-02-10, end: 2024-02-20, severity_share: %s, twin: true}}\n"


@pytest.mark.parametrize(
    ("target", "share"),
    [("facilities.yard", 0.6), ("facilities.quay", 1), ("nodes.aktau", 1)],
)
def test_a_twin_is_equal_until_the_event_in_all_weathers(
    tmp_path: Path, target: str, share: float
) -> None:
    """Births, visits, cargo and the embargo's switches of 40 days, byte for byte; not after."""
    case = read_everything(tmp_path, more=SHUT % ("lost", target, share))
    hit, calm = (simulate(each, 0)[1] for each in (case, undisturbed(case)))
    start = 40 * DAY_S
    assert bytes_until(hit, start) == bytes_until(calm, start)
    early = rows_until(hit, start)
    assert len(early["ends"][0]) > 1_000 and len(early["switches"][0]) > 2
    assert not hit.same(calm)


def test_a_twin_of_a_smaller_fleet_is_equal_until_the_event(tmp_path: Path) -> None:
    """A fleet that loses a vessel counts them at its first call, in a stage that takes no time and
    that the twin has not: so names are compared, trip by trip, without that stage."""
    case = read_everything(tmp_path, more=SHUT % ("lost", "fleets.feeder", 0.5))
    runs = [simulate(each, 0)[:2] for each in (case, undisturbed(case))]
    hit, calm = ([row for row in _named(*one, 40 * DAY_S) if row[1] != OFF] for one in runs)
    assert hit == calm and len(hit) > 1_000
    assert any(row[1] == OFF for row in _named(*runs[0], 40 * DAY_S))


OFF = "sea@aktau off"


def _named(built: Built, log: EventLog, t: int) -> list[tuple[str, str, int, int, int, int]]:
    """(source, stage, ordinal, lots, start, end) of visits that begin before t, sorted."""
    names, v = built.model.names, log.visits
    rows = zip(v.source, v.stage, v.k, v.lots, v.start_s, np.minimum(v.end_s, t), strict=True)
    return sorted(
        (names.sources[s], names.stages[i] if i >= 0 else "gave up", int(k), int(n), int(a), int(b))
        for s, i, k, n, a, b in rows
        if a < t
    )


CHAIN = """\
network: {nodes: [{id: mine}, {id: aktau}, {id: alat}, {id: baku}]}
facilities:
  bcp: {node: mine, type: border_crossing, documents_mean_h: 2, physical_mean_h: 3, tracks: 1}
  yard: {node: aktau, type: yard, places: 1, soft_share: 0.5, rehandle_k: 1}
  shed: {node: aktau, type: terminal, servers: 1, service_law: constant, service_mean_h: 1}
  quay: {node: aktau, type: berth, call_law: constant, call_mean_h: 4, load_share: 1}
  pier: {node: alat, type: berth, call_law: constant, call_mean_h: 2, load_share: 0}
  gate: {node: baku, type: terminal, servers: 1, service_law: constant, service_mean_h: 1.5}
fleets:
  train: {kind: train_set, vessels: unlimited, capacity_units: 1}
  feeder: {vessels: 1, capacity_units: 1, start_at: aktau}
services:
  rail: {fleets: [train], run_law: lognormal, run_mean_h: 10, run_cv: 0}
  sea: {fleets: [feeder], run_law: constant, run_mean_h: 8}
  last: {fleets: [train], run_law: constant, run_mean_h: 6}
calls:
  - {service: rail, seq: 0, node: mine, sail_rule: fill, fill_units: 1}
  - {service: rail, seq: 1, node: aktau, unload: shed, yard: yard}
  - {service: sea, seq: 0, node: aktau, berth: quay, load_yard: yard, sail_rule: fill, fill_units: 1}
  - {service: sea, seq: 1, node: alat, berth: pier}
  - {service: last, seq: 0, node: alat, sail_rule: fill, fill_units: 1}
  - {service: last, seq: 1, node: baku, unload: gate}
demand: {boxes: {origin: mine, destination: baku, via: [bcp], at_start: 1}}
"""


def test_without_variance_a_whole_chain_is_the_sum_of_its_parts(tmp_path: Path) -> None:
    """Papers 2 h and physical work 3 h, train 10 h, unloading 1 h, loading 4 h in a yard that is full
    of this one box when it begins: 1 / (1 - 0.5) times as long, 8 h; sea 8 h, discharge 2 h, train 6 h,
    gate 1.5 h: 41.5 h, and nobody waits."""
    ran = run(tmp_path, CHAIN)
    assert (ran.replay.delivered_s / HOUR_S).tolist() == [2 + 3 + 10 + 1 + 8 + 8 + 2 + 6 + 1.5]
    spent = totals(ran.book)
    causes = {ran.book.labels[i]: spent[i] / HOUR_S for i in np.flatnonzero(spent)}
    assert causes == {
        "service:bcp documents": 2,
        "service:bcp physical": 3,
        "move:rail": 10,
        "service:shed": 1,
        "service:quay": 8,
        "move:sea": 8,
        "service:pier": 2,
        "move:last": 6,
        "service:gate": 1.5,
    }


FLUID = """\
name: fluid
network: {nodes: [{id: aktau}, {id: alat}], facilities: [{id: shop, node: aktau, type: server, service_law: constant, service_mean_h: 0.6666666666666666}]}
demand: {lots: {origin: aktau, destination: alat, via: [shop], arrival_law: exponential, arrival_rate_per_h: 1}}
disruptions: {shut: {target: facilities.shop, start: 2024-02-01, end: 2024-02-11, twin: true}}
simulation: {start: 2024-01-01, warm_up_d: 10, window_d: 80, drain_d: 0, reps: 1, seed: 1}
"""
RHO, T_H, SERVICE_H, PER_H = 2 / 3, 240, 2 / 3, 1.0


def test_a_closure_of_ten_days_clears_as_the_fluid_formula_says(tmp_path: Path) -> None:
    """Random arrivals, one server in use for rho = 2/3 of the time, shut for T = 10 days.

    Until the queue is empty it takes (T rho + V) / (1 - rho) = 20.08 days in the mean, exactly, V = 2/3 h
    being the usual work in an M/D/1: the fluid's T rho / (1 - rho) = 20 days, and 0.08. Its variance is
    that of the work that came, over (1 - rho)^2, and that of a busy period: 2.236 days, squared.
    30 replications of seed 1; the band is 2.576 x 2.236 / sqrt(30) = 1.05 days: of 100 seeds one would
    fail. `recover_d` ends when all but the tolerance are there, that is tolerance / (36 - 24) earlier.
    """
    case = read_text(tmp_path, FLUID).scenario
    usual_h = PER_H * SERVICE_H**2 / (2 * (1 - RHO))
    expected_d = (T_H * RHO + usual_h) / (1 - RHO) / 24
    assert expected_d == pytest.approx(20.083, abs=0.001)
    n = 30
    came, busy = T_H * PER_H * SERVICE_H**2, T_H * RHO * PER_H * SERVICE_H**2
    sd_d = np.sqrt(came / (1 - RHO) ** 2 + busy / (1 - RHO) ** 3) / 24
    band_d = 2.576 * sd_d / np.sqrt(n)
    cleared, recovered = [], []
    for rep in range(n):
        cleared.append(_empty_d(compile_scenario(case, rep).model, 41))
        (row,) = [r for r in replicate_one(case, rep).tables["resilience"] if r["od"] == "all"]
        recovered.append(row["recover_d"] + row["tolerance_units"] / 12)
    print(f"cleared {np.mean(cleared):.2f}, recovered {np.mean(recovered):.2f}, band {band_d:.2f}")
    assert abs(np.mean(cleared) - expected_d) < band_d
    assert abs(np.mean(recovered) - expected_d) < band_d


def _empty_d(model: CompiledModel, day: int) -> float:
    """Days from a day on until nobody is in the system."""
    found = replay(model, heap_engine.run(model))
    ready, done = np.sort(found.ready_s), np.sort(found.delivered_s[found.delivered_s >= 0])
    last = (done[:-1] > day * DAY_S) & (ready[1 : len(done)] >= done[:-1])
    return float(done[:-1][last][0] / DAY_S - day)
