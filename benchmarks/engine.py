"""Speed and size of the SimPy engine and of what reads its log.

Run: python -m benchmarks.engine [--smoke]

CPU time, candidates in turn within each repeat, minimum of the repeats; what is printed is the
slope between two numbers of batches, so that fixed costs drop out. Outputs are compared before any
time counts. The naive model is beside this file (`benchmarks.naive`).
"""

from __future__ import annotations

import gc
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from benchmarks.naive import COLUMNS, ODS, Naive, Slice
from corridor_sim.engine.log import EventLog
from corridor_sim.engine.simpy_engine import _Run
from corridor_sim.engine.simpy_engine import run as run_engine
from corridor_sim.errors import DrawsExhausted
from corridor_sim.inputs.read import read_scenario
from corridor_sim.model.compile import StreamLength, compile_scenario, longer
from corridor_sim.model.compiled import CompiledModel
from corridor_sim.model.pack import pack
from corridor_sim.primitives import (
    Births,
    Counter,
    Flow,
    Hop,
    Line,
    Primitives,
    Quantity,
    Source,
    Stage,
    Stock,
    Vehicle,
)
from corridor_sim.results import measures
from corridor_sim.results.checks import check
from corridor_sim.results.ledger import Ledger, ledger
from corridor_sim.results.replay import replay
from corridor_sim.results.seconds import seconds_of
from corridor_sim.results.stuck import stuck_in
from corridor_sim.terms import Amount

Row = dict[str, str | int | float]
Jobs = dict[str, tuple[Callable[[], Any], Callable[[], Any]]]
"""Name -> the shorter and the longer job."""

_H = 3_600
_BATCH_S = 6 * _H
"""Mean time between two batches of one OD."""
_STAGES = 12
_DRAIN_S = 60 * 24 * _H


@dataclass(frozen=True)
class Size:
    """How large a measurement is."""

    lots: tuple[int, ...]
    """Lots a trip."""
    batches: dict[int, tuple[int, int]]
    """Lots a trip -> the two numbers of batches by OD between which the slope is taken."""
    demands: tuple[int, ...]
    demand_batches: tuple[int, int]
    repeats: int


FULL = Size((1, 10, 50), {1: (500, 1500), 10: (300, 900), 50: (100, 300)}, (1, 4, 16), (75, 225), 3)
SMOKE = Size((1, 10), {1: (10, 20), 10: (10, 20)}, (1, 2), (5, 10), 1)


def new_seed() -> int:
    """From the operating system; printed, so that a run can be repeated."""
    return int(np.random.SeedSequence().generate_state(1)[0])


def make_slice(n: int, n_batch: int, seed: int, demand: int = 1) -> Slice:
    """Inputs of both models; `demand` multiplies batches a day and all servers alike."""
    rng = np.random.default_rng([seed, n, n_batch, demand])
    n_batch *= demand
    ready = {}
    for od in ODS:
        gaps = rng.exponential(_BATCH_S / (n * demand), n * n_batch)
        ready[od] = np.cumsum(gaps).astype(np.int64)
    hours = dict(zip(COLUMNS, ((6, 14), (4, 10), (18, 30), (20, 40)), strict=True))
    draws = {
        (od, column): (rng.uniform(*hours[column], n_batch) * _H).astype(np.int64)
        for od in ODS
        for column in COLUMNS
    }
    shared = {"section 1": 5, "section 2": 4, "border": 1, "shop": 1, "channel": 1}
    shared |= {"far channel": 1}
    own = {"loco": 10, "platform": 1, "track": 1, "ship": 16, "berth": 1, "far berth": 1}
    return Slice(
        n=n,
        n_batch=n_batch,
        horizon_s=max(int(r[-1]) for r in ready.values()) + _DRAIN_S,
        ready_s=ready,
        draws_s=draws,
        shared={name: cap * demand for name, cap in shared.items()},
        own={name: cap * demand for name, cap in own.items()},
        space=8 * n * demand,
        move_s=3 * _H // max(n, 10),
        border_s=2 * _H,
        shop_s=2 * _H,
        channel_s=_H // 2,
    )


def build(given: Slice) -> CompiledModel:
    """The slice in primitives, packed."""
    parts = Primitives(given.horizon_s)
    parts.vehicles = [Vehicle("carrier", (given.n,))]
    parts.counters = [Counter(name, cap) for name, cap in given.shared.items()]
    for od in ODS:
        _add_od(parts, given, od)
    return pack(parts)


