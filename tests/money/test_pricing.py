"""What lots are billed, followed by hand in the small corridor; and that nothing is lost or doubled."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from corridor_sim.history.replay import Replay, replay
from corridor_sim.inputs.check_tariffs import narrowed
from corridor_sim.inputs.read import read_scenario
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built
from corridor_sim.money.activities import Activities, Uses, activities_of
from corridor_sim.money.invoice import invoice
from corridor_sim.money.pricing import items_of, rates_of
from corridor_sim.money.vehicle_use import VehicleUse
from corridor_sim.results.cost_rows import ALL, cost_rows, generalised
from corridor_sim.results.measures import od_rows
from corridor_sim.studies.replicate import simulate
from tests.results.tiny import TINY, Tiny, replayed
from tests.runs.conftest import SHORT
from tests.written import read_text

BILLS = """\
tariffs:
  sea: {part: line_haul, basis: per_feu, legs: [sea], value_usd: 550}
  rail: {part: line_haul, basis: per_feu_km, legs: [coast, hill], value_usd: 0.55}
  lift: {part: handling, basis: per_feu, nodes: [alat], value_usd: 150}
  yard: {part: storage, basis: per_teu_day, nodes: [aktau, alat], free_d: 0.25, value_usd: 8}
  vessel: {part: capital, basis: per_vessel_day, value_usd: 9000}
  train: {part: track, basis: per_train_km, value_usd: 14}
  vot: {part: time, basis: share_of_value_per_day, value_usd: 0.0135}
  spread: {part: reliability, basis: ratio, value_usd: 0.8}
  tied_up: {part: inventory, basis: share_per_day, value_usd: 0.0003}
"""
VALUE = "demand.boxes.value_usd_per_unit=20000"
BACK = "  back: {origin: alat, destination: aktau, unit: teu, direction: east, every_h: 10, tonnes_per_unit: 5}\n"


def billed(folder: Path, *sets: str, bills: str = BILLS, demand: str = "") -> Tiny:
    """The small corridor with tariffs, and with more demand."""
    text = TINY.replace("simulation:", f"{demand}{bills}simulation:")
    return replayed(read_text(folder, text, *sets).scenario)


def usd_of_lot(t: Tiny, lot: int) -> dict[str, float]:
    """Item -> USD."""
    return {line.item: line.usd for line in invoice(t.scenario, t.built, t.replay, lot)}


def test_one_box_is_billed_by_hand(tmp_path: Path) -> None:
    """Box 4 is ready at 4 h. The ferry begins to load it at 13 h, sails 14-18 h; its train of four
    boxes waits for a path and runs 24-27 h: 23 h under way.

    ferry     it came back at 12 h: 12 -> 18 h are the ride's, four boxes: 1.5 h each. The four
              returns that began in the window are 4 h each; the twenty boxes of the five voyages
              west in the window share them: 0.8 h each
    yard      9 h at Aktau less 6 h free: 0.125 TEU-days; aboard the train at Alat costs nothing
    """
    t = billed(tmp_path, VALUE)
    ready = np.arange(1, 49) - 1
    days = (t.replay.delivered_s[:48] - ready * 3600) / 86400
    assert usd_of_lot(t, 4) == pytest.approx(
        {
            "sea": 0.5 * 550,
            "rail": 0.5 * 90 * 0.55,
            "lift": 0.5 * 150,
            "yard": 0.125 * 8,
            "vessel": (1.5 + 0.8) / 24 * 9000,
            "train": 90 / 4 * 14,
            "vot": 20000 * 23 / 24 * 0.0135,
            "tied_up": 20000 * 23 / 24 * 0.0003,
            "spread": 20000 * days[days > 0].std() * 0.0135 * 0.8,
        },
        rel=1e-12,
    )


def test_an_invoice_of_a_lot_that_never_came_is_refused(tmp_path: Path) -> None:
    """Its bill is not complete."""
    t = billed(tmp_path)
    with pytest.raises(ValueError, match="was not delivered"):
        invoice(t.scenario, t.built, t.replay, 95)


def test_the_first_voyage_pays_for_the_wait_before_it(tmp_path: Path) -> None:
    """0 -> 8 h of four boxes: 2 h each, and 0.8 h of the returns."""
    assert usd_of_lot(billed(tmp_path), 0)["vessel"] == pytest.approx(2.8 / 24 * 9000)


def test_days_in_a_yard_run_from_unloading_to_loading(tmp_path: Path) -> None:
    """Trains of eight: boxes 0-3 come to Alat at 8 h and are loaded with 4-7 at 18 h, 10 h less 6
    free; at Aktau they stood 3, 2, 1 and 0 h, which is free."""
    t = billed(tmp_path, "fleets.wagon.capacity_units=8", "calls.train_alat.fill_units=8")  # fmt: skip
    assert [usd_of_lot(t, lot).get("yard", 0.0) for lot in range(4)] == pytest.approx(
        [4 / 24 * 8] * 4
    )


def test_a_light_return_pays_its_share_of_the_heavy_load(tmp_path: Path) -> None:
    """One box goes back on each ferry that takes four: it pays a quarter of 4 h, and the boxes
    west the rest: 3 h of each of the four returns in the window, over twenty boxes: 0.6 h."""
    t = billed(tmp_path, demand=BACK)
    back = int(t.built.model.cargo.lot_ptr[t.built.model.names.flows.index("back direct")])
    assert usd_of_lot(t, back)["vessel"] == pytest.approx(1 / 24 * 9000)
    west = int(t.built.model.cargo.lot_ptr[t.built.model.names.flows.index("boxes direct")])
    assert usd_of_lot(t, west + 4)["vessel"] == pytest.approx((1.5 + 0.6) / 24 * 9000)


def test_empties_pay_nothing_and_who_is_laden_pays_for_them(tmp_path: Path) -> None:
    """The same boxes, empty: as if nothing went back."""
    t = billed(tmp_path, "demand.back.laden=false", demand=BACK)
    back = int(t.built.model.cargo.lot_ptr[t.built.model.names.flows.index("back direct")])
    assert "vessel" not in usd_of_lot(t, back)
    west = int(t.built.model.cargo.lot_ptr[t.built.model.names.flows.index("boxes direct")])
    assert usd_of_lot(t, west + 4)["vessel"] == pytest.approx((1.5 + 0.8) / 24 * 9000)


def test_a_discount_is_a_share_of_the_prices_it_names(tmp_path: Path) -> None:
    """30 % off the coast's 30 of 90 km, and off nothing for another direction."""
    off = "  off: {part: line_haul, basis: share, legs: [coast], value_usd: -0.3}\n"
    other = "  east: {part: line_haul, basis: share, direction: east, value_usd: -0.5}\n"
    lines = usd_of_lot(billed(tmp_path, bills=BILLS + off + other), 0)
    assert lines["off"] == pytest.approx(-0.3 * 0.5 * 30 * 0.55)
    assert "east" not in lines


