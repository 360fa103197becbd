"""References: every name that a row uses must be a row of its table, of the right type."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from corridor_sim.facilities.berth import Berth
from corridor_sim.facilities.border_crossing import BorderCrossing
from corridor_sim.facilities.crane_pool import CranePool
from corridor_sim.facilities.desk import Desk
from corridor_sim.facilities.hold_station import HoldStation
from corridor_sim.facilities.server import Server
from corridor_sim.facilities.yard import Yard
from corridor_sim.inputs.layers import Row
from corridor_sim.inputs.problems import Problem, closest, did_you_mean, listed, show
from corridor_sim.inputs.view import View

# table -> column -> table that is named
REFERENCES: dict[str, dict[str, str]] = {
    "legs": {"from_node_id": "nodes", "to_node_id": "nodes", "weather_zone": "weather"},
    "facilities": {
        "node": "nodes",
        "weather_zone": "weather",
        "fleets": "fleets",
        "crane_pool": "facilities",
        "joint_with": "facilities",
    },
    "fleets": {"start_at": "nodes"},
    "services": {"fleets": "fleets", "needs": "fleets", "path": "nodes"},
    "calls": {
        "service": "services",
        "node": "nodes",
        "via": "facilities",
        "berth": "facilities",
        "berths": "facilities",
        "unload": "facilities",
        "load": "facilities",
        "yard": "facilities",
        "load_yard": "facilities",
        "desks": "facilities",
        "holds": "facilities",
    },
    "demand": {
        "origin": "nodes",
        "destination": "nodes",
        "via": "facilities",
        "season": "seasons",
    },
    "routes": {"demand": "demand", "rides": "services"},
    "laws": {"of": "laws"},
    "closures": {"zone": "weather"},
    "tariffs": {
        "legs": "legs",
        "nodes": "nodes",
        "fleets": "fleets",
        "currency": "exchange_rates",
    },
    "emission_factors": {
        "legs": "legs",
        "nodes": "nodes",
        "services": "services",
        "fleets": "fleets",
    },
    "embargoes": {
        "yards": "facilities",
        "demand": "demand",
        "exempt": "demand",
    },
    "alternatives": {"origin": "nodes", "destination": "nodes"},
}

_SERVERS = "server, border_post, gauge_change or terminal"
_PASSED = f"border_crossing, {_SERVERS}"
_SLOTS: dict[tuple[str, str], tuple[type[BaseModel] | tuple[type[BaseModel], ...], str]] = {
    ("facilities", "joint_with"): (BorderCrossing, "border_crossing"),
    ("facilities", "crane_pool"): (CranePool, "crane_pool"),
    ("calls", "berth"): (Berth, "berth"),
    ("calls", "berths"): (Berth, "berth"),
    ("calls", "yard"): (Yard, "yard"),
    ("calls", "load_yard"): (Yard, "yard"),
    ("calls", "desks"): (Desk, "desk"),
    ("calls", "unload"): (Server, _SERVERS),
    ("calls", "load"): (Server, _SERVERS),
    ("calls", "via"): ((Server, BorderCrossing), _PASSED),
    ("calls", "holds"): (HoldStation, "hold_station"),
    ("embargoes", "yards"): (Yard, "yard"),
    ("demand", "via"): ((Server, BorderCrossing), _PASSED),
}
_AT_THE_CALL = ("berth", "berths", "yard", "load_yard", "desks", "unload", "load")


def problems(view: View) -> Iterator[Problem]:
    """Unknown names, wrong facility types, facilities that stand elsewhere."""
    for table, references in REFERENCES.items():
        for key, row in view.rows.items():
            if key.startswith(f"{table}."):
                yield from _row_problems(view, table, key, row, references)
    for key, record in view.items("disruptions"):
        yield from _target_problems(view, key, record.target)
    for key, call in view.items("calls"):
        yield from _place_problems(view, key, call)


def _row_problems(
    view: View, table: str, key: str, row: Row, references: dict[str, str]
) -> Iterator[Problem]:
    """As written, so that a row with another mistake is looked at too."""
    for column, target in references.items():
        if column in row.cells:
            for name in _names(row.cells[column].value):
                yield from _name_problems(view, table, key, column, target, name)


def _names(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(dict.fromkeys(value)) if isinstance(value, tuple) else ()


def _name_problems(
    view: View, table: str, key: str, column: str, target: str, name: str
) -> Iterator[Problem]:
    known = view.ids(target)
    if name not in known:
        if target not in view.broken:
            yield view.problem(key, column, *_unknown(view, target, name, known))
        return
    facility = view.tables["facilities"].get(name) if target == "facilities" else None
    if facility is not None and (table, column) in _SLOTS:
        wanted, words = _SLOTS[table, column]
        if not isinstance(facility, wanted):
            of_type = [
                other
                for other, made in view.tables["facilities"].items()
                if isinstance(made, wanted)
            ]
            what = f"must name a {words} (found {show(name)}, a {facility.type})"
            fix = f"one of {listed(sorted(of_type))}" if of_type else f"add a {words}"
            yield view.problem(key, column, what, fix)


def _unknown(view: View, target: str, name: str, known: set[str]) -> tuple[str, str]:
    one = {"facilities": "facility", "services": "service", "nodes": "node", "legs": "leg"}
    one |= {"fleets": "fleet", "seasons": "season", "laws": "law", "weather": "weather zone"}
    one |= {"exchange_rates": "exchange rate"}
    what = f"unknown {one.get(target, target)} (found {show(name)})"
    if closest(name, known) is None:
        for other in ("nodes", "facilities", "fleets", "services"):
            if other != target and name in view.ids(other):
                return f"{what}; it is one of `{other}`", f"a name of `{target}`"
    return what, did_you_mean(name, known)


def _target_problems(view: View, key: str, target: str) -> Iterator[Problem]:
    table, _, name = target.partition(".")
    if name not in view.ids(table) and table not in view.broken:
        what, fix = _unknown(view, table, name, view.ids(table))
        yield view.problem(key, "target", what, fix)


def _place_problems(view: View, key: str, call: BaseModel) -> Iterator[Problem]:
    """What a call works with stands at its node."""
    node = getattr(call, "node", None)
    for column in _AT_THE_CALL:
        for name in _names(getattr(call, column)):
            facility = view.tables["facilities"].get(name)
            if (
                facility is not None
                and facility.node != node
                and facility.node in view.ids("nodes")
            ):
                what = f"{name} stands at {facility.node}, the call is at {node}"
                yield view.problem(key, column, what, f"a facility at {node}")
