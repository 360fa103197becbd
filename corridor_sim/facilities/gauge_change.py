"""A change of gauge (1435 / 1520 mm): the station work on one train."""

from __future__ import annotations

from typing import Literal

from corridor_sim.facilities.server import Server


class GaugeChange(Server):
    """A server that hands a train's boxes from one gauge to the other."""

    type: Literal["gauge_change"] = "gauge_change"  # type: ignore[assignment]
