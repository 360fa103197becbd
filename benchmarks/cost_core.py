"""Speed of the cost core against plain broadcasting and against the floor of the memory.

Run: python -m benchmarks.cost_core

The three are measured in turn within each repeat, so a busy machine slows all of them alike;
printed is the minimum. CPU time counts all threads: a product on two cores gains nothing by it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.timing import Row, format_table, new_seed
from corridor_sim.results.costs import generalised_cost, time_items, time_rates

FloatArray = npt.NDArray[np.float64]

# Plain broadcasting at its best: measured 0.91, 0.89 s with 1, 4 MB and 1.2 s with 0.1 or 32 MB.
_PLAIN_TEMPORARY_CELLS = 500_000


@dataclass(frozen=True)
class Inputs:
    """Lots and tariff sets; shapes and units as in `corridor_sim.results.costs`."""

    activity: FloatArray
    rate_usd: FloatArray
    transit_d: FloatArray
    value_usd: FloatArray
    teu: FloatArray
    inventory_share_per_day: FloatArray
    vot_usd_per_teu_d: FloatArray


def make_inputs(n_lot: int, n_leg: int, n_set: int, seed: int) -> Inputs:
    """Draw lots and tariff sets of corridor size; one lot in 50 is undelivered."""
    rng = np.random.default_rng(seed)
    transit_d = rng.gamma(9.0, 2.0, n_lot)
    transit_d[::50] = np.nan
    return Inputs(
        activity=rng.uniform(0, 1_500, (n_lot, n_leg)),
        rate_usd=rng.uniform(0.2, 1.2, (n_leg, n_set)),
        transit_d=transit_d,
        value_usd=rng.lognormal(10.5, 0.6, n_lot),
        teu=rng.integers(1, 3, n_lot).astype(np.float64),
        inventory_share_per_day=rng.uniform(1e-4, 5e-4, n_set),
        vot_usd_per_teu_d=rng.uniform(5, 40, n_set),
    )


def plain_cost(x: Inputs, out: FloatArray) -> FloatArray:
    """Same formula as a (lots, legs, sets) broadcast, product and sum, in blocks of lots."""
    n_lot, n_leg = x.activity.shape
    size = max(1, _PLAIN_TEMPORARY_CELLS // (n_leg * out.shape[1]))
    for start in range(0, n_lot, size):
        lots = slice(start, start + size)
        money = (x.activity[lots, :, None] * x.rate_usd[None, :, :]).sum(axis=1)
        per_day = x.value_usd[lots, None] * x.inventory_share_per_day
        per_day = per_day + x.teu[lots, None] * x.vot_usd_per_teu_d
        out[lots] = money + x.transit_d[lots, None] * per_day
    return out


def floor(x: Inputs, out: FloatArray) -> FloatArray:
    """Read every input once and write every output once: no cost core can do less."""
    for column in vars(x).values():
        column.sum()
    out.fill(0.0)
    return out


def core_cost(x: Inputs, out: FloatArray) -> FloatArray:
    """The function under test."""
    sigma, ratio = np.zeros(x.teu.size), np.zeros(x.rate_usd.shape[1])
    use = np.hstack([x.activity, time_items(x.transit_d, sigma, x.value_usd, x.teu)])
    prices = time_rates(x.inventory_share_per_day, x.vot_usd_per_teu_d, ratio)
    return generalised_cost(use, np.vstack([x.rate_usd, prices]), out)


CANDIDATES: dict[str, Callable[[Inputs, FloatArray], FloatArray]] = {
    "generalised_cost": core_cost,
    "plain broadcasting": plain_cost,
    "floor (read, write)": floor,
}


def rows(
    n_lot: int, n_leg: int, n_set: int, repeats: int = 5, seed: int | None = None
) -> list[Row]:
    """Measure all candidates in turn; one dict a candidate, minimum of `repeats` in seconds."""
    if seed is None:
        seed = new_seed()
    x = make_inputs(n_lot, n_leg, n_set, seed)
    out = np.zeros((n_lot, n_set))
    _require_equal(x)
    cpu_s = dict.fromkeys(CANDIDATES, np.inf)
    wall_s = dict.fromkeys(CANDIDATES, np.inf)
    for _ in range(repeats):
        for name, function in CANDIDATES.items():
            cpu, wall = time.process_time(), time.perf_counter()
            function(x, out)
            wall_s[name] = min(wall_s[name], time.perf_counter() - wall)
            cpu_s[name] = min(cpu_s[name], time.process_time() - cpu)
    return [
        {
            "benchmark": "cost_core",
            "candidate": name,
            "n_lot": n_lot,
            "n_leg": n_leg,
            "n_set": n_set,
            "repeats": repeats,
            "seed": seed,
            "cpu_s": cpu_s[name],
            "wall_s": wall_s[name],
            "cpu_to_plain": _ratio(cpu_s[name], cpu_s["plain broadcasting"]),
            "wall_to_plain": _ratio(wall_s[name], wall_s["plain broadcasting"]),
            "wall_to_floor": _ratio(wall_s[name], wall_s["floor (read, write)"]),
        }
        for name in CANDIDATES
    ]


def shown(table: list[Row]) -> list[Row]:
    """The columns that are printed."""
    names = ("candidate", "n_lot", "cpu_s", "wall_s", "cpu_to_plain", "wall_to_plain")
    return [{name: row[name] for name in (*names, "wall_to_floor")} for row in table]


def run_smoke() -> list[Row]:
    """One repeat at a tiny size: shows that the benchmark still runs and its outputs agree."""
    return rows(n_lot=300, n_leg=4, n_set=3, repeats=1, seed=1)


def main(n_lot: int = 1_000_000, n_leg: int = 12, n_set: int = 50) -> None:
    """Print the table at a hundredth, a tenth and all of `n_lot`."""
    seed = new_seed()
    sizes = (n_lot // 100, n_lot // 10, n_lot)
    table = [row for n in sizes for row in rows(n, n_leg, n_set, 7, seed)]
    print(f"cost core: {n_leg} legs, {n_set} tariff sets, min of 7, interleaved, seed {seed}")
    print(format_table(shown(table)))


def _require_equal(x: Inputs) -> None:
    """Compare the outputs of the first 10 000 lots before any time counts."""
    n_set = x.rate_usd.shape[1]
    few = Inputs(*(column[:10_000] for column in vars(x).values()))
    ours, plain = (np.empty((few.teu.size, n_set)) for _ in range(2))
    np.testing.assert_allclose(core_cost(few, ours), plain_cost(few, plain), rtol=1e-12)


def _ratio(a: float, b: float) -> float:
    """Return a / b, or NaN where the clock was too coarse to see b."""
    return a / b if b > 0 else float("nan")


if __name__ == "__main__":
    main()
