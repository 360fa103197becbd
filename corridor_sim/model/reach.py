"""Whether every route leads where it should: paths over legs, changes between services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from corridor_sim.errors import ModelError
from corridor_sim.inputs.problems import located
from corridor_sim.inputs.read import Resolved, read_scenario
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.routes import calls_of, find_services, rides_of, way
from corridor_sim.model.whole_batches import batch_problems
from corridor_sim.model.yard_traps import yard_traps


def read_checked(name_or_path: str, sets: Sequence[str] = ()) -> Resolved:
    """A scenario as `read_scenario` gives it, whose routes lead where they should.

    Raises
    ------
    InputError    everything that is wrong, one located line each
    """
    resolved = read_scenario(name_or_path, sets)
    try:
        check_routes(resolved.scenario)
    except ModelError as error:
        raise ModelError(located(error.problems, resolved.origin)) from None
    if misfits := batch_problems(resolved.scenario):
        raise ModelError(located(misfits, resolved.origin))
    traps = located(yard_traps(resolved.scenario), resolved.origin)
    return replace(resolved, warnings=(*resolved.warnings, *traps))


def check_routes(scenario: Scenario) -> None:
    """Find every path and ride that the model will need.

    Raises
    ------
    ModelError    one line for each service without a path and each demand row without a way
    """
    problems: list[str] = []
    calls = calls_of(scenario)
    for name, service in sorted(scenario.services.items()):
        stops = calls[name]
        if service.mode is None or len(stops) < 2:
            continue
        for a, b in zip(stops, [*stops[1:], stops[0]], strict=True):
            try:
                way(scenario, service, a.node, b.node)
            except ModelError as error:
                problems += error.problems
    for row in scenario.demand.values():
        routes = [r.rides for r in scenario.routes.values() if r.demand == row.id]
        for rides in routes or [find_services(scenario, calls, row)]:
            try:
                rides_of(scenario, calls, row, rides)
            except ModelError as error:
                problems += error.problems
        if not routes and not row.via and not find_services(scenario, calls, row):
            problems.append(
                f"demand.{row.id}: unreachable destination: no service leads from {row.origin} to "
                f"{row.destination}. Fix: add a service or a route"
            )
    if problems:
        raise ModelError(sorted(set(problems)))
