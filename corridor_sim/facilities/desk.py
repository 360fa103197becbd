"""A desk: documents of the lots that were unloaded, before they may go on."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from pydantic import Field

from corridor_sim.facilities.record import Record, Slug, law_columns
from corridor_sim.primitives import Births, Hop, Line, Primitives, Source, Stage, Stock

ServiceLaw: Any = law_columns("service", "the hours for one batch of lots")


class Desk(Record, ServiceLaw):
    """Each of its `servers` takes what has gathered (at most `lots_max`), clears it together."""

    type: Literal["desk"] = "desk"
    node: Slug
    """Where the lots stand meanwhile."""
    servers: int = Field(1, ge=1)
    """Batches in work at once."""
    lots_max: int = Field(120, ge=1)
    """The largest batch."""
    open_daily: str | None = Field(None, pattern=r"^\d\d:\d\d-\d\d:\d\d$")
    """Local opening hours; work begun goes on the next day."""
    utc_offset_h: float = Field(0, ge=-12, le=14)
    """Local time less UTC."""

    @property
    def hop(self) -> Hop:
        """The ride that is no ride: from its stock to its own place."""
        return Hop(self.id, self.id)

    def expand(self, parts: Primitives, column: str | None, clock: str | None) -> None:
        """Tokens that cycle: load what is there, work, unload, again.

        Two stages, since a stage unloads only what was aboard before it.
        """
        cause, out = f"wait:{self.id}", f"{self.id} out"
        parts.stocks.append(Stock(self.id, no_vehicle=cause, others=cause))
        parts.lines.extend([Line(self.id, (self.id,)), Line(out, (out,))])
        parts.stages.append(
            Stage(
                self.id,
                state=f"service:{self.id}",
                stock=self.id,
                load_min=1,
                load_max=self.lots_max,
                work_column=column,
                clock=clock,
                next_line=out,
                cycle=True,
                fill_cause=cause,
            )
        )
        state = f"service:{self.id}"
        parts.stages.append(Stage(out, state=state, place=self.id, next_line=self.id))
        births = Births(np.zeros(self.servers, np.int64))
        parts.sources.append(Source(f"desk {self.id}", self.id, births, tokens=True))
