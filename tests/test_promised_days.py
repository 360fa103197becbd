"""What shippers were promised in the base: 1.25 times the free-flow plan, never a schedule."""

from __future__ import annotations

import math

import pytest

from corridor_sim.inputs.read import read_scenario
from tests.free_flow import plan_h

SCENARIO = read_scenario("base_2024").scenario
LADEN = sorted(name for name, row in SCENARIO.demand.items() if row.promised_days is not None)


@pytest.mark.parametrize("name", LADEN)
def test_promised_days_are_the_free_flow_plan_and_a_quarter(name: str) -> None:
    """Rounded up to whole days: who changes a leg sees that a promise changes."""
    row = SCENARIO.demand[name]
    assert row.promised_days == math.ceil(1.25 * plan_h(SCENARIO, row) / 24)


def test_only_empties_and_what_nobody_explains_have_no_promise() -> None:
    """Nobody waits for an empty box; the residual of the port's count has no shipper."""
    without = set(SCENARIO.demand) - set(LADEN)
    assert len(LADEN) >= 30
    assert {n for n in without if SCENARIO.demand[n].laden} == {
        "baku_residual_boxes_east",
        "baku_residual_boxes_west",
    }


def test_a_plan_added_by_hand() -> None:
    """Trucks Kuryk-Tbilisi: papers, half a call, the sea, half a call, the road."""
    call_h = (6 + 4 * 7 + 11) / 6
    by_hand = 3 + call_h / 2 + 425 / 20.2 + call_h / 2 + 510 / 45
    assert plan_h(SCENARIO, SCENARIO.demand["trucks_w_laden"]) == pytest.approx(by_hand, rel=1e-9)
