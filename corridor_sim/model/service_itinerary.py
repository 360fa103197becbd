"""One service's calls in order: the names and draws that its arrivals, loadings and rides share."""

from __future__ import annotations

from corridor_sim.errors import ModelError
from corridor_sim.facilities import Server
from corridor_sim.inputs.schema import Call, Fleet
from corridor_sim.laws import Law
from corridor_sim.model.alongside import Place, places
from corridor_sim.model.build import N_DRAW, Bench
from corridor_sim.model.carriers import Carrier

DEPARTURES = {"rail": 1, "sea": 4}
"""By mode, how many times N_DRAW numbers are drawn at first: a stream used up costs a second run."""


class Itinerary:
    """One service's calls and rides, for one class of its vessels."""

    def __init__(self, bench: Bench, carrier: Carrier, fleets: tuple[Fleet, ...], is_only: bool):
        self.bench, self.carrier, self.fleets = bench, carrier, fleets
        self.service, self.name = carrier.service, carrier.service.id
        self.calls = bench.calls[self.name]
        self.of_class = "" if is_only else f" {fleets[0].id}"
        """Ends the names of what only vessels of this class use."""
        self.source = f"service {self.name}{self.of_class}"
        self.ends = not carrier.tokens and not carrier.pool
        """Unlimited vehicles end at the last call."""
        self.n_draw = DEPARTURES.get(self.service.mode or "", 16) * N_DRAW
        """Trucks depart far more often than trains."""
        self.places: list[list[Place]] = [places(bench, call, fleets) for call in self.calls]
        """The berths of each call that take these vessels; none where a call has no berth."""

    def at(self, i: int) -> str:
        """The name of a call: its stock and place."""
        return f"{self.name}@{self.calls[i].node}"

    def label(self, i: int) -> str:
        """What the names of a call's lines and stages begin with."""
        return f"{self.at(i)}{self.of_class}"

    def stream(self, call: Call, what: str) -> str:
        """The name of a random stream of one call, of this class if there are several."""
        return f"services.{self.name}.{call.id}{self.of_class.replace(' ', '.')}.{what}"

    def arrival_line(self, i: int) -> str:
        """Where a trip that arrives at call `i` waits first."""
        call = self.calls[i]
        return f"{self.label(i)} via 0:{call.via[0]}" if call.via else f"{self.label(i)} unload"

    def first_line(self, i: int) -> str:
        """Where a trip that is at call `i` without a berth waits to load."""
        return f"{self.label(i)} {'roads' if self.places[i] else 'load'}"

    def server(self, name: str) -> Server:
        row = self.bench.scenario.facilities[name]
        if not isinstance(row, Server):
            raise ModelError(f"calls of {self.name}: {name} is a {row.type}. Fix: name a server")
        return row

    def draws(
        self, i: int, column: str, what: str, law: Law | None, scale: float = 1
    ) -> str | None:
        """Compile a stream of call `i`; the column `<label> <column>`, or None if it takes no time."""
        name, stream = f"{self.label(i)} {column}", self.stream(self.calls[i], what)
        return self.bench.draws(self.source, name, stream, law, scale=scale, n=self.n_draw)
