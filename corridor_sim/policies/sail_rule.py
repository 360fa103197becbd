"""When a trip leaves a call: how much it waits for, how long, by which clock."""

from __future__ import annotations

from typing import Literal

SailRule = Literal["fill", "fill_or_wait", "timetable", "hybrid", "on_demand", "at_once"]
"""fill: only when filled to the threshold. fill_or_wait: or when `max_wait_h` has passed.
timetable: at its instant, whatever the fill. hybrid: fill_or_wait, at least `min_headway_h` apart.
on_demand: as soon as one unit is there, or when `max_wait_h` has passed. at_once: never waits."""
