"""Segments: where each range of lots waited and rode, hop by hop.

All ranges are cut at every boundary of every load and unload, into *blocks*: ranges of lots that
were together all the way. Everything later is arithmetic on blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from corridor_sim.engine.log import EventLog
from corridor_sim.history.itinerary import Itinerary, trip_rows
from corridor_sim.history.steps import expand
from corridor_sim.model.compiled import CompiledModel
from corridor_sim.primitives import IntArray
from corridor_sim.units import FOREVER


class State(IntEnum):
    """How a segment ended."""

    UNLOADED = 0
    """It left its vehicle: delivered if this was the last hop."""
    NOT_READY = 1
    """It never came into the system before the horizon."""
    IN_STOCK = 2
    ABOARD = 3
    LEFT = 4
    """Its trip left the system with it: a give-up without an else-line, or the end of its way."""


@dataclass(frozen=True)
class Segments:
    """One row a block and hop that the block entered (n,), int64, sorted by (first, hop)."""

    block: IntArray
    flow: IntArray
    first: IntArray
    end: IntArray
    hop: IntArray
    stock: IntArray
    """Where it waited; -1: born aboard."""
    since_s: IntArray
    """Entered the stock, or was born aboard. On a first hop: of its first lot; see `arrivals`."""
    loaded_s: IntArray
    """-1: not loaded; born aboard: the birth."""
    carrier: IntArray
    """Row of births of the carrier's first ordinal; -1: not loaded."""
    trip: IntArray
    """Row of births: (source, k) of the visit that loaded it; -1: not loaded."""
    load_row: IntArray
    """Row of the itinerary; -1: not loaded or born aboard."""
    unload_row: IntArray
    """-1: not unloaded."""
    unloaded_s: IntArray
    """-1: not unloaded."""
    until_s: IntArray
    """Unloaded, left the system, or the horizon."""
    state: IntArray
    """A `State`."""

    @property
    def lots(self) -> IntArray:
        """Lots in each segment (n,)."""
        return self.end - self.first


class Blocks(NamedTuple):
    """Half-open ranges that cover all lots (n,): no move cuts one."""

    first: IntArray
    end: IntArray
    flow: IntArray


class Moves(NamedTuple):
    """Loads, or unloads, by block (n,), sorted by `key`."""

    block: IntArray
    at_s: IntArray
    row: IntArray
    carrier: IntArray
    trip: IntArray
    key: IntArray
    """One number for (block, carrier, how-manieth move of this block on this carrier)."""


class Rides(NamedTuple):
    """Every time that a block was on board (n,), in the order of (block, time)."""

    block: IntArray
    load_s: IntArray
    load_row: IntArray
    carrier: IntArray
    trip: IntArray
    unload_s: IntArray
    """-1: still aboard, or gone with its trip."""
    unload_row: IntArray


def cargo_rows(log: EventLog, itinerary: Itinerary) -> IntArray:
    """Row of the itinerary of each row of the cargo table (n,)."""
    visits, cargo = log.visits, log.cargo
    where = np.empty(len(visits.k), np.int64)
    seen = itinerary.visit >= 0
    where[itinerary.visit[seen]] = np.flatnonzero(seen)
    if not len(visits.k):
        return np.zeros(0, np.int64)
    width = int(visits.visit.max()) + 1
    keys = trip_rows(log, visits.source, visits.k) * width + visits.visit
    wanted = trip_rows(log, cargo.source, cargo.k) * width + cargo.visit
    return np.asarray(where[np.searchsorted(keys, wanted)])


def segments_of(model: CompiledModel, log: EventLog, itinerary: Itinerary) -> Segments:
    """Blocks and their hops, from the cargo table and the births aboard."""
    births = _births_aboard(model, log)
    rows = cargo_rows(log, itinerary)
    blocks = _blocks(model, log, births)
    loads = _moves(log, itinerary, rows, blocks, births, 1)
    unloads = _moves(log, itinerary, rows, blocks, births, -1)
    return _joined(model, itinerary, blocks, _rides(model, itinerary, blocks, loads, unloads))


def _births_aboard(model: CompiledModel, log: EventLog) -> IntArray:
    """(4, n): row of births, first, end, instant of the trips that were born with cargo."""
    sources, births = model.sources, log.births
    s, k = births.source.astype(np.int64), births.k.astype(np.int64)
    entry = np.where(sources.tokens[s] > 0, -1 - k, k)
    n_entry = sources.birth_ptr[s + 1] - sources.birth_ptr[s]
    trip = np.flatnonzero((entry >= 0) & (entry < n_entry))
    at = sources.birth_ptr[s[trip]] + entry[trip]
    first, end = sources.birth_first[at], sources.birth_end[at]
    has = end > first
    return np.array([trip[has], first[has], end[has], births.joined_s[trip[has]]], np.int64)


