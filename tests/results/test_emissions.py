"""emissions.csv and anchorage.csv by hand, and what must hold of every factor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corridor_sim.inputs.emission_factor import EmissionFactor
from corridor_sim.inputs.read import read_scenario
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import compile_scenario
from corridor_sim.outputs.columns import columns_of
from corridor_sim.outputs.tables import frames_of
from corridor_sim.results.anchorage import anchorage_rows
from corridor_sim.results.emissions import chosen, emission_rows
from corridor_sim.studies.run import run
from tests.results.tiny import TINY, Tiny, replayed, tiny
from tests.runs.conftest import SHORT
from tests.written import read_text

FACTORS = """\
emission_factors:
  ship: {mode: sea, basis: per_t_km, value: 25, unit: g, ghg: CO2e, scope: WTW}
  track: {mode: rail, basis: per_t_km, value: 30, unit: g, ghg: CO2, scope: TTW, wtw_factor: 1.2}
  hill_line: {mode: rail, basis: per_t_km, legs: [hill], value: 0.02, unit: kg, ghg: CO2e, scope: WTW}
  lift: {mode: hub, basis: per_teu, value: 8, unit: kg, ghg: CO2e, scope: WTW}
  anchor: {mode: hub, basis: per_vessel_h, value: 250, unit: kg, ghg: CO2e, scope: WTW}
"""

EMPTIES = """\
  empties: {origin: aktau, destination: absheron, unit: teu, direction: west, laden: false, every_h: 4, tonnes_per_unit: 2.3}
