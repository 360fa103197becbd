"""Lots in the SimPy engine: what stands in a stock, what fits aboard, what gets off where."""

from __future__ import annotations

from array import array
from bisect import bisect_right, insort

import numpy as np

from corridor_sim.engine.lines import Trip
from corridor_sim.engine.lookup import SIX, Cut, StageRow, flat
from corridor_sim.model.compiled import CompiledModel
from corridor_sim.primitives import IntArray
from corridor_sim.terms import Amount
from corridor_sim.units import FOREVER

Row = tuple[int, int, int, int, int, int]
"""Lots in a stock: since + the flow's offset, first, end, flow, hop, since."""


def merged(cuts: list[Cut]) -> list[Cut]:
    """Touching ranges as one: lots that came one by one go on together."""
    out = cuts[:1]
    for cut in cuts[1:]:
        flow, hop, first, end = out[-1]
        if cut[:3] == (flow, hop, end):
            out[-1] = (flow, hop, first, cut[3])
        else:
            out.append(cut)
    return out


def n_lots(cuts: list[Cut]) -> int:
    """How many lots."""
    total = 0
    for _, _, first, end in cuts:
        total += end - first
    return total


def first_lots(cuts: list[Cut], n: int) -> list[Cut]:
    """The first n lots of these ranges."""
    out = []
    for flow, hop, first, end in cuts:
        if n > 0:
            out.append((flow, hop, first, min(end, first + n)))
        n -= end - first
    return out


