"""The replay: what every counter, stock, meter, trip and lot did, from the model and the log alone.

All of it is vectorised arithmetic on the log's columns. A state is that of the end of an instant:
what happened inside one instant, in which round and turn, is the engine's business.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from corridor_sim.engine.log import EventLog
from corridor_sim.history.itinerary import Itinerary, itineraries
from corridor_sim.history.moved import Lots, loads_of, on_board, unloads_of
from corridor_sim.history.segments import (
    Arrivals,
    Segments,
    State,
    arrivals_of,
    segments_of,
)
from corridor_sim.history.steps import Steps, expand, steps_from, steps_of
from corridor_sim.model.compiled import CompiledModel
from corridor_sim.primitives import IntArray
from corridor_sim.terms import Amount


@dataclass(frozen=True)
class Replay:
    """Everything that (model, log) says, ready for arithmetic."""

    model: CompiledModel
    log: EventLog
    itinerary: Itinerary
    segments: Segments
    arrivals: Arrivals
    loads: Lots
    """Loaded in each row of the itinerary."""
    unloads: Lots
    """To be unloaded in each row: done, under way, or asked for by who waits."""
    free: Steps
    """Free units by counter."""
    cap: Steps
    """Capacity by counter."""
    stocks: Steps
    """Units on the ground, row `stock x n_dim + dim`."""
    meters: Steps
    """1 while on, by meter."""
    ready_s: IntArray
    """(n_lot,) when the clock of each lot starts: its ready time, or the birth of its trip."""
    delivered_s: IntArray
    """(n_lot,) -1: not before the horizon."""

    _before: dict[bytes, IntArray] = field(default_factory=dict, repr=False, compare=False)

    def before(self, size: IntArray) -> IntArray:
        """Units on board before each row's stage (n_row,), with the size of each flow (n_flow,).

        Kept, and read-only: most vehicles of a scenario see lots in the same sizes.
        """
        key = size.tobytes()
        if key not in self._before:
            units = on_board(self.itinerary, self.segments, size)
            units.flags.writeable = False
            self._before[key] = units
        return self._before[key]

    @property
    def segment_units(self) -> IntArray:
        """Units in each segment (n_segment,): its lots, each with the units of its flow."""
        segments = self.segments
        return segments.lots * self.model.cargo.units_per_lot[segments.flow]

    @property
    def arrival_units(self) -> IntArray:
        """Units in each arrival at a stock (n_arrival,)."""
        flow = self.segments.flow[self.arrivals.segment]
        return self.arrivals.lots * self.model.cargo.units_per_lot[flow]

    def amounts(self, kind: str, rows: IntArray) -> Amounts:
        """What the stage of each given row asks for (`need`) or puts back (`start`, `end`)."""
        return amounts_of(
            self.model, self.itinerary, kind, rows, self.loads, self.unloads, self.segments
        )


class Amounts(NamedTuple):
    """Quantities of many rows, as listed; row of the itinerary; each (n,)."""

    row: IntArray
    place: IntArray
    """Place in the stage's list, from 0."""
    counter: IntArray
    kind: IntArray
    n: IntArray
    amount: IntArray
    lag_s: IntArray
    spare: IntArray

    @property
    def must_be_free(self) -> IntArray:
        """What must be free for it: the amount and what is to be left; 0 for none (n,)."""
        return np.where(self.amount > 0, self.amount + self.spare, 0)


def replay(model: CompiledModel, log: EventLog) -> Replay:
    """Replay a log of this model.

    >>> from corridor_sim.engine.log import log_from_rows
    >>> from corridor_sim.model.pack import pack
    >>> from corridor_sim.primitives import Counter, Primitives
    >>> model = pack(Primitives(horizon_s=10, counters=[Counter("track", 3)]))
    >>> empty = log_from_rows([], [], [], [], [], model.cargo.lot_ptr)
    >>> replay(model, empty).free.last().tolist()
    [3]
    """
    itinerary = itineraries(model, log)
    segments = segments_of(model, log, itinerary)
    arrivals = arrivals_of(model, segments)
    loads = loads_of(segments)
    unloads = unloads_of(model, log, itinerary, segments, loads)
    cap = _capacities(model)
    delivered, ready = _clocks(model, segments)
    return Replay(
        model=model,
        log=log,
        itinerary=itinerary,
        segments=segments,
        arrivals=arrivals,
        loads=loads,
        unloads=unloads,
        free=_free(model, itinerary, segments, loads, unloads, cap),
        cap=cap,
        stocks=_stocks(model, segments, arrivals),
        meters=_meters(model, log),
        ready_s=ready,
        delivered_s=delivered,
    )


