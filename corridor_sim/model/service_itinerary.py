"""One service's calls in order: the names and draws that its arrivals, loadings and rides share."""

from __future__ import annotations

from corridor_sim.errors import ModelError
from corridor_sim.facilities import Berth, Server
from corridor_sim.inputs.laws_of import law_of
from corridor_sim.inputs.schema import Call
from corridor_sim.model.build import N_DRAW, Bench
from corridor_sim.model.carriers import Carrier


class Itinerary:
    """One service's calls and rides."""

    def __init__(self, bench: Bench, carrier: Carrier):
        self.bench, self.carrier = bench, carrier
        self.service, self.name = carrier.service, carrier.service.id
        self.calls = bench.calls[self.name]
        self.source = f"service {self.name}"
        self.ends = not carrier.tokens and not carrier.pool
        """Unlimited vehicles end at the last call."""
        self.n_draw = 8 * N_DRAW if self.ends else 0
        """Trucks depart far more often than trains; a stream used up costs a second run."""

    def at(self, i: int) -> str:
        """The name of a call: its stock and place."""
        return f"{self.name}@{self.calls[i].node}"

    def arrival_line(self, i: int) -> str:
        """Where a trip that arrives at call `i` waits first."""
        call = self.calls[i]
        return f"{self.at(i)} via 0:{call.via[0]}" if call.via else f"{self.at(i)} unload"

    def berth(self, call: Call) -> Berth:
        row = self.bench.scenario.facilities[call.berth or ""]
        if not isinstance(row, Berth):
            raise ModelError(f"calls.{call.id}.berth: {row.id} is a {row.type}. Fix: name a berth")
        return row

    def server(self, name: str) -> Server:
        row = self.bench.scenario.facilities[name]
        if not isinstance(row, Server):
            raise ModelError(f"calls of {self.name}: {name} is a {row.type}. Fix: name a server")
        return row

    def call_draws(self, i: int, part: str, scale: float) -> str | None:
        call = self.calls[i]
        law = law_of(self.berth(call), "call", self.bench.scenario.laws)
        stream = f"services.{self.name}.{call.id}.call"
        column = f"{self.at(i)} {part}"
        return self.bench.draws(self.source, column, stream, law, scale=scale, n=self.n_draw)
