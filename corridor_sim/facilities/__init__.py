"""Facility types: one file each, with its fields, their units, and what it expands to."""

from corridor_sim.facilities.berth import Berth
from corridor_sim.facilities.border_crossing import BorderCrossing
from corridor_sim.facilities.border_post import BorderPost
from corridor_sim.facilities.crane_pool import CranePool
from corridor_sim.facilities.desk import Desk
from corridor_sim.facilities.gauge_change import GaugeChange
from corridor_sim.facilities.hold_station import HoldStation
from corridor_sim.facilities.server import Server
from corridor_sim.facilities.terminal import Terminal
from corridor_sim.facilities.yard import Yard

TYPES = {
    "server": Server,
    "border_post": BorderPost,
    "border_crossing": BorderCrossing,
    "gauge_change": GaugeChange,
    "terminal": Terminal,
    "berth": Berth,
    "crane_pool": CranePool,
    "yard": Yard,
    "hold_station": HoldStation,
    "desk": Desk,
}
"""The word in the column `type`, and the record it makes."""

__all__ = [
    "TYPES",
    "Berth",
    "BorderCrossing",
    "BorderPost",
    "CranePool",
    "Desk",
    "Facility",
    "GaugeChange",
    "HoldStation",
    "Server",
    "Terminal",
    "Yard",
]

Facility = (
    Server
    | BorderPost
    | BorderCrossing
    | GaugeChange
    | Terminal
    | Berth
    | CranePool
    | Yard
    | HoldStation
    | Desk
)
