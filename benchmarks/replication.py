"""CPU time of one replication by part, as `studies` runs it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.timing import Row
from corridor_sim.engine.log import EventLog
from corridor_sim.engine.simpy_engine import run as run_engine
from corridor_sim.errors import DrawsExhausted
from corridor_sim.history.checks import check
from corridor_sim.history.ledger import ledger
from corridor_sim.history.replay import replay
from corridor_sim.history.stuck import stuck_in
from corridor_sim.inputs.read import read_scenario
from corridor_sim.model.compile import StreamLength, compile_scenario, longer
from corridor_sim.results import measures
from corridor_sim.results.ledger_rows import hours_of, ledger_rows


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
    ledger_rows(scenario, built, hours_of(scenario, built, book)[1])
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
