"""Whether a lot would fit aboard of who waits: room in every dimension, and which lot is first."""

from __future__ import annotations

import numpy as np

from corridor_sim.history.replay import Replay
from corridor_sim.history.segments import State
from corridor_sim.history.steps import BoolArray
from corridor_sim.primitives import IntArray
from corridor_sim.units import FOREVER


class Room:
    """Carriers and stocks at the horizon, as the engine walks a stock: up to what does not fit."""

    def __init__(self, replay: Replay):
        self.replay, self.cargo = replay, replay.model.cargo
        segments = replay.segments
        aboard = np.flatnonzero(segments.state == State.ABOARD)
        aboard = aboard[np.argsort(segments.carrier[aboard], kind="stable")]
        self._carrier, self._flow = segments.carrier[aboard], segments.flow[aboard]
        self._lots = segments.lots[aboard]
        self._left: dict[tuple[int, int], IntArray] = {}
        self._first: dict[tuple[int, int], int] = {}

    def fits(self, row: int, stage: int, vehicle: int) -> BoolArray:
        """By flow: whether one lot has room beside what a waiting row has on board (n_flow,)."""
        size = self.cargo.size[vehicle]
        return np.asarray(((size >= 0) & (size <= self.left(row, stage, vehicle))).all(axis=1))

    def most(self, row: int, stage: int, vehicle: int) -> int:
        """Units that a waiting row could load at most, in the stage's dimension."""
        return int(self.left(row, stage, vehicle)[self.replay.model.stages.dim[stage]])

    def left(self, row: int, stage: int, vehicle: int) -> IntArray:
        """Room left beside what a waiting row has on board, and by `load_max` (n_dim,)."""
        if (row, stage) not in self._left:
            stages, size = self.replay.model.stages, self.cargo.size[vehicle]
            room, dim, limit = self._best_cap(vehicle), stages.dim[stage], stages.load_max[stage]
            if stages.place[stage] < 0:  # else what it unloads may make room for what it loads
                room = room - self._on_board(row) @ size
            room[dim] = min(room[dim], limit) if limit >= 0 else room[dim]
            self._left[row, stage] = room
        return self._left[row, stage]

    def _on_board(self, row: int) -> IntArray:
        """Lots by flow (n_flow,) on board of a waiting row."""
        carrier = self.replay.itinerary.carrier[row]
        low, high = np.searchsorted(self._carrier, [carrier, carrier + 1])
        lots = np.zeros(len(self.cargo.offset_s), np.int64)
        np.add.at(lots, self._flow[low:high], self._lots[low:high])
        return lots

    def _best_cap(self, vehicle: int) -> IntArray:
        """The largest of its capacities of all dates (n_dim,)."""
        part = slice(int(self.cargo.step_ptr[vehicle]), int(self.cargo.step_ptr[vehicle + 1]))
        caps = np.concatenate([self.cargo.cap[vehicle : vehicle + 1], self.cargo.step_cap[part]])
        return np.asarray(np.where(caps < 0, FOREVER, caps).max(axis=0))

    def first_flow(self, stock: int, vehicle: int) -> int:
        """Flow of the first lot in stock order that a vehicle takes; -1: none is there."""
        if (stock, vehicle) not in self._first:
            segments = self.replay.segments
            takes = (self.cargo.size[vehicle] >= 0).all(axis=1)
            here = (segments.state == State.IN_STOCK) & (segments.stock == stock)
            mine = np.flatnonzero(here & takes[segments.flow])
            since = segments.since_s[mine] + self.cargo.offset_s[segments.flow[mine]]
            order = np.lexsort((segments.first[mine], since))
            self._first[stock, vehicle] = int(segments.flow[mine[order[0]]]) if len(mine) else -1
        return self._first[stock, vehicle]
