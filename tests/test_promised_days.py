"""What shippers were promised in the base: 1.25 times the free-flow plan, never a schedule."""

from __future__ import annotations

import pytest

from corridor_sim.inputs.read import read_scenario
from corridor_sim.model.compile import compile_scenario
from corridor_sim.results.free_flow import Plan
from corridor_sim.results.indicators import promise_without_contract
from tests.free_flow import main_route

SCENARIO = read_scenario("base_2024").scenario
LADEN = sorted(name for name, row in SCENARIO.demand.items() if row.promised_days is not None)


@pytest.fixture(scope="module")
def plan_h() -> dict[str, float]:
    """Hours from ready to delivered over an empty corridor, by row of demand, on its main route."""
    plan, flows = Plan(SCENARIO), compile_scenario(SCENARIO, 0).meaning.flows
    main = {name: main_route(SCENARIO, SCENARIO.demand[name]).id for name in LADEN}
    mine = [flow for flow in flows if main.get(flow.demand) == flow.route]
    return {flow.demand: plan.of_flow(flow).shipper_h for flow in mine}


@pytest.mark.parametrize("name", LADEN)
def test_promised_days_are_the_free_flow_plan_and_a_quarter(
    plan_h: dict[str, float], name: str
) -> None:
    """Rounded up to whole days: who changes a leg sees that a promise changes."""
    assert SCENARIO.demand[name].promised_days == promise_without_contract(plan_h[name])


def test_only_empties_and_what_nobody_explains_have_no_promise() -> None:
    """Nobody waits for an empty box; the residual of the port's count has no shipper."""
    without = set(SCENARIO.demand) - set(LADEN)
    assert len(LADEN) >= 30
    assert {n for n in without if SCENARIO.demand[n].laden} == {
        "baku_residual_boxes_east",
        "baku_residual_boxes_west",
    }


def test_a_plan_added_by_hand(plan_h: dict[str, float]) -> None:
    """Trucks Kuryk-Tbilisi: papers, half a call, the sea, half a call, the road.

    On six rail ferries, one Ro-Pax of two decks (11 h a call, 14 kn) and one Ro-Ro; 7 h and 20.2
    km/h of the others.
    """
    call_h = (7 * 7 + 11) / 8
    sea_h = (7 * 425 / 20.2 + 425 / 25.9) / 8
    by_hand = 3 + call_h / 2 + sea_h + call_h / 2 + 510 / 45
    assert plan_h["trucks_w_laden"] == pytest.approx(by_hand, rel=1e-9)