def capacity_at(model: CompiledModel, vehicle: int, t_s: IntArray) -> IntArray:
    """Capacities (n, n_dim) of a vehicle at instants (n,)."""
    cargo = model.cargo
    part = slice(int(cargo.step_ptr[vehicle]), int(cargo.step_ptr[vehicle + 1]))
    steps = np.concatenate([cargo.cap[vehicle : vehicle + 1], cargo.step_cap[part]])
    return np.asarray(steps[np.searchsorted(cargo.step_at_s[part], t_s, side="right")])


def amounts_of(
    model: CompiledModel,
    itinerary: Itinerary,
    kind: str,
    rows: IntArray,
    loads: Lots,
    unloads: Lots,
    segments: Segments,
) -> Amounts:
    """`Replay.amounts`, of the parts that a replay is made from."""
    stages = model.stages
    column = {c: getattr(stages, f"{kind}_{c}") for c in ("ptr", "counter", "kind", "n", "dim")}
    which, entry = expand(column["ptr"], itinerary.wanted[rows])
    row = rows[which]
    kinds, dims = column["kind"][entry], column["dim"][entry]
    amount = column["n"][entry].copy()
    for what in (Amount.ON_BOARD, Amount.UNLOADED, Amount.LOADED):
        for dim in np.unique(dims[kinds == what]):
            asked = (kinds == what) & (dims == dim)
            size = model.cargo.size[0, :, dim]
            if what == Amount.ON_BOARD:
                units = on_board(itinerary, segments, size)
            else:
                mine, other = (unloads, loads) if what == Amount.UNLOADED else (loads, unloads)
                units = _units_moved(model, itinerary, size, mine, other)
            amount[asked] *= units[row[asked]]
    lag, spare = np.zeros((2, len(row)), np.int64)
    if kind == "need":
        spare = stages.need_spare[entry]
    else:
        lag = getattr(stages, f"{kind}_lag_s")[entry]
    place = entry - column["ptr"][itinerary.wanted[row]]
    counter, n = column["counter"][entry], column["n"][entry]
    return Amounts(row, place, counter, kinds, n, amount, lag, spare)


def _units_moved(
    model: CompiledModel, itinerary: Itinerary, size: IntArray, mine: Lots, other: Lots
) -> IntArray:
    """Units moved one way by row (n_row,); of a swap what they are more than those the other way."""
    n_row = len(itinerary.trip)
    units = mine.units(size, n_row)
    swaps = model.stages.swap[itinerary.wanted] > 0
    if not swaps.any():
        return units
    more = np.maximum(units - other.units(size, n_row), 0)
    return np.where(swaps, more, units)


def conservation(replayed: Replay) -> IntArray:
    """Lots by flow and `State` of their last segment (n_flow, n_state): where each one is."""
    segments = replayed.segments
    is_last = np.append(segments.block[1:] != segments.block[:-1], True)[: len(segments.block)]
    counts = np.zeros((len(replayed.model.cargo.lot_ptr) - 1, len(State)), np.int64)
    at = (segments.flow[is_last], segments.state[is_last])
    np.add.at(counts, at, segments.lots[is_last])
    return counts


def _capacities(model: CompiledModel) -> Steps:
    counters = model.counters
    row = np.repeat(np.arange(len(counters.cap)), np.diff(counters.step_ptr))
    at = np.maximum(counters.step_at_s, 0)
    return steps_of(row, at, counters.step_by, counters.cap, model.horizon_s)


