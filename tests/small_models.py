"""Models of a few primitives, compiled and run: for tests below the level of scenarios."""

from __future__ import annotations

import numpy as np

from corridor_sim.engine import heap_engine
from corridor_sim.history.replay import Replay, replay
from corridor_sim.model.pack import pack
from corridor_sim.primitives import IntArray, Primitives


def ints(*values: int) -> IntArray:
    """An array of seconds, lots or numbers."""
    return np.array(values, np.int64)


def replay_of(parts: Primitives) -> Replay:
    """Run and replayed."""
    model = pack(parts)
    return replay(model, heap_engine.run(model))
