"""reliability: how far shippers can count on a transit time, by demand row, route and clock."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from corridor_sim.history.clocks import first_boarded, ready_in_window, transit_h
from corridor_sim.history.replay import Replay
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built
from corridor_sim.model.meaning import FlowMeaning
from corridor_sim.results import indicators as ind
from corridor_sim.results.free_flow import Plan

Rows = list[dict[str, Any]]

QUANTILES = (10, 50, 80, 90, 95, 99)
PROMISES = (90, 95, 98)


def reliability_rows(scenario: Scenario, built: Built, replay: Replay) -> Rows:
    """One row a demand row, route (`all` where there are several) and clock, sorted.

    Of units ready in the window; those not delivered before the end count as the slowest.
    """
    plan, boarded = Plan(scenario), first_boarded(replay)
    by_demand: dict[str, list[FlowMeaning]] = defaultdict(list)
    for flow in built.meaning.flows:
        by_demand[flow.demand].append(flow)
    rows: Rows = []
    for demand, flows in sorted(by_demand.items()):
        groups = [(flow.route, [flow]) for flow in flows]
        promised = promise_of(scenario, plan, flows)
        for route, mine in [("all", flows), *groups] if len(flows) > 1 else groups:
            units = [ready_in_window(built, replay, flow) for flow in mine]
            about = {"od": demand, "route": route}
            free = [plan.of_flow(flow) for flow in mine]
            weights = [len(u) for u in units]
            hours = transit_h(replay, units, replay.ready_s)
            found = described(hours, _weighted([f.shipper_h for f in free], weights), promised)
            rows.append(about | {"clock": "shipper"} | found)
            if mine[0].rides:
                hours = transit_h(replay, units, boarded)
                found = described(hours, _weighted([f.carrier_h for f in free], weights), None)
                rows.append(about | {"clock": "carrier"} | found)
    return rows


def described(hours: np.ndarray, free_flow_h: float, promised_d: float | None) -> dict[str, Any]:
    """All columns from the hours of units (n,), in any order; inf: not delivered.

    promised_d    None: nobody was promised anything on this clock
    """
    hours = np.sort(hours)
    known = hours[np.isfinite(hours)]
    mean = float(known.mean()) if len(known) else ind.NAN
    p = {q: ind.quantile(hours, q) for q in QUANTILES}
    return {
        "n": len(hours),
        "mean_h": mean,
        **{f"p{q}_h": p[q] for q in QUANTILES},
        "transit_cv": ind.coefficient_of_variation(known),
        "buffer_ratio": ind.buffer_index(p[95], mean),
        "buffer_median_ratio": ind.robust_buffer_index(p[95], p[50]),
        "free_flow_h": free_flow_h,
        "planning_time_ratio": ind.planning_time_index(p[95], free_flow_h),
        **{f"promise_{x}_d": ind.promise_days(hours, x / 100) for x in PROMISES},
        "promised_d": ind.NAN if promised_d is None else promised_d,
        "on_time_share": ind.NAN if promised_d is None else ind.on_time_share(hours, promised_d),
        "tail_ratio": ind.tail_cost(hours),
    }


def promise_of(scenario: Scenario, plan: Plan, flows: list[FlowMeaning]) -> float:
    """What the shippers of a demand row were promised, or the rule's days on its main route.

    The main route has the largest share; of equals it is the first by name.
    """
    row = scenario.demand[flows[0].demand]
    if row.promised_days is not None:
        return row.promised_days
    shares = {f.route: scenario.routes[f.route].share for f in flows if f.route in scenario.routes}
    main = min(flows, key=lambda flow: (-shares.get(flow.route, 1.0), flow.route))
    return ind.promise_without_contract(plan.of_flow(main).shipper_h)


def _weighted(hours: list[float], weights: list[int]) -> float:
    """Mean of the routes by their units; of the first where none was ready."""
    total = sum(weights)
    return sum(h * w for h, w in zip(hours, weights, strict=True)) / total if total else hours[0]
