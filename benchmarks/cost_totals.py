"""Time of totals of cost by OD for many tariff sets, after one preparation.

Run: python -m benchmarks.cost_totals

Prepared are a million lots: sums of separable items by OD, and the stays at a few places, sorted,
for storage beyond a free time that differs by set. Totals are compared with the sums of all lots'
costs before any time counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.cost_core import FloatArray, Inputs, make_inputs
from benchmarks.timing import Row, format_table, new_seed
from corridor_sim.money.cost_totals import Totals, prepare
from corridor_sim.money.costs import cost_blocks
from corridor_sim.money.free_time import Stays, charged_usd, lot_charges_usd, prepare_stays
from corridor_sim.primitives import IntArray
from corridor_sim.units import DAY_S

N_OD, N_PLACE = 60, 4


@dataclass(frozen=True)
class Book:
    """Lots with their OD and their stays, and prices with free times."""

    lots: Inputs
    od: IntArray
    stay_s: IntArray
    units: IntArray
    free_s: IntArray
    rate_usd: FloatArray


def make_book(n_lot: int, n_leg: int, n_set: int, seed: int) -> Book:
    """As in `cost_core`, and stays of some days at each place; one in five was not there."""
    lots = make_inputs(n_lot, n_leg, n_set, seed)
    rng = np.random.default_rng([seed, 1])
    stay_s = rng.gamma(2.0, 2.0 * DAY_S, (n_lot, N_PLACE)).astype(np.int64)
    stay_s[::5] = -1
    stay_s[np.isnan(lots.transit_d)] = -1
    return Book(
        lots,
        rng.integers(0, N_OD, n_lot),
        stay_s,
        lots.teu.astype(np.int64),
        rng.integers(0, 15, (N_PLACE, n_set)) * DAY_S,
        rng.uniform(0, 30, (N_PLACE, n_set)),
    )


def prepared(book: Book) -> tuple[Totals, list[Stays]]:
    """What is done once."""
    use, _ = book.lots.items()
    stays = [prepare_stays(book.od, column, book.units, N_OD) for column in book.stay_s.T]
    return prepare(use, book.od, N_OD), stays


def totals(book: Book, sums: Totals, stays: list[Stays], rate_usd: FloatArray) -> FloatArray:
    """(n_od, n_set) USD, storage included."""
    return sums.usd(rate_usd) + charged_usd(stays, book.free_s, book.rate_usd)


def rows(n_lot: int, n_leg: int, n_set: int, repeats: int, seed: int) -> list[Row]:
    """CPU time of the preparation, and of all totals after it; minima."""
    book = make_book(n_lot, n_leg, n_set, seed)
    _, rate_usd = book.lots.items()
    sums, stays = prepared(book)
    _require_equal(book, totals(book, sums, stays, rate_usd), rate_usd)
    jobs: dict[str, Callable[[], Any]] = {
        "preparation": lambda: prepared(book),
        "totals": lambda: totals(book, sums, stays, rate_usd),
        "totals, no storage": lambda: sums.usd(rate_usd),
    }
    best = dict.fromkeys(jobs, np.inf)
    for _ in range(repeats):
        for name, job in jobs.items():
            start = time.process_time()
            job()
            best[name] = min(best[name], time.process_time() - start)
    row: Row = {"n_lot": n_lot, "n_od": N_OD, "n_item": n_leg + 3, "n_set": n_set}
    row.update({f"{name} ms": cpu * 1_000 for name, cpu in best.items()})
    return [row]


def main(smoke: bool = False) -> None:
    """Print the table at a hundredth, a tenth and all of the lots."""
    repeats, seed = (1, 1) if smoke else (3, new_seed())
    sizes = (500,) if smoke else (10_000, 100_000, 1_000_000)
    n_leg, n_set = (4, 3) if smoke else (12, 200)
    print(f"totals by OD: {N_PLACE} places with storage, CPU, min of {repeats}, seed {seed}")
    print(format_table([row for n in sizes for row in rows(n, n_leg, n_set, repeats, seed)]))


def _require_equal(book: Book, found: FloatArray, rate_usd: FloatArray) -> None:
    """Compare with all lots priced one by one under the first three sets."""
    few = slice(0, 3)
    use, _ = book.lots.items()
    expected = np.zeros((N_OD, 3))
    for lots, usd in cost_blocks(use, rate_usd[:, few]):
        free_s, rate = book.free_s[:, few], book.rate_usd[:, few]
        charges = lot_charges_usd(book.stay_s[lots], book.units[lots], free_s, rate)
        np.add.at(expected, book.od[lots], np.nan_to_num(usd) + charges)
    np.testing.assert_allclose(found[:, few], expected, rtol=1e-11)


if __name__ == "__main__":
    main()
