"""Timetables: when sailings are due, and which of them the weather cancels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from corridor_sim.inputs.laws_of import law_of
from corridor_sim.inputs.schema import Call
from corridor_sim.model.build import Bench
from corridor_sim.model.draws import draw_seconds, uniforms
from corridor_sim.model.profiles import calendar
from corridor_sim.model.service_itinerary import Itinerary
from corridor_sim.primitives import IntArray
from corridor_sim.units import FOREVER, HOUR_S, seconds

BoolArray = npt.NDArray[np.bool_]


def timetable(it: Itinerary, i: int) -> str:
    """The call's timetable, without the sailings that the weather cancels; made once."""
    name, tables = f"timetable {it.at(i)}", it.bench.parts.tables
    if name not in tables:
        call = it.calls[i]
        at_s = _instants(it.bench, call)
        cancelled = _cancelled(it, i, at_s)
        if call.cancel_after_h is not None:
            it.bench.meaning.cancelled[it.name, call.node] = at_s[cancelled].tolist()
        tables[name] = at_s[~cancelled]
    return name


def _cancelled(it: Itinerary, i: int, at_s: IntArray) -> BoolArray:
    """Sailings whose port is closed for longer than `cancel_after_h` from their instant on (n,)."""
    after_h = it.calls[i].cancel_after_h
    zones = {place.berth.weather_zone for place in it.places[i]}
    if after_h is None or len(zones) != 1:
        return np.zeros(len(at_s), bool)
    weather = it.bench.zone(zones.pop())
    port = calendar("port", (*weather.work, *weather.departing))
    if port is None:
        return np.zeros(len(at_s), bool)
    following = np.searchsorted(port.close_s, at_s, side="right")
    opens = np.append(port.open_s, FOREVER)[following]
    return np.asarray(opens - at_s > seconds(after_h))


def _instants(bench: Bench, call: Call) -> IntArray:
    """When the call's sailings are due, up to the horizon and beyond."""
    first = call.offset_h * HOUR_S
    if call.every_h:
        at = np.arange(first, bench.horizon_s + call.every_h * HOUR_S, call.every_h * HOUR_S)
        return np.asarray(np.rint(at).astype(np.int64))
    law = law_of(call, "headway", bench.scenario.laws)
    assert law is not None
    n = 64
    while True:
        u = uniforms(bench.seed, bench.rep, f"calls.{call.id}.headway", n)
        times = round(first) + np.cumsum(draw_seconds(law, u))
        if times[-1] > bench.horizon_s:
            return np.asarray(times)
        n *= 2
