"""Services and their calls: a rule that has what it needs, and vehicles that can meet it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from corridor_sim.inputs.problems import Problem, listed
from corridor_sim.inputs.view import View

_FILLED = ("fill", "fill_or_wait", "hybrid")


def problems(view: View) -> Iterator[Problem]:
    """Problems of services and calls."""
    calls = defaultdict(list)
    for key, call in view.items("calls"):
        calls[call.service].append((key, call))
        yield from _rule_problems(view, key, call)
        yield from _size_problems(view, key, call)
    used = Counter(name for _, service in view.items("services") for name in service.fleets)
    for key, service in view.items("services"):
        yield from _service_problems(view, key, service, calls[service.id])
        yield from _fleet_problems(view, key, service, used)


def _service_problems(
    view: View, key: str, service: Any, calls: list[tuple[str, Any]]
) -> Iterator[Problem]:
    are_all_read = view.tables["calls"].keys() == view.ids("calls") and "calls" not in view.broken
    if not calls and are_all_read:
        fix = f"calls: [{{service: {service.id}, node: ...}}, ...]"
        yield view.problem(key, "", "has no calls", fix)
    by_seq: dict[int, str] = {}
    for call_key, call in calls:
        if call.seq in by_seq:
            what = f"two calls of {service.id} are number {call.seq} (also {by_seq[call.seq]})"
            yield view.problem(call_key, "seq", what, "number them 0, 1, 2, ...")
        by_seq.setdefault(call.seq, call_key)
    has_run = service.run_law is not None or service.run_mean_h is not None
    if service.mode is None and not has_run and service.run_rate_per_h is None and len(calls) > 1:
        what = "neither a running time nor a mode whose legs give one"
        yield view.problem(key, "", what, "add run_mean_h: ... or mode: rail")
    if service.mode is not None and not service.fleets:
        what = f"runs on {service.mode} without a vehicle"
        yield view.problem(key, "fleets", what, "fleets: [name of a fleet]")
    if service.gauge_mm is not None and service.mode != "rail":
        yield view.problem(key, "gauge_mm", "a gauge is for mode: rail", "mode: rail")


def _fleet_problems(view: View, key: str, service: Any, used: Counter[str]) -> Iterator[Problem]:
    """Only vehicles of the service's own can be of several classes and cycle in one line."""
    fleets = [view.tables["fleets"][x] for x in service.fleets if x in view.tables["fleets"]]
    alone = [f.id for f in fleets if f.vessels == "unlimited" or used[f.id] > 1]
    if alone and len(service.fleets) > 1:
        why = "has no limit" if used[alone[0]] == 1 else "is used by other services too"
        what = f"{alone[0]} {why}, so it must be the only one (found {listed(service.fleets)})"
        yield view.problem(key, "fleets", what, "fleets of its own, each with a number of vessels")


def _rule_problems(view: View, key: str, call: Any) -> Iterator[Problem]:
    rule = call.sail_rule
    has_level = call.fill_units is not None or call.fill_min_share is not None
    if rule in _FILLED and not has_level:
        what = f"sail_rule {rule} needs fill_units or fill_min_share"
        yield view.problem(key, "sail_rule", what, "add fill_units: 40, for example")
    if call.fill_units is not None and call.fill_min_share is not None:
        what = "fill_units and fill_min_share are both given"
        yield view.problem(key, "fill_min_share", what, "keep one of the two")
    if rule == "fill_or_wait" and call.max_wait_h is None:
        what = "sail_rule fill_or_wait needs max_wait_h"
        yield view.problem(key, "sail_rule", what, "add max_wait_h: 24, or sail_rule: fill")
    has_law = call.headway_law is not None or call.headway_mean_h is not None
    has_law = has_law or call.headway_rate_per_h is not None
    if rule == "timetable" and call.every_h is None and not has_law:
        what = "sail_rule timetable needs every_h or a headway law"
        yield view.problem(key, "sail_rule", what, "add every_h: 24")
    if rule == "timetable" and call.every_h is not None and has_law:
        what = "every_h and a headway law are both given"
        yield view.problem(key, "every_h", what, "keep one of the two")
    if rule != "timetable" and (call.every_h is not None or has_law):
        column = "every_h" if call.every_h is not None else "headway_law"
        what = f"a timetable on a call whose sail_rule is {rule}"
        yield view.problem(key, column, what, "sail_rule: timetable, or take it out")
    if call.every_h is not None and call.offset_h >= call.every_h and rule == "timetable":
        yield from _offset_problem(view, key, call)


def _offset_problem(view: View, key: str, call: Any) -> Iterator[Problem]:
    """An offset beyond one headway is lawful as a late start, but mostly a slip of the pen."""
    if call.offset_h > 8784:
        what = f"the first instant is {call.offset_h:g} h after the start"
        yield view.problem(key, "offset_h", what, f"offset_h: {call.offset_h % call.every_h:g}")


def _size_problems(view: View, key: str, call: Any) -> Iterator[Problem]:
    """A threshold that no vehicle and no yard can hold never comes."""
    if call.fill_units is None or call.sail_rule not in _FILLED:
        return
    service = view.tables["services"].get(call.service)
    names = service.fleets if service is not None else ()
    fleets = [view.tables["fleets"][name] for name in names if name in view.tables["fleets"]]
    sizes = [size for fleet in fleets if (size := _largest(fleet)) is not None]
    if sizes and len(sizes) == len(names) and call.fill_units > min(sizes):
        what = f"waits for {call.fill_units} units, but {listed(names)} takes {min(sizes)}"
        yield view.problem(key, "fill_units", what, f"fill_units: {min(sizes)}")
    for name in _yards(view, call) if call.sail_rule == "fill" else ():
        places = getattr(view.tables["facilities"].get(name), "places", None)
        if places is not None and call.fill_units > places:
            what = f"waits for {call.fill_units} units, but the yard {name} holds {places}"
            yield view.problem(key, "fill_units", what, f"fill_units: {places}, or a larger yard")


def _yards(view: View, call: Any) -> list[str]:
    """Yards that hold a whole load: where it waits, and where it is unloaded if there is one."""
    others = [other for _, other in view.items("calls") if other.service == call.service]
    ends = [other.yard for other in others if other.node != call.node]
    names = [call.load_yard, *(ends if len(ends) == 1 else [])]
    return [name for name in names if name is not None]


def _largest(fleet: Any) -> int | None:
    """Units of one kind that a vehicle takes at most."""
    sizes = (
        fleet.capacity_units,
        fleet.capacity_teu,
        fleet.capacity_wagons,
        fleet.capacity_trucks,
    )
    given = [size for size in sizes if size is not None]
    return max(given) if given else None
