"""A hold station: tracks upstream of a port where trains stand that cannot be taken in."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from corridor_sim.facilities.record import Hours, Positive, Record, Slug
from corridor_sim.primitives import Counter


class HoldStation(Record):
    """Named among `holds` of a call: a train that finds no track or no room waits here, in turn."""

    type: Literal["hold_station"] = "hold_station"
    node: Slug
    """Where it lies."""
    places: int | None = Field(None, ge=1)
    """Trains it holds ..."""
    length_m: Positive | None = None
    """... or the length of its tracks, metres: as many whole trains as fit."""
    train_m: Positive = 850.0
    """With length_m: length of a train, metres. An assumption: 57 wagons of 14.5 m and two
    locomotives."""
    detach_h: Hours = 6.0
    """A train that waits longer gives up its locomotive, and asks for one to go on. An
    assumption."""
    move_h: Hours = 0.0
    """From here into the port, track and room being kept: added to the unloading."""

    @property
    def trains(self) -> int:
        """Trains it holds.

        >>> HoldStation(id="beyneu_hold", node="beyneu", length_m=2000).trains
        2
        """
        return self.places if self.places is not None else int((self.length_m or 0) / self.train_m)

    def counters(self) -> list[Counter]:
        """Its own counter, in trains."""
        return [Counter(self.id, self.trains, cause=f"wait:{self.id}")]
