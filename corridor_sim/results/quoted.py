"""The tables of figures that planners quote, of one replication."""

from __future__ import annotations

from typing import Any

from corridor_sim.history.halves import Halves, Places
from corridor_sim.history.ledger import Ledger
from corridor_sim.history.replay import Replay
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built
from corridor_sim.results.backlog import backlog_rows
from corridor_sim.results.bottlenecks import bottleneck_rows
from corridor_sim.results.capacity_chain import chain_rows
from corridor_sim.results.dwell import Stays
from corridor_sim.results.facility_use import use_of
from corridor_sim.results.indicators import NAN
from corridor_sim.results.marey import marey_rows
from corridor_sim.results.progress import journeys
from corridor_sim.results.reliability import reliability_rows
from corridor_sim.results.service_quality import quality_of
from corridor_sim.results.tcd import tcd_rows
from corridor_sim.results.tfi import tfi_rows
from corridor_sim.results.use_indicators import waiting_ratio

Rows = list[dict[str, Any]]


def measured(
    scenario: Scenario, built: Built, replay: Replay, tables: dict[str, Rows]
) -> dict[str, Rows]:
    """Those that every run has, sweeps and comparisons too; some are `tables` with more columns."""
    return {
        "facility_kpi": _with_use(built, replay, tables["facility_kpi"]),
        "service_kpi": _with_quality(built, replay, tables["service_kpi"]),
        "reliability": reliability_rows(scenario, built, replay),
        "backlog": backlog_rows(scenario, built, replay),
    }


def _with_use(built: Built, replay: Replay, rows: Rows) -> Rows:
    """What is known of a facility as a whole stands in its row of all classes."""
    use = use_of(built, replay)
    unknown = dict.fromkeys(("utilisation_open", "occupancy"), NAN)
    return [
        row
        | {"wait_ratio": waiting_ratio(row["wait_mean_h"], row["sojourn_mean_h"])}
        | (use[row["facility"]] if row["class"] == "all" else unknown)
        for row in rows
    ]


def _with_quality(built: Built, replay: Replay, rows: Rows) -> Rows:
    quality = quality_of(built, replay)
    return [row | quality[row["service"], row["call"]] for row in rows]


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
    large = {"marey": marey_rows(scenario, built, book.replay)} if is_first else {}
    return large | {
        "tfi": tfi_rows(scenario, found),
        "tcd": tcd_rows(scenario, found),
        "capacity_chain": chain,
        "bottlenecks": bottleneck_rows(scenario, built, book, od_causes, chain, is_first),
    }


def cause_rows(ledger: Rows) -> Rows:
    """od_causes: the mean hours by demand row and cause of one replication's ledger."""
    return [{name: row[name] for name in ("od", "cause", "mean_h")} for row in ledger]
