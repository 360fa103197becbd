"""Warnings: values that are possible, but look like another unit or swapped columns."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from corridor_sim.inputs.problems import Problem
from corridor_sim.inputs.view import View, part_h

LONGEST_MEAN_H, SHORTEST_MEAN_H = 1000.0, 0.01
LARGEST_DETOUR = 2.5
_EARTH_KM = 6371.0
_ROUNDING = 0.98
"""Coordinates and lengths are rounded: a leg may seem a little shorter than the air line."""


def warnings(view: View) -> Iterator[Problem]:
    """All warnings, each with what it would mean."""
    for table in view.tables:
        for key, record in view.items(table):
            yield from _mean_warnings(view, key, record)
    for key, leg in view.items("legs"):
        yield from _length_warnings(view, key, leg)
    yield from _warm_up_warnings(view)


def _mean_warnings(view: View, key: str, record: Any) -> Iterator[Problem]:
    for column in type(record).model_fields:
        value = getattr(record, column) if column.endswith("mean_h") else None
        if value is None or value == 0 or SHORTEST_MEAN_H <= value <= LONGEST_MEAN_H:
            continue
        if value > LONGEST_MEAN_H:
            what = f"{value:g} hours are {value / 24:.0f} days: minutes?"
            yield view.problem(key, column, what, f"{column}: {value / 60:g} if minutes were meant")
        else:
            what = f"{value:g} hours are {value * 3600:.0f} seconds: days, or a rate?"
            yield view.problem(key, column, what, f"{column}: {value * 24:g} if days were meant")


def _length_warnings(view: View, key: str, leg: Any) -> Iterator[Problem]:
    ends = [view.tables["nodes"].get(name) for name in (leg.from_node_id, leg.to_node_id)]
    points = [(end.x_coord, end.y_coord) for end in ends if end is not None]
    points = [point for point in points if None not in point]
    if len(points) < 2:
        return
    direct = great_circle_km(*points[0], *points[1])
    if _fits(direct, leg.length_km):
        return
    what = f"{leg.length_km:g} km, but the air line between its ends is {direct:.0f} km"
    fix = "check length_km and the nodes' coordinates"
    if any(_fits(_swapped(points, mask), leg.length_km) for mask in (1, 2, 3)):
        fix += " (x_coord is the longitude; swapped, they would fit)"
    yield view.problem(key, "length_km", what, fix)


def _fits(direct_km: float, length_km: float) -> bool:
    if length_km < direct_km * _ROUNDING:
        return False
    return direct_km < 1 or length_km <= LARGEST_DETOUR * direct_km


def _swapped(points: list[tuple[float, float]], mask: int) -> float:
    """The air line with one or both of the points' coordinates swapped."""
    turned = [point[::-1] if mask >> k & 1 else point for k, point in enumerate(points)]
    return great_circle_km(*turned[0], *turned[1])


def great_circle_km(x1: float, y1: float, x2: float, y2: float) -> float:
    """Air line between two points of longitude and latitude (degrees), in km.

    >>> round(great_circle_km(51.2, 43.65, 49.4, 39.95))
    438
    """
    a, b, half = math.radians(y1), math.radians(y2), math.radians(x2 - x1) / 2
    square = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(half) ** 2
    return 2 * _EARTH_KM * math.asin(math.sqrt(min(1.0, max(0.0, square))))


def _warm_up_warnings(view: View) -> Iterator[Problem]:
    simulation = view.simulation
    if simulation is None:
        return
    warm_up, window = part_h(simulation, "warm_up"), part_h(simulation, "window")
    if window and warm_up > 10 * window:
        column = "warm_up_h" if simulation.warm_up_h else "warm_up_d"
        what = f"a warm-up of {warm_up / window:.0f} windows: most of the run is thrown away"
        yield view.problem("simulation", column, what, "a shorter warm-up or a longer window")
