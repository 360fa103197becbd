"""bottlenecks: what units waited for, most first, and how busy it was."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from corridor_sim.history.causes import Cause, causes_of
from corridor_sim.history.clocks import ready_in_window
from corridor_sim.history.ledger import Ledger
from corridor_sim.history.replay import Replay
from corridor_sim.history.root_causes import holders_s, root_hours
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built
from corridor_sim.results import indicators as ind

Rows = list[dict[str, Any]]

WORDS = ("no vehicle", "loading", "fill", "timetable", "headway", "turn")
"""After `wait:`, of a service; the vehicle is elsewhere, or here and waits for its rule."""
ONE_WORD = ("paths", "fleet of", "fleet", "embargo", "weather", "closed", "down", "harbour")


def bottleneck_rows(
    scenario: Scenario, built: Built, book: Ledger, od_causes: Rows, chain: Rows, with_root: bool
) -> Rows:
    """Hours that delivered units of the window waited, by cause over all demand, most first.

    od_causes    mean hours of a unit by demand row and cause
    chain        rows of capacity_chain, for how busy the elements were
    with_root    also follow the waits to where they began (`root_causes`)
    """
    labels, groups = book.labels, causes_of(scenario, book.labels)
    is_work = (groups == Cause.MOVING) | (groups == Cause.SERVICE)
    waited = _unit_hours(built, book, od_causes)
    waited[is_work] = 0.0
    root = np.full(len(labels), ind.NAN)
    if with_root:
        held = holders_s(scenario, built, book, np.flatnonzero(~is_work))
        root = root_hours(waited, held, is_work)
    busy, total = busy_shares(scenario, chain), float(waited.sum())
    named = np.flatnonzero((waited > 0) | (root > total * 1e-6)).tolist()
    ranked = sorted(named, key=lambda i: (-waited[i], -np.nan_to_num(root[i]), labels[i]))
    return [
        {
            "rank": rank,
            "cause": labels[i],
            "group": Cause(groups[i]).name.lower(),
            "element": element_of(labels[i]),
            "wait_unit_h": float(waited[i]),
            "wait_share": ind.bottleneck_share(float(waited[i]), total),
            "root_unit_h": float(root[i]),
            "busy_share": busy.get(element_of(labels[i]), ind.NAN),
        }
        for rank, i in enumerate(ranked, start=1)
    ]


def _unit_hours(built: Built, book: Ledger, od_causes: Rows) -> np.ndarray:
    """Hours by label (n_label,), over all demand."""
    units, at = delivered_units(built, book.replay), {n: i for i, n in enumerate(book.labels)}
    out = np.zeros(len(at))
    for row in od_causes:
        out[at[row["cause"]]] += row["mean_h"] * units[row["od"]]
    return out


def delivered_units(built: Built, replay: Replay) -> dict[str, int]:
    """Demand row -> units that were ready in the window and were delivered."""
    units: dict[str, int] = defaultdict(int)
    for flow in built.meaning.flows:
        lots = ready_in_window(built, replay, flow)
        units[flow.demand] += int(np.count_nonzero(replay.delivered_s[lots] >= 0))
    return units


def element_of(cause: str) -> str:
    """What a cause is about: a facility, fleet, leg, service, yard, zone or embargo.

    >>> [element_of(c) for c in ("wait:ramp", "wait:fill crossing", "wait:turn crossing@alat")]
    ['ramp', 'crossing', 'crossing']
    >>> element_of("wait:paths alat__baku"), element_of("weather kuryk"), element_of("works")
    ('alat__baku', 'kuryk', 'works')
    """
    text = cause.removeprefix("wait:").removeprefix("hold:")
    for word in (*WORDS, *ONE_WORD):
        if text.startswith(f"{word} "):
            return text.removeprefix(f"{word} ").split("@")[0]
    return text


def busy_shares(scenario: Scenario, chain: Rows) -> dict[str, float]:
    """Element -> busy share; a service is as busy as its vehicles."""
    busy = {row["element"]: row["busy_share"] for row in chain}
    fleets = {name: "+".join(row.fleets) for name, row in scenario.services.items()}
    return busy | {name: busy[fleet] for name, fleet in fleets.items() if fleet in busy}
