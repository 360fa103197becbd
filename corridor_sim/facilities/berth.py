"""A berth or ferry ramp: held by a vessel while it discharges and loads."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from corridor_sim.facilities.record import Record, Share, Slug, law_columns
from corridor_sim.primitives import Counter

CallLaw: Any = law_columns("call", "the hours of work of one call, discharge and loading together")


class Berth(Record, CallLaw):
    """Named as `berth` in a call; the call's weather zone closes it."""

    type: Literal["berth"] = "berth"
    node: Slug
    """The port."""
    servers: int = Field(1, ge=1)
    """Vessels alongside at once."""
    load_share: Share = 0.5
    """The part of the call's hours that is loading; the rest is discharge. An assumption."""
    weather_zone: Slug | None = None
    """No berthing, no departure and no work while this zone of `weather` is closed."""

    def counters(self) -> list[Counter]:
        """Its own counter."""
        return [Counter(self.id, self.servers, cause=f"wait:{self.id}")]
