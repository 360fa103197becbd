"""Yards, hold stations and discharges in parts: limits that can be met, and no known trap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corridor_sim.facilities.hold_station import HoldStation
from corridor_sim.facilities.yard import PARTS, Yard
from corridor_sim.inputs.problems import Problem
from corridor_sim.inputs.view import View

_CAPACITY = {
    "teu": "capacity_teu",
    "wagon": "capacity_wagons",
    "truck": "capacity_trucks",
    "unit": "capacity_units",
}


def problems(view: View) -> Iterator[Problem]:
    """Problems of yards, hold stations, and the calls that use them."""
    for key, record in view.items("facilities"):
        if isinstance(record, Yard):
            yield from _part_problems(view, key, record)
            yield from _crowd_problems(view, key, record)
        if isinstance(record, HoldStation) and (record.places is None) == (record.length_m is None):
            what = "a hold station has `places` (trains) or `length_m`, one of the two"
            yield view.problem(key, "places", what, "places: 8, for example")
    for key, call in view.items("calls"):
        yield from _train_problems(view, key, call)
        yield from _vessel_problems(view, key, call)


def warnings(view: View) -> Iterator[Problem]:
    """What stands still, or has no effect, sooner or later."""
    for key, record in view.items("facilities"):
        if isinstance(record, HoldStation) and record.length_m is not None and not record.trains:
            what = f"{record.length_m:g} m are shorter than one train ({record.train_m:g} m): it is never used"
            yield view.problem(key, "length_m", what, f"length_m: {record.train_m:g} or more")
        if isinstance(record, Yard):
            yield from _reserve_warnings(view, key, record)
    for key, call in view.items("calls"):
        yield from _discharge_warnings(view, key, call)


def _part_problems(view: View, key: str, yard: Yard) -> Iterator[Problem]:
    for part in PARTS:
        n = getattr(yard, f"{part}_places")
        if n is not None and n > yard.places:
            what = f"{n} places, but the whole yard has {yard.places}"
            yield view.problem(key, f"{part}_places", what, f"{part}_places: {yard.places} at most")
    if yard.import_reserve >= yard.places:
        what = f"keeps all {yard.places} places for imports, so nothing else ever comes in"
        yield view.problem(
            key, "import_reserve", what, f"import_reserve: {yard.places - 1} at most"
        )
    if yard.swap_places >= yard.places:
        what = f"trains leave all {yard.places} places free, so none ever comes in"
        yield view.problem(key, "swap_places", what, f"swap_places: {yard.places - 1} at most")
    tells = [c for c in ("import_places", "export_places") if getattr(yard, c) is not None]
    if yard.import_direction is None and (tells or yard.import_reserve):
        column = tells[0] if tells else "import_reserve"
        what = "tells imports and exports apart, but not by what"
        yield view.problem(key, column, what, "import_direction: west, or east")


def _crowd_problems(view: View, key: str, yard: Yard) -> Iterator[Problem]:
    if yard.rehandle_k and yard.soft_share is None:
        what = "work slows down from no share of the places on"
        yield view.problem(key, "rehandle_k", what, "add soft_share: 0.75")
    if yard.soft_share is not None and yard.rehandle_k * (1 - yard.soft_share) >= 1:
        what = f"in a full yard work would never end (1 - {yard.rehandle_k:g} x {1 - yard.soft_share:g} <= 0)"
        yield view.problem(key, "rehandle_k", what, "a smaller number, 1 or 2 for example")


def _train_problems(view: View, key: str, call: Any) -> Iterator[Problem]:
    for column in ("holds", "approach_trains", "swap"):
        if getattr(call, column) and call.berth_ids:
            what = "is for trains; vessels wait in the roads"
            yield view.problem(key, column, what, "take it out")
    yield from _round_problems(view, key, call)
    if call.swap and (call.yard is None or call.load_yard != call.yard):
        what = f"boxes change places in one yard, not in {call.yard or 'none'} and {call.load_yard or 'none'}"
        yield view.problem(key, "swap", what, "yard: ... and load_yard: ..., the same")
    if call.swap and call.cutoff_h is not None:
        what = "boxes that change places ask for no cut-off, so some would sail before their time"
        yield view.problem(key, "swap", what, "take it out, or cutoff_h")
    if call.swap and call.load:
        what = f"loading is a visit of its own (load: {call.load}), so nothing can change places"
        yield view.problem(key, "swap", what, "take it out, or `unload` alone, for both ways")


def _round_problems(view: View, key: str, call: Any) -> Iterator[Problem]:
    """Who ends its round here takes nothing away, so it cannot make the room that it lacks."""
    for column in ("load_first", "swap"):
        if getattr(call, column) and _ends_here(view, call):
            what = f"vehicles of {call.service} end their round here, so none takes anything away"
            yield view.problem(key, column, what, "take it out, or a fleet of the service's own")


def _ends_here(view: View, call: Any) -> bool:
    """A trip with a vehicle of many ends where it began, one without a vehicle at its last call."""
    services, fleets = view.tables["services"], view.tables["fleets"]
    service = services.get(call.service)
    if service is None or not all(name in fleets for name in service.fleets):
        return False
    stops = [c.seq for _, c in view.items("calls") if c.service == call.service]
    mine = set(service.fleets)
    unlimited = not mine or any(fleets[name].vessels == "unlimited" for name in mine)
    shared = any(mine & set(s.fleets) for s in services.values() if s.id != service.id)
    is_home, is_last = call.seq == min(stops), call.seq == max(stops)
    return (is_home and (unlimited or shared)) or (is_last and unlimited)


def _vessel_problems(view: View, key: str, call: Any) -> Iterator[Problem]:
    for column in ("unload_max_units", "load_first"):
        if getattr(call, column) and (not call.berth_ids or call.yard is None):
            what = "is for vessels that discharge at a berth into a yard"
            yield view.problem(key, column, what, "add berth: ... and yard: ..., or take it out")
    if call.load_first and call.load_yard != call.yard:
        what = f"loading first makes room in {call.load_yard or 'no yard'}, not in {call.yard}"
        yield view.problem(key, "load_first", what, f"load_yard: {call.yard}")


def _largest(view: View, call: Any, yard: Yard) -> int:
    """Units for a yard that a vehicle of a call carries at most; 0: not said."""
    service = view.tables["services"].get(call.service)
    names = () if service is None else service.fleets
    fleets = [view.tables["fleets"][name] for name in names if name in view.tables["fleets"]]
    if yard.unit is not None:
        return max(
            (getattr(f, _CAPACITY[yard.unit]) or f.capacity_units or 0 for f in fleets), default=0
        )
    return max((size for fleet in fleets for size in fleet.capacity if size), default=0)


def _reserve_warnings(view: View, key: str, yard: Yard) -> Iterator[Problem]:
    """Vessels that bring and take, and trains that bring: each can wait for the other's room."""
    calls = [call for _, call in view.items("calls")]
    vessels = [c for c in calls if c.yard == yard.id and c.berth_ids]
    trains = [c for c in calls if c.yard == yard.id and not c.berth_ids]
    if not trains or not any(c.load_yard == yard.id and c.berth_ids for c in calls):
        return
    yield from _swap_warnings(view, key, yard, [c for c in vessels if _lives(c)])
    at_once = (_largest(view, call, yard) for call in vessels if not _lives(call))
    largest = max(at_once, default=0)
    if _kept(yard) < largest:
        what = (
            f"keeps {_kept(yard)} places for imports, less than the largest discharge ({largest}): "
            "vessels and trains may wait for each other for ever"
        )
        fix = f"import_reserve: {largest}, or unload_max_units and load_first at the calls"
        yield view.problem(key, "import_reserve", what, fix)


