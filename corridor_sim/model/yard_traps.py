"""Yards that lots enter and never leave, or leave and never entered: seen along their routes."""

from __future__ import annotations

from corridor_sim.facilities import Yard
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.yard_stays import Stay, stays


def yard_traps(scenario: Scenario) -> list[str]:
    """A line for each row of demand and yard; sorted. The scenario's routes lead where they should.

    Room that nobody gives back is gone for good; room that nobody took makes a yard larger than it
    is. Who begins in a yard takes room there (`model.embargo`).
    """
    found = {_kept(stay) for stay in stays(scenario) if _is_of(scenario, stay.into, stay)}
    found |= {_untaken(stay) for stay in stays(scenario) if _is_of(scenario, stay.out_of, stay)}
    return sorted(line for line in found if line)


def _is_of(scenario: Scenario, name: str | None, stay: Stay) -> bool:
    """Whether a yard is one in which these lots count, and they do not leave it as they came."""
    yard = scenario.facilities.get(name or "")
    return (
        isinstance(yard, Yard) and yard.unit in (None, stay.row.unit) and stay.into != stay.out_of
    )


def _kept(stay: Stay) -> str:
    how, fix = "end there", f"unload them at a call without yard {stay.into}, or go on from there"
    if stay.goes is not None:
        how = f"go on by {stay.goes.service} without leaving it"
        fix = f"calls.{stay.goes.id}.load_yard: {stay.into}"
    return (
        f"demand.{stay.row.id}: its lots take room in {stay.into} at {stay.node} and {how}, so they "
        f"hold it for ever. Fix: {fix}"
    )


def _untaken(stay: Stay) -> str:
    if stay.comes is None or stay.goes is None:
        return ""
    return (
        f"demand.{stay.row.id}: its lots leave {stay.out_of} at {stay.node} by {stay.goes.service} "
        f"without having taken room there. Fix: calls.{stay.comes.id}.yard: {stay.out_of}"
    )
