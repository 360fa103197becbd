"""Loops over lots and tariff sets, written for numba to compile: see `cost_kernel`.

Not meant to be run as Python. The innermost loop is over sets and has no branch, so that a
compiler makes vectors of it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from corridor_sim.primitives import IntArray

FloatArray = npt.NDArray[np.float64]

#: Items per pass of `price`: with four it takes a sixth longer, since each pass reads and writes the
#: answer once (benchmarks/cost_core.py).
PASS_ITEMS = 8


def price(use: FloatArray, rate: FloatArray, out: FloatArray) -> None:
    """Write use (n_lot, n_item) x rate to out (n_lot, n_set).

    rate: (n_pass x 8, n_set), filled up with rows of 0; there the last item stands in for the
    missing ones. NaN x 0 is NaN: a row that holds a NaN becomes one throughout.
    """
    last = use.shape[1] - 1
    for k in range(0, rate.shape[0], PASS_ITEMS):
        i0, i1, i2, i3 = min(k, last), min(k + 1, last), min(k + 2, last), min(k + 3, last)
        i4, i5, i6, i7 = min(k + 4, last), min(k + 5, last), min(k + 6, last), min(k + 7, last)
        r0, r1, r2, r3 = rate[k], rate[k + 1], rate[k + 2], rate[k + 3]
        r4, r5, r6, r7 = rate[k + 4], rate[k + 5], rate[k + 6], rate[k + 7]
        for lot in range(use.shape[0]):
            a, usd = use[lot], out[lot]
            a0, a1, a2, a3, a4, a5, a6, a7 = a[i0], a[i1], a[i2], a[i3], a[i4], a[i5], a[i6], a[i7]
            if k == 0:  # not cleared before: that would be one more way through the answer
                for s in range(len(usd)):
                    low = (a0 * r0[s] + a1 * r1[s]) + (a2 * r2[s] + a3 * r3[s])
                    high = (a4 * r4[s] + a5 * r5[s]) + (a6 * r6[s] + a7 * r7[s])
                    usd[s] = low + high
            else:
                for s in range(len(usd)):
                    low = (a0 * r0[s] + a1 * r1[s]) + (a2 * r2[s] + a3 * r3[s])
                    high = (a4 * r4[s] + a5 * r5[s]) + (a6 * r6[s] + a7 * r7[s])
                    usd[s] += low + high


def charge(
    stay_s: IntArray, units: IntArray, free_s: IntArray, rate_usd_per_s: FloatArray, out: FloatArray
) -> None:
    """Add units x max(0, stay - free) x rate of every place to out (n_lot, n_set)."""
    for lot in range(stay_s.shape[0]):
        size, usd = units[lot], out[lot]
        for place in range(stay_s.shape[1]):
            stay = stay_s[lot, place]
            free, rate = free_s[place], rate_usd_per_s[place]
            for s in range(len(usd)):
                usd[s] += size * max(0, stay - free[s]) * rate[s]
