"""Unit suffixes and the conversions between files (hours, days) and code (seconds)."""

from __future__ import annotations

HOUR_S = 3_600
DAY_S = 86_400

FOREVER = 2**62
"""An instant that never comes: the end of work that can never finish."""

SUFFIXES = {
    "_s": "seconds",
    "_h": "hours",
    "_d": "days",
    "_km": "kilometres",
    "_kmh": "kilometres an hour",
    "_nm": "nautical miles",
    "_mm": "millimetres",
    "_teu": "TEU (twenty-foot equivalent units)",
    "_t": "tonnes",
    "_kg": "kilograms",
    "_usd": "US dollars",
    "_usd_per_teu": "US dollars a TEU",
    "_share": "share, 0 to 1",
    "_per_h": "an hour",
}
"""The unit stands last in the name of every field and column."""


def seconds(hours: float) -> int:
    """Whole seconds in so many hours, rounded half to even.

    >>> seconds(1.5)
    5400
    """
    return round(hours * HOUR_S)
