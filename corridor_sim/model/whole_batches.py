"""Batches that may not be split: whether they fit wherever their way leads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from math import ceil

from corridor_sim.facilities import Desk, Yard
from corridor_sim.inputs.schema import Call, Demand, Fleet, Scenario
from corridor_sim.model.demand import capacity_of
from corridor_sim.model.loading import full_leaves
from corridor_sim.model.yard_stays import Stay, stays

_FILLED = ("fill", "fill_or_wait", "hybrid")
"""Sail rules with a threshold."""


def batch_problems(scenario: Scenario) -> list[str]:
    """A line for each place that can never take a whole batch, and each vessel it never fills.

    Sorted; nobody looks without need. The scenario's routes lead where they should.
    """
    if all(row.units_per_lot == 1 for row in scenario.demand.values()):
        return []
    there = list(stays(scenario))
    found = {
        line for stay in there if stay.row.units_per_lot > 1 for line in _misfits(scenario, stay)
    }
    loads: dict[str, dict[str, Demand]] = defaultdict(dict)
    for stay in there:
        if stay.goes is not None:
            loads[stay.goes.id][stay.row.id] = stay.row
    for name, rows in loads.items():
        found |= set(_unfilled(scenario, scenario.calls[name], list(rows.values())))
    return sorted(found)


def _misfits(scenario: Scenario, stay: Stay) -> Iterator[str]:
    """What is too small for a whole batch where it gets off and where it gets on."""
    row, n = stay.row, stay.row.batch
    for name, most in (*_ground(scenario, stay), *_aboard(scenario, stay)):
        if most < n:
            fix = f"batch: {most}, or split: true" if most else "split: true"
            yield f"demand.{row.id}.batch: a whole batch of {n} does not fit in {name}. Fix: {fix}"


def _ground(scenario: Scenario, stay: Stay) -> Iterator[tuple[str, int]]:
    """Yards and their parts, desks and instalments, and units of the row that each takes."""
    row, comes = stay.row, stay.comes
    for place in {stay.into, stay.out_of}:
        most = _room(scenario.facilities.get(place or ""), row)
        if most is not None:
            yield f"{place} ({most} places for it)", most
    if comes is None:
        return
    for name in comes.desks:
        desk = scenario.facilities[name]
        if isinstance(desk, Desk):
            yield f"{name} (lots_max {desk.lots_max})", desk.lots_max
    if comes.unload_max_units is not None:
        part = f"an instalment of calls.{comes.id} (unload_max_units {comes.unload_max_units})"
        yield part, comes.unload_max_units


def _room(yard: object, row: Demand) -> int | None:
    """Places for units of a row in a yard and its parts; None: they take none there."""
    if not isinstance(yard, Yard) or not yard.counts("", row):
        return None
    return min([yard.places, *(n for part, n in yard.parts.items() if yard.counts(part, row))])


def _aboard(scenario: Scenario, stay: Stay) -> Iterator[tuple[str, int]]:
    """Vehicles of the ride that begins here, and units of the row that each takes."""
    if stay.goes is None:
        return
    row, service = stay.row, stay.goes.service
    for fleet in _fleets(scenario, stay.goes):
        cap, tonnes = capacity_of(fleet, row.unit), _least_payload_t(fleet)
        vehicle = f"a vehicle of {fleet.id} on {service}"
        if cap:
            yield f"{vehicle} ({cap} {row.unit})", cap
        if cap != 0 and tonnes is not None and row.tonnes_per_unit:
            yield f"{vehicle} ({tonnes:g} t)", int(tonnes / row.tonnes_per_unit + 1e-9)


def _least_payload_t(fleet: Fleet) -> float | None:
    """Tonnes that a vehicle takes on the worst day; None: no limit."""
    if isinstance(fleet.payload_t, dict):
        return min(fleet.payload_t.values())
    return fleet.payload_t


def _unfilled(scenario: Scenario, call: Call, rows: list[Demand]) -> Iterator[str]:
    """A threshold above what is aboard when the next batch may no longer fit."""
    fleets = _fleets(scenario, call)
    if call.sail_rule not in _FILLED or full_leaves(call, fleets):
        return
    sizes = {row.units_per_lot for row in rows}
    if len(sizes) > 1 and call.sail_rule != "fill" and call.max_wait_h is not None:
        return  # mostly single lots fill up, and else its time comes
    for row in rows:
        for cap in (capacity_of(fleet, row.unit) for fleet in fleets):
            if row.units_per_lot == 1 or not cap or cap < max(sizes):
                continue  # can be split, no limit, refused, or `_misfits` says so
            sure = cap - max(sizes) + 1 if len(sizes) > 1 else cap - cap % row.batch
            if _threshold(call, cap) > sure:
                column = "fill_min_share" if call.fill_units is None else "fill_units"
                yield (
                    f"calls.{call.id}.{column}: waits for {_threshold(call, cap)} of {cap} units, but "
                    f"beyond {sure} the next whole batch of {row.id} ({row.batch}) may find no room. "
                    f"Fix: full_leaves: true, or fill_units: {sure}"
                )


def _threshold(call: Call, cap: int) -> int:
    """Units for which a vessel that takes so many waits."""
    if call.fill_units is not None:
        return call.fill_units
    return ceil((call.fill_min_share or 0.0) * cap - 1e-9)


def _fleets(scenario: Scenario, call: Call) -> list[Fleet]:
    return [scenario.fleets[name] for name in scenario.services[call.service].fleets]