def _add_od(parts: Primitives, given: Slice, od: str) -> None:
    parts.counters += [Counter(f"{name} {od}", cap) for name, cap in given.own.items()]
    parts.counters.append(Counter(f"space {od}", given.space))
    parts.stocks += [Stock(f"yard {od}"), Stock(f"quay {od}")]
    hops = (Hop(f"yard {od}", f"port {od}"), Hop(f"quay {od}", f"far {od}"))
    parts.flows.append(Flow(od, given.ready_s[od], hops, (1,)))
    full = {"load_min": given.n, "unit_s": given.move_s, "vehicle": "carrier"}
    train, vessel = f"train {od}", f"vessel {od}"
    loco, platform, track, ship, berth, far = (
        Quantity(f"{name} {od}")
        for name in ("loco", "platform", "track", "ship", "berth", "far berth")
    )
    into = Quantity(f"space {od}", kind=Amount.UNLOADED)
    out = Quantity(f"space {od}", kind=Amount.LOADED)
    rail: list[dict[str, Any]] = [
        {
            "needs": (loco, platform),
            "puts_end": (platform,),
            "stock": f"yard {od}",
            "spawn": train,
            **full,
        },
        _server("section 1", work_column="section 1"),
        _server("border", work_s=given.border_s),
        _server("section 2", work_column="section 2"),
        _server("shop", work_s=given.shop_s),
        {
            "needs": (track, into),
            "puts_end": (track, loco),
            "place": f"port {od}",
            "unit_s": given.move_s,
        },
    ]
    sea: list[dict[str, Any]] = [
        {
            "needs": (ship, berth),
            "puts_end": (berth, out),
            "stock": f"quay {od}",
            "spawn": vessel,
            **full,
        },
        _server("channel", work_s=given.channel_s),
        {"work_column": "sail"},
        _server("far channel", work_s=given.channel_s),
        {"needs": (far,), "puts_end": (far,), "place": f"far {od}", "unit_s": given.move_s},
        {"work_column": "return", "puts_end": (ship,)},
    ]
    for name, stages in ((train, rail), (vessel, sea)):
        for i, stage in enumerate(stages):
            following = f"{name} {i + 1}" if i + 1 < len(stages) else None
            parts.stages.append(Stage(f"{name} {i}", next_line=following, **stage))
            parts.lines.append(Line(f"{name} {i}", (f"{name} {i}",)))
        parts.sources.append(Source(name, f"{name} 0", Births(np.zeros(1, np.int64))))
    for column in COLUMNS:
        source = train if column.startswith("section") else vessel
        parts.draws[source, column] = given.draws_s[od, column]


def _server(name: str, **work: Any) -> dict[str, Any]:
    return {"needs": (Quantity(name),), "puts_end": (Quantity(name),), **work}


class Counting(_Run):
    """The engine, with the events that it schedules counted by what they do."""

    def __init__(self, model: CompiledModel):
        super().__init__(model, False, 10_000)
        self.n_by_act: dict[str, int] = {}
        self.schedule = self.env.schedule
        self.env.schedule = self.count  # type: ignore[method-assign]

    def count(self, event: Any, *when: Any) -> None:
        """Count, then schedule."""
        name = event.callbacks[0].__name__
        self.n_by_act[name] = self.n_by_act.get(name, 0) + 1
        self.schedule(event, *when)


def mean_transit_s(given: Slice) -> dict[str, tuple[float, float]]:
    """By OD, the mean transit of ours and of the naive model; every lot must be delivered."""
    model = build(given)
    replayed = replay(model, run_engine(model))
    theirs = Naive(given).run()
    out = {}
    for i, od in enumerate(model.names.flows):
        lots = slice(int(model.cargo.lot_ptr[i]), int(model.cargo.lot_ptr[i + 1]))
        ours = replayed.delivered_s[lots]
        if min(ours.min(), theirs[od].min()) < 0:
            raise AssertionError(f"OD {od}: lots left over at the horizon")
        ready = given.ready_s[od]
        out[od] = (float((ours - ready).mean()), float((theirs[od] - ready).mean()))
    return out


