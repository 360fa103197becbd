"""A yard: room for lots between two rides."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from corridor_sim.facilities.record import Record, Slug
from corridor_sim.primitives import Counter


class Yard(Record):
    """Named as `yard` in a call: unloading takes room for each lot, loading gives it back."""

    type: Literal["yard"] = "yard"
    node: Slug
    """Where it lies."""
    places: int = Field(ge=1)
    """Room, in units of the lots that stand here (TEU, wagons or trucks)."""

    def counters(self) -> list[Counter]:
        """Its own counter."""
        return [Counter(self.id, self.places, cause=f"wait:{self.id}")]
