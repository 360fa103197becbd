"""Lots, departures and failures are counted before any array of them is made."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from corridor_sim.facilities.server import Server
from corridor_sim.inputs.laws_of import law_of, law_problems
from corridor_sim.inputs.problems import Problem
from corridor_sim.inputs.view import PARTS, View, part_h
from corridor_sim.laws import mean

MOST_LOTS = 100_000_000
"""Some 20 GB: more was hardly meant, and would only be refused by the machine."""

MOST_INSTANTS = 10_000_000
"""Departures of a timetable, failures of a facility: one each three seconds of a year."""


def problems(view: View) -> Iterator[Problem]:
    """Problems of what would come too often, or without end."""
    if view.simulation is None:
        return
    hours = math.fsum(part_h(view.simulation, part) for part in PARTS)
    for key, demand in view.items("demand"):
        batches = hours * _batches_per_h(view, demand)
        lots = min(batches * demand.batch, demand.lots_limit or math.inf)
        yield from _problem(view, key, "", max(batches, lots), MOST_LOTS, "lots")
    for key, call in view.items("calls"):
        if call.sail_rule == "timetable":
            every_h = call.every_h or _mean_h(view, call, "headway")
            column = "every_h" if call.every_h else "sail_rule"
            yield from _problem(
                view, key, column, _often(hours, every_h), MOST_INSTANTS, "departures"
            )
    for key, zone in view.items("weather"):
        n = _often(hours, zone.mean_closure_h)
        yield from _problem(view, key, "mean_closure_h", n, MOST_INSTANTS, "closures")
    for key, facility in view.items("facilities"):
        if isinstance(facility, Server):
            cycle_h = [_mean_h(view, facility, law) for law in ("up", "down")]
            both_h = None if None in cycle_h else sum(h for h in cycle_h if h is not None)
            yield from _problem(
                view, key, "up_mean_h", _often(hours, both_h), MOST_INSTANTS, "failures"
            )


def _problem(
    view: View, key: str, column: str, n: float, most: int, what: str
) -> Iterator[Problem]:
    if n > most:
        many = f"{what} without end" if math.isinf(n) else f"about {n:.0e} {what}"
        fix = f"fewer {what}, or a shorter run"
        yield view.problem(key, column, f"{many} a run, more than {most:,}", fix)


def _batches_per_h(view: View, demand: Any) -> float:
    """Batches that arrive in an hour, at most; infinite where there is no time between them."""
    if demand.every_h is not None:
        return float(1 / demand.every_h)
    if demand.units_per_year is not None:
        factor = max(1.0, demand.before_factor, demand.after_factor)
        return float(factor * demand.units_per_year / demand.batch / 8766)
    return _often(1.0, _mean_h(view, demand, "arrival"))


def _mean_h(view: View, record: Any, what: str) -> float | None:
    """Mean of a law, hours; None where there is none, or it is said to be wrong elsewhere."""
    laws = view.tables["laws"]
    if getattr(record, f"{what}_law") == "saturated" or any(law_problems(record, what, laws)):
        return None
    law = law_of(record, what, laws)
    return None if law is None else float(mean(law))


def _often(hours: float, every_h: float | None) -> float:
    """How often something comes in so many hours."""
    if every_h is None:
        return 0.0
    return hours / every_h if every_h > 0 else math.inf