def speed_rows(size: Size, seed: int) -> list[Row]:
    """CPU and events a visit, and CPU against the naive model, by lots a trip."""
    rows: list[Row] = []
    for n in size.lots:
        low, high = (make_slice(n, b, seed) for b in size.batches[n])
        transit = mean_transit_s(low)
        off = max(abs(ours / naive - 1) for ours, naive in transit.values())
        if off > 0.01:
            raise AssertionError(f"{n} lots a trip: mean transit differs by {off:.1%}")
        few, many = build(low), build(high)
        events = [_events(model) for model in (few, many)]
        n_visit = events[1][1] - events[0][1]
        by_act = {
            act: (count - events[0][0].get(act, 0)) / n_visit for act, count in events[1][0].items()
        }
        jobs: Jobs = {
            "ours": (partial(run_engine, few), partial(run_engine, many)),
            "naive": (partial(_run_naive, low), partial(_run_naive, high)),
        }
        cpu = _slopes(jobs, size.repeats)
        rows.append(
            {
                "lots/trip": n,
                "visits": n_visit,
                "transit_off": off,
                "events/visit": sum(by_act.values()),
                "us/visit": cpu["ours"] / n_visit * 1e6,
                "naive us/visit": cpu["naive"] / n_visit * 1e6,
                "naive/ours": cpu["naive"] / cpu["ours"] if cpu["ours"] > 0 else float("nan"),
            }
        )
    return rows


def linearity_rows(size: Size, seed: int) -> list[Row]:
    """CPU a visit as the demand (batches a day) and all servers grow alike, 10 lots a trip."""
    pairs = {
        d: tuple(build(make_slice(10, b, seed, d)) for b in size.demand_batches)
        for d in size.demands
    }
    visits = {d: [len(run_engine(m).visits.k) for m in pair] for d, pair in pairs.items()}
    jobs: Jobs = {
        str(d): (partial(run_engine, few), partial(run_engine, many))
        for d, (few, many) in pairs.items()
    }
    cpu = _slopes(jobs, size.repeats)
    per = {d: cpu[str(d)] / (visits[d][1] - visits[d][0]) * 1e6 for d in size.demands}
    return [
        {
            "demand": f"{d}x",
            "visits": visits[d][1] - visits[d][0],
            "us/visit": per[d],
            "to 1x": per[d] / per[size.demands[0]] if per[size.demands[0]] > 0 else float("nan"),
        }
        for d in size.demands
    ]


def memory_rows(size: Size, seed: int) -> list[Row]:
    """Bytes a lot: peak of the engine (its log included), the log, the ledger; a slope each."""
    rows: list[Row] = []
    for n in size.lots:
        found = []
        for batches in size.batches[n]:
            model = build(make_slice(n, batches, seed))
            gc.collect()
            tracemalloc.start()
            log = run_engine(model)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            book = ledger(replay(model, log))
            lots = int(model.cargo.lot_ptr[-1])
            found.append(np.array([lots, peak, log.nbytes, _ledger_bytes(book)], np.float64))
        lots, peak, kept, book_bytes = (found[1] - found[0]).tolist()
        rows.append(
            {
                "lots/trip": n,
                "lots": int(lots),
                "engine peak": peak / lots,
                "log": kept / lots,
                "ledger": book_bytes / lots,
                "log + ledger": (kept + book_bytes) / lots,
                "peak + ledger": (peak + book_bytes) / lots,
            }
        )
    return rows


def replication_rows(scenario: str, sets: tuple[str, ...], repeats: int) -> list[Row]:
    """CPU seconds of one replication by part, and the share of drawing random numbers."""
    resolved = read_scenario(scenario, sets).scenario
    best: dict[str, float] = {}
    numbers: Row = {}
    for _ in range(repeats):
        parts, numbers = _replication(resolved)
        for name, cpu in parts.items():
            best[name] = min(best.get(name, np.inf), cpu)
    total = sum(best.values())
    drawing = min(_drawing_s(resolved) for _ in range(repeats))
    row: Row = {"scenario": scenario, **numbers, **{f"{k} s": v for k, v in best.items()}}
    return [row | {"sum s": total, "drawing s": drawing, "drawing share": drawing / total}]


