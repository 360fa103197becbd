"""Groups of lots that yards count: a dimension of the sizes on the ground for each.

In the dimensions of the groups to which it belongs a lot has the size of its units. Yards and parts
share a dimension where they agree about all rows of demand that come to both, so that a corridor
whose ports only tell west from east keeps to the four dimensions of the contract.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import chain, count, islice

from corridor_sim.facilities import Yard
from corridor_sim.inputs.schema import Demand, Scenario
from corridor_sim.model.yard_stays import stays
from corridor_sim.primitives import Flow, Primitives, Vehicle

N_CARGO_DIM = 3
"""Units, shares of a vehicle, kilograms."""
_FREE_ON_GROUND = 1
"""The ground is no vehicle with shares, so their dimension carries the first group."""


class LotGroups:
    """Which rows of demand each yard and each of its parts counts."""

    def __init__(self, scenario: Scenario):
        self._members: list[dict[str, bool]] = []
        """By group: row of demand -> whether its lots belong to it."""
        self._group_of: dict[tuple[str, str], int] = {}
        rows = _rows_at(scenario)
        for name, yard in sorted(scenario.facilities.items()):
            if isinstance(yard, Yard):
                for part in yard.told_apart:
                    wanted = {row.id: yard.counts(part, row) for row in rows[name].values()}
                    self._group_of[name, part] = self._group(wanted)
        dims = chain([_FREE_ON_GROUND], count(N_CARGO_DIM))
        self._dims = list(islice(dims, len(self._members)))
        self.n_dim = max([N_CARGO_DIM - 1, *self._dims]) + 1

    def dim(self, yard: str, part: str) -> int:
        """The dimension in which the lots of a part (the whole yard: "") are counted."""
        return self._dims[self._group_of[yard, part]]

    def extend(self, parts: Primitives, demand_of: dict[str, str]) -> None:
        """Give flows and vehicles the dimensions of the groups; `demand_of`: flow -> its row."""
        if self._members:
            parts.flows = [self._flow(flow, demand_of[flow.name]) for flow in parts.flows]
            parts.vehicles = [self._vehicle(vehicle) for vehicle in parts.vehicles]

    def _group(self, wanted: dict[str, bool]) -> int:
        """The first group that says the same of every row that both know; else a new one."""
        for i, members in enumerate(self._members):
            if all(members.get(row, counts) == counts for row, counts in wanted.items()):
                members.update(wanted)
                return i
        self._members.append(wanted)
        return len(self._members) - 1

    def _flow(self, flow: Flow, demand: str) -> Flow:
        size = [*flow.size, *self._more(0)]
        for members, dim in zip(self._members, self._dims, strict=True):
            size[dim] = flow.size[0] if members.get(demand, False) else 0
        size_on = {name: (*s, *self._more(0)) for name, s in flow.size_on.items()}
        return replace(flow, size=tuple(size), size_on=size_on)

    def _vehicle(self, vehicle: Vehicle) -> Vehicle:
        steps = tuple((at, (*cap, *self._more(-1))) for at, cap in vehicle.steps)
        return replace(vehicle, cap=(*vehicle.cap, *self._more(-1)), steps=steps)

    def _more(self, value: int) -> tuple[int, ...]:
        """What vehicles say in the dimensions that only the ground has."""
        return (value,) * (self.n_dim - N_CARGO_DIM)


def _rows_at(scenario: Scenario) -> dict[str, dict[str, Demand]]:
    """yard -> the rows of demand whose lots enter or leave it, by id; nobody looks without need."""
    found: dict[str, dict[str, Demand]] = defaultdict(dict)
    yards = (f for f in scenario.facilities.values() if isinstance(f, Yard))
    if any(yard.told_apart for yard in yards):
        for stay in stays(scenario):
            for name in (stay.into, stay.out_of):
                if name is not None:
                    found[name][stay.row.id] = stay.row
    return found
