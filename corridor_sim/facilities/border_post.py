"""A border crossing point, one side and direction: documents or physical work, trains a day."""

from __future__ import annotations

from typing import Literal

from corridor_sim.facilities.server import Server


class BorderPost(Server):
    """A server whose trips are trains at a border; `per_day` is what the neighbour accepts."""

    type: Literal["border_post"] = "border_post"  # type: ignore[assignment]