def _blocks(model: CompiledModel, log: EventLog, births: IntArray) -> Blocks:
    cargo = model.cargo
    n_lot = int(cargo.lot_ptr[-1])
    cuts = [log.cargo.first, log.cargo.end, births[1], births[2], cargo.lot_ptr]
    bound = np.unique(np.concatenate([*cuts, _first_unready(model)]))
    bound = bound[(bound >= 0) & (bound <= n_lot)]
    flow = np.searchsorted(cargo.lot_ptr, bound[:-1], side="right") - 1
    return Blocks(bound[:-1], bound[1:], flow)


def _first_unready(model: CompiledModel) -> IntArray:
    """By flow, the first lot that is not ready before the horizon (its lots' end if none)."""
    cargo = model.cargo
    late = np.append(0, np.cumsum(cargo.lot_ready_s < model.horizon_s))
    return np.asarray(cargo.lot_ptr[:-1] + late[cargo.lot_ptr[1:]] - late[cargo.lot_ptr[:-1]])


def _moves(
    log: EventLog,
    itinerary: Itinerary,
    rows: IntArray,
    blocks: Blocks,
    births: IntArray,
    direction: int,
) -> Moves:
    """Every load (1, births aboard among them) or unload (-1) of every block."""
    is_it = log.cargo.direction == direction
    first, end, row = log.cargo.first[is_it], log.cargo.end[is_it], rows[is_it]
    at = itinerary.start_s[row] if direction > 0 else itinerary.end_s[row]
    carrier, trip = itinerary.carrier[row], itinerary.trip[row]
    if direction > 0:
        first, end, at = (
            np.append(first, births[1]),
            np.append(end, births[2]),
            np.append(at, births[3]),
        )
        row = np.append(row, np.full(births.shape[1], -1))
        carrier, trip = np.append(carrier, births[0]), np.append(trip, births[0])
    low, high = np.searchsorted(blocks.first, first), np.searchsorted(blocks.first, end)
    which, block = expand(low, np.arange(len(low)), high)
    order = np.lexsort((row[which], carrier[which], block))
    block, which = block[order], which[order]
    pair = block * (len(log.births.k) + 1) + carrier[which]
    number = np.arange(len(pair)) - np.searchsorted(pair, pair)
    # a lot rides on one carrier fewer than 2 ** 16 times
    key = pair * 2**16 + number
    return Moves(block, at[which], row[which], carrier[which], trip[which], key)


def _rides(
    model: CompiledModel, itinerary: Itinerary, blocks: Blocks, loads: Moves, unloads: Moves
) -> Rides:
    """Each load with the unload off the same carrier, in order of time."""
    unload_s, unload_row = (np.full(len(loads.block), -1, np.int64) for _ in range(2))
    at = np.minimum(np.searchsorted(loads.key, unloads.key), max(len(loads.key) - 1, 0))
    fits = loads.key[at] == unloads.key if len(loads.key) else np.zeros(len(at), bool)
    unload_s[at[fits]], unload_row[at[fits]] = unloads.at_s[fits], unloads.row[fits]
    # rides that begin at one instant: who takes no time goes first, then in the order of the route
    until = np.where(unload_s < 0, FOREVER, unload_s)
    hop = _likely_hop(model, itinerary, blocks.flow[loads.block], loads.row)
    order = np.lexsort((hop, until, loads.at_s, loads.block))
    columns = (loads.block, loads.at_s, loads.row, loads.carrier, loads.trip, unload_s, unload_row)
    return Rides(*(c[order] for c in columns))


def _likely_hop(
    model: CompiledModel, itinerary: Itinerary, flow: IntArray, row: IntArray
) -> IntArray:
    """The first hop of the flow that waits in the stock of the row's stage; -1: born aboard."""
    cargo = model.cargo
    hop = np.full(len(flow), -1, np.int64)
    if not len(itinerary.stage):
        return hop
    asked = model.stages.stock[np.maximum(itinerary.stage[row], 0)]
    n_hop = np.diff(cargo.hop_ptr)
    for h in range(int(n_hop.max(initial=0)) - 1, -1, -1):
        at = np.minimum(cargo.hop_ptr[flow] + h, len(cargo.hop_stock) - 1)
        hop[(n_hop[flow] > h) & (cargo.hop_stock[at] == asked) & (row >= 0)] = h
    return hop


