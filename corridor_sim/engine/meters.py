"""Meters and slow-downs of the SimPy engine: what follows from how much of the counters is in use."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise

from corridor_sim.model.compiled import CompiledModel


class Meters:
    """Which meters are on, and since when."""

    def __init__(self, model: CompiledModel):
        meters = model.meters
        weights = list(zip(meters.weight_counter.tolist(), meters.weight.tolist(), strict=True))
        self.weights = [weights[a:b] for a, b in pairwise(meters.weight_ptr.tolist())]
        self.on, self.off = meters.on.tolist(), meters.off.tolist()
        self.min_s: list[int] = meters.min_s.tolist()
        self.is_on, self.since_s = [False] * len(self.weights), [0] * len(self.weights)

    def switch(self, now: int, cap: list[int], free: list[int]) -> list[tuple[int, int]]:
        """Phase M: (meter, level) of those that switch now, by capacity and free units."""
        switched = []
        for meter, weights in enumerate(self.weights):
            level = sum(w * (cap[c] - free[c]) for c, w in weights)
            if self.is_on[meter]:
                is_due = now >= self.since_s[meter] + self.min_s[meter]
                switches = level <= self.off[meter] and is_due
            else:
                switches = level >= self.on[meter]
            if switches:
                self.is_on[meter] = not self.is_on[meter]
                self.since_s[meter] = now
                switched.append((meter, level))
        return switched


class Slows:
    """Work that takes longer the more units of a counter are in use."""

    def __init__(self, model: CompiledModel):
        slows = model.slows
        parts = [slice(a, b) for a, b in pairwise(slows.ptr.tolist())]
        self.rows = [
            (counter, slows.level[part].tolist(), [1000, *slows.per_mille[part].tolist()])
            for counter, part in zip(slows.counter.tolist(), parts, strict=True)
        ]

    def work_s(self, slow: int, work: int, cap: list[int], free: list[int]) -> int:
        """Seconds that `work` takes now, rounded up."""
        counter, levels, per_mille = self.rows[slow]
        step = bisect_right(levels, cap[counter] - free[counter])
        return -(-work * int(per_mille[step]) // 1000)
