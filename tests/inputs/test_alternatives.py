"""Ways outside the corridor: read, checked, and never simulated."""

from __future__ import annotations

import pytest

from corridor_sim.errors import InputError
from corridor_sim.inputs.read import read_scenario
from corridor_sim.model.compile import compile_scenario

SHORT = ("simulation.warm_up_d=1", "simulation.window_d=2", "simulation.drain_d=1")


def test_the_base_names_the_sea_and_the_northern_railway() -> None:
    """Each stands for an OD of the corridor, with days and price as low, mode and high."""
    scenario = read_scenario("base_2024").scenario
    ways = scenario.alternatives
    assert {way.origin for way in ways.values()} == {"xian"}
    assert {"sea_china_poti", "northern_rail_europe"} <= set(ways)
    ends = {(row.origin, row.destination) for row in scenario.demand.values()}
    assert {(w.origin, w.destination) for w in ways.values()} - {("xian", "poti")} <= ends
    for way in ways.values():
        assert way.days_low <= way.days_mode <= way.days_high
        assert way.usd_per_feu_low <= way.usd_per_feu_mode <= way.usd_per_feu_high


def test_no_run_reads_them() -> None:
    """The model is the same to the byte with other days and another price."""
    plain = read_scenario("base_2024", SHORT).scenario
    changed = read_scenario(
        "base_2024",
        (
            *SHORT,
            "alternatives.sea_china_poti.days_mode=36",
            "alternatives.sea_china_poti.usd_per_feu_mode=2100",
        ),
    ).scenario
    assert changed.alternatives != plain.alternatives
    prints = {compile_scenario(s, 0).model.fingerprint() for s in (plain, changed)}
    assert len(prints) == 1


@pytest.mark.parametrize(
    ("change", "place", "fix"),
    [
        ("days_mode=99", "days_mode", "three numbers in this order"),
        ("usd_per_feu_low=9999", "usd_per_feu_mode", "three numbers in this order"),
        ("destination=potti", "destination", "did you mean 'poti'?"),
    ],
)
def test_a_slip_is_refused_at_its_place(change: str, place: str, fix: str) -> None:
    """As everywhere: what is wrong, and what to type."""
    with pytest.raises(InputError) as error:
        read_scenario("base_2024", (f"alternatives.sea_china_poti.{change}",))
    (problem,) = error.value.problems
    assert f"alternatives.sea_china_poti.{place}: " in problem
    assert fix in problem
