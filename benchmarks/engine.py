"""Speed and size of the SimPy engine and of what reads its log.

Run: python -m benchmarks.engine [--smoke]

CPU time, candidates in turn within each repeat, minimum of the repeats; what is printed is the
slope between two numbers of batches, so that fixed costs drop out. Outputs are compared before any
time counts. The naive model is beside this file (`benchmarks.naive`).
"""

from __future__ import annotations

import gc
import sys
import tracemalloc
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from benchmarks.corridor_slice import N_STAGE, build, make_slice
from benchmarks.naive import Naive, Slice
from benchmarks.timing import Jobs, Row, format_table, new_seed, slopes
from corridor_sim.engine.simpy_engine import _Run
from corridor_sim.engine.simpy_engine import run as run_engine
from corridor_sim.history.ledger import Ledger, ledger
from corridor_sim.history.replay import replay
from corridor_sim.model.compiled import CompiledModel


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


class Counting(_Run):
    """The engine, with the events that it schedules counted by what they do."""

    def __init__(self, model: CompiledModel):
        super().__init__(model, False, 10_000)
        self.n_by_act: dict[str, int] = {}
        self.schedule = self.env.schedule
        self.env.schedule = self.count  # type: ignore[method-assign, assignment]

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
        cpu = slopes(jobs, size.repeats)
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
    cpu = slopes(jobs, size.repeats)
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


def _events(model: CompiledModel) -> tuple[dict[str, int], int]:
    """Kernel events by act, and visits."""
    run = Counting(model)
    log = run.run()
    return run.n_by_act, len(log.visits.k)


def _run_naive(given: Slice) -> None:
    Naive(given).run()


def _ledger_bytes(book: Ledger) -> int:
    return book.trips.nbytes + book.stocks.nbytes


def main(smoke: bool = False) -> None:
    """Print the tables."""
    size, seed = (SMOKE if smoke else FULL), new_seed()
    print(
        f"engine: slice of {N_STAGE} stages a batch (6 by train, 6 by vessel), CPU time, "
        f"min of {size.repeats}, interleaved, slope, seed {seed}"
    )
    print(format_table(speed_rows(size, seed)))
    print("\nlinearity: batches a day and servers times 1 to 16, 10 lots a trip")
    print(format_table(linearity_rows(size, seed)))
    print("\nbytes a lot (slope; `engine peak` is by tracemalloc and holds the log too)")
    print(format_table(memory_rows(size, seed)))


if __name__ == "__main__":
    main("--smoke" in sys.argv[1:])
