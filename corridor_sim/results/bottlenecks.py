"""bottlenecks: what units waited for, most first, and how busy it was."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built
from corridor_sim.results import indicators as ind
from corridor_sim.results.causes import Cause, cause_of
from corridor_sim.results.clocks import ready_in_window
from corridor_sim.results.replay import Replay

Rows = list[dict[str, Any]]

WORDS = ("no vehicle", "loading", "fill", "timetable", "headway", "turn")
"""After `wait:`, of a service; the vehicle is elsewhere, or here and waits for its rule."""
ONE_WORD = ("paths", "fleet of", "fleet", "embargo", "weather", "closed", "down", "harbour")


def bottleneck_rows(
    scenario: Scenario, built: Built, replay: Replay, od_causes: Rows, chain: Rows
) -> Rows:
    """Hours that delivered units of the window waited, by cause over all demand, most first.

    od_causes    mean hours of a unit by demand row and cause
    chain        rows of capacity_chain, for how busy the elements were
    """
    units = delivered_units(built, replay)
    unit_h: dict[str, float] = defaultdict(float)
    for row in od_causes:
        unit_h[row["cause"]] += row["mean_h"] * units[row["od"]]
    yards = frozenset(row.id for row in scenario.facilities.values() if row.type == "yard")
    groups = {cause: cause_of(cause, yards) for cause in unit_h}
    waits = {
        c: h for c, h in unit_h.items() if groups[c] not in (Cause.MOVING, Cause.SERVICE) and h
    }
    busy = busy_shares(scenario, chain)
    ranked = sorted(waits.items(), key=lambda item: (-item[1], item[0]))
    total = sum(waits.values())
    return [
        {
            "rank": rank,
            "cause": cause,
            "group": groups[cause].name.lower(),
            "element": element_of(cause),
            "wait_unit_h": hours,
            "wait_share": ind.bottleneck_share(hours, total),
            "busy_share": busy.get(element_of(cause), ind.NAN),
        }
        for rank, (cause, hours) in enumerate(ranked, start=1)
    ]


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
