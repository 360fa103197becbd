"""Border crossings: something to do, laws for what happens, and a partner where one is meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corridor_sim.facilities.border_crossing import COMPONENTS, FORMAL, BorderCrossing
from corridor_sim.inputs.problems import Problem
from corridor_sim.inputs.view import View


def problems(view: View) -> Iterator[Problem]:
    """Problems of border crossings."""
    for key, row in view.items("facilities"):
        if isinstance(row, BorderCrossing):
            yield from _component_problems(view, key, row)
            yield from _partner_problems(view, key, row)


def _component_problems(view: View, key: str, row: BorderCrossing) -> Iterator[Problem]:
    """A share without a law would say nothing; a law without a share never happens."""
    if not row.components() and not any(c.startswith(COMPONENTS) for c in row.model_fields_set):
        yield view.problem(key, "", "has no component", "add documents_mean_h: 3, for example")
    for what in FORMAL[1:]:
        share = getattr(row, f"{what}_share")
        is_said = f"{what}_share" in row.model_fields_set
        if share > 0 and not row.has(what):
            why = f"happens to {share:g} of the trains, but nothing says how long it takes"
            yield view.problem(key, f"{what}_share", why, f"add {what}_mean_h: 24, for example")
        if row.has(what) and not is_said:
            why = f"never happens: there is no {what}_share"
            column = next(c for c in ("law", "mean_h", "rate_per_h") if _given(row, what, c))
            fix = f"add {what}_share: 0.05, or 0 if it is meant"
            yield view.problem(key, f"{what}_{column}", why, fix)


def _given(row: BorderCrossing, what: str, column: str) -> bool:
    return getattr(row, f"{what}_{column}") is not None


def _partner_problems(view: View, key: str, row: BorderCrossing) -> Iterator[Problem]:
    """A joint regime needs the other side, and an itinerary that passes both."""
    if "joint" not in row.regime:
        return
    if row.joint_with is None:
        why = f"regime {row.regime} without joint_with: which crossing is the other side?"
        yield view.problem(key, "regime", why, "add joint_with: the crossing of the other side")
    elif row.joint_with == row.id:
        yield view.problem(key, "joint_with", "names itself", "the crossing of the other side")
    elif not isinstance(view.tables["facilities"].get(row.joint_with), BorderCrossing):
        return  # check_names says so
    elif not any({row.id, row.joint_with} <= set(via) for via in _chains(view)):
        why = f"no `via` passes both {row.id} and {row.joint_with}: nothing is done jointly"
        fix = "name both in one `via`, or take joint_with out"
        yield view.problem(key, "joint_with", why, fix)


def _chains(view: View) -> Iterator[tuple[str, ...]]:
    for table in ("calls", "demand"):
        for _, row in view.items(table):
            made: Any = row
            yield made.via
