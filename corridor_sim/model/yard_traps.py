"""Yards that lots enter and never leave, or leave and never entered: seen along their routes."""

from __future__ import annotations

from collections.abc import Iterator

from corridor_sim.inputs.schema import Call, Demand, Scenario
from corridor_sim.model.routes import calls_of, find_services, rides_of

_Calls = dict[str, list[Call]]


def yard_traps(scenario: Scenario) -> list[str]:
    """A line for each row of demand and yard; sorted. The scenario's routes lead where they should.

    Room that nobody gives back is gone for good; room that nobody took makes a yard larger than it
    is.
    """
    calls = calls_of(scenario)
    found: set[str] = set()
    for row in scenario.demand.values():
        routes = [r.rides for r in scenario.routes.values() if r.demand == row.id]
        for services in routes or [find_services(scenario, calls, row)]:
            found |= set(_traps(scenario, calls, row, services))
    return sorted(found)


def _traps(
    scenario: Scenario, calls: _Calls, row: Demand, services: tuple[str, ...]
) -> Iterator[str]:
    rides = rides_of(scenario, calls, row, services) if services else []
    last = len(rides) - 1
    for i, (service, _, end) in enumerate(rides):
        into = _at(calls, service, end).yard
        boards = _at(calls, rides[i + 1][0], end) if i < last else None
        out = None if boards is None else boards.load_yard
        if into is not None and into != out:
            how = "end there" if boards is None else f"go on by {boards.service} without leaving it"
            fix = (
                f"unload them at a call without yard {into}, or move the destination beyond it"
                if boards is None
                else f"calls.{boards.id}.load_yard: {into}"
            )
            yield (
                f"demand.{row.id}: its lots take room in {into} at {end} and {how}, so they hold it "
                f"for ever. Fix: {fix}"
            )
        if out is not None and into != out:
            yield (
                f"demand.{row.id}: its lots leave {out} at {end} by {services[i + 1]} without having "
                f"taken room there. Fix: yard: {out} at the call of {service}"
            )


def _at(calls: _Calls, service: str, node: str) -> Call:
    return next(call for call in calls[service] if call.node == node)