def test_a_price_in_another_currency_is_turned_into_dollars(tmp_path: Path) -> None:
    """100 francs at 1.25 are 125 dollars."""
    bills = (
        "exchange_rates: [{id: chf, usd_per_unit: 1.25, rate_year: 2024}]\ntariffs:\n"
        "  toll: {part: border, basis: per_unit, nodes: [baku], value: 100, currency: chf}\n"
    )
    assert usd_of_lot(billed(tmp_path, bills=bills), 0) == {"toll": 125.0}


def test_a_share_keeps_to_where_both_apply() -> None:
    """By legs, units, direction; None where the price counts nothing of what the share names."""
    tariffs = read_scenario("base_2024").scenario.tariffs
    east = narrowed(tariffs["slot_eastbound_discount"], tariffs["rail_kz_transit"])
    assert east is not None
    assert (east.direction, east.units) == ("east", ("teu",))
    assert narrowed(tariffs["slot_eastbound_discount"], tariffs["sea_aktau_alat"]) is None
    assert narrowed(tariffs["slot_eastbound_discount"], tariffs["storage_port"]) is None


Base = tuple[Scenario, Built, Replay, Activities]


@cache
def base() -> Base:
    """Two months of base_2024."""
    scenario = read_scenario("base_2024", SHORT).scenario
    built, log, _ = simulate(scenario, 0)
    found = replay(built.model, log)
    return scenario, built, found, activities_of(scenario, built, found)


@pytest.mark.parametrize("basis", ["per_vessel_day", "per_train_km"])
def test_what_lots_pay_is_what_the_rides_cost(basis: str) -> None:
    """Before, in and after the window by itself; empty running, empties and all. Sums of floats
    in another order: 1e-12."""
    scenario, built, found, _ = base()
    use = VehicleUse(scenario, built, found)
    cost = use.quantity(basis, ())
    paid, phase = use.paid(cost), use.rides.phase
    assert np.bincount(phase, cost).min() > 0
    np.testing.assert_allclose(np.bincount(phase, paid), np.bincount(phase, cost), rtol=1e-12)
    by_lot = use.per_lot(cost) * found.segments.lots
    assert by_lot.sum() == pytest.approx(cost.sum(), rel=1e-12)


