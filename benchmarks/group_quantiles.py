"""Time of quantiles by OD of a long ledger, against one `lexsort` of its rows.

Run: python -m benchmarks.group_quantiles

`lexsort` by OD and time is what any quantile by group seems to need. Quantiles are compared with
numpy's, OD by OD, before any time counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.timing import Row, format_table, new_seed
from corridor_sim.history.ordered import Ordered
from corridor_sim.primitives import IntArray
from corridor_sim.units import DAY_S, HOUR_S

N_OD = 60
PERCENTS = (10, 50, 90, 95, 99)


def make_ledger(n_row: int, seed: int) -> tuple[IntArray, IntArray, IntArray]:
    """(od, seconds, lots) of rows: times around 18 days, one row in 50 without."""
    rng = np.random.default_rng(seed)
    seconds = rng.gamma(9.0, 2.0 * DAY_S, n_row).astype(np.int64)
    seconds[::50] = -1
    return rng.integers(0, N_OD, n_row), seconds, rng.integers(1, 41, n_row)


def quantiles(od: IntArray, seconds: IntArray, lots: IntArray | None) -> list[np.ndarray]:
    """All quantiles of all ODs, h."""
    ordered = Ordered(od, seconds, N_OD, lots)
    return [ordered.quantile_h(q) for q in PERCENTS]


def rows(n_row: int, repeats: int, seed: int) -> list[Row]:
    """CPU seconds of the sort alone, and of all quantiles of rows and of batches; minima."""
    od, seconds, lots = make_ledger(n_row, seed)
    _require_equal(od, seconds)
    jobs: dict[str, Callable[[], Any]] = {
        "lexsort": lambda: np.lexsort((seconds, od)),
        "quantiles": lambda: quantiles(od, seconds, None),
        "of batches": lambda: quantiles(od, seconds, lots),
    }
    best = dict.fromkeys(jobs, np.inf)
    for _ in range(repeats):
        for name, job in jobs.items():
            start = time.process_time()
            job()
            best[name] = min(best[name], time.process_time() - start)
    row: Row = {"n_row": n_row, "n_od": N_OD}
    row.update({f"{name} s": cpu for name, cpu in best.items()})
    for name in ("quantiles", "of batches"):
        row[f"{name} / lexsort"] = best[name] / best["lexsort"] if best["lexsort"] else np.nan
    return [row]


def main(smoke: bool = False) -> None:
    """Print the table at a hundredth, a tenth and all of the rows."""
    repeats, seed = (1, 1) if smoke else (3, new_seed())
    sizes = (2_000,) if smoke else (100_000, 1_000_000, 10_000_000)
    print(f"quantiles by OD: {PERCENTS}, CPU, min of {repeats}, interleaved, seed {seed}")
    print(format_table([row for n in sizes for row in rows(n, repeats, seed)]))


def _require_equal(od: IntArray, seconds: IntArray) -> None:
    """Compare with numpy.percentile, OD by OD, on the rows that have a time."""
    known = seconds >= 0
    found = quantiles(od[known], seconds[known], None)
    for g in range(N_OD):
        expected = np.percentile(seconds[known & (od == g)], PERCENTS) / HOUR_S
        np.testing.assert_allclose([by_od[g] for by_od in found], expected, rtol=1e-12)


if __name__ == "__main__":
    main()
