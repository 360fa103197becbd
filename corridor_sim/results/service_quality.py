"""service_kpi, what shippers see of a call: how often, how regular, how full, who stays behind."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corridor_sim.history.halves import Aboard
from corridor_sim.history.itinerary import was_cut
from corridor_sim.history.replay import Replay
from corridor_sim.history.slots import cancelled_n
from corridor_sim.model.carriers import SHARE
from corridor_sim.model.compile import Built
from corridor_sim.model.meaning import CallMeaning
from corridor_sim.primitives import IntArray
from corridor_sim.results import use_indicators as ind
from corridor_sim.units import DAY_S, HOUR_S

Columns = dict[str, float]


class _Rows(NamedTuple):
    """Of every row of the itinerary (n_row,)."""

    aboard: IntArray
    """Units on board when its work begins."""
    filled: np.ndarray
    """Share of the vehicle that they fill; NaN without a limit."""
    loaded: IntArray
    """Units loaded since it came to the call, those of the row with them: a vehicle may load before
    the stage that its sail rule rules (in a swap, or to make room)."""


def quality_of(built: Built, replay: Replay) -> dict[tuple[str, str], Columns]:
    """(service, node of the call) -> columns, of departures and loadings in the window."""
    stages, rows = _by_stage(built, replay), _rows(built, replay)
    return {
        (call.service, call.node): _quality(built, replay, call, stages, rows)
        for call in built.meaning.calls
    }


def _by_stage(built: Built, replay: Replay) -> dict[str, IntArray]:
    """Rows of the window by name of the granted stage, in order of time; none that was cut."""
    begin, until, _ = built.window_s
    visits = replay.itinerary
    inside = (visits.stage >= 0) & (visits.start_s >= begin) & (visits.start_s < until)
    inside &= ~was_cut(built.model, visits.stage, visits.start_s, visits.end_s)
    row = np.flatnonzero(inside)
    row = row[np.lexsort((visits.start_s[row], visits.stage[row]))]
    names = built.model.names.stages
    ends = np.searchsorted(visits.stage[row], np.arange(len(names) + 1))
    return {name: row[a:b] for name, a, b in zip(names, ends[:-1], ends[1:], strict=True)}


def _rows(built: Built, replay: Replay) -> _Rows:
    cargo, segments, visits = built.model.cargo, replay.segments, replay.itinerary
    aboard = Aboard(replay)
    of_vehicle = visits.vehicle[np.maximum(segments.load_row, 0)]
    share = np.maximum(cargo.size[of_vehicle, segments.flow, SHARE], 0)
    cap = cargo.cap[visits.vehicle, SHARE]
    used = aboard.units(segments.lots * share)
    units = segments.lots * cargo.size[0, :, 0][segments.flow]
    filled = np.divide(used, cap, out=np.full(len(cap), np.nan), where=cap > 0)
    loaded = np.append(0, np.cumsum(replay.loads.units(cargo.size[0, :, 0], len(cap))))
    return _Rows(aboard.units(units), filled, loaded[1:] - loaded[_came(built, replay)])


def _came(built: Built, replay: Replay) -> IntArray:
    """The first row of each row's vehicle since its last ride to a call (n_row,)."""
    visits = replay.itinerary
    rides = {ride for call in built.meaning.calls for ride in call.rides}
    rode = np.array([name in rides for name in built.model.names.stages], bool)[visits.wanted]
    is_first = (visits.carrier[1:] != visits.carrier[:-1]) | (rode & (visits.stage >= 0))[:-1]
    number = np.arange(len(visits.carrier))
    return np.maximum.accumulate(np.where(np.append(True, is_first)[: len(number)], number, 0))


def _quality(
    built: Built, replay: Replay, call: CallMeaning, stages: dict[str, IntArray], rows: _Rows
) -> Columns:
    begin, until, _ = built.window_s
    visits = replay.itinerary
    rides = np.concatenate([stages[name] for name in call.rides])
    loads = np.concatenate([stages[name] for name in call.loads])
    stock = built.model.names.stocks.index(f"{call.service}@{call.node}")
    at = np.full(len(loads), stock * built.model.n_dim)
    left = replay.stocks.at(at, visits.start_s[loads])
    cancelled = cancelled_n(built, replay, call)
    return {
        "sailings_per_week": ind.sailings_per_week(len(rides), (until - begin) / DAY_S),
        "headway_cv": ind.headway_cv(np.sort(visits.start_s[rides]) / HOUR_S),
        "fill_mean_share": ind.mean_fill(rows.filled[rides]),
        "empty_share": ind.empty_ratio(int((rows.aboard[rides] == 0).sum()), len(rides)),
        "rolled_share": ind.rolled_share(int(left.sum()), int(rows.loaded[loads].sum())),
        "cancelled_share": ind.cancelled_share(cancelled, len(loads)),
    }
