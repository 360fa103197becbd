"""Lots moved: what each wait and visit loaded, unloads, and has on board."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corridor_sim.engine.log import EventLog
from corridor_sim.history.itinerary import Itinerary
from corridor_sim.history.segments import Segments
from corridor_sim.history.steps import expand, sums
from corridor_sim.model.compiled import CompiledModel
from corridor_sim.primitives import IntArray
from corridor_sim.terms import Amount


class Lots(NamedTuple):
    """Lots moved: row of the itinerary, flow and how many; each (n,)."""

    row: IntArray
    flow: IntArray
    lots: IntArray

    def units(self, size: IntArray, n_row: int) -> IntArray:
        """Units by row (n_row,), with the size of each flow (n_flow,)."""
        return sums(self.row, self.lots * size[self.flow], n_row)


def loads_of(segments: Segments) -> Lots:
    """Those of all grants; not those born on board."""
    has = segments.load_row >= 0
    return Lots(segments.load_row[has], segments.flow[has], segments.lots[has])


def unloads_of(
    model: CompiledModel, log: EventLog, itinerary: Itinerary, segments: Segments, loads: Lots
) -> Lots:
    """Those done, and those that visits under way and waiting trips will unload."""
    has = segments.unload_row >= 0
    done = Lots(segments.unload_row[has], segments.flow[has], segments.lots[has])
    moved = np.append(log.visits.lots, 0)[itinerary.visit]
    loaded = loads.units(np.ones(len(model.cargo.offset_s), np.int64), len(moved))
    under_way = (itinerary.stage >= 0) & (itinerary.end_s >= model.horizon_s) & (moved > loaded)
    need = model.stages.need_kind == Amount.UNLOADED
    asks = np.add.reduceat(np.append(need, False), model.stages.need_ptr[:-1]) > 0
    asks &= np.diff(model.stages.need_ptr) > 0
    waits = (
        (itinerary.stage < 0) & asks[itinerary.wanted] & (model.stages.place[itinerary.wanted] >= 0)
    )
    rows = np.flatnonzero(under_way | waits)
    if not len(rows):
        return done
    limit = np.where(under_way, moved - loaded, -1)
    more = _to_unload(model, itinerary, segments, rows, limit)
    return Lots(*(np.append(a, b) for a, b in zip(done, more, strict=True)))


def _to_unload(
    model: CompiledModel, itinerary: Itinerary, segments: Segments, rows: IntArray, limit: IntArray
) -> Lots:
    """The first lots aboard for the stage's place, up to so many (limit >= 0) or `unload_max`."""
    row, segment = _aboard_pairs(model, itinerary, segments, rows)
    flow, lots = segments.flow[segment], segments.lots[segment]
    stage = itinerary.wanted[row]
    vehicle, dim = vehicles_asked(model, itinerary)[row], model.stages.dim[stage]
    by_count = limit[row] >= 0
    size = np.where(by_count, 1, np.maximum(model.cargo.size[vehicle, flow, dim], 0))
    most = np.where(by_count, limit[row], model.stages.unload_max[stage])
    total = np.cumsum(lots * size)
    first = np.searchsorted(row, row)
    ahead = total - lots * size - (total - lots * size)[first]
    fit = np.where(
        size > 0, (most - ahead) // np.maximum(size, 1), np.where(ahead <= most, lots, 0)
    )
    take = np.where(most < 0, lots, np.clip(fit, 0, lots))
    is_first = first == np.arange(len(row))
    return Lots(row, flow, np.where(is_first, np.maximum(take, 1), take))


def _aboard_pairs(
    model: CompiledModel, itinerary: Itinerary, segments: Segments, rows: IntArray
) -> tuple[IntArray, IntArray]:
    """(row, segment) of all that is aboard before the row for its place, in order aboard."""
    by_carrier = np.argsort(segments.carrier, kind="stable")
    carriers = segments.carrier[by_carrier]
    low = np.searchsorted(carriers, itinerary.carrier[rows])
    high = np.searchsorted(carriers, itinerary.carrier[rows], side="right")
    which, entry = expand(low, np.arange(len(rows)), high)
    row, segment = rows[which], by_carrier[entry]
    place = model.cargo.hop_place[
        model.cargo.hop_ptr[segments.flow[segment]] + segments.hop[segment]
    ]
    unload = segments.unload_row[segment]
    is_aboard = (segments.load_row[segment] < row) & ((unload < 0) | (unload >= row))
    keep = is_aboard & (place == model.stages.place[itinerary.wanted[row]])
    row, segment = row[keep], segment[keep]
    # SIMPLIFIED: two flows loaded at one grant are ordered by block, not by single lot; this can
    # matter only to the amount of a discharge under way at the horizon, if their sizes differ
    stock_key = segments.since_s[segment] + model.cargo.offset_s[segments.flow[segment]]
    order = np.lexsort((segments.first[segment], stock_key, segments.load_row[segment], row))
    return row[order], segment[order]


def on_board(itinerary: Itinerary, segments: Segments, size: IntArray) -> IntArray:
    """Units on board before each row's stage (n_row,), with the size of each flow (n_flow,)."""
    n_row = len(itinerary.trip)
    units = segments.lots * size[segments.flow]
    loaded, unloaded = segments.load_row >= 0, segments.unload_row >= 0
    change = sums(segments.load_row[loaded] + 1, units[loaded], n_row + 1)
    change -= sums(segments.unload_row[unloaded] + 1, units[unloaded], n_row + 1)
    # the change of a carrier's last row lands on the next carrier's first: only totals are used
    begin = np.flatnonzero(np.append(True, itinerary.carrier[1:] != itinerary.carrier[:-1]))
    first = np.repeat(begin, np.diff(np.append(begin, n_row)))
    total = np.cumsum(change)[:n_row]
    aboard = (segments.loaded_s >= 0) & ~loaded
    at = np.searchsorted(itinerary.carrier, segments.carrier[aboard])
    born = sums(at, units[aboard], n_row + 1)
    return np.asarray(total - total[first] + born[first])


def vehicles_asked(model: CompiledModel, itinerary: Itinerary) -> IntArray:
    """The vehicle with which each row's cargo is reckoned: the wanted stage's, else the trip's."""
    named = model.stages.vehicle[itinerary.wanted]
    return np.where(named >= 0, named, itinerary.vehicle)
