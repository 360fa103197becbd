"""Small ports for the rules of berths, cranes and sailings, and what happened there, in hours.

Everything is constant: voyages and work take the hours that the text says, so that each test is a
sum of a few numbers. Hours count from 2024-01-01 00:00 UTC.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from corridor_sim.engine import heap_engine
from corridor_sim.engine.log import EventLog
from corridor_sim.history.ledger import Ledger, ledger
from corridor_sim.history.replay import Replay, replay
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built
from corridor_sim.studies.replicate import simulate
from tests.written import read_text

HEAD = """\
name: port
simulation: {start: 2024-01-01, warm_up_h: 0, window_h: 96, drain_h: 0, reps: 1, seed: 1}
"""
CALM = "{" + ", ".join(f"m{month:02d}: 0" for month in range(1, 13)) + "}"


class Ran(NamedTuple):
    """One replication and its replay."""

    scenario: Scenario
    built: Built
    log: EventLog
    replay: Replay

    @property
    def book(self) -> Ledger:
        """The ledger."""
        return ledger(self.replay)

    def visits(self, *words: str) -> list[tuple[str, float, float]]:
        """(stage, from h, to h) of visits of stages whose names hold all the words, in time."""
        visits, names = self.log.visits, self.built.model.names.stages
        rows = [
            (names[stage], start / 3600, end / 3600)
            for stage, start, end in zip(
                visits.stage.tolist(), visits.start_s.tolist(), visits.end_s.tolist(), strict=True
            )
            if stage >= 0 and all(word in names[stage] for word in words)
        ]
        return sorted(rows, key=lambda row: (row[1], row[2], row[0]))

    def sailings(self, *words: str) -> list[float]:
        """Hours at which rides of these words began."""
        return [start for _, start, _ in self.visits("ride", *words)]

    def waits(self, source: str) -> dict[str, float]:
        """Hours of all trips of one source by label, waits and work."""
        itinerary, trips = self.replay.itinerary, self.book.trips
        mine = itinerary.source[trips.row] == self.built.model.names.sources.index(source)
        spent = np.bincount(trips.label[mine], (trips.to_s - trips.from_s)[mine])
        return {self.book.labels[i]: float(spent[i] / 3600) for i in np.flatnonzero(spent)}


def run(folder: Path, text: str, *sets: str) -> Ran:
    """Read, run with both engines (which must agree), replay."""
    scenario = read_text(folder, HEAD + text, *sets).scenario
    built, log, _ = simulate(scenario, 0)
    assert heap_engine.run(built.model).same(log)
    return Ran(scenario, built, log, replay(built.model, log))


def never_too_full(ran: Ran) -> bool:
    """Whether no counter ever had more free than it holds: nothing is put back twice."""
    free = ran.replay.free
    counter = np.repeat(np.arange(len(free.ptr) - 1), np.diff(free.ptr))
    return bool((free.value <= ran.replay.cap.at(counter, free.at_s)).all())


def not_back(ran: Ran) -> list[str]:
    """Counters that are not whole at the end."""
    short = ran.replay.free.last() != ran.replay.cap.last()
    return [
        name
        for name, is_short in zip(ran.built.model.names.counters, short, strict=True)
        if is_short
    ]
