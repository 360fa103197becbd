"""Groups of lots that parts of yards count: a dimension of the sizes on the ground for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, count

from corridor_sim.facilities import Yard
from corridor_sim.inputs.schema import Scenario
from corridor_sim.primitives import Flow, Primitives, Vehicle

N_CARGO_DIM = 3
"""Units, shares of a vehicle, kilograms."""
_FREE_ON_GROUND = 1
"""The ground is no vehicle with shares, so their dimension carries the first group."""


class LotGroups:
    """Which rows of demand each limited part of a yard counts.

    Parts that count the same rows share a dimension; a lot has size 1 in those that count it. Two
    groups (west and east, say) keep to the four dimensions of the contract.
    """

    def __init__(self, scenario: Scenario):
        self._rows = sorted(scenario.demand)
        self._kinds = [(scenario.demand[r].direction, scenario.demand[r].laden) for r in self._rows]
        yards = [f for _, f in sorted(scenario.facilities.items()) if isinstance(f, Yard)]
        dims = chain([_FREE_ON_GROUND], count(N_CARGO_DIM))
        self._dims: dict[tuple[bool, ...], int] = {}
        for yard in yards:
            for part in yard.parts:
                group = self._group(yard, part)
                if group not in self._dims:
                    self._dims[group] = next(dims)
        self.n_dim = max([N_CARGO_DIM - 1, *self._dims.values()]) + 1

    def dim(self, yard: Yard, part: str) -> int:
        """The dimension in which the lots of a part are counted."""
        return self._dims[self._group(yard, part)]

    def extend(self, parts: Primitives, demand_of: dict[str, str]) -> None:
        """Give flows and vehicles the dimensions of the groups; `demand_of`: flow -> its row."""
        if not self._dims:
            return
        parts.flows = [self._flow(flow, demand_of[flow.name]) for flow in parts.flows]
        parts.vehicles = [self._vehicle(vehicle) for vehicle in parts.vehicles]

    def _group(self, yard: Yard, part: str) -> tuple[bool, ...]:
        return tuple(yard.takes(part, *kind) for kind in self._kinds)

    def _flow(self, flow: Flow, demand: str) -> Flow:
        size = [*flow.size, *self._more(0)]
        for group, dim in self._dims.items():
            size[dim] = int(group[self._rows.index(demand)])
        size_on = {name: (*s, *self._more(0)) for name, s in flow.size_on.items()}
        return replace(flow, size=tuple(size), size_on=size_on)

    def _vehicle(self, vehicle: Vehicle) -> Vehicle:
        steps = tuple((at, (*cap, *self._more(-1))) for at, cap in vehicle.steps)
        return replace(vehicle, cap=(*vehicle.cap, *self._more(-1)), steps=steps)

    def _more(self, value: int) -> Iterator[int]:
        """What vehicles say in the dimensions that only the ground has."""
        return iter([value] * (self.n_dim - N_CARGO_DIM))
