"""A crane pool: the cranes (or ramp gangs) that the berths of a port share."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from corridor_sim.facilities.record import Positive, Record, Slug
from corridor_sim.primitives import Counter
from corridor_sim.units import HOUR_S


class CranePool(Record):
    """Named as `crane_pool` in berths: a vessel's discharge, and its loading, take some of them.

    Cranes are taken together with the berth, for the work alone, and put back before the vessel
    waits for cargo.
    """

    type: Literal["crane_pool"] = "crane_pool"
    node: Slug
    """The port."""
    servers: int = Field(1, ge=1)
    """Cranes."""
    moves_per_h: Positive | None = None
    """Moves an hour of one crane; none: the berth's call law is the time of the work."""
    units_per_move: Positive = 1.0
    """Units (TEU, wagons, trucks) in one move: 1.6 where three boxes in five are of 40 feet."""

    def unit_s(self, cranes: int) -> int:
        """Whole seconds of work for each unit moved by so many cranes; 0 without a rate.

        >>> CranePool(id="quay", node="alat", moves_per_h=25).unit_s(2)
        72
        """
        if self.moves_per_h is None:
            return 0
        return round(HOUR_S / (self.moves_per_h * self.units_per_move * cranes))

    def counters(self) -> list[Counter]:
        """Its own counter."""
        return [Counter(self.id, self.servers, cause=f"wait:{self.id}")]
