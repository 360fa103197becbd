"""Measures of one replication: by OD, facility and call, as columns of plain arrays.

Transit measures are of units *ready* in the window, throughput of units *delivered* in it.
Averages over time are over the window [begin, end).
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple

import numpy as np

from corridor_sim.history.clocks import first_boarded
from corridor_sim.history.itinerary import GAVE_UP, Itinerary, was_cut
from corridor_sim.history.replay import Replay
from corridor_sim.history.segments import State
from corridor_sim.history.slots import cancelled_n
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built
from corridor_sim.model.meaning import FlowMeaning
from corridor_sim.money.activities import Activities, activities_of
from corridor_sim.primitives import IntArray
from corridor_sim.results.cost_rows import generalised, mean_over
from corridor_sim.results.indicators import quantile
from corridor_sim.results.use_indicators import calendar_utilisation
from corridor_sim.units import HOUR_S

Rows = list[dict[str, Any]]

QUANTILES = (10, 50, 90, 95)


def overlap(start: IntArray, end: IntArray, begin: int, until: int) -> IntArray:
    """Seconds of [start, end) inside [begin, until), (n,)."""
    return np.asarray(np.maximum(np.minimum(end, until) - np.maximum(start, begin), 0))


def quantile_h(transit_s: np.ndarray, q: float) -> float:
    """The q-quantile in hours, undelivered lots (inf) counted as the slowest.

    NaN if the quantile falls among them: it is not known. Linear between order statistics.

    >>> quantile_h(np.array([3600.0, 7200.0, np.inf]), 50)
    2.0
    """
    return quantile(np.sort(transit_s), q) / HOUR_S


def od_rows(
    scenario: Scenario, built: Built, replay: Replay, activities: Activities | None = None
) -> Rows:
    """od_kpi: one row a demand row, route and clock, and `all` where there are several routes.

    activities    of this replication; none: counted here
    """
    activities = activities_of(scenario, built, replay) if activities is None else activities
    cost = generalised(scenario, activities)
    by_demand: dict[str, list[int]] = defaultdict(list)
    for i, flow in enumerate(activities.flows):
        by_demand[flow.demand].append(i)
    boarded = first_boarded(replay)
    rows: Rows = []
    for demand in sorted(by_demand):
        flows, row = by_demand[demand], scenario.demand[demand]
        groups = [([i], activities.flows[i].route) for i in flows]
        if len(flows) > 1:
            groups.insert(0, (flows, "all"))
        for which, route in groups:
            units = np.concatenate([_units(built, activities.flows[i]) for i in which])
            usd = float(mean_over(activities, which, cost))
            about = {
                "od": demand,
                "commodity": row.commodity,
                "direction": row.direction,
                "route": route,
            }
            costs = {
                "usd_per_unit": usd,
                "usd_per_teu": usd if row.unit == "teu" else float("nan"),
            }
            shipper = _od(built, replay, units, replay.ready_s)
            rows.append(about | {"clock": "shipper"} | shipper | costs)
            if activities.flows[flows[0]].rides:
                carrier = _od(built, replay, units, boarded)
                rows.append(about | {"clock": "carrier"} | carrier | costs)
    return rows


def _units(built: Built, flow: FlowMeaning) -> IntArray:
    """The lot of each unit of a flow (n_unit,): a batch that stays whole counts as its units."""
    index = built.model.names.flows.index(flow.flow)
    ptr, per_lot = built.model.cargo.lot_ptr, built.model.cargo.units_per_lot
    return np.repeat(np.arange(int(ptr[index]), int(ptr[index + 1])), per_lot[index])


def _od(built: Built, replay: Replay, units: IntArray, clock_s: IntArray) -> dict[str, Any]:
    begin, until, _ = built.window_s
    ready, delivered = replay.ready_s[units], replay.delivered_s[units]
    cohort = (ready >= begin) & (ready < until)
    start = clock_s[units][cohort]
    done = delivered[cohort] >= 0
    transit = np.where(done & (start >= 0), delivered[cohort] - start, np.inf)
    n = int(cohort.sum())
    row: dict[str, Any] = {
        "n": n,
        "offered": n,
        "delivered": int(((delivered >= begin) & (delivered < until)).sum()),
        "censored_share": float(1 - done.mean()) if n else float("nan"),
        "mean_h": float(transit[done].mean() / HOUR_S) if done.any() else float("nan"),
    }
    return row | {f"p{q}_h": quantile_h(transit, q) for q in QUANTILES}


def facility_rows(built: Built, replay: Replay) -> Rows:
    """facility_kpi: one row a facility and class of trips, and `all` where there are several."""
    names, visits = built.model.names, replay.itinerary
    line_at = {name: i for i, name in enumerate(names.lines)}
    stage_at = {name: i for i, name in enumerate(names.stages)}
    groups: dict[tuple[str, str], list[_Key]] = defaultdict(list)
    for visit in built.meaning.visits:
        enter = -1 if visit.enter is None else stage_at[visit.enter]
        key = _Key(line_at[visit.line], stage_at[visit.stage], enter, visit.role)
        groups[visit.facility, visit.by].append(key)
        groups[visit.facility, "all"].append(key)
    classes: dict[str, set[str]] = defaultdict(set)
    for facility, by in groups:
        classes[facility].add(by)
    spent = _spent(built, visits)
    rows: Rows = []
    for (facility, by), keys in sorted(groups.items()):
        if by == "all" and len(classes[facility]) == 2:
            continue
        row = _facility(built, visits, spent, facility, sorted(set(keys)))
        rows.append({"facility": facility, "class": by} | row)
        if len(classes[facility]) == 2:
            rows.append({"facility": facility, "class": "all"} | row)
    return rows


class _Key(NamedTuple):
    """A `FacilityVisit` in indices of lines and stages; enter -1: no place to enter first."""

    line: int
    stage: int
    enter: int
    role: str


class _Spent(NamedTuple):
    """Seconds of the window that each row of the itinerary waited and worked; each (n_row,)."""

    wait_s: IntArray
    work_s: IntArray


def _spent(built: Built, visits: Itinerary) -> _Spent:
    begin, until, _ = built.window_s
    end = np.minimum(visits.end_s, built.model.horizon_s)
    return _Spent(
        overlap(visits.joined_s, visits.start_s, begin, until),
        overlap(visits.start_s, end, begin, until),
    )


def _facility(
    built: Built,
    visits: Itinerary,
    spent: _Spent,
    facility: str,
    keys: list[_Key],
) -> dict[str, Any]:
    begin, until, _ = built.window_s
    window = until - begin
    whole = [key for key in keys if key.role == "visit"]
    first = np.isin(visits.line, [key.line for key in whole])
    serve = np.isin(visits.stage, [key.stage for key in whole])
    load = np.isin(visits.stage, [key.stage for key in keys if key.role == "load"])
    work = np.isin(visits.stage, [key.stage for key in keys])
    enters = [key.enter for key in whole if key.enter >= 0]
    entered = np.isin(visits.stage, enters) if enters else np.zeros(len(first), bool)
    # a trip that was admitted to a place, or whose window is over, is served by its next row
    serving = np.isin(visits.wanted, [key.stage for key in whole])
    since = visits.joined_s.copy()
    gave_up = first & (visits.stage == GAVE_UP)
    after = np.flatnonzero(serving[1:] & (entered | gave_up)[:-1]) + 1
    since[after] = visits.joined_s[after - 1]
    arrived = first & (visits.joined_s >= begin) & (visits.joined_s < until)
    turned_away = arrived & gave_up & (built.model.lines.else_line[visits.line] < 0)
    timed = serve & (since >= begin) & (since < until)
    wait = visits.start_s[timed] - since[timed]
    in_queue, in_work = spent.wait_s[first | serving], spent.work_s[work]
    done = (serve | load) & (visits.end_s >= begin) & (visits.end_s < until)
    began = load & (visits.start_s >= begin) & (visits.start_s < until)
    servers = built.meaning.servers.get(facility, 0)
    return {
        "arrivals": int(arrived.sum() + began.sum()),
        "completed": int(done.sum()),
        "turned_away_share": float(turned_away.sum() / arrived.sum()) if arrived.any() else 0.0,
        "wait_mean_h": float(wait.mean() / HOUR_S) if len(wait) else float("nan"),
        "wait_p95_h": quantile_h(wait.astype(float), 95),
        "sojourn_mean_h": float((visits.end_s[timed] - since[timed]).mean() / HOUR_S)
        if len(wait)
        else float("nan"),
        "queue_mean": float(in_queue.sum() / window),
        "in_system_mean": float((in_queue.sum() + in_work.sum()) / window),
        "utilisation": calendar_utilisation(float(in_work.sum()), servers * window),
        "throughput_per_h": float(done.sum() / window * HOUR_S),
    }


def service_rows(built: Built, replay: Replay) -> Rows:
    """service_kpi: one row a call: departures, loads, waits of lots, use of vehicles."""
    rows: Rows = []
    begin, until, _ = built.window_s
    window = until - begin
    names, visits = built.model.names, replay.itinerary
    stage_at = {name: i for i, name in enumerate(names.stages)}
    board = _rows_units(replay, built.model.cargo.units_per_lot)
    spent = _spent(built, visits)
    broken_off = was_cut(built.model, visits.stage, visits.start_s, visits.end_s)
    for call in built.meaning.calls:
        loads = np.isin(visits.stage, [stage_at[s] for s in call.loads]) & ~broken_off
        inside = loads & (visits.start_s >= begin) & (visits.start_s < until)
        ride = np.isin(visits.stage, [stage_at[s] for s in call.rides])
        sources = [names.sources.index(source) for source in call.sources]
        stock = names.stocks.index(f"{call.service}@{call.node}")
        n_vehicle = built.meaning.fleets[call.service]
        rows.append(
            {
                "service": call.service,
                "call": call.node,
                "trips": int(inside.sum()),
                "load_mean": float(board[inside].mean()) if inside.any() else float("nan"),
                "full_share": _full_share(built, replay, inside),
                "cancelled": cancelled_n(built, replay, call),
                "wait_mean_h": _stock_wait(replay, stock, begin, until),
                "vehicle_utilisation": _vehicle_use(
                    built, visits, spent, sources, n_vehicle, call.service
                ),
                "round_trips_per_h": float(
                    (ride & (visits.start_s >= begin) & (visits.start_s < until)).sum()
                    / window
                    * HOUR_S
                ),
            }
        )
    return rows


def _stock_wait(replay: Replay, stock: int, begin: int, until: int) -> float:
    """Mean hours from entering the stock to being loaded, over units that entered in the window."""
    arrivals, segments = replay.arrivals, replay.segments
    mine = segments.stock[arrivals.segment] == stock
    loaded = segments.loaded_s[arrivals.segment]
    mine &= (loaded >= 0) & (arrivals.since_s >= begin) & (arrivals.since_s < until)
    units = replay.arrival_units[mine]
    n = units.sum()
    total = ((loaded[mine] - arrivals.since_s[mine]) * units).sum()
    return float(total / n / HOUR_S) if n else float("nan")


def _rows_units(replay: Replay, size: IntArray) -> IntArray:
    """Units on board when each row's work begins: before, and what it loads."""
    return replay.before(size) + replay.loads.units(size, len(replay.itinerary.stage))


