"""Outages: ramps fit between start and end, and there is a capacity of which a share can be lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corridor_sim.facilities.capacities import capacities, main_capacity
from corridor_sim.inputs.problems import Problem, listed
from corridor_sim.inputs.schema import Disruption
from corridor_sim.inputs.view import View


def problems(view: View) -> Iterator[Problem]:
    """Problems of the rows of `disruptions`, beyond names and dates."""
    for key, row in view.items("disruptions"):
        yield from _ramp_problems(view, key, row)
        yield from _capacity_problems(view, key, row)


def warnings(view: View) -> Iterator[Problem]:
    """Outages that change nothing, since what is left rounds to all that there was."""
    for key, row in view.items("disruptions"):
        units = _units(view, row)
        if not units or any(n - _left(n, row.severity_share) for n in units):
            continue
        if row.severity_share > 0:
            what = (
                f"{row.severity_share:g} of {listed(str(n) for n in units)} rounds to nothing lost"
            )
            yield view.problem(key, "severity_share", what, "a larger share, or leave the row out")


def _left(capacity: int, severity_share: float) -> int:
    """As `model.outages.left`: rounded to whole units, halves up."""
    return int(round(capacity * (1 - severity_share), 9) + 0.5)


def _ramp_problems(view: View, key: str, row: Disruption) -> Iterator[Problem]:
    length_h = (row.end - row.start).total_seconds() / 3600
    if row.shape == "step" and row.ramp_h > 0:
        what = f"a step has no ramp (found {row.ramp_h:g} hours)"
        yield view.problem(key, "ramp_h", what, "shape: linear")
    elif row.shape != "step" and row.ramp_h == 0:
        yield view.problem(key, "shape", f"{row.shape} needs ramp_h", "ramp_h: 24")
    elif length_h > 0 and 2 * row.ramp_h > length_h:
        what = f"two ramps of {row.ramp_h:g} hours are longer than the outage ({length_h:g} hours)"
        yield view.problem(key, "ramp_h", what, f"ramp_h: {length_h / 2:g} at most")


def _capacity_problems(view: View, key: str, row: Disruption) -> Iterator[Problem]:
    """`what` is a capacity of the target; a share is lost only of what has a limit."""
    table, _, name = row.target.partition(".")
    known = _known(view, table, name)
    if known is None:
        return
    if row.what is not None and row.what not in known:
        what = f"{row.target} has no {row.what} to lose"
        fix = f"what: {listed(sorted(known))}" if known else "leave `what` out"
        yield view.problem(key, "what", what, fix)
    elif not known and (row.severity_share < 1 or row.shape != "step" or table == "fleets"):
        what = f"{row.target} has no limit of which a share could be lost"
        column, fix = _LIMIT[table]
        at = f"{row.target}.{column}" if column else ""
        yield view.problem(key, "severity_share", what, f"{at}{fix}")


_LIMIT = {
    "fleets": ("vessels", ": a number"),
    "legs": ("paths_per_day", ": a number, or severity_share: 1"),
    "facilities": ("", "severity_share: 1 and shape: step"),
    "nodes": ("", "severity_share: 1 and shape: step, or its legs"),
}


def _known(view: View, table: str, name: str) -> dict[str, list[int]] | None:
    """Capacities that a target has, as numbers; None where the target is not known."""
    if name not in view.tables.get(table, {}):
        return None
    row: Any = view.tables[table][name]
    if table == "legs":
        free = (row.paths_per_day or 0) - row.background_paths_per_day
        return {} if row.paths_per_day is None else {"paths": [max(0, free)]}
    if table == "fleets":
        numbers = row.vessels if isinstance(row.vessels, dict) else {"": row.vessels}
        return {} if row.vessels == "unlimited" else {"vehicles": list(numbers.values())}
    rows = [row] if table == "facilities" else _at(view, name)
    found: dict[str, list[int]] = {}
    for facility in rows:
        for what, counters in capacities(facility).items():
            found.setdefault(what, []).extend(counters.values())
    return found


def _at(view: View, node: str) -> list[Any]:
    return [row for _, row in view.items("facilities") if row.node == node]


def _units(view: View, row: Disruption) -> list[int]:
    """The capacities of which the row takes a share; empty where it closes, or is wrong anyway."""
    table, _, name = row.target.partition(".")
    known = _known(view, table, name) or {}
    if row.what is not None:
        return known.get(row.what, [])
    if table in ("legs", "fleets"):
        return next(iter(known.values()), [])
    rows = _at(view, name) if table == "nodes" else [view.tables["facilities"].get(name)]
    mains = [capacities(r).get(main_capacity(r) or "", {}) for r in rows if r is not None]
    return [n for counters in mains for n in counters.values()]
