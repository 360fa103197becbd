"""Progress along routes, tcd and tfi: by hand, and what must hold of every run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corridor_sim.inputs.read import read_scenario
from corridor_sim.model.compile import compile_scenario
from corridor_sim.money.activities import ON_ROUTE, on_route
from corridor_sim.money.pricing import items_of
from corridor_sim.results.dwell import parts_of, stays_of
from corridor_sim.results.paid_along import Invoice, amounts_along
from corridor_sim.results.progress import Journey, journeys, path_of
from corridor_sim.results.tcd import tcd_rows
from corridor_sim.results.tfi import tfi_rows
from corridor_sim.studies.run import run, summary
from tests.results.tiny import Tiny, replayed, tiny
from tests.runs.conftest import SHORT, SMALL
from tests.written import read_text

PAPERS = """\
name: papers
network:
  nodes: [{id: a, country: CN}, {id: x, country: CN}, {id: y, country: KZ}, {id: b, country: KZ}]
  legs:
    - {id: ax, from_node_id: a, to_node_id: x, length_km: 300, speed_kmh: 30}
    - {id: xy, from_node_id: x, to_node_id: y, length_km: 10, speed_kmh: 10}
    - {id: yb, from_node_id: y, to_node_id: b, length_km: 90, speed_kmh: 30}
  facilities:
    - {id: exit, node: x, type: border_post, service_law: constant, service_mean_h: 2}
    - {id: entry, node: y, type: border_post, service_law: constant, service_mean_h: 5}
fleets: {set: {kind: train_set, vessels: unlimited, capacity_units: 4}}
services: {train: {mode: rail, fleets: [set]}}
calls:
  - {service: train, seq: 0, node: a, sail_rule: fill, fill_units: 2}
  - {service: train, seq: 1, node: b, sail_rule: at_once, via: [exit, entry]}
demand:
  boxes: {origin: a, destination: b, unit: teu, direction: west, every_h: 1, tonnes_per_unit: 10, lots_limit: 2}
tariffs:
  rail: {part: line_haul, basis: per_feu_km, legs: [ax, xy, yb], value_usd: 1.0}
  entry_fee: {part: border, basis: per_crossing, nodes: [y], value_usd: 300}
  lift: {part: handling, basis: per_feu, nodes: [b], value_usd: 80}
  delay: {part: time, basis: share_of_value_per_day, value_usd: 0.01}
