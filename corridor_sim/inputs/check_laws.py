"""Laws are complete, seasons and mixtures sum to one, hours of the day exist."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from corridor_sim.facilities.server import Server
from corridor_sim.inputs.laws_of import law_of_row, law_problems
from corridor_sim.inputs.problems import Problem
from corridor_sim.inputs.schema import MONTHS
from corridor_sim.inputs.view import View
from corridor_sim.laws import problems as problems_of_law

SUM_TOLERANCE = 1e-3
_BORDER_LAWS = ("documents", "inspection", "document_error", "physical")
_LAWS = ("service", "up", "down", "call", "two_deck", "run", "headway", "arrival", *_BORDER_LAWS)


def problems(view: View) -> Iterator[Problem]:
    """Problems of laws, seasons, opening hours and dated closures."""
    for table in ("facilities", "services", "calls", "demand"):
        for key, record in view.items(table):
            yield from _row_problems(view, key, record)
    for key, record in view.items("laws"):
        yield from _law_row_problems(view, key, record)
    for key, record in view.items("seasons"):
        yield from _season_problems(view, key, record)
    for key, record in view.items("facilities"):
        yield from _facility_problems(view, key, record)
    for key, record in view.items("alternatives"):
        yield from _alternative_problems(view, key, record)
    for key, record in view.items("disruptions"):
        if record.end <= record.start:
            what = f"ends before it starts ({record.start:%Y-%m-%d %H:%M})"
            yield view.problem(key, "end", what, "an end after the start")


def _alternative_problems(view: View, key: str, record: Any) -> Iterator[Problem]:
    """Low, mode and high of days and of the price stand in this order."""
    for what in ("days", "usd_per_feu"):
        low, mode, high = (getattr(record, f"{what}_{part}") for part in ("low", "mode", "high"))
        if not low <= mode <= high:
            found = f"must be low <= mode <= high (found {low:g}, {mode:g}, {high:g})"
            yield view.problem(key, f"{what}_mode", found, "three numbers in this order")


def _row_problems(view: View, key: str, record: Any) -> Iterator[Problem]:
    for what in _LAWS:
        if f"{what}_law" not in type(record).model_fields:
            continue
        seasonal = what == "arrival" and getattr(record, "units_per_year", None) is not None
        found = law_problems(record, what, view.tables["laws"], 1.0 if seasonal else None)
        for column, reason, fix in found:
            named = getattr(record, column) in view.ids("laws")
            if not (column.endswith("_law") and named and "is no family" in reason):
                yield view.problem(key, column, reason, fix)


def _law_row_problems(view: View, key: str, record: Any) -> Iterator[Problem]:
    if len(record.weights) != len(record.of):
        what = f"{len(record.weights)} weights for {len(record.of)} laws in `of`"
        yield view.problem(key, "weights", what, "one weight for each law")
        return
    if any(name not in view.tables["laws"] for name in record.of):  # check_names says so
        return
    if _is_circular(view, record.id, ()):
        yield view.problem(key, "of", "a mixture that holds itself", "other rows of `laws`")
        return
    for problem in problems_of_law(law_of_row(record, view.tables["laws"])):
        yield view.problem(key, "family", problem, "see the columns of `laws`")


def _is_circular(view: View, name: str, outer: tuple[str, ...]) -> bool:
    record = view.tables["laws"].get(name)
    if name in outer:
        return True
    return record is not None and any(_is_circular(view, x, (*outer, name)) for x in record.of)


def _season_problems(view: View, key: str, record: Any) -> Iterator[Problem]:
    total = math.fsum(getattr(record, month) for month in MONTHS)
    if abs(total - 1) > SUM_TOLERANCE:
        percent = abs(total - 100) < 1
        fix = "divide each by 100" if percent else "shares m01 .. m12 of the year's lots"
        what = f"the shares of the months must sum to 1, within {SUM_TOLERANCE} (found {total:g})"
        yield view.problem(key, "", what, fix)


def _facility_problems(view: View, key: str, record: Any) -> Iterator[Problem]:
    for column in ("open_daily", "physical_open_daily"):
        hours = getattr(record, column, None)
        if hours is None:
            continue
        ends = [tuple(map(int, end.split(":"))) for end in hours.split("-")]
        is_real = all(h * 60 + m <= 1440 and m < 60 for h, m in ends)
        if not is_real or ends[0] == ends[1]:
            what = f"no such hours of the day (found '{hours}')"
            yield view.problem(key, column, what, f'{column}: "08:00-20:00", at most 24:00')
    if isinstance(record, Server):
        yield from _server_problems(view, key, record)


def _server_problems(view: View, key: str, record: Any) -> Iterator[Problem]:
    has_up = any(_given(record, "up"))
    has_down = any(_given(record, "down"))
    if has_up != has_down:
        there, missing = ("up", "down") if has_up else ("down", "up")
        what = f"the law {there} is given without the law {missing}"
        column = f"{there}_{'law' if getattr(record, f'{there}_law') else 'mean_h'}"
        yield view.problem(key, column, what, f"add {missing}_law and {missing}_mean_h")
    if record.places is not None and record.places < record.servers:
        what = f"places count those in service: {record.places} < {record.servers} servers"
        yield view.problem(key, "places", what, f"places: {record.servers}")


def _given(record: Any, what: str) -> list[bool]:
    names = (f"{what}_law", f"{what}_mean_h", f"{what}_rate_per_h")
    return [getattr(record, name) is not None for name in names]
