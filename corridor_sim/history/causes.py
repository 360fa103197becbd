"""Groups of causes: the few words under which tables sum up the many labels of the ledger."""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from corridor_sim.inputs.schema import Scenario
from corridor_sim.primitives import IntArray


class Cause(IntEnum):
    """What a second of a wait or of work belongs to."""

    SERVICE = 0
    """Work of a facility or a call: documents, lifting, discharge, loading."""
    QUEUE = 1
    """All servers, berths or acceptances of a facility are taken, or others are first."""
    YARD = 2
    """No room in the yard that one must use."""
    VEHICLE = 3
    """No vehicle or locomotive, or the vehicle that is here loads others first."""
    SAIL_RULE = 4
    """The vehicle is here and waits for fill, timetable or headway."""
    PATH = 5
    """No path is left on a leg that day."""
    WEATHER = 6
    EMBARGO = 7
    CLOSED = 8
    """Opening hours, failures, works, or not open yet."""
    MOVING = 9
    """On the way between two calls."""


_BEGINS = (
    ("move:", Cause.MOVING),
    ("service:", Cause.SERVICE),
    ("weather ", Cause.WEATHER),
    ("wait:fill ", Cause.SAIL_RULE),
    ("wait:timetable ", Cause.SAIL_RULE),
    ("wait:headway ", Cause.SAIL_RULE),
    ("wait:no vehicle ", Cause.VEHICLE),
    ("wait:loading ", Cause.VEHICLE),
    ("wait:fleet ", Cause.VEHICLE),
    ("wait:paths ", Cause.PATH),
    ("hold:embargo ", Cause.EMBARGO),
    ("hold:", Cause.QUEUE),
)

_WORDS = {
    "embargo": Cause.EMBARGO,
    "fill": Cause.SAIL_RULE,
    "timetable": Cause.SAIL_RULE,
    "turn": Cause.QUEUE,
    "no vehicle": Cause.VEHICLE,
}


def cause_of(label: str, yards: frozenset[str] = frozenset()) -> Cause:
    """The group of one label of the ledger.

    >>> cause_of("wait:fill crossing").name, cause_of("wait:ramp").name, cause_of("works").name
    ('SAIL_RULE', 'QUEUE', 'CLOSED')
    """
    if label in _WORDS:
        return _WORDS[label]
    for begin, cause in _BEGINS:
        if label.startswith(begin):
            return cause
    if not label.startswith("wait:"):
        return Cause.CLOSED
    return Cause.YARD if label.removeprefix("wait:") in yards else Cause.QUEUE


def causes_of(scenario: Scenario, labels: tuple[str, ...]) -> IntArray:
    """The group of every label (n_label,)."""
    yards = frozenset(f.id for f in scenario.facilities.values() if f.type == "yard")
    return np.array([cause_of(label, yards) for label in labels], np.int64)