def _swap_warnings(view: View, key: str, yard: Yard, vessels: list[Any]) -> Iterator[Problem]:
    """Trains can take the room that a vessel has made by loading, and needs for its next part."""
    part = max((call.unload_max_units for call in vessels), default=0)
    if yard.swap_places < part:
        what = (
            f"trains leave {yard.swap_places} places free, less than a vessel unloads at a time "
            f"({part}): they may take the room that it needs to swap, and all stand still"
        )
        yield view.problem(key, "swap_places", what, f"swap_places: {part}, or one part a berth")


def _lives(call: Any) -> bool:
    """Whether a vessel makes room for its last box itself; by one of the two it may not."""
    return call.unload_max_units is not None and bool(call.load_first)


def _kept(yard: Yard) -> int:
    """Places that exports and empties can never take."""
    others = [yard.export_places, yard.empty_places]
    split = yard.places - sum(n or 0 for n in others) if others[0] is not None else 0
    most = yard.places if yard.import_places is None else yard.import_places
    return min(most, max(yard.import_reserve, split))


def _discharge_warnings(view: View, key: str, call: Any) -> Iterator[Problem]:
    yard = view.tables["facilities"].get(call.yard)
    if not isinstance(yard, Yard) or call.unload_max_units is not None:
        return
    largest = _largest(view, call, yard)
    if largest > yard.places:
        what = f"a full load ({largest} units) never finds room in {yard.id} ({yard.places} places)"
        yield view.problem(key, "yard", what, "a larger yard, or unload_max_units for a vessel")
