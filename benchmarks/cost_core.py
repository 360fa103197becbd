"""Speed of the cost core against plain broadcasting and against the floor of the memory.

Run: python -m benchmarks.cost_core

Every candidate prices the same lots under the same tariff sets from the same columns; what they
compute is compared before any time counts. They are timed in turn within each repeat, so a busy
machine slows all of them alike; printed is the minimum. CPU time counts all threads.

`whole`: into one array of lots x sets. `streamed`: block by block into a block that is reused, as
memory is bounded when there are many sets; its floor is that of the same block.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.timing import Row, format_table, new_seed
from corridor_sim.money.cost_kernel import block_lots, has_numba
from corridor_sim.money.costs import cost_blocks, generalised_cost, time_items, time_rates

FloatArray = npt.NDArray[np.float64]

# Plain broadcasting at its best: measured 0.91, 0.89 s with 1, 4 MB and 1.2 s with 0.1 or 32 MB.
_PLAIN_TEMPORARY_CELLS = 500_000
PLAIN, FLOOR = "plain broadcasting", "floor (read, write)"
CORE, KERNEL = "numpy core", "numba kernel"


@dataclass(frozen=True)
class Inputs:
    """Lots and tariff sets; shapes and units as in `corridor_sim.money.costs`."""

    activity: FloatArray
    rate_usd: FloatArray
    transit_d: FloatArray
    sigma_d: FloatArray
    value_usd: FloatArray
    teu: FloatArray
    inventory_share_per_day: FloatArray
    vot_usd_per_teu_d: FloatArray
    reliability_ratio: FloatArray

    def items(self) -> tuple[FloatArray, FloatArray]:
        """Activities and rates with the three items of time: part of what is timed."""
        n_leg = self.activity.shape[1]
        use = np.empty((self.teu.size, n_leg + 3))
        use[:, :n_leg] = self.activity
        use[:, n_leg:] = time_items(self.transit_d, self.sigma_d, self.value_usd, self.teu)
        rates = (self.inventory_share_per_day, self.vot_usd_per_teu_d, self.reliability_ratio)
        return use, np.vstack([self.rate_usd, time_rates(*rates)])


def make_inputs(n_lot: int, n_leg: int, n_set: int, seed: int) -> Inputs:
    """Draw lots and tariff sets of corridor size; one lot in 50 is undelivered."""
    rng = np.random.default_rng(seed)
    transit_d = rng.gamma(9.0, 2.0, n_lot)
    transit_d[::50] = np.nan
    return Inputs(
        activity=rng.uniform(0, 1_500, (n_lot, n_leg)),
        rate_usd=rng.uniform(0.2, 1.2, (n_leg, n_set)),
        transit_d=transit_d,
        sigma_d=rng.uniform(2, 8, n_lot),
        value_usd=rng.lognormal(10.5, 0.6, n_lot),
        teu=rng.integers(1, 3, n_lot).astype(np.float64),
        inventory_share_per_day=rng.uniform(1e-4, 5e-4, n_set),
        vot_usd_per_teu_d=rng.uniform(5, 40, n_set),
        reliability_ratio=rng.uniform(0.1, 1.3, n_set),
    )


def plain_cost(x: Inputs, out: FloatArray) -> None:
    """Same formula as a (lots, legs, sets) broadcast, product and sum, in blocks of lots."""
    n_lot, n_leg = x.activity.shape
    value_of_sigma = x.vot_usd_per_teu_d * x.reliability_ratio
    size = min(len(out), max(1, _PLAIN_TEMPORARY_CELLS // (n_leg * out.shape[1])))
    for start in range(0, n_lot, size):
        lots = slice(start, start + size)
        money = (x.activity[lots, :, None] * x.rate_usd[None, :, :]).sum(axis=1)
        per_day = x.value_usd[lots, None] * x.inventory_share_per_day
        per_day = per_day + x.teu[lots, None] * x.vot_usd_per_teu_d
        spread = (x.teu[lots] * x.sigma_d[lots])[:, None] * value_of_sigma
        room = _room(out, start, len(money), n_lot)
        room[:] = money + x.transit_d[lots, None] * per_day + spread


def core_cost(x: Inputs, out: FloatArray, fast: bool = False) -> None:
    """The functions under test: the whole answer, or blocks if there is no room for it."""
    use, rate = x.items()
    if len(out) == len(use):
        generalised_cost(use, rate, out, fast)
        return
    for _ in cost_blocks(use, rate, fast):
        pass


def kernel_cost(x: Inputs, out: FloatArray) -> None:
    """The same, compiled."""
    core_cost(x, out, fast=True)


def floor(x: Inputs, out: FloatArray) -> None:
    """Read every input once and write every output once: no cost core can do less."""
    for column in vars(x).values():
        column.sum()
    for start in range(0, x.teu.size, len(out)):
        out[: x.teu.size - start].fill(0.0)


CANDIDATES: dict[str, Callable[[Inputs, FloatArray], None]] = {
    CORE: core_cost,
    KERNEL: kernel_cost,
    PLAIN: plain_cost,
    FLOOR: floor,
}


def rows(
    n_lot: int, n_leg: int, n_set: int, repeats: int, seed: int, streamed: bool = False
) -> list[Row]:
    """Measure all candidates in turn; one dict a candidate, minimum of `repeats` in seconds."""
    x = make_inputs(n_lot, n_leg, n_set, seed)
    _require_equal(x)
    out = np.zeros((block_lots(n_leg + 3, n_set) if streamed else n_lot, n_set))
    names = [name for name in CANDIDATES if name != KERNEL or has_numba()]
    cpu_s = dict.fromkeys(names, np.inf)
    wall_s = dict.fromkeys(names, np.inf)
    for _ in range(repeats):
        for name in names:
            cpu, wall = time.process_time(), time.perf_counter()
            CANDIDATES[name](x, out)
            wall_s[name] = min(wall_s[name], time.perf_counter() - wall)
            cpu_s[name] = min(cpu_s[name], time.process_time() - cpu)
    return [
        {
            "candidate": name,
            "answer": "streamed" if streamed else "whole",
            "n_lot": n_lot,
            "n_leg": n_leg,
            "n_set": n_set,
            "cpu_s": cpu_s[name],
            "wall_s": wall_s[name],
            "cpu_to_plain": _ratio(cpu_s[name], cpu_s[PLAIN]),
            "cpu_to_floor": _ratio(cpu_s[name], cpu_s[FLOOR]),
        }
        for name in names
    ]


def peak_mb(n_lot: int, n_leg: int, n_set: int, seed: int) -> float:
    """Memory that `cost_blocks` takes beside its arguments, at its peak."""
    use, rate = make_inputs(n_lot, n_leg, n_set, seed).items()
    tracemalloc.start()
    for _ in cost_blocks(use, rate):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def main(smoke: bool = False) -> None:
    """Print the tables: a tenth and all of the lots, a tenth and all of the sets, both answers."""
    repeats, seed = (1, 1) if smoke else (3, new_seed())
    n_lot, n_leg, n_set = (300, 4, 10) if smoke else (1_000_000, 12, 200)
    print(f"cost core: min of {repeats}, interleaved, seed {seed}")
    sizes = [(n_lot // 10, n_set), (n_lot, n_set // 10), (n_lot, n_set)]
    table = [
        row
        for streamed in (False, True)
        for lots, sets in sizes
        for row in rows(lots, n_leg, sets, repeats, seed, streamed)
    ]
    print(format_table(table))
    print(f"streamed, beside its arguments: {peak_mb(n_lot, n_leg, n_set, seed):.1f} MB at most")


def _room(out: FloatArray, start: int, n: int, n_lot: int) -> FloatArray:
    """Where n lots are written: at their place, or at the beginning if `out` is one block."""
    return out[start : start + n] if len(out) == n_lot else out[:n]


def _require_equal(x: Inputs) -> None:
    """Compare the outputs of the first 10 000 lots before any time counts."""
    n_set = x.rate_usd.shape[1]
    of_lots = {name: column for name, column in vars(x).items() if len(column) == x.teu.size}
    few = Inputs(**(vars(x) | {name: column[:10_000] for name, column in of_lots.items()}))
    ours, compiled, plain = (np.empty((few.teu.size, n_set)) for _ in range(3))
    core_cost(few, ours)
    kernel_cost(few, compiled)
    plain_cost(few, plain)
    np.testing.assert_allclose(ours, plain, rtol=1e-12)
    np.testing.assert_allclose(compiled, plain, rtol=1e-12)
    streamed = np.vstack([usd.copy() for _, usd in cost_blocks(*few.items())])
    np.testing.assert_array_equal(streamed, ours)


def _ratio(a: float, b: float) -> float:
    """Return a / b, or NaN where the clock was too coarse to see b."""
    return a / b if b > 0 else float("nan")


if __name__ == "__main__":
    main()
