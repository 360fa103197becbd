"""Berths, cranes and pooled fleets: what a call asks for is there, and said once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corridor_sim.facilities.berth import Berth
from corridor_sim.inputs.laws_of import has_law
from corridor_sim.inputs.problems import Problem, listed
from corridor_sim.inputs.vessel_classes import classes
from corridor_sim.inputs.view import View


def problems(view: View) -> Iterator[Problem]:
    """Problems of berths, of the calls at them, and of fleets that are sent to and fro."""
    for key, record in view.items("facilities"):
        if isinstance(record, Berth):
            yield from _crane_problems(view, key, record)
    for key, call in view.items("calls"):
        yield from _call_problems(view, key, call)
        yield from _rule_problems(view, key, call)
    for _, service in view.items("services"):
        yield from _class_problems(view, service)
    for key, fleet in view.items("fleets"):
        yield from _pool_problems(view, key, fleet)


def _crane_problems(view: View, key: str, berth: Berth) -> Iterator[Problem]:
    """The time of the work comes from a law or from the cranes, never from both."""
    if berth.crane_pool is None:
        if berth.cranes_needed > 1:
            what = f"{berth.cranes_needed} cranes of no pool"
            yield view.problem(key, "cranes_needed", what, "crane_pool: [name of a crane_pool]")
        return
    pool = view.tables["facilities"].get(berth.crane_pool)
    if pool is None or not hasattr(pool, "moves_per_h"):  # check_names says so
        return
    if pool.node != berth.node:
        what = f"{pool.id} stands at {pool.node}, the berth at {berth.node}"
        yield view.problem(key, "crane_pool", what, f"a crane pool at {berth.node}")
    if berth.cranes_needed > pool.servers:
        what = f"needs {berth.cranes_needed} cranes, but {pool.id} has {pool.servers}"
        yield view.problem(key, "cranes_needed", what, f"cranes_needed: {pool.servers}")
    for law in ("call", "two_deck"):
        if pool.moves_per_h is not None and has_law(berth, law):
            column = f"{law}_law" if getattr(berth, f"{law}_law") else f"{law}_mean_h"
            what = f"the time of the work is given twice, also by {pool.id}.moves_per_h"
            yield view.problem(key, column, what, "keep one of the two")


def _call_problems(view: View, key: str, call: Any) -> Iterator[Problem]:
    if call.berth is not None and call.berths:
        what = "berth and berths are both given"
        yield view.problem(key, "berths", what, "berths: [all of them, the first choice first]")
        return
    if call.grace_h is not None and not call.berth_ids:
        yield view.problem(key, "grace_h", "a window at no berth", "add berth: ...")
    berths = [b for b in map(view.tables["facilities"].get, call.berth_ids) if isinstance(b, Berth)]
    service = view.tables["services"].get(call.service)
    if service is None or not berths or len(berths) < len(call.berth_ids):
        return
    for name in service.fleets:
        yield from _vessel_problems(view, key, call, berths, name)


def _vessel_problems(
    view: View, key: str, call: Any, berths: list[Berth], name: str
) -> Iterator[Problem]:
    """Every vessel has a berth that takes it, deep enough at some date."""
    column = "berths" if call.berths else "berth"
    taken = [b for b in berths if not b.fleets or name in b.fleets]
    if not taken:
        what = f"no berth takes {name} (found {listed(b.id for b in berths)})"
        yield view.problem(key, column, what, f"add {name} to `fleets` of one of them")
        return
    draught = getattr(view.tables["fleets"].get(name), "draught_m", None)
    deepest = [max(_numbers(b.depth_m), default=None) for b in taken]
    if draught is not None and all(depth is not None and depth < draught for depth in deepest):
        found = max(depth for depth in deepest if depth is not None)
        what = f"{name} draws {draught:g} m, but no berth is ever deeper than {found:g} m"
        yield view.problem(key, column, what, "a berth with a depth_m that is enough")


def _class_problems(view: View, service: Any) -> Iterator[Problem]:
    """Classes of vessels have lines of their own: whose would the next sailing of a timetable be?"""
    calls = [(key, call) for key, call in view.items("calls") if call.service == service.id]
    timed = [(key, call) for key, call in calls if call.sail_rule == "timetable"]
    known = view.tables["fleets"]
    fleets = [known[name] for name in service.fleets if name in known]
    if not timed:
        return
    found = classes([call for _, call in calls], view.tables["facilities"], fleets)
    if len(found) > 1:
        names = " | ".join(listed(fleet.id for fleet in group) for group in found)
        what = f"a timetable, but berths tell the vessels of {service.id} apart (found {names})"
        fix = "berths that treat all alike (fleets, two_deck, depth_m), or a service for each class"
        yield view.problem(timed[0][0], "sail_rule", what, fix)


def _numbers(value: float | dict[str, float] | None) -> list[float]:
    if value is None:
        return []
    return list(value.values()) if isinstance(value, dict) else [value]


def _rule_problems(view: View, key: str, call: Any) -> Iterator[Problem]:
    if call.full_leaves and call.sail_rule not in ("fill", "fill_or_wait", "hybrid"):
        what = f"full_leaves on a call whose sail_rule is {call.sail_rule}"
        yield view.problem(key, "full_leaves", what, "sail_rule: fill_or_wait, or take it out")
    if call.cancel_after_h is None:
        return
    if call.sail_rule != "timetable":
        what = f"no sailing to cancel: sail_rule is {call.sail_rule}"
        yield view.problem(key, "cancel_after_h", what, "sail_rule: timetable, or take it out")
    facilities = view.tables["facilities"]
    zones = {getattr(facilities.get(name), "weather_zone", None) for name in call.berth_ids}
    if len(zones) != 1 or None in zones:
        what = "no weather closes the port (the call's berths need one weather_zone)"
        yield view.problem(key, "cancel_after_h", what, "berth: one with a weather_zone")


def _pool_problems(view: View, key: str, fleet: Any) -> Iterator[Problem]:
    """A vessel is sent by the stock of yards, so each first call must name one."""
    if fleet.allocation == "fixed":
        if fleet.redeploy_over_units is not None or fleet.reposition_h:
            column = "reposition_h" if fleet.reposition_h else "redeploy_over_units"
            yield view.problem(
                key, column, "nobody is sent: allocation is fixed", "allocation: pooled"
            )
        return
    users = [s for _, s in view.items("services") if fleet.id in s.fleets]
    if fleet.vessels == "unlimited" or len(users) < 2:
        what = "a pool needs a number of vessels, and two services that share them"
        yield view.problem(key, "allocation", what, "allocation: fixed")
    if not fleet.redeploy_over_units:
        what = "a pooled fleet needs redeploy_over_units >= 1"
        yield view.problem(
            key, "redeploy_over_units", what, "redeploy_over_units: 200, for example"
        )
    for service in users:
        calls = [(k, c) for k, c in view.items("calls") if c.service == service.id]
        first = min(calls, key=lambda kc: (kc[1].seq or 0, kc[1].id), default=None)
        if first is not None and first[1].load_yard is None:
            what = f"{fleet.id} is sent by the stock of the yard here, but none is named"
            yield view.problem(first[0], "load_yard", what, "load_yard: [name of a yard]")
