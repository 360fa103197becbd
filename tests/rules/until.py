"""What a log says of the time before an instant, to compare two runs up to it."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from corridor_sim.engine.log import EventLog
from corridor_sim.primitives import IntArray


def rows_until(log: EventLog, t: int) -> dict[str, list[IntArray]]:
    """Columns of the rows that begin before t, sorted as the log is; an end that is later counts as t.

    Cargo has no instant of its own: rows of visits that ended before t.
    """
    births, visits, cargo = log.births, log.visits, log.cargo
    early = visits.start_s < t
    over = set(zip(visits.source, visits.k, visits.visit, visits.end_s < t, strict=True))
    moved = list(zip(cargo.source, cargo.k, cargo.visit, strict=True))
    done = [i for i, key in enumerate(moved) if (*key, True) in over]
    columns = ("source", "k", "visit", "line", "stage", "lots", "start_s")
    switches = log.switches.t_s < t
    return {
        "births": [getattr(births, f.name)[births.joined_s < t] for f in fields(births)],
        "visits": [getattr(visits, name)[early] for name in columns],
        "ends": [np.minimum(visits.end_s[early], t)],
        "cargo": [getattr(cargo, f.name)[done] for f in fields(cargo)],
        "switches": [getattr(log.switches, f.name)[switches] for f in fields(log.switches)],
    }


def bytes_until(log: EventLog, t: int) -> bytes:
    """The same as bytes: equal if and only if every row is."""
    return b"".join(column.tobytes() for table in rows_until(log, t).values() for column in table)