def _free(
    model: CompiledModel,
    itinerary: Itinerary,
    segments: Segments,
    loads: Lots,
    unloads: Lots,
    cap: Steps,
) -> Steps:
    """Free units of every counter: what was there, less taken, plus put back, plus dated steps."""
    granted = np.flatnonzero(itinerary.stage >= 0)
    over = granted[itinerary.end_s[granted] < model.horizon_s]
    counters = model.counters
    changes = [
        (
            np.repeat(np.arange(len(counters.cap)), np.diff(counters.step_ptr)),
            np.maximum(counters.step_at_s, 0),
            counters.step_by,
        )
    ]
    for kind, rows in (("need", granted), ("start", granted), ("end", over)):
        found = amounts_of(model, itinerary, kind, rows, loads, unloads, segments)
        base = itinerary.end_s if kind == "end" else itinerary.start_s
        sign = -1 if kind == "need" else 1
        changes.append((found.counter, base[found.row] + found.lag_s, sign * found.amount))
    row, at, delta = (np.concatenate([c[i] for c in changes]) for i in range(3))
    is_plain = counters.period_s[row] == 0
    plain = steps_of(row[is_plain], at[is_plain], delta[is_plain], counters.free, model.horizon_s)
    if (counters.period_s == 0).all():
        return plain
    takes = (~is_plain) & (delta < 0) & (np.arange(len(row)) >= len(counters.step_at_s))
    return _with_periodic(model, plain, cap, row[takes], at[takes], -delta[takes])


def _with_periodic(
    model: CompiledModel, plain: Steps, cap: Steps, row: IntArray, at: IntArray, taken: IntArray
) -> Steps:
    """A periodic counter has its capacity now, less what was taken since the last multiple."""
    columns = []
    for counter, period in enumerate(model.counters.period_s):
        if period == 0:
            times, value = plain.row(counter)
        else:
            mine = np.flatnonzero(row == counter)
            mine = mine[np.argsort(at[mine], kind="stable")]
            when, total = at[mine], np.append(0, np.cumsum(taken[mine]))
            refills = (when // period + 1) * period
            times = np.unique(np.concatenate([[0], when, refills, cap.row(counter)[0]]))
            times = times[times < model.horizon_s]
            until = total[np.searchsorted(when, times, side="right")]
            since = total[np.searchsorted(when, times - times % period, side="left")]
            value = cap.at(np.full(len(times), counter), times) - until + since
        columns.append((np.full(len(times), counter), times, value))
    rows, times, value = (np.concatenate([c[i] for c in columns]) for i in range(3))
    return steps_from(rows, times, value, len(columns), plain.width)


def stock_changes(
    segments: Segments, arrivals: Arrivals, size: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Stock, instant, change in units, with the size of each flow (n_flow,); arrivals first."""
    out = np.flatnonzero((segments.loaded_s >= 0) & (segments.stock >= 0))
    units = arrivals.lots * size[segments.flow[arrivals.segment]]
    return (
        np.append(segments.stock[arrivals.segment], segments.stock[out]),
        np.append(arrivals.since_s, segments.loaded_s[out]),
        np.append(units, -segments.lots[out] * size[segments.flow[out]]),
    )


def _stocks(model: CompiledModel, segments: Segments, arrivals: Arrivals) -> Steps:
    n_stock, n_dim = len(model.stocks.others), model.n_dim
    changes = []
    for dim in range(n_dim):
        stock, at, units = stock_changes(segments, arrivals, model.cargo.size[0, :, dim])
        changes.append((stock * n_dim + dim, at, units))
    row, at, delta = (np.concatenate([c[i] for c in changes]) for i in range(3))
    return steps_of(row, at, delta, np.zeros(n_stock * n_dim, np.int64), model.horizon_s)


def _meters(model: CompiledModel, log: EventLog) -> Steps:
    switches = log.switches
    change = np.where(switches.on > 0, 1, -1).astype(np.int64)
    none = np.zeros(len(model.meters.on), np.int64)
    return steps_of(switches.meter.astype(np.int64), switches.t_s, change, none, model.horizon_s)


def _clocks(model: CompiledModel, segments: Segments) -> tuple[IntArray, IntArray]:
    """Delivered and ready by lot (n_lot,)."""
    n_lot = int(model.cargo.lot_ptr[-1])
    delivered, ready = np.full(n_lot, -1, np.int64), model.cargo.lot_ready_s.copy()
    n_hop = np.diff(model.cargo.hop_ptr)[segments.flow]
    last = np.flatnonzero((segments.hop == n_hop - 1) & (segments.unloaded_s >= 0))
    which, lot = expand(segments.first[last], np.arange(len(last)), segments.end[last])
    delivered[lot] = segments.unloaded_s[last][which]
    born = np.flatnonzero((segments.loaded_s >= 0) & (segments.load_row < 0))
    which, lot = expand(segments.first[born], np.arange(len(born)), segments.end[born])
    ready[lot] = segments.loaded_s[born][which]
    delivered.flags.writeable = ready.flags.writeable = False
    return delivered, ready