simulation: {start: 2024-01-01, warm_up_h: 0, window_h: 10, drain_h: 50, reps: 1, seed: 1}
"""
"""Two boxes, ready at 0 and 1 h, leave together at 1 h: 14 h on the move, 2 h and 5 h of papers."""


def found_in(case: Tiny) -> list[Journey]:
    stays = stays_of(case.replay, parts_of(case.replay, case.halves, case.places))
    return list(journeys(case.scenario, case.built, case.replay, case.places, stays))


@pytest.fixture(scope="module")
def base() -> tuple[Tiny, list[Journey]]:
    """A short October of the base year."""
    case = replayed(read_scenario("base_2024", SHORT).scenario)
    return case, found_in(case)


def papers(folder: Path, *sets: str) -> tuple[Tiny, list[Journey]]:
    case = replayed(read_text(folder, PAPERS, *sets).scenario)
    return case, found_in(case)


def test_papers_stand_at_their_border_though_the_ride_is_logged_first(tmp_path: Path) -> None:
    """x is reached after 10 of 14 h on the move: at 11 h; left at 13 h, y at 14 h, left at 19 h."""
    _, (journey,) = papers(tmp_path)
    assert (journey.path.nodes, journey.path.km.tolist()) == (
        ("a", "x", "y", "b"),
        [0, 300, 310, 400],
    )
    assert (journey.arrive_s / 3600).tolist() == [[0, 11, 14, 22], [0, 10, 13, 21]]
    assert (journey.leave_s / 3600).tolist() == [[1, 13, 19, 22], [0, 12, 18, 21]]
    assert journey.stayed.tolist() == [2, 2, 2, 2]


def test_steps_of_a_route_sum_up_hours_and_dollars(tmp_path: Path) -> None:
    """A TEU is half a FEU: 150 USD to x, 5 to y, the fee 150, 45 to b, the lift 40; no price of
    time."""
    case, found = papers(tmp_path)
    rows = tcd_rows(case.scenario, found)
    steps = [(r["node"], r["kind"], r["p50_h"], r["usd_per_unit"]) for r in rows]
    assert steps == [
        ("a", "stay", 0.5, 0),
        ("x", "leg", 10.5, 150),
        ("x", "stay", 12.5, 150),
        ("y", "leg", 13.5, 155),
        ("y", "stay", 18.5, 305),
        ("b", "leg", 21.5, 350),
        ("b", "stay", 21.5, 390),
    ]
    assert [r["step"] for r in rows] == list(range(1, 8))
    assert (rows[-1]["p10_h"], rows[-1]["p90_h"]) == pytest.approx((21.1, 21.9))


def tfi(case: Tiny, found: list[Journey]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(r["kind"], r["id"]): r for r in tfi_rows(case.scenario, found)}


def test_indicators_of_a_border_are_its_sides_and_both_together(tmp_path: Path) -> None:
    """2 h at x, 5 h at y, and 2 + 1 + 5 h from coming to x to leaving y; 300 USD an FEU."""
    rows = tfi(*papers(tmp_path))
    assert [rows["border", n]["tfi1_mean_h"] for n in "xy"] == [2, 5]
    assert [rows["border", n]["tfi2_usd_per_feu"] for n in "xy"] == [0, 300]
    pair = rows["pair", "x+y"]
    assert (pair["tfi1_p95_h"], pair["tfi2_usd_per_feu"], pair["n"]) == (8, 300, 2)


def test_indicators_of_a_route_are_cost_and_speed(tmp_path: Path) -> None:
    """390 USD for 400 km and 10 t: 975 USD for 500 km and 20 t. 400 km in 21 h, 14 h of them moving."""
    row = tfi(*papers(tmp_path))["route", "boxes"]
    assert row["tfi3_usd_per_500km_20t"] == pytest.approx(975, rel=1e-12)
    assert row["swd_kmh"] == pytest.approx(400 / 21, rel=1e-12)
    assert row["swod_kmh"] == pytest.approx(400 / 14, rel=1e-12)


def test_both_speeds_are_equal_without_a_stop(tmp_path: Path) -> None:
    """The same train without papers."""
    case = replayed(read_text(tmp_path, PAPERS.replace(", via: [exit, entry]", "")).scenario)
    row = tfi(case, found_in(case))["route", "boxes"]
    assert row["swd_kmh"] == row["swod_kmh"] == pytest.approx(400 / 14, rel=1e-12)


def test_speed_with_delay_is_lower_wherever_a_unit_stopped(
    base: tuple[Tiny, list[Journey]],
) -> None:
    """Every route of the base stops somewhere."""
    case, found = base
    rows = [r for r in tfi_rows(case.scenario, found) if r["kind"] == "route"]
    assert len(rows) > 30
    for row in rows:
        assert row["swd_kmh"] < row["swod_kmh"]


def test_no_second_is_lost_along_a_route(base: tuple[Tiny, list[Journey]]) -> None:
    """Nobody leaves before he comes or comes before he left; the last instant is the delivery."""
    case, found = base
    n = 0
    for journey in found:
        steps = np.stack([journey.arrive_s, journey.leave_s], axis=2).reshape(
            len(journey.units), -1
        )
        assert (np.diff(steps, axis=1) > -1e-3).all(), journey.flow.flow
        assert (journey.arrive_s[:, 0] == 0).all()
        n += int(journey.units.sum())
    begin, until, _ = case.built.window_s
    ready, delivered = case.replay.ready_s, case.replay.delivered_s
    mine = (ready >= begin) & (ready < until) & (delivered >= 0)
    flow = np.searchsorted(case.built.model.cargo.lot_ptr, np.flatnonzero(mine), side="right") - 1
    assert n == case.built.model.cargo.units_per_lot[flow].sum()


def test_journeys_end_with_the_transit_time_of_their_units(
    base: tuple[Tiny, list[Journey]],
) -> None:
    """The sum over units is that of the clocks, and no box is forgotten."""
    case, found = base
    begin, until, _ = case.built.window_s
    ready, delivered = case.replay.ready_s, case.replay.delivered_s
    ptr, names = case.built.model.cargo.lot_ptr, case.built.model.names.flows
    for journey in found:
        index = names.index(journey.flow.flow)
        lots = np.arange(ptr[index], ptr[index + 1])
        lots = lots[(ready[lots] >= begin) & (ready[lots] < until) & (delivered[lots] >= 0)]
        per_lot = case.built.model.cargo.units_per_lot[index]
        total = per_lot * (delivered[lots] - ready[lots]).sum()
        assert (journey.leave_s[:, -1] * journey.units).sum() == total


def test_what_is_paid_along_the_way_is_what_the_cost_core_counts() -> None:
    """Each tariff of the base on each route: legs and places sum to the amount of the whole route."""
    scenario = read_scenario("base_2024", SHORT).scenario
    built = compile_scenario(scenario, 0)
    items = [i for i in items_of(scenario.tariffs) if i.tariff.basis in ON_ROUTE]
    n = 0
    for flow in built.meaning.flows:
        path = path_of(scenario, built, flow)
        for item in items:
            on_legs, at_places = amounts_along(scenario, flow, path, item.tariff)
            whole = on_route(scenario, flow, item.tariff)
            assert on_legs.sum() + at_places.sum() == pytest.approx(whole, rel=1e-12)
            n += whole > 0
    assert n > 100


def test_zero_tariffs_cost_nothing_and_twice_the_price_costs_twice(tmp_path: Path) -> None:
    """Linear in each tariff."""
    usd = []
    for rate in (0, 1, 2):
        case, (journey,) = papers(tmp_path, f"tariffs.rail.value_usd={rate}")
        paid = Invoice(case.scenario, ("line_haul",)).along(journey.flow, journey.path)
        usd.append(paid.on_the_way.sum() + paid.at_place.sum())
    assert usd == [0, 200, 400]


def test_a_ferry_and_a_train_make_one_path(tmp_path: Path) -> None:
    """Aktau, over 100 km of sea to Alat, then 30 and 60 km by rail; a box leaves Alat after 4 h at
    sea and its wait for a path."""
    found = found_in(tiny(tmp_path, "simulation.window_h=8", "simulation.drain_h=40"))
    (journey,) = found
    assert journey.path.nodes == ("aktau", "alat", "baku", "absheron")
    assert journey.path.km.tolist() == [0, 100, 130, 190]
    # boxes 0-3 leave Aktau at 4 h and Alat at 8 h, boxes 4-7 at 14 and 24 h, ready at 0 ... 7 h
    leave_h = (journey.leave_s / 3600).round(9)
    assert leave_h[0].tolist() == [4, 8, 9, 11]
    assert leave_h[-1].tolist() == [7, 17, 18, 20]


def test_a_service_without_legs_has_steps_without_km(tmp_path: Path) -> None:
    """The textbook's two nodes."""
    case = replayed(read_scenario("fill_40_one_vessel", ("simulation.window_h=200",)).scenario)
    rows = tcd_rows(case.scenario, found_in(case))
    assert [(r["node"], r["kind"], r["km"]) for r in rows] == [
        ("aktau", "stay", 0),
        ("alat", "leg", 0),
        ("alat", "stay", 0),
    ]
    (row,) = tfi_rows(case.scenario, found_in(case))
    assert np.isnan(row["swd_kmh"]) and np.isnan(row["tfi3_usd_per_500km_20t"])