class Cargo:
    """Stocks, sizes and the log of cargo moves; it knows no line and no clock."""

    def __init__(self, model: CompiledModel):
        self.model = model
        self._read_sizes()
        self._read_stocks()
        self.moves = array("q")

    def _read_sizes(self) -> None:
        cargo = self.model.cargo
        self.size: list[list[list[int]]] = cargo.size.tolist()
        self.cap: list[list[int]] = cargo.cap.tolist()
        dims = range(self.model.n_dim)
        self.limits = [[d for d in dims if cap[d] >= 0] for cap in self.cap]
        self.refused = [
            {flow for flow, size in enumerate(sizes) if min(size) < 0} for sizes in self.size
        ]
        self.largest = [
            [max((s[d] for s in sizes), default=0) for d in dims] for sizes in self.size
        ]

    def _read_stocks(self) -> None:
        cargo = self.model.cargo
        self.flow_offset: list[int] = cargo.offset_s.tolist()
        self.hop_ptr: list[int] = cargo.hop_ptr.tolist()
        self.hop_stock: list[int] = cargo.hop_stock.tolist()
        self.hop_place: list[int] = cargo.hop_place.tolist()
        self.lot_ptr: list[int] = cargo.lot_ptr.tolist()
        self.ready = flat(cargo.lot_ready_s)
        self.rows: list[list[Row]] = [[] for _ in self.model.stocks.others]
        self.n_lots = [0] * len(self.rows)
        # lots enter the stock of their first hop when somebody looks: no event a lot
        self.first_flows: list[list[int]] = [[] for _ in self.rows]
        for flow, hop in enumerate(self.hop_ptr[:-1]):
            if hop < self.hop_ptr[flow + 1] and self.hop_stock[hop] >= 0:
                self.first_flows[self.hop_stock[hop]].append(flow)
        self.next_lot = self.lot_ptr[:-1]
        self.came: list[int] = [0] * len(self.rows)
        self.coming: list[array[int]] = [flat(self._coming(flows)) for flows in self.first_flows]

    def _coming(self, flows: list[int]) -> IntArray:
        """When lots of these flows become ready, sorted, and FOREVER behind the last."""
        ready = [self.model.cargo.lot_ready_s[self.lot_ptr[f] : self.lot_ptr[f + 1]] for f in flows]
        return np.sort(np.concatenate([*ready, np.array([FOREVER])]))

    # stocks

    def admit(self, stock: int, now: int) -> int:
        """Lots in the stock, with those that became ready, each at its own instant, meanwhile."""
        if self.coming[stock][self.came[stock]] > now:
            return self.n_lots[stock]
        ready, rows = self.ready, self.rows[stock]
        for flow in self.first_flows[stock]:
            first = self.next_lot[flow]
            last = self.lot_ptr[flow + 1]
            if first == last or ready[first] > now:
                continue
            end = bisect_right(ready, now, first, last)
            self.next_lot[flow] = end
            self.came[stock] += end - first
            self.n_lots[stock] += end - first
            offset = self.flow_offset[flow]
            while first < end:
                since = ready[first]
                until = first + 1
                while until < end and ready[until] == since:
                    until += 1
                insort(rows, (since + offset, first, until, flow, 0, since))
                first = until
        return self.n_lots[stock]

    def next_ready(self, stock: int, lots: int = 1) -> int:
        """When so many more lots will have become ready."""
        i = self.came[stock] + lots - 1
        return self.coming[stock][i] if i < len(self.coming[stock]) else FOREVER

    def enter(self, flow: int, hop: int, first: int, end: int, now: int) -> int:
        """Lots into the stock of this hop, which is given back."""
        stock = self.hop_stock[self.hop_ptr[flow] + hop]
        insort(self.rows[stock], (now + self.flow_offset[flow], first, end, flow, hop, now))
        self.n_lots[stock] += end - first
        return stock

    def take(self, stock: int, loads: list[Cut]) -> None:
        """Lots out of the stock."""
        rows = self.rows[stock]
        taken = {first: end for _, _, first, end in loads}
        left: list[Row] = []
        i = 0
        while taken:
            row = rows[i]
            i += 1
            since, first, end, *rest = row
            cut = taken.pop(first, first)
            if cut < end:
                left.append((since, cut, end, *rest))  # type: ignore[arg-type]
        rows[:i] = left
        self.n_lots[stock] -= n_lots(loads)

    # aboard

    def loadable(
        self, trip: Trip, stage: StageRow, unloads: list[Cut], vehicle: int, latest: int
    ) -> tuple[list[Cut], int | None, bool]:
        """Lots in stock order up to the first that does not fit; since when the first waits; and
        whether there is one that does not fit.

        Ranges in stock later than `latest` are passed over, and flows that the vehicle refuses.
        """
        sizes = self.size[vehicle]
        dims = self.limits[vehicle]
        rooms = [self.cap[vehicle][d] for d in dims]
        for flow, _, first, end in trip.aboard:
            size = sizes[flow]
            for i, d in enumerate(dims):
                rooms[i] -= (end - first) * size[d]
        if stage.swap:
            for i, d in enumerate(dims):
                rooms[i] += self.units(unloads, vehicle, d)
        if stage.load_max >= 0:
            dims = [*dims, stage.dim]
            rooms.append(stage.load_max)
        refused = self.refused[vehicle]
        loads: list[Cut] = []
        oldest: int | None = None
        is_full = False
        for _, first, end, flow, hop, since in self.rows[stage.stock]:
            if since > latest or flow in refused:
                continue
            if oldest is None:
                oldest = since
            size = sizes[flow]
            n = end - first
            for i, d in enumerate(dims):
                if n * size[d] > rooms[i]:
                    n = max(rooms[i] // size[d], 0) if size[d] else 0
            if n:
                loads.append((flow, hop, first, first + n))
            if n < end - first:
                is_full = True
                break
            for i, d in enumerate(dims):
                rooms[i] -= n * size[d]
        return loads, oldest, is_full

    def load(self, trip: Trip, stage: StageRow, loads: list[Cut]) -> list[Cut]:
        """From the stock behind what is aboard; the same lots in as few ranges as may be."""
        self.take(stage.stock, loads)
        loads = merged(loads)
        trip.aboard = trip.aboard + loads
        for _, _, first, end in loads:
            self.moves.frombytes(SIX(trip.source, trip.k, trip.visit, 1, first, end))
        return loads

    def unload(self, trip: Trip, now: int) -> list[int]:
        """The lots to be unloaded leave the trip; gives the stocks that they enter."""
        left = {first: end for _, _, first, end in trip.unloads}
        aboard, stocks = [], []
        for flow, hop, first, end in trip.aboard:
            cut = left.get(first, first)
            if cut > first:
                self.moves.frombytes(SIX(trip.source, trip.k, trip.visit, -1, first, cut))
                if self.hop_ptr[flow] + hop + 1 < self.hop_ptr[flow + 1]:
                    stocks.append(self.enter(flow, hop + 1, first, cut, now))
            if cut < end:
                aboard.append((flow, hop, cut, end))
        trip.aboard = aboard
        return stocks

    def to_unload(self, trip: Trip, stage: StageRow) -> list[Cut]:
        """What gets off at the stage's place, in the order aboard, as far as `unload_max` goes."""
        sizes = self.size[stage.vehicle if stage.vehicle >= 0 else trip.vehicle]
        left = stage.unload_max
        out: list[Cut] = []
        for cut in trip.aboard:
            if self.place(cut) != stage.place:
                continue
            if stage.unload_max >= 0 and left < 0:
                break
            flow, hop, first, end = cut
            n, size = end - first, sizes[flow][stage.dim]
            if stage.unload_max >= 0 and size and n * size > left:
                n = left // size
                if not out:
                    n = max(n, 1)
            if n > 0:
                out.append((flow, hop, first, first + n))
                left -= n * size
            if n < end - first:
                break
        return out

    def place(self, cut: Cut) -> int:
        """Where this cargo gets off next."""
        return self.hop_place[self.hop_ptr[cut[0]] + cut[1]]

    def units(self, cuts: list[Cut], vehicle: int, dim: int) -> int:
        """Size of these lots in this vehicle."""
        sizes, total = self.size[vehicle], 0
        for flow, _, first, end in cuts:
            total += (end - first) * sizes[flow][dim]
        return total

    def amount(
        self,
        stage: StageRow,
        kind: int,
        n: int,
        dim: int,
        board: list[Cut],
        unloads: list[Cut],
        loads: list[Cut],
    ) -> int:
        """Units of a counter, in ground sizes."""
        if kind == Amount.CONSTANT:
            return n
        if kind == Amount.ON_BOARD:
            return n * self.units(board, 0, dim)
        mine, other = (unloads, loads) if kind == Amount.UNLOADED else (loads, unloads)
        units = self.units(mine, 0, dim)
        return n * (max(units - self.units(other, 0, dim), 0) if stage.swap else units)