def _replication(scenario: Any) -> tuple[dict[str, float], Row]:
    """One replication as `studies` does it: repeated with longer streams if one is used up."""
    clock = time.process_time
    parts = {"compile": 0.0, "engine": 0.0}
    lengths: StreamLength = {}
    runs = 0
    while True:
        t0 = clock()
        built = compile_scenario(scenario, 0, stream_length=lengths)
        t1 = clock()
        runs += 1
        log: EventLog | None = None
        try:
            log = run_engine(built.model)
        except DrawsExhausted as short:
            lengths = longer(built, short, lengths)
        parts["compile"] += t1 - t0
        parts["engine"] += clock() - t1
        if log is not None:
            break
    t0 = clock()
    replayed = replay(built.model, log)
    t1 = clock()
    book = ledger(replayed)
    t2 = clock()
    measures.od_rows(scenario, built, replayed)
    measures.facility_rows(built, replayed)
    measures.service_rows(built, replayed)
    done = np.flatnonzero(replayed.delivered_s >= 0)
    measures.ledger_rows(scenario, built, replayed, seconds_of(book, done))
    t3 = clock()
    check(replayed)
    stuck_in(replayed)
    t4 = clock()
    parts |= {"replay": t1 - t0, "ledger": t2 - t1, "measures": t3 - t2, "checks": t4 - t3}
    lots = int(built.model.cargo.lot_ptr[-1])
    return parts, {"lots": lots, "visits": len(log.visits.k), "runs": runs}


def _drawing_s(scenario: Any) -> float:
    """CPU seconds in `uniforms` and `draw_seconds` while one replication is compiled."""
    spent = [0.0]

    def timed(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            start = time.process_time()
            try:
                return function(*args, **options)
            finally:
                spent[0] += time.process_time() - start

        return call

    users = [m for name, m in sys.modules.items() if name.startswith("corridor_sim.model.")]
    places = [(m, name) for m in users for name in ("uniforms", "draw_seconds") if hasattr(m, name)]
    originals = [getattr(m, name) for m, name in places]
    try:
        for (module, name), function in zip(places, originals, strict=True):
            setattr(module, name, timed(function))
        compile_scenario(scenario, 0)
    finally:
        for (module, name), function in zip(places, originals, strict=True):
            setattr(module, name, function)
    return spent[0]


def _events(model: CompiledModel) -> tuple[dict[str, int], int]:
    """Kernel events by act, and visits."""
    run = Counting(model)
    log = run.run()
    return run.n_by_act, len(log.visits.k)


def _run_naive(given: Slice) -> None:
    Naive(given).run()


def _slopes(jobs: Jobs, repeats: int) -> dict[str, float]:
    """CPU seconds of each longer job less its shorter one; minima, taken in turn."""
    best = {(name, i): np.inf for name in jobs for i in (0, 1)}
    for _ in range(repeats):
        for name, pair in jobs.items():
            for i, job in enumerate(pair):
                gc.collect()
                start = time.process_time()
                job()
                best[name, i] = min(best[name, i], time.process_time() - start)
    return {name: best[name, 1] - best[name, 0] for name in jobs}


def _ledger_bytes(book: Ledger) -> int:
    return book.trips.nbytes + book.stocks.nbytes


def format_table(rows: list[Row]) -> str:
    """Rows as aligned text."""
    names = list(rows[0])
    cells = [names] + [
        [f"{row[k]:.3f}" if isinstance(row[k], float) else f"{row[k]}" for k in names]
        for row in rows
    ]
    width = [max(len(line[i]) for line in cells) for i in range(len(names))]
    return "\n".join("  ".join(map(str.rjust, line, width)) for line in cells)


def main(smoke: bool = False) -> None:
    """Print the tables."""
    size, seed = (SMOKE if smoke else FULL), new_seed()
    print(
        f"engine: slice of {_STAGES} stages a batch (6 by train, 6 by vessel), CPU time, "
        f"min of {size.repeats}, interleaved, slope, seed {seed}"
    )
    print(format_table(speed_rows(size, seed)))
    print("\nlinearity: batches a day and servers times 1 to 16, 10 lots a trip")
    print(format_table(linearity_rows(size, seed)))
    print("\nbytes a lot (slope; `engine peak` is by tracemalloc and holds the log too)")
    print(format_table(memory_rows(size, seed)))


if __name__ == "__main__":
    main("--smoke" in sys.argv[1:])
