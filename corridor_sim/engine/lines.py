"""Who waits where: the lines of the SimPy engine, and the heads that a round has to look at."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush

from simpy.core import Environment
from simpy.events import Event

from corridor_sim.engine.lookup import Cut, StageRow
from corridor_sim.model.compiled import CompiledModel


class Trip(Event):
    """One trip and its registers; as an event of the kernel, the end of its visit."""

    _ok = True
    _value = None

    def __init__(self, env: Environment, source: int, k: int, vehicle: int, born: int):
        self.env = env
        self.source, self.k, self.vehicle = source, k, vehicle
        self.born = self.joined = born
        self.mark: int | None = None
        self.visit = self.ticket = self.key = self.left = 0
        self.line = -1
        self.aboard: list[Cut] = []
        # of the visit under way
        self.stage: StageRow
        self.unloads: list[Cut] = []
        self.puts: list[tuple[int, int, int]] = []
        self.is_cut = False


Entry = tuple[int, int, int, int, int, Trip]
"""Rank (key, line, source, k), ticket, trip; dead once the trip has another ticket."""


class Lines:
    """Every line is a heap of entries; its first entry is never dead."""

    def __init__(self, model: CompiledModel):
        lines = model.lines
        ptr, alt = lines.alt_ptr.tolist(), lines.alt_stage.tolist()
        self.alts: list[list[int]] = [alt[a:b] for a, b in zip(ptr[:-1], ptr[1:], strict=True)]
        self.order, self.by_class = lines.order.tolist(), lines.by_class.tolist()
        self.offset = lines.offset_s.tolist()
        self.class_offset = model.sources.offset_s.tolist()
        self.due_s = model.sources.due_s.tolist()
        self.queues: list[list[Entry]] = [[] for _ in self.alts]
        self.candidates: list[Entry] = []
        # lines that may become feasible when the head of this one goes or changes
        self.behind: list[list[int]] = [[] for _ in self.alts]

    def look(self, lines: Iterable[int]) -> None:
        """The heads of these lines are looked at in the next C."""
        for line in lines:
            queue = self.queues[line]
            if queue:
                heappush(self.candidates, queue[0])

    def head(self, line: int) -> Entry | None:
        """Who is first."""
        queue = self.queues[line]
        return queue[0] if queue else None

    def join(self, trip: Trip, line: int, now: int) -> None:
        """At the end of the line, or where its key belongs."""
        trip.joined, trip.line = now, line
        trip.ticket += 1
        order = self.order[line]
        key = order * now if order else trip.born + self.due_s[trip.source]
        key += self.offset[line]
        if self.by_class[line]:
            key += self.class_offset[trip.source]
        trip.key = key
        queue = self.queues[line]
        entry = (key, line, trip.source, trip.k, trip.ticket, trip)
        heappush(queue, entry)
        if queue[0] is entry:
            heappush(self.candidates, entry)
            if len(queue) > 1 and self.behind[line]:
                self.look(self.behind[line])

    def leave(self, trip: Trip) -> None:
        """Out of its line, wherever it stands."""
        if self.queues[trip.line][0][5] is trip:
            self.leave_head(trip)
        else:
            trip.ticket += 1

    def leave_head(self, trip: Trip) -> None:
        """The first of its line goes; the next comes forward."""
        line = trip.line
        queue = self.queues[line]
        trip.ticket += 1
        heappop(queue)
        while queue and queue[0][4] != queue[0][5].ticket:
            heappop(queue)
        if queue:
            heappush(self.candidates, queue[0])
        if self.behind[line]:
            self.look(self.behind[line])

    def waiting(self) -> list[tuple[int, int, int, int]]:
        """Everybody who stands in a line: source, k, line, joined."""
        return [
            (trip.source, trip.k, line, trip.joined)
            for line, queue in enumerate(self.queues)
            for *_, ticket, trip in queue
            if trip.ticket == ticket
        ]
