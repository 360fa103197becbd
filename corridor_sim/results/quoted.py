"""The tables of figures that planners quote, of one replication."""

from __future__ import annotations

from typing import Any

from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built
from corridor_sim.results.bottlenecks import bottleneck_rows
from corridor_sim.results.capacity_chain import chain_rows
from corridor_sim.results.dwell import Stays
from corridor_sim.results.halves import Halves, Places
from corridor_sim.results.ledger import Ledger
from corridor_sim.results.progress import journeys
from corridor_sim.results.reliability import reliability_rows
from corridor_sim.results.replay import Replay
from corridor_sim.results.tcd import tcd_rows
from corridor_sim.results.tfi import tfi_rows

Rows = list[dict[str, Any]]


def measured(scenario: Scenario, built: Built, replay: Replay) -> dict[str, Rows]:
    """Those that every run has, sweeps and comparisons too."""
    return {"reliability": reliability_rows(scenario, built, replay)}


def in_detail(
    scenario: Scenario,
    built: Built,
    book: Ledger,
    halves: Halves,
    places: Places,
    stays: Stays,
    od_causes: Rows,
    is_first: bool,
) -> dict[str, Rows]:
    """Those that need the ledger, or to know where lots stayed; large ones of one replication."""
    chain = chain_rows(scenario, built, book)
    found = list(journeys(scenario, built, book.replay, places, stays))
    return {
        "tfi": tfi_rows(scenario, found),
        "tcd": tcd_rows(scenario, found),
        "capacity_chain": chain,
        "bottlenecks": bottleneck_rows(scenario, built, book.replay, od_causes, chain),
    }


def cause_rows(ledger: Rows) -> Rows:
    """od_causes: the mean hours by demand row and cause of one replication's ledger."""
    return [{name: row[name] for name in ("od", "cause", "mean_h")} for row in ledger]