def test_the_days_of_all_vessels_are_shared_out() -> None:
    """Of services with vessels of their own, from the start to the end of the last ride."""
    scenario, built, found, _ = base()
    use = VehicleUse(scenario, built, found)
    days = use.quantity("per_vessel_day", ("kmtf_feeder", "asco_feeder"))
    rows, itinerary = use.rides.row[days > 0], found.itinerary
    last = {int(itinerary.carrier[r]): int(itinerary.end_s[r]) for r in rows}
    horizon = built.model.horizon_s
    assert days.sum() == pytest.approx(sum(min(t, horizon) for t in last.values()) / 86400)
    assert len(last) == 6


def test_parts_sum_to_totals_and_od_kpi_has_the_same() -> None:
    """Items of a part to it, parts to the ledger, price and time to the cost of od_kpi."""
    scenario, built, found, activities = base()
    rows = cost_rows(scenario, activities)
    usd = {
        (r["od"], r["route"], r["ledger"], r["part"], r["item"]): r["usd_per_unit"] for r in rows
    }
    for (od, route, ledger, part, item), value in usd.items():
        if item != ALL:
            continue
        under = [
            v
            for k, v in usd.items()
            if k[:3] == (od, route, ledger)
            and (
                k[3:] != (ALL, ALL) and k[4] == ALL if part == ALL else k[3] == part and k[4] != ALL
            )
        ]
        assert sum(under) == pytest.approx(value, rel=1e-12, abs=1e-9), (od, route, ledger, part)
    n = 0
    for row in od_rows(scenario, built, found, activities):
        if row["n"] and row["censored_share"] < 1:
            ledgers = (
                usd[row["od"], row["route"], x, ALL, ALL] for x in ("shipper_price", "time_cost")
            )
            assert row["usd_per_unit"] == pytest.approx(sum(ledgers), rel=1e-12)
            is_teu = scenario.demand[row["od"]].unit == "teu"
            assert (row["usd_per_teu"] == row["usd_per_unit"]) == is_teu
            n += 1
    assert n > 50


def test_the_mean_of_all_invoices_is_the_cost_of_the_row() -> None:
    """Lot by lot, over the delivered lots of one row that were ready in the window."""
    scenario, built, found, activities = base()
    uses, items = Uses(scenario, built, found), activities.items
    flow = next(i for i, f in enumerate(activities.flows) if f.demand == "eu_ca_import")
    ptr, index = (
        built.model.cargo.lot_ptr,
        built.model.names.flows.index(activities.flows[flow].flow),
    )
    begin, until, _ = built.window_s
    lots = [
        lot
        for lot in range(int(ptr[index]), int(ptr[index + 1]))
        if begin <= found.ready_s[lot] < until and found.delivered_s[lot] >= 0
    ]
    assert len(lots) == activities.n[flow] > 50
    each = [[uses.of_lot(item, lot) for item in items] for lot in lots]
    np.testing.assert_allclose(np.mean(each, axis=0), activities.amounts[flow], rtol=1e-10)


@pytest.mark.parametrize("row", ["rail_kz_transit", "storage_port", "vessel_day_ferry_fuel", "vot"])
def test_cost_is_linear_in_each_tariff(row: str) -> None:
    """Twice the price adds the price once more; to the value of time belongs that of reliability."""
    scenario, _, _, activities = base()
    items = activities.items
    rate = rates_of(scenario, items)
    dear = scenario.tariffs[row].model_copy(
        update={"value_usd": 2 * scenario.tariffs[row].value_usd}
    )
    twice = scenario.model_copy(update={"tariffs": scenario.tariffs | {row: dear}})
    more = rates_of(twice, items) - rate
    np.testing.assert_allclose(
        more, [r if row in i.rows else 0 for i, r in zip(items, rate, strict=True)]
    )
    assert more.any()


def test_zero_tariffs_give_zero() -> None:
    """All prices 0: every row that delivered costs exactly 0."""
    scenario, _, _, activities = base()
    free = {name: t.model_copy(update={"value_usd": 0.0}) for name, t in scenario.tariffs.items()}
    cost = generalised(scenario.model_copy(update={"tariffs": free}), activities)
    assert set(cost[activities.n > 0]) == {0.0}


def test_what_is_counted_depends_on_no_price() -> None:
    """Items and their order are the same whatever the values: so a run can be priced anew."""
    tariffs = read_scenario("base_2024").scenario.tariffs
    other = {n: t.model_copy(update={"value_usd": 7.0}) for n, t in tariffs.items()}
    rows = [item.rows for item in items_of(tariffs)]
    assert rows == [item.rows for item in items_of(other)]
    assert ("vot", "reliability_ratio") in rows
    assert ("rail_cn", "slot_eastbound_discount") in rows
