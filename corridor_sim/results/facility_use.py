"""facility_kpi: use of facilities in open hours, places held, and waits beside services."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from corridor_sim.history.open_time import clock_of, counter_time_s, open_within
from corridor_sim.history.replay import Replay
from corridor_sim.model.compile import Built
from corridor_sim.results.indicators import NAN
from corridor_sim.results.use_indicators import occupancy, open_utilisation
from corridor_sim.units import HOUR_S

Columns = dict[str, float]


def use_of(built: Built, replay: Replay) -> dict[str, Columns]:
    """Facility (or `facility component`) -> its columns for all classes together."""
    stages: dict[str, set[str]] = defaultdict(set)
    for visit in built.meaning.visits:
        stages[visit.facility].add(visit.stage)
    visits, names = replay.itinerary, built.model.names.stages
    number = {name: i for i, name in enumerate(names)}
    row = np.flatnonzero(visits.stage >= 0)
    row = row[np.argsort(visits.stage[row], kind="stable")]
    ptr = np.searchsorted(visits.stage[row], np.arange(len(names) + 1))
    found = {}
    for facility, mine in sorted(stages.items()):
        at = sorted(number[name] for name in mine)
        rows = np.concatenate([row[ptr[i] : ptr[i + 1]] for i in at])
        found[facility] = _use(built, replay, facility, rows, clock_of(built, at[0]))
    return found


def _use(
    built: Built, replay: Replay, facility: str, rows: np.ndarray, calendar: str | None
) -> Columns:
    visits, names = replay.itinerary, built.model.names.counters
    worked_s = float(open_within(built, calendar, visits.start_s[rows], visits.end_s[rows]).sum())
    if facility not in names or not built.meaning.servers.get(facility):
        return {"utilisation_open": NAN, "occupancy": NAN}
    counter, begin, until = names.index(facility), *built.window_s[:2]
    open_server_s = counter_time_s(built, replay, counter, calendar)
    there_s = counter_time_s(built, replay, counter, None)
    free_s = counter_time_s(built, replay, counter, None, replay.free)
    n = built.meaning.servers[facility]
    return {
        "utilisation_open": open_utilisation(worked_s / HOUR_S, open_server_s / HOUR_S),
        "occupancy": occupancy((there_s - free_s) / HOUR_S, n * (until - begin) / HOUR_S),
    }
