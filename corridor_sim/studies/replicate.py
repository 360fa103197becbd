"""One replication, and many of them over processes: the same rows for any number of workers."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from corridor_sim.engine import simpy_engine
from corridor_sim.engine.log import EventLog
from corridor_sim.errors import DrawsExhausted
from corridor_sim.history.checks import check, check_hours
from corridor_sim.history.halves import halves_of, places_of, stock_clock
from corridor_sim.history.hours import Hours
from corridor_sim.history.ledger import Ledger, ledger
from corridor_sim.history.replay import Replay, replay
from corridor_sim.history.seconds import LotSeconds, lot_seconds
from corridor_sim.history.stuck import Stuck, stuck_in
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built, StreamLength, compile_scenario, longer
from corridor_sim.money.activities import Activities, activities_of
from corridor_sim.results import measures, quoted
from corridor_sim.results.anchorage import anchorage_rows
from corridor_sim.results.cost_rows import cost_rows
from corridor_sim.results.dwell import dwell_rows, parts_of, stays_of
from corridor_sim.results.embargo_rows import embargo_rows
from corridor_sim.results.emissions import emission_rows
from corridor_sim.results.ledger_rows import hours_of, ledger_rows
from corridor_sim.results.leg_measures import leg_rows
from corridor_sim.results.stock_levels import StockLevels, stock_levels
from corridor_sim.results.trips import trip_rows
from corridor_sim.results.weather_rows import weather_rows
from corridor_sim.results.yard_hours import yard_rows
from corridor_sim.studies import twin
from corridor_sim.units import HOUR_S

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Replication:
    """What one replication leaves behind: rows by table, checks, and how it ended."""

    rep: int
    tables: dict[str, Rows]
    stuck: Stuck
    fingerprint: str
    levels: StockLevels | None = None
    hours: Hours | None = None
    activities: Activities | None = None
    """Means of all amounts that tariffs price: with them any tariff is priced anew."""


def simulate(
    scenario: Scenario, rep: int, stream_length: StreamLength | None = None
) -> tuple[Built, EventLog, StreamLength]:
    """Compile and run one replication; a stream that is too short is doubled and the run repeated.

    Streams are prefixes of one another, so a repeated run is the same run, longer.
    """
    lengths = dict(stream_length or {})
    while True:
        built = compile_scenario(scenario, rep, stream_length=lengths)
        try:
            return built, simpy_engine.run(built.model), lengths
        except DrawsExhausted as short:
            lengths = longer(built, short, lengths)


Detail = Literal["measures", "causes", "all", "lots"]
"""measures: no ledger, no checks, no tables by place; causes: and the mean hours by OD and cause;
all: these too; lots: and every lot."""


def replicate_one(scenario: Scenario, rep: int, detail: Detail = "all") -> Replication:
    """Run one replication and reduce it to rows."""
    built, log, _ = simulate(scenario, rep)
    replayed = replay(built.model, log)
    activities = activities_of(scenario, built, replayed)
    tables: dict[str, Rows] = {
        "od_kpi": measures.od_rows(scenario, built, replayed, activities),
        "facility_kpi": measures.facility_rows(built, replayed),
        "service_kpi": measures.service_rows(built, replayed),
    }
    tables |= quoted.measured(scenario, built, replayed, tables)
    levels, hours = None, None
    if detail == "causes":
        few = hours_of(scenario, built, ledger(replayed), (), by_month=False)[1]
        tables["od_causes"] = quoted.cause_rows(ledger_rows(scenario, built, few))
    elif detail != "measures":
        book = ledger(replayed)
        seconds, hours = hours_of(scenario, built, book)
        tables["ledger"] = ledger_rows(scenario, built, hours)
        tables["od_causes"] = quoted.cause_rows(tables["ledger"])
        tables["costs"] = cost_rows(scenario, activities)
        tables["checks"] = _checks(book, seconds)
        tables["weather"] = weather_rows(built)
        tables["embargo"] = embargo_rows(built, replayed)
        tables["yard_hours"] = yard_rows(scenario, built, replayed)
        tables["emissions"] = emission_rows(scenario, built, replayed)
        tables["anchorage"] = anchorage_rows(scenario, built, book)
        levels = _by_place(scenario, built, replayed, book, tables, with_trips=rep == 0)
        if detail == "lots":
            tables["lots"] = _lots(built, replayed, book)
        if rep == 0 and built.meaning.outages:
            tables["disruptions"] = twin.disruption_rows(scenario, built)
    if twin.has_twin(scenario):
        other, log, _ = simulate(twin.undisturbed(scenario), rep)
        calm = replay(other.model, log)
        tables["resilience"] = twin.resilience_rows(scenario, built, replayed, calm)
    for rows in tables.values():
        for row in rows:
            row["rep"] = rep
    fingerprint = built.model.fingerprint()
    stuck = stuck_in(replayed)
    return Replication(rep, tables, stuck, fingerprint, levels, hours, activities)


def _by_place(
    scenario: Scenario,
    built: Built,
    replayed: Replay,
    book: Ledger,
    tables: dict[str, Rows],
    with_trips: bool,
) -> StockLevels:
    """Add the tables of legs, nodes and (a large one) trips; gives the daily levels of stocks."""
    places = places_of(scenario, built)
    halves = halves_of(scenario, built, book, places)
    clock = stock_clock(scenario, book)
    tables["leg_kpi"] = leg_rows(scenario, built, replayed, book)
    stays = stays_of(replayed, parts_of(replayed, halves, places))
    tables["node_dwell"] = dwell_rows(scenario, built, replayed, halves, places, clock, stays)
    causes = tables["od_causes"]
    tables |= quoted.in_detail(scenario, built, book, halves, places, stays, causes, with_trips)
    if with_trips:
        tables["trips"] = trip_rows(scenario, built, replayed, halves)
    return stock_levels(scenario, built, replayed, places)


def _checks(book: Ledger, seconds: LotSeconds) -> Rows:
    replayed = book.replay
    rows = [
        {"name": c.name, "tolerance": c.tolerance, "found": c.found, "ok": c.ok}
        for c in (*check(replayed), *check_hours(book))
    ]
    integral, waits = measures.little(replayed)
    rows.append(
        {
            "name": "Little's law on every stock",
            "tolerance": 0,
            "found": abs(integral - waits),
            "ok": integral == waits,
        }
    )
    done = seconds.lots
    off = seconds.by_lot() - (replayed.delivered_s[done] - replayed.ready_s[done])
    found = int(np.count_nonzero(off))
    rows.append(
        {"name": "ledger sums to door to door", "tolerance": 0, "found": found, "ok": found == 0}
    )
    return rows


def _lots(built: Built, replayed: Replay, book: Ledger) -> Rows:
    """Every lot: where from, when, and the hours of every state."""
    ptr, names = built.model.cargo.lot_ptr, built.model.names
    seconds = lot_seconds(book)
    used = np.flatnonzero(seconds.any(axis=0))
    flow = np.searchsorted(ptr, np.arange(len(seconds)), side="right") - 1
    about = {names.flows.index(f.flow): (f.demand, f.route) for f in built.meaning.flows}
    rows = []
    for lot in range(len(seconds)):
        demand, route = about[int(flow[lot])]
        delivered = int(replayed.delivered_s[lot])
        row: dict[str, Any] = {
            "od": demand,
            "route": route,
            "lot": lot - int(ptr[flow[lot]]),
            "units": int(built.model.cargo.units_per_lot[flow[lot]]),
            "ready_s": int(replayed.ready_s[lot]),
            "delivered_s": delivered if delivered >= 0 else None,
        }
        row |= {f"{names.labels[i]}_h": float(seconds[lot, i] / HOUR_S) for i in used}
        rows.append(row)
    return rows


def run_tasks(
    tasks: list[tuple[Scenario, int, Detail]],
    jobs: int,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Replication]:
    """Results in the order of the tasks, whoever finishes first."""
    done = 0
    if jobs <= 1 or len(tasks) == 1:
        for task in tasks:
            yield replicate_one(*task)
            done += 1
            if progress:
                progress(done)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(tasks)), context, _end_without_a_word) as pool:
        try:
            for result in pool.map(_task, tasks):
                yield result
                done += 1
                if progress:
                    progress(done)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _end_without_a_word() -> None:
    """Ctrl-C reaches workers too; only the parent has something to say about it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _task(task: tuple[Scenario, int, Detail]) -> Replication:
    return replicate_one(*task)