def _joined(model: CompiledModel, itinerary: Itinerary, blocks: Blocks, rides: Rides) -> Segments:
    """The how-manieth ride is the hop; a hop is entered by the unload before it."""
    cargo, n_block = model.cargo, len(blocks.first)
    n_hop = np.diff(cargo.hop_ptr)[blocks.flow]
    n_ride = np.bincount(rides.block, minlength=n_block)
    n_unload = np.bincount(rides.block[rides.unload_s >= 0], minlength=n_block)
    n_entered = np.minimum(np.maximum(n_unload + 1, n_ride), n_hop)
    block = np.repeat(np.arange(n_block), n_entered)
    start = np.cumsum(n_entered) - n_entered
    hop = np.arange(len(block)) - start[block]
    flow = blocks.flow[block]
    rank = np.arange(len(rides.block)) - np.searchsorted(rides.block, rides.block)
    fits = rank < n_entered[rides.block]
    place = (start[rides.block] + rank)[fits]

    def placed(values: IntArray) -> IntArray:
        out = np.full(len(block), -1, np.int64)
        out[place] = values[fits]
        return out

    loaded, unloaded, load_row = (
        placed(rides.load_s),
        placed(rides.unload_s),
        placed(rides.load_row),
    )
    carrier = placed(rides.carrier)
    stock = cargo.hop_stock[cargo.hop_ptr[flow] + hop]
    before = np.append(-1, unloaded[:-1])[: len(block)]
    is_born = (hop == 0) & (load_row < 0) & (loaded >= 0)
    ready = cargo.lot_ready_s[blocks.first[block]]
    since = np.where(is_born, loaded, np.where(hop == 0, ready, before))
    state, until = _ends(model, itinerary, since, stock, loaded, carrier, unloaded)
    return Segments(
        block=block,
        flow=flow,
        first=blocks.first[block],
        end=blocks.end[block],
        hop=hop,
        stock=np.where(is_born, -1, stock),
        since_s=since,
        loaded_s=loaded,
        carrier=carrier,
        trip=placed(rides.trip),
        load_row=load_row,
        unload_row=placed(rides.unload_row),
        unloaded_s=unloaded,
        until_s=until,
        state=state,
    )


def _ends(
    model: CompiledModel,
    itinerary: Itinerary,
    since: IntArray,
    stock: IntArray,
    loaded: IntArray,
    carrier: IntArray,
    unloaded: IntArray,
) -> tuple[IntArray, IntArray]:
    """How and when each segment ended."""
    gone = gone_s(itinerary, model.horizon_s, carrier)
    is_aboard = (loaded >= 0) & (unloaded < 0)
    has_left = is_aboard & (gone < model.horizon_s)
    not_ready = (loaded < 0) & ((since >= model.horizon_s) | (stock < 0))
    state = np.select(
        [not_ready, loaded < 0, has_left, is_aboard],
        [State.NOT_READY, State.IN_STOCK, State.LEFT, State.ABOARD],
        State.UNLOADED,
    ).astype(np.int64)
    until = np.where(unloaded >= 0, unloaded, np.where(has_left, gone, model.horizon_s))
    return state, until


def gone_s(itinerary: Itinerary, horizon_s: int, carrier: IntArray) -> IntArray:
    """When each carrier (-1: none) left the system; the horizon if it is there still; (n,)."""
    last = np.searchsorted(itinerary.carrier, carrier, side="right") - 1
    last = np.maximum(last, 0)
    if not len(itinerary.end_s):
        return np.full(len(carrier), horizon_s, np.int64)
    return np.where(carrier < 0, horizon_s, np.minimum(itinerary.end_s[last], horizon_s))


@dataclass(frozen=True)
class Arrivals:
    """Lots that came into a stock together (n,): on a first hop one row a run of equal ready times.

    Segments keep one row a block, so this is where single ready times are found.
    """

    segment: IntArray
    lots: IntArray
    since_s: IntArray


def arrivals_of(model: CompiledModel, segments: Segments) -> Arrivals:
    """The arrivals of all segments that entered a stock before the horizon."""
    enters = (segments.stock >= 0) & (segments.state != State.NOT_READY)
    later = np.flatnonzero(enters & (segments.hop > 0))
    first = np.flatnonzero(enters & (segments.hop == 0))
    which, lot = expand(segments.first[first], np.arange(len(first)), segments.end[first])
    ready = model.cargo.lot_ready_s[lot]
    segment = first[which]
    is_new = np.ones(len(lot), bool)
    is_new[1:] = (ready[1:] != ready[:-1]) | (segment[1:] != segment[:-1])
    run = np.flatnonzero(is_new)
    return Arrivals(
        segment=np.append(segment[run], later),
        lots=np.append(np.diff(np.append(run, len(lot))), segments.lots[later]),
        since_s=np.append(ready[run], segments.since_s[later]),
    )
