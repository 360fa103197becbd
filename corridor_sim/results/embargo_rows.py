"""embargo: every order of a replication, from its meter's switches, and what waited for it."""

from __future__ import annotations

from typing import Any

import numpy as np

from corridor_sim.history.replay import Replay
from corridor_sim.model.compile import Built
from corridor_sim.primitives import IntArray
from corridor_sim.units import HOUR_S


def embargo_rows(built: Built, replay: Replay) -> list[dict[str, Any]]:
    """One row an embargo and order, by embargo and time; off_s -1: still on at the horizon."""
    switches, names = replay.log.switches, built.model.names
    rows = []
    for name, lines in sorted(built.meaning.embargoes.items()):
        mine = switches.meter == names.meters.index(f"embargo {name}")
        at, on, level = switches.t_s[mine], switches.on[mine], switches.level[mine]
        waiting = _waiting(replay, [names.lines.index(line) for line in lines])
        for i in np.flatnonzero(on).tolist():
            is_over = i + 1 < len(at)
            until = int(at[i + 1]) if is_over else built.model.horizon_s
            rows.append(
                {
                    "embargo": name,
                    "on_s": int(at[i]),
                    "off_s": until if is_over else -1,
                    "on_level_units": int(level[i]),
                    "off_level_units": int(level[i + 1]) if is_over else None,
                    "lasted_h": (until - int(at[i])) / HOUR_S,
                    "held_most_units": _most(waiting, int(at[i]), until),
                }
            )
    return rows


def _waiting(replay: Replay, lines: list[int]) -> tuple[IntArray, IntArray]:
    """Instants and units that wait in these lines from each on; the first at 0."""
    itinerary = replay.itinerary
    rows = np.flatnonzero(np.isin(itinerary.line, lines))
    units = replay.before(replay.model.cargo.units_per_lot)[rows]
    change = np.concatenate([[0], units, -units])
    at = np.concatenate([[0], itinerary.joined_s[rows], itinerary.start_s[rows]])
    times, which = np.unique(at, return_inverse=True)
    total = np.zeros(len(times), np.int64)
    np.add.at(total, which.reshape(-1), change)
    return times, np.cumsum(total)


def _most(waiting: tuple[IntArray, IntArray], from_s: int, to_s: int) -> int:
    """The largest number that waits at the end of any second of [from, to)."""
    at, units = waiting
    first = int(np.searchsorted(at, from_s, side="right")) - 1
    end = int(np.searchsorted(at, to_s, side="left"))
    return int(units[first : max(end, first + 1)].max())
