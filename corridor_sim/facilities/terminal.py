"""A terminal track: loading or unloading one train."""

from __future__ import annotations

from typing import Literal

from corridor_sim.facilities.server import Server


class Terminal(Server):
    """A server that loads or unloads a train; named as `handling` in a call."""

    type: Literal["terminal"] = "terminal"  # type: ignore[assignment]
