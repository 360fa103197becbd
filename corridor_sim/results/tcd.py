"""tcd: time, cost and distance along each route, after the method of ESCAP."""

from __future__ import annotations

from typing import Any

import numpy as np

from corridor_sim.inputs.schema import Scenario
from corridor_sim.results.paid_along import Invoice
from corridor_sim.results.progress import Journey
from corridor_sim.units import HOUR_S

Rows = list[dict[str, Any]]

QUANTILES = (10, 50, 90)


def tcd_rows(scenario: Scenario, journeys: list[Journey]) -> Rows:
    """Time, cost and distance since the origin, step by step along each route.

    Formula: km: sum of legs; hours: quantiles over units of (the instant at which a unit comes to a
        node, or leaves it - its ready time); USD: prices per km on the legs passed, and fees and
        handling at the nodes passed. Works on the way stand at their node, and the running between
        two calls is spread over the legs by their hours at leg speed
    Unit: km, hours, USD a unit
    Columns: tcd.km, tcd.p10_h, tcd.p50_h, tcd.p90_h, tcd.usd_per_unit
    Source: UNESCAP, time/cost-distance methodology for transport corridors
    """
    invoice = Invoice(scenario)
    return [row for journey in journeys for row in _steps(invoice, journey)]


def _steps(invoice: Invoice, journey: Journey) -> Rows:
    flow, path = journey.flow, journey.path
    paid, last = invoice.along(flow, path), len(path.nodes) - 1
    arrive, leave = _quantiles_h(journey.arrive_s, journey), _quantiles_h(journey.leave_s, journey)
    usd, rows = 0.0, []
    for place, node in enumerate(path.nodes):
        usd += paid.on_the_way[place]
        about = {"node": node, "km": float(path.km[place])}
        if place:
            way = {"kind": "leg", "leg": path.legs[place] or None, "n": int(journey.units.sum())}
            rows.append(about | way | _hours(arrive, place) | {"usd_per_unit": float(usd)})
        usd += paid.at_place[place]
        if journey.stayed[place] or place in (0, last) or paid.at_place[place]:
            stay = {"kind": "stay", "leg": None, "n": int(journey.stayed[place])}
            rows.append(about | stay | _hours(leave, place) | {"usd_per_unit": float(usd)})
    key = {"od": flow.demand, "route": flow.route}
    return [key | {"step": step} | row for step, row in enumerate(rows, start=1)]


def _hours(hours: np.ndarray, place: int) -> dict[str, float]:
    return {f"p{q}_h": float(hours[i, place]) for i, q in enumerate(QUANTILES)}


def _quantiles_h(seconds: np.ndarray, journey: Journey) -> np.ndarray:
    """(n_quantile, n_place) over units, linear between order statistics."""
    order = np.argsort(seconds, axis=0, kind="stable")
    value = np.take_along_axis(seconds, order, axis=0)
    total = np.cumsum(journey.units[order], axis=0)
    n, out = int(journey.units.sum()), np.zeros((len(QUANTILES), seconds.shape[1]))
    for i, q in enumerate(QUANTILES):
        at = (n - 1) * q / 100
        low, high = int(at), int(np.ceil(at))
        a, b = (_ranked(value, total, rank) for rank in (low, high))
        out[i] = (a + (at - low) * (b - a)) / HOUR_S
    return out


def _ranked(value: np.ndarray, total: np.ndarray, rank: int) -> np.ndarray:
    """The value of the unit of this rank, from 0, in each column."""
    at = (total <= rank).sum(axis=0)
    return np.asarray(value[at, np.arange(value.shape[1])])
