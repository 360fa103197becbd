"""Where lots stand along their routes: between which calls, and so in which yards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from corridor_sim.inputs.schema import Call, Demand, Scenario
from corridor_sim.model.routes import calls_of, find_services, rides_of


class Stay(NamedTuple):
    """Lots of a row at a node: the call at which they get off, and that at which they get on."""

    row: Demand
    node: str
    comes: Call | None
    """None: they begin here."""
    goes: Call | None
    """None: they end here."""

    @property
    def into(self) -> str | None:
        """The yard in which they take room."""
        return None if self.comes is None else self.comes.yard

    @property
    def out_of(self) -> str | None:
        """The yard in which they give room back."""
        return None if self.goes is None else self.goes.load_yard


def stays(scenario: Scenario) -> Iterator[Stay]:
    """All stays of all rows on all their routes, by row; those without a ride have none.

    Raises
    ------
    ModelError    a route does not lead where it should
    """
    calls = calls_of(scenario)

    def at(service: str, node: str) -> Call:
        return next(call for call in calls[service] if call.node == node)

    for _, row in sorted(scenario.demand.items()):
        routes = [r.rides for _, r in sorted(scenario.routes.items()) if r.demand == row.id]
        for services in routes or [find_services(scenario, calls, row)]:
            rides = rides_of(scenario, calls, row, services) if services else []
            came: Call | None = None
            for service, start, end in rides:
                yield Stay(row, start, came, at(service, start))
                came = at(service, end)
            if rides:
                yield Stay(row, row.destination, came, None)
