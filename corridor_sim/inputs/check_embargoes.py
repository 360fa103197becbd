"""Embargoes: levels in order, about lots that can be stopped, with a quota that lets some pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corridor_sim.inputs.problems import Problem
from corridor_sim.inputs.view import View


def problems(view: View) -> Iterator[Problem]:
    """Problems of `embargoes`."""
    for key, record in view.items("embargoes"):
        if not record.yards:
            yield view.problem(
                key, "yards", "no yard that could be full", "yards: [name of a yard]"
            )
        if record.off_units >= record.on_units:
            what = f"must be < on_units (found {record.off_units} >= {record.on_units})"
            yield view.problem(key, "off_units", what, f"off_units: {record.on_units // 2}")
        for row in _stopped(view, record):
            if row.arrival_law == "saturated":
                what = f"{row.id} is saturated: its lots wait nowhere"
                yield view.problem(key, "exempt", what, f"exempt: [{row.id}]")


def warnings(view: View) -> Iterator[Problem]:
    """Orders that stop nobody, never come, or let nobody through."""
    for key, record in view.items("embargoes"):
        stopped = _stopped(view, record)
        if not stopped:
            yield view.problem(key, "", "stops no row of demand", "other demand, unit or direction")
        yield from _level_warnings(view, key, record)
        at_once = [row for row in stopped if row.together or not row.split]
        large = [row for row in at_once if row.batch > (record.quota_per_day or row.batch)]
        if large:
            how = "together" if large[0].split else "whole"
            what = f"a batch of {large[0].id} ({large[0].batch}, {how}) never passes the quota"
            yield view.problem(key, "quota_per_day", what, f"quota_per_day: {large[0].batch}")


def _stopped(view: View, record: Any) -> list[Any]:
    """Rows of demand that the selectors name; whether they call there is seen later."""
    asked = {name: getattr(record, name) for name in ("commodity", "unit", "direction")}
    return [
        row
        for _, row in view.items("demand")
        if row.id not in record.exempt
        and (not record.demand or row.id in record.demand)
        and all(value is None or getattr(row, name) == value for name, value in asked.items())
    ]


def _level_warnings(view: View, key: str, record: Any) -> Iterator[Problem]:
    """A level that full yards alone do not reach, and no train waits before them to be counted."""
    facilities = view.tables["facilities"]
    most = sum(getattr(facilities.get(name), "places", 0) for name in record.yards)
    are_held = any(call.holds and call.yard in record.yards for _, call in view.items("calls"))
    if 0 < most < record.on_units and not (are_held and record.count_held):
        what = f"never comes on: at most {most} units can be in use there"
        yield view.problem(
            key, "on_units", what, f"on_units: {most} or less, or holds at the calls"
        )
