"""How a benchmark is timed and printed."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Any

import numpy as np

Row = dict[str, str | int | float]
Jobs = dict[str, tuple[Callable[[], Any], Callable[[], Any]]]
"""Name -> the shorter and the longer job."""


def new_seed() -> int:
    """From the operating system; printed, so that a run can be repeated."""
    return int(np.random.SeedSequence().generate_state(1)[0])


def slopes(jobs: Jobs, repeats: int) -> dict[str, float]:
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


def format_table(rows: list[Row]) -> str:
    """Rows as aligned text."""
    names = list(rows[0])
    cells = [names] + [
        [f"{row[k]:.3f}" if isinstance(row[k], float) else f"{row[k]}" for k in names]
        for row in rows
    ]
    width = [max(len(line[i]) for line in cells) for i in range(len(names))]
    return "\n".join("  ".join(map(str.rjust, line, width)) for line in cells)
