"""Unit suffixes and the conversions between files (hours, days) and code (seconds)."""

from __future__ import annotations

import re

HOUR_S = 3_600
DAY_S = 86_400

FOREVER = 2**62
"""An instant that never comes: the end of work that can never finish."""

SUFFIXES = {
    "_s": "seconds",
    "_h": "hours",
    "_d": "days",
    "_days": "days",
    "_km": "kilometres",
    "_kmh": "kilometres an hour",
    "_nm": "nautical miles",
    "_mm": "millimetres",
    "_depth_m": "metres",
    "_draught_m": "metres",
    "_length_m": "metres",
    "_train_m": "metres",
    "_teu": "TEU (twenty-foot equivalent units)",
    "_wagons": "wagons",
    "_trucks": "trucks",
    "_units": "load units",
    "_t": "tonnes",
    "_kg": "kilograms",
    "_t_km": "tonne-kilometres",
    "_kg_co2e": "kilograms of CO2e",
    "_kg_co2e_per_unit": "kilograms of CO2e a load unit",
    "_kg_co2e_per_teu": "kilograms of CO2e a TEU",
    "_g_co2e_per_t_km": "grams of CO2e a tonne-kilometre",
    "_usd": "US dollars",
    "_usd_per_teu": "US dollars a TEU",
    "_usd_per_unit": "US dollars a load unit",
    "_usd_per_tonne": "US dollars a tonne",
    "_usd_per_500km_20t": "US dollars for 500 km and 20 t",
    "_usd_per_feu": "US dollars an FEU (forty-foot equivalent unit)",
    "_tonnes_per_unit": "tonnes a load unit",
    "_units_per_year": "load units a year",
    "_paths_per_day": "paths a day and direction",
    "_share": "share, 0 to 1",
    "_correlation": "share, 0 to 1",
    "_skill": "share, 0 to 1",
    "_cv": "ratio (standard deviation / mean)",
    "_factor": "ratio",
    "_ratio": "ratio",
    "_shape": "number without unit",
    "_year_sd": "number without unit",
    "_per_h": "an hour",
    "_per_day": "a day",
    "_utc": "instant in UTC, ISO 8601",
    "_year": "calendar year",
    "_coord": "degrees",
    "_vessels": "vehicles",
    "_decks": "decks",
    "_servers": "servers",
    "_cranes_needed": "cranes",
    "_units_per_move": "load units a move",
    "_tracks": "tracks",
    "_places": "places",
    "_import_reserve": "places",
    "_rehandle_k": "number without unit",
    "_approach_trains": "trains",
    "_batch": "load units",
    "_at_start": "load units",
    "_lots_limit": "load units",
    "_lots_max": "load units",
    "_priority": "rank, 1 goes first",
    "_seq": "rank, the first goes first",
    "_reps": "replications",
    "_seed": "number without unit",
    "_weights": "share, 0 to 1",
}
"""The unit stands last in the name of every field and column."""


def seconds(hours: float) -> int:
    """Whole seconds in so many hours, rounded half to even.

    >>> seconds(1.5)
    5400
    """
    return round(hours * HOUR_S)


def unit_of(column: str) -> str:
    """What the numbers of a column count, from the end of its name; empty where it counts nothing.

    >>> unit_of("max_wait_h"), unit_of("days_low"), unit_of("m01"), unit_of("name")
    ('hours', 'days', 'share, 0 to 1', '')
    """
    if re.fullmatch(r"[mrs](0[1-9]|1[0-2])", column):
        return SUFFIXES["_share"]
    column = re.sub(r"_(low|mode|high)$", "", column)
    found = [suffix for suffix in SUFFIXES if f"_{column}".endswith(suffix)]
    return SUFFIXES[max(found, key=len)] if found else ""
