"""What can still happen after the end of a log."""

from __future__ import annotations

import numpy as np

from corridor_sim.history.standing import _can_open
from corridor_sim.model.compiled import Calendars
from corridor_sim.units import FOREVER


def test_many_calendars_with_an_open_end_all_open() -> None:
    """Seconds of three open ends left int64: every fourth port was said to open never again."""
    n, none = 9, np.zeros(0, np.int64)
    open_s, close_s = np.full(n, 100), np.full(n, FOREVER)
    ptr = np.append(np.arange(n + 1), n)  # the tenth has no interval at all
    found = _can_open(Calendars(ptr, open_s, close_s, none, none, none))
    assert found.tolist() == [True] * n + [False]