def _full_share(built: Built, replay: Replay, rows: np.ndarray) -> float:
    """Share of departures after whose loading not one more lot like those aboard would fit."""
    if not rows.any():
        return float("nan")
    cap, size = built.model.cargo.cap, built.model.cargo.size
    full = np.zeros(len(rows), bool)
    for vehicle in np.unique(replay.itinerary.vehicle[rows]):
        if cap[vehicle, 1] < 0:
            continue
        share = _rows_units(replay, np.maximum(size[vehicle, :, 1], 0))
        fits = size[vehicle, :, 1][size[vehicle, :, 1] > 0]
        least = int(fits.min()) if len(fits) else 1
        full |= (replay.itinerary.vehicle == vehicle) & (share + least > cap[vehicle, 1])
    return float(full[rows].mean())


def _vehicle_use(
    built: Built, visits: Itinerary, spent: _Spent, sources: list[int], n_vehicle: int, service: str
) -> float:
    """Share of vehicle-hours that are not spent waiting to load at home."""
    if not n_vehicle:
        return float("nan")
    begin, until, _ = built.window_s
    home = next(c for c in built.meaning.calls if c.service == service and c.home)
    names = built.model.names
    lines = [names.lines.index(line) for line in home.lines]
    mine = np.isin(visits.source, sources)
    if not built.model.sources.tokens[sources[0]]:
        # work anywhere, and waits elsewhere
        at_home = np.isin(visits.line, lines)
        used = spent.work_s[mine].sum() + spent.wait_s[mine & ~at_home].sum()
        return float(used / (n_vehicle * (until - begin)))
    idle = spent.wait_s[mine & np.isin(visits.line, lines)].sum()
    return float(1 - idle / (n_vehicle * (until - begin)))


def little(replay: Replay) -> tuple[int, int]:
    """Both sides of Little's law on the sample path of all stocks, in unit-seconds: equal by `==`.

    The time integral of the number of units in every stock, and the sum of their waits.
    """
    horizon = replay.model.horizon_s
    integral, waits = 0, 0
    n_dim = replay.model.n_dim
    for stock in range(len(replay.model.stocks.others)):
        at, units = replay.stocks.row(stock * n_dim)
        integral += int((units * np.diff(np.append(at, horizon))).sum())
    arrivals, segments = replay.arrivals, replay.segments
    loaded = segments.loaded_s[arrivals.segment]
    left = np.where(loaded >= 0, loaded, horizon)
    waiting = (segments.stock[arrivals.segment] >= 0) & (
        segments.state[arrivals.segment] != State.NOT_READY
    )
    waits = int(((left - arrivals.since_s) * replay.arrival_units)[waiting].sum())
    return integral, waits
