"""The inner loops of lot costs: numpy's, or the same compiled by numba.

numba is the extra `fast`. Where it is absent, or too old for the numpy beside it, numpy computes
all the same. Results agree to rtol 1e-12, not to the last digit (additions are in another order),
so a caller has to ask for it: no table may depend on which extras are installed.
Nothing is cached on disk: compiling takes about a second in each process that asks for it.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

from corridor_sim.money import cost_loops
from corridor_sim.money.cost_loops import PASS_ITEMS, FloatArray
from corridor_sim.primitives import IntArray

Product = Callable[[FloatArray, FloatArray], None]
"""(use (n_lot, n_item), out (n_lot, n_set)): writes use x rate."""
Charges = Callable[[IntArray, IntArray, FloatArray], None]
"""(stay_s (n_lot, n_place), units (n_lot,), out (n_lot, n_set)): adds the charges."""

# Products of one BLAS call. From about a million on OpenBLAS wakes threads, which spin and burn
# CPU; 768 000 (256 lots, 15 items, 200 sets) stay on one core, and block and answer in its cache.
# With one set (a product of matrix and vector) they wake above some thousand lots.
_BLOCK_PRODUCTS = 768_000
_BLOCK_CELLS = 51_200
_BLOCK_LOTS = 4_096


def block_lots(n_item: int, n_set: int) -> int:
    """How many lots are priced at once."""
    cells = min(_BLOCK_CELLS, _BLOCK_PRODUCTS // max(1, n_item))
    return max(1, min(_BLOCK_LOTS, cells // max(1, n_set)))


def has_numba() -> bool:
    """Whether `fast=True` has an effect: numba is installed and fits this numpy."""
    return _compiled() is not None


def product(rate: FloatArray, fast: bool) -> Product:
    """What multiplies blocks of lots by rate (n_item, n_set)."""
    loops = _compiled() if fast and rate.size else None
    if loops is None:
        return functools.partial(_product, rate)
    price, _ = loops
    padded = _padded(rate)
    return lambda use, out: price(use, padded, out)


def charges(free_s: IntArray, rate_usd_per_s: FloatArray, fast: bool) -> Charges:
    """What adds charges beyond free times (n_place, n_set) to blocks of lots."""
    loops = _compiled() if fast else None
    if loops is None:
        return functools.partial(_charge, free_s, rate_usd_per_s)
    _, charge = loops
    return lambda stay_s, units, out: charge(stay_s, units, free_s, rate_usd_per_s, out)


def _product(rate: FloatArray, use: FloatArray, out: FloatArray) -> None:
    np.matmul(use, rate, out=out)
    # A BLAS may skip a price of 0 and so lose the NaN: say it outright.
    out[np.isnan(use).any(axis=1)] = np.nan


def _charge(
    free_s: IntArray, rate: FloatArray, stay_s: IntArray, units: IntArray, out: FloatArray
) -> None:
    size, beyond = units[:, None].astype(np.float64), np.empty(out.shape)
    for place in range(stay_s.shape[1]):
        np.subtract(stay_s[:, place, None], free_s[place], out=beyond)
        np.maximum(beyond, 0, out=beyond)
        beyond *= size
        beyond *= rate[place]
        out += beyond


def _padded(rate: FloatArray) -> FloatArray:
    """Rates with rows of 0 up to whole passes, from the start of a cache line on.

    Elsewhere every other vector straddles two lines, and the loop takes a quarter longer.
    """
    n_item, n_set = rate.shape
    rows = -(-n_item // PASS_ITEMS) * PASS_ITEMS
    line = 64 // rate.itemsize
    room = np.zeros(rows * n_set + line)
    start = -room.ctypes.data % 64 // rate.itemsize
    padded: FloatArray = room[start : start + rows * n_set].reshape(rows, n_set)
    padded[:n_item] = rate
    return padded


@functools.cache
def _compiled() -> tuple[Any, Any] | None:
    """`price` and `charge` as machine code, or None. No fastmath: a sum is added as written."""
    try:
        numba = importlib.import_module("numba")
    except ImportError:
        return None
    return tuple(numba.njit(nogil=True)(loop) for loop in (cost_loops.price, cost_loops.charge))
