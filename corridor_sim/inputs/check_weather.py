"""Weather zones and dated closures: shares and thresholds in order, rows inside the run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from corridor_sim.inputs.problems import Problem
from corridor_sim.inputs.schema import MONTHS
from corridor_sim.inputs.view import PARTS, View, part_h


def problems(view: View) -> Iterator[Problem]:
    """Problems of `weather` and `closures`."""
    for key, record in view.items("weather"):
        yield from _share_problems(view, key, record)
        yield from _threshold_problems(view, key, record)
    for key, record in view.items("closures"):
        if record.end <= record.start:
            what = f"ends before it starts ({record.start:%Y-%m-%d %H:%M})"
            yield view.problem(key, "end", what, "an end after the start")


def warnings(view: View) -> Iterator[Problem]:
    """What has no effect, or perhaps another than was meant."""
    for key, record in view.items("weather"):
        if record.forecast_skill and not record.forecast_h:
            what = "a forecast of 0 hours holds nobody back"
            yield view.problem(key, "forecast_skill", what, "forecast_h: 24")
    yield from _idle_zone_warnings(view)
    yield from _outside_warnings(view)
    yield from _overlap_warnings(view)


def _idle_zone_warnings(view: View) -> Iterator[Problem]:
    """A leg in a zone in which nobody is slower."""
    for key, leg in view.items("legs"):
        zone = view.tables["weather"].get(leg.weather_zone)
        if zone is None:
            continue
        speeds = [zone.storm_speed_share, *(getattr(zone, f"s{month[1:]}") for month in MONTHS)]
        if set(speeds) <= {1, None}:
            what = f"no month and no storm of {zone.id} slows anybody"
            fix = f"weather.{zone.id}.storm_speed_share: 0.6, or s01 .. s12"
            yield view.problem(key, "weather_zone", what, fix)


def _share_problems(view: View, key: str, record: Any) -> Iterator[Problem]:
    for month in MONTHS:
        share = getattr(record, month)
        if share > 1:
            fix = f"{month}: {share / 100:g} (a share, not per cent)"
            what = f"must be <= 1, a share of the month's hours (found {share:g})"
            yield view.problem(key, month, what, fix)
    if record.replay_year is not None:
        missing = [f"r{m[1:]}" for m in MONTHS if getattr(record, f"r{m[1:]}") is None]
        if missing:
            what = f"replay_year needs r01 .. r12 (no {', '.join(missing)})"
            yield view.problem(key, "replay_year", what, "add them, or leave replay_year out")


def _threshold_problems(view: View, key: str, record: Any) -> Iterator[Problem]:
    cranes, berthing = record.cranes_stop_share, record.berthing_stop_share
    if berthing > cranes:
        what = f"must be <= cranes_stop_share: cranes stop first (found {berthing:g} > {cranes:g})"
        yield view.problem(key, "berthing_stop_share", what, f"cranes_stop_share: {berthing:g}")


def _outside_warnings(view: View) -> Iterator[Problem]:
    """A row that no run meets is probably of another year."""
    simulation = view.simulation
    if simulation is None:
        return
    start, hour = simulation.start, timedelta(hours=1)
    run_h = sum(part_h(simulation, part) for part in PARTS)
    for key, record in view.items("closures"):
        if record.end <= start or (record.start - start) / hour >= run_h:
            what = f"is outside the run ({run_h / 24:g} days from {start:%Y-%m-%d})"
            fix = f"a date in the run; {record.start.year} is replayed, not drawn, all the same"
            yield view.problem(key, "start", what, fix)


def _overlap_warnings(view: View) -> Iterator[Problem]:
    """Each second has the most severe of the rows that cover it."""
    rows = sorted((r.zone, r.start, r.end, key) for key, r in view.items("closures"))
    last = None
    for zone, start, end, key in rows:
        if last is not None and last[0] == zone and start < last[1]:
            what = f"overlaps {last[2]}; where both hold, the more severe counts"
            yield view.problem(key, "start", what, "nothing, if that is meant")
        if last is None or last[0] != zone or end > last[1]:
            last = (zone, end, key)
