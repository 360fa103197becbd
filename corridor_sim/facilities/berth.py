"""A berth or ferry ramp: held by a vessel while it discharges and loads."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from corridor_sim.facilities.record import Positive, Record, Share, Slug, law_columns
from corridor_sim.primitives import Counter

CallLaw: Any = law_columns("call", "the hours of work of one call, discharge and loading together")
TwoDeckLaw: Any = law_columns("two_deck", "the same of a ferry with two decks")


class Berth(Record, TwoDeckLaw, CallLaw):
    """Named as `berth` or among `berths` in a call; the call's weather zone closes it."""

    type: Literal["berth"] = "berth"
    node: Slug
    """The port."""
    servers: int = Field(1, ge=1)
    """Vessels alongside at once."""
    fleets: tuple[Slug, ...] = ()
    """Fleets whose vessels it takes; none: all."""
    depth_m: Positive | dict[str, float] | None = None
    """Water at the berth in metres, or dated: `{2024-01-01: 6.5, 2025-07-01: 7.7}`. A vessel with a
    greater `draught_m` waits until there is enough."""
    crane_pool: Slug | None = None
    """Cranes of the port that the work needs; with `moves_per_h` there, they are its time."""
    cranes_needed: int = Field(1, ge=1)
    """How many of them work on one vessel, all or none."""
    load_share: Share = 0.5
    """The part of the call's hours that is loading; the rest is discharge. An assumption."""
    weather_zone: Slug | None = None
    """No berthing, no departure and no work while this zone of `weather` is closed."""

    def counters(self) -> list[Counter]:
        """Its own counter."""
        return [Counter(self.id, self.servers, cause=f"wait:{self.id}")]
