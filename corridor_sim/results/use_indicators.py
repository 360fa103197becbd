"""Indicators of services and facilities; as in `indicators`, docs/measures.md is made from these."""

from __future__ import annotations

import numpy as np

from corridor_sim.results.indicators import NAN, FloatArray, coefficient_of_variation, ratio


def sailings_per_week(n: int, days: float) -> float:
    """Departures of a service from a call in a week.

    Formula: departures in the window / weeks of the window
    Unit: a week
    Columns: service_kpi.sailings_per_week
    Source: usual measure of liner services

    >>> sailings_per_week(4, 14.0)
    2.0
    """
    return ratio(7 * n, days)


def headway_cv(departures_h: FloatArray) -> float:
    """How irregular departures are: 0 as a clock, 1 as if at random.

    Formula: standard deviation / mean of the times between departures of the window; the mean wait
        of who comes at random is half the mean headway x (1 + cv^2)
    Unit: ratio
    Columns: service_kpi.headway_cv
    Source: TCRP Report 165 (Transit Capacity and Quality of Service Manual), headway adherence

    >>> headway_cv(np.array([0.0, 10.0, 30.0])).__round__(4)
    0.3333
    """
    gaps = np.diff(departures_h)
    return coefficient_of_variation(gaps) if len(gaps) > 1 else NAN


def mean_fill(filled: FloatArray) -> float:
    """How full vehicles leave a call.

    Formula: mean over departures of capacity taken / capacity of the vehicle, in TEU, wagons, trucks
        or shares of a deck that takes several
    Unit: share; empty where vehicles have no limit
    Columns: service_kpi.fill_mean_share
    Source: usual load factor, by departure

    >>> mean_fill(np.array([0.5, 1.0, np.nan]))
    0.75
    """
    known = filled[~np.isnan(filled)]
    return float(known.mean()) if len(known) else NAN


def empty_ratio(n_empty: int, n: int) -> float:
    """Share of the departures from a call with nothing aboard.

    Formula: departures without cargo / departures; as all rides from a call are equally long, it is
        also empty km / km
    Unit: share
    Columns: service_kpi.empty_share
    Source: usual empty running ratio

    >>> empty_ratio(1, 4)
    0.25
    """
    return ratio(n_empty, n)


def rolled_share(left_units: int, loaded_units: int) -> float:
    """Share of the units that stayed behind though a vehicle was loading.

    Formula: units still in the call's stock when a loading has begun (past the cut-off, or no room),
        summed over loadings / (those + units loaded); who stays behind twice counts twice
    Unit: share
    Columns: service_kpi.rolled_share
    Source: rolled cargo of liner shipping; own definition for services without a booking

    >>> rolled_share(20, 60)
    0.25
    """
    return ratio(left_units, left_units + loaded_units)


def cancelled_share(n_cancelled: int, n_sailed: int) -> float:
    """Share of the sailings that did not take place.

    Formula: sailings `cancelled` / (those + loadings)
    Unit: share
    Columns: service_kpi.cancelled_share
    Source: usual reliability figure of liner services

    >>> cancelled_share(1, 9)
    0.1
    """
    return ratio(n_cancelled, n_cancelled + n_sailed)


def calendar_utilisation(busy_h: float, server_h: float) -> float:
    """Use of a facility over the whole calendar.

    Formula: hours of work, stopped ones by closing or weather included / (servers x hours of the
        window)
    Unit: share
    Columns: facility_kpi.utilisation
    Source: queueing theory: carried load / servers

    >>> calendar_utilisation(50.0, 200.0)
    0.25
    """
    return ratio(busy_h, server_h)


def open_utilisation(worked_h: float, open_server_h: float) -> float:
    """Use of a facility over the hours in which it could work.

    Formula: hours in which work went on / (servers there x hours open: opening hours, less weather,
        works and failures)
    Unit: share
    Columns: facility_kpi.utilisation_open
    Source: usual availability-adjusted utilisation

    >>> open_utilisation(50.0, 100.0)
    0.5
    """
    return ratio(worked_h, open_server_h)


def occupancy(held_h: float, server_h: float) -> float:
    """Time for which berths or servers are held, whether work goes on or not.

    Formula: sum of hours from berthing to leaving / (berths x hours of the calendar); a vessel that
        waits at its berth for cargo, weather or a path holds it
    Unit: share; rules of thumb for 1, 2, 3, 4 and more berths are 40, 50, 55, 60 % (common
        knowledge of planners, not checked at a source)
    Columns: facility_kpi.occupancy
    Source: usual definition of port studies, as in UNCTAD 1985, Port Development: A Handbook for
        Planners in Developing Countries

    >>> occupancy(30.0, 60.0)
    0.5
    """
    return ratio(held_h, server_h)


def waiting_ratio(wait_h: float, sojourn_h: float) -> float:
    """How long one waits for a berth or server beside how long one is served.

    Formula: mean wait / mean service, the latter from start to end of the visit
    Unit: ratio; 0.1 to 0.3 is a rule of thumb for berths (common knowledge of planners, not checked
        at a source)
    Columns: facility_kpi.wait_ratio
    Source: usual definition of port studies, as in UNCTAD 1985, Port Development: A Handbook for
        Planners in Developing Countries

    >>> waiting_ratio(2.0, 10.0)
    0.25
    """
    return ratio(wait_h, sojourn_h - wait_h)


def yard_fill(used: np.ndarray, capacity: np.ndarray) -> FloatArray:
    """How full a yard is, at each level that it had.

    Formula: places in use, those kept for a running discharge included / places; over the time of
        the window its mean, P95 and largest value
    Unit: share
    Columns: yard_hours.fill_mean_share, yard_hours.fill_p95_share, yard_hours.fill_max_share
    Source: usual yard occupancy

    >>> yard_fill(np.array([30.0]), np.array([40.0])).tolist()
    [0.75]
    """
    return np.where(capacity > 0, used / np.maximum(capacity, 1), 1.0)