simulation:"""


def case(folder: Path, *sets: str) -> Tiny:
    return replayed(read_text(folder, TINY + FACTORS, *sets).scenario)


def with_empties(folder: Path, *sets: str) -> Tiny:
    text = TINY.replace("simulation:", EMPTIES) + FACTORS
    return replayed(read_text(folder, text, *sets).scenario)


def rows_of(made: Tiny, scenario: Scenario | None = None) -> dict[tuple[str, str], dict[str, Any]]:
    """Demand row and factor -> row; there is one route each."""
    rows = emission_rows(scenario or made.scenario, made.built, made.replay)
    found = {(row["od"], row["factor"]): row for row in rows}
    assert len(found) == len(rows)
    return found


def priced(scenario: Scenario, **changes: dict[str, Any]) -> Scenario:
    """The scenario with some columns of its factors changed; the run stays as it was."""
    factors = scenario.emission_factors
    new = {name: factors[name].model_copy(update=change) for name, change in changes.items()}
    return scenario.model_copy(update={"emission_factors": {**factors, **new}})


def test_emissions_are_activity_times_factor_by_leg_and_hub(tmp_path: Path) -> None:
    """Trains come to Absheron at 11 and 27 h: in 48 h eight boxes of 12 t are delivered.

    sea      8 x 12 t x 100 km =  9 600 t-km x 25 g         240.00 kg
    coast    8 x 12 t x  30 km =  2 880 t-km x 30 g x 1.2   103.68 kg
    hill     8 x 12 t x  60 km =  5 760 t-km x 20 g         115.20 kg
    hubs     8 TEU at Aktau, Alat, Absheron = 24 x 8 kg     192.00 kg
    all                          18 240 t-km                650.88 kg: 81.36 a TEU, 162.72 an FEU
    """
    rows = rows_of(case(tmp_path))
    found = {
        factor: (row["mode"], row["t_km"], row["kg_co2e"]) for (_, factor), row in rows.items()
    }
    assert found == {
        "all": ("all", 18_240, pytest.approx(650.88, rel=1e-12)),
        "ship": ("sea", 9_600, pytest.approx(240, rel=1e-12)),
        "track": ("rail", 2_880, pytest.approx(103.68, rel=1e-12)),
        "hill_line": ("rail", 5_760, pytest.approx(115.2, rel=1e-12)),
        "lift": ("hub", 0, pytest.approx(192, rel=1e-12)),
    }
    total = rows["boxes", "all"]
    assert (total["units"], total["route"], total["direction"]) == (8, "all", "west")
    assert 2 * total["kg_co2e_per_teu"] == pytest.approx(162.72, rel=1e-12)
    assert total["g_co2e_per_t_km"] == pytest.approx(650_880 / 18_240, rel=1e-12)
    assert rows["boxes", "lift"]["share"] == pytest.approx(192 / 650.88, rel=1e-12)


def test_what_was_published_tank_to_wheel_is_flagged(tmp_path: Path) -> None:
    """It is summed as well to wheel (x 1.2), and its part of the tonne-km is told."""
    rows = rows_of(case(tmp_path))
    assert (rows["boxes", "track"]["scope"], rows["boxes", "track"]["ttw_share"]) == ("TTW", 1)
    assert (rows["boxes", "ship"]["scope"], rows["boxes", "ship"]["ttw_share"]) == ("WTW", 0)
    assert rows["boxes", "all"]["ttw_share"] == 2_880 / 18_240


@pytest.mark.parametrize("name", ["ship", "track", "hill_line", "lift"])
def test_emissions_are_linear_in_each_factor(tmp_path: Path, name: str) -> None:
    """Three times a factor gives three times its row and changes no other, without a new run."""
    made = case(tmp_path)
    factor = made.scenario.emission_factors[name]
    before = rows_of(made)
    after = rows_of(made, priced(made.scenario, **{name: {"value": 3 * factor.value}}))
    for key, row in before.items():
        times = 3 if key[1] == name else 1
        if key[1] != "all":
            assert after[key]["kg_co2e"] == pytest.approx(times * row["kg_co2e"], rel=1e-12)
        assert after[key]["t_km"] == row["t_km"]
    gain = after["boxes", "all"]["kg_co2e"] - before["boxes", "all"]["kg_co2e"]
    assert gain == pytest.approx(2 * before["boxes", name]["kg_co2e"], rel=1e-12)


def test_zero_factors_give_zero(tmp_path: Path) -> None:
    """The activity is still told."""
    made = case(tmp_path)
    names = made.scenario.emission_factors
    scenario = priced(made.scenario, **{name: {"value": 0.0} for name in names})
    rows = rows_of(made, scenario)
    assert {row["kg_co2e"] for row in rows.values()} == {0}
    assert rows["boxes", "all"]["t_km"] == 18_240
    assert {row["kg_co2e"] for row in anchorage_rows(scenario, made.built, made.book)} == {0}


def test_the_factor_that_names_most_counts(tmp_path: Path) -> None:
    """Of all that fit: the one for the vessel, then for the service, the leg, the mode."""
    names = {"leg": {"legs": ["sea"]}, "service": {"services": ["crossing"]}, "any": {}}
    names["vessel"] = {"fleets": ["ferry"]}
    values = {"mode": "sea", "basis": "per_t_km", "unit": "g", "ghg": "CO2e", "scope": "WTW"}
    made = {
        name: EmissionFactor.model_validate({"id": name, "value": 1.0} | values | selectors, strict=False)
        for name, selectors in names.items()
    }  # fmt: skip
    at = {"fleets": "ferry", "services": "crossing", "legs": "sea"}
    for name in ("vessel", "service", "leg", "any"):
        best = chosen(made.values(), "per_t_km", "sea", at)
        assert best is not None and best.id == name
        del made[name]
    assert chosen(made.values(), "per_t_km", "sea", at) is None


def test_a_factor_for_one_fleet_is_that_of_the_lots_it_carried(tmp_path: Path) -> None:
    """Two ferries of two classes share the boxes: each lot has the factor of the vessel it rode."""
    text = TINY.replace("fleets: [ferry]", "fleets: [ferry, old]").replace(
        "fleets:\n", "fleets:\n  old: {vessels: 1, capacity_units: 4, start_at: aktau}\n", 1
    )
    old = "  old_ship: {mode: sea, basis: per_t_km, fleets: [old], value: 50, unit: g, ghg: CO2e, scope: WTW}\n"
    made = replayed(read_text(tmp_path, text + FACTORS + old).scenario)
    rows = rows_of(made)
    both = [rows["boxes", name]["t_km"] for name in ("ship", "old_ship")]
    assert min(both) > 0
    assert sum(both) == rows["boxes", "all"]["units"] * 12 * 100
    assert rows["boxes", "old_ship"]["g_co2e_per_t_km"] == pytest.approx(50, rel=1e-12)


def test_a_leg_without_a_factor_is_told_and_not_summed(tmp_path: Path) -> None:
    """Without the general rail factor the coast has none: 2 880 of 18 240 t-km."""
    made = case(tmp_path)
    factors = {n: f for n, f in made.scenario.emission_factors.items() if n != "track"}
    rows = rows_of(made, made.scenario.model_copy(update={"emission_factors": factors}))
    missing, total = rows["boxes", "none"], rows["boxes", "all"]
    assert (missing["mode"], missing["t_km"], missing["missing_share"]) == ("rail", 2_880, 1)
    assert np.isnan(missing["kg_co2e"])
    assert total["kg_co2e"] == pytest.approx(650.88 - 103.68, rel=1e-12)
    assert total["missing_share"] == 2_880 / 18_240


def test_empties_have_no_transport_emissions_but_their_lifts(tmp_path: Path) -> None:
    """Intensities hold the empty running: a second count of it would be double."""
    rows = rows_of(with_empties(tmp_path))
    total = rows["empties", "all"]
    assert total["units"] > 0 and total["t_km"] == 0
    assert {factor for od, factor in rows if od == "empties"} == {"all", "lift"}
    assert total["kg_co2e_per_teu"] == 3 * 8


def test_twice_the_empties_change_no_laden_lot(tmp_path: Path) -> None:
    """kg a laden box, part by part, with an empty one each 4 h and each 2 h."""
    few = rows_of(with_empties(tmp_path))
    many = rows_of(with_empties(tmp_path, "demand.empties.every_h=2"))
    assert many["empties", "all"]["units"] > few["empties", "all"]["units"]
    laden = [key for key in few if key[0] == "boxes"]
    assert len(laden) == 5
    for key in laden:
        assert many[key]["kg_co2e_per_teu"] == pytest.approx(few[key]["kg_co2e_per_teu"], rel=1e-12)


def test_hours_of_a_vessel_that_is_not_under_way_are_told_apart(tmp_path: Path) -> None:
    """One ferry, 48 h: 3 h for the first boxes; loads 1 h, sails 8 h there and back, discharges 1 h.

    Under way 4-12, 14-22, 24-32, 34-42, 44-48 = 36 h; works 1 + 4 x 2 = 9 h. 12 h x 250 kg = 3 000
    kg over five loads of four boxes: 150 kg a TEU. No part of it is in the emissions of the boxes.
    """
    made = case(tmp_path)
    (row,) = anchorage_rows(made.scenario, made.built, made.book)
    assert (row["service"], row["fleet"], row["factor"]) == ("crossing", "ferry", "anchor")
    hours = ("under_way_h", "alongside_h", "cargo_wait_h", "berth_wait_h", "weather_h")
    assert [row[name] for name in hours] == [36, 9, 3, 0, 0]
    assert (row["kg_co2e"], row["loaded_units"], row["kg_co2e_per_teu"]) == (3_000, 20, 150)
    without = priced(made.scenario, anchor={"value": 0.0})
    assert repr(rows_of(made, without)) == repr(rows_of(made))


def test_factors_need_no_new_simulation(tmp_path: Path) -> None:
    """The compiled model is the same to the byte; without factors there are no tables."""
    plain, other = tiny(tmp_path), case(tmp_path)
    assert plain.built.model.fingerprint() == other.built.model.fingerprint()
    assert emission_rows(plain.scenario, plain.built, plain.replay) == []
    assert anchorage_rows(plain.scenario, plain.built, plain.book) == []
    changed = read_text(tmp_path, TINY + FACTORS, "emission_factors.ship.value=50").scenario
    assert changed.emission_factors["ship"].value == 50
    assert compile_scenario(changed, 0).model.fingerprint() == plain.built.model.fingerprint()


def test_the_tables_have_the_columns_that_are_described(tmp_path: Path) -> None:
    """One block a replication."""
    path = tmp_path / "tiny.yaml"
    path.write_text(TINY + FACTORS, encoding="utf-8")
    frames = frames_of(run(str(path), reps=2))
    for name, n in (("emissions", 5), ("anchorage", 1)):
        assert list(frames[name].columns) == columns_of(name)
        assert frames[name]["rep"].value_counts().to_dict() == {0: n, 1: n}


def test_parts_of_the_base_sum_to_its_totals() -> None:
    """By demand row: kg, tonne-km and shares; tonne-km are those of its legs, by hand of names."""
    sets = (*SHORT, "simulation.warm_up_d=60", "simulation.window_d=60")
    made = replayed(read_scenario("base_2024", sets).scenario)
    rows = emission_rows(made.scenario, made.built, made.replay)
    totals = {row["od"]: row for row in rows if row["factor"] == "all"}
    assert len(totals) > 20
    for od, total in totals.items():
        parts = [row for row in rows if row["od"] == od and row["factor"] != "all"]
        demand = made.scenario.demand[od]
        flows = {f.route: f for f in made.built.meaning.flows if f.demand == od}
        units = {row["route"]: row["units"] for row in parts}
        km = {
            route: sum(made.scenario.legs[leg].length_km for r in flow.rides for leg in r.legs)
            for route, flow in flows.items()
        }
        expected = sum(n * demand.tonnes_per_unit * km[route] for route, n in units.items())
        assert total["t_km"] == pytest.approx(expected * demand.laden, rel=1e-12)
        assert total["missing_share"] == 0 or not demand.laden
        for column in ("t_km", "kg_co2e"):
            assert sum(p[column] for p in parts) == pytest.approx(total[column], rel=1e-12)
        if total["kg_co2e"]:
            assert sum(p["share"] for p in parts) == pytest.approx(1, rel=1e-12)