def test_small_study_has_no_border(tmp_path: Path) -> None:
    """A server is no border post."""
    case = replayed(read_text(tmp_path, SMALL).scenario)
    assert {row["kind"] for row in tfi_rows(case.scenario, found_in(case))} == {"route"}


def test_both_directions_of_a_border_stand_apart_in_the_summary(tmp_path: Path) -> None:
    """One interval each, over the replications. The train from b is
    at the post of y from 15 to 20 h, the other comes at 17 h and waits for it."""
    east = "  back: {origin: b, destination: a, unit: teu, direction: east, every_h: 1, lots_limit: 2}\nroutes: {out: {demand: boxes, rides: [train]}, home: {demand: back, rides: [home]}}\ntariffs:"
    text = (
        PAPERS.replace("tariffs:", east)
        .replace(
            "calls:",
            "calls:\n  - {service: home, seq: 0, node: b, sail_rule: fill, fill_units: 2}\n"
            "  - {service: home, seq: 1, node: a, sail_rule: at_once, via: [entry]}",
        )
        .replace("services: {", "services: {home: {mode: rail, fleets: [set]}, ")
        .replace("reps: 1", "reps: 2")
    )
    path = tmp_path / "papers.yaml"
    path.write_text(text, encoding="utf-8")
    done = run(str(path))
    found = {metric: interval for metric, _, interval in summary(done)}
    west, back = (found[f"tfi.y.border.{way}.all.tfi1_mean_h"] for way in ("west", "east"))
    assert (west.n, west.mean, back.n, back.mean) == (2, 8, 2, 5)
    assert done.values("tfi.y.border.west.tfi2_usd_per_feu").tolist() == [300, 300]
    assert found["tfi.boxes.route.west.out.swd_kmh"].n == 2
