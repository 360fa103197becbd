"""weather: the closures that a replication met, drawn or replayed."""

from __future__ import annotations

from typing import Any

from corridor_sim.model.compile import Built


def weather_rows(built: Built) -> list[dict[str, Any]]:
    """One row a zone and spell that touches the run, sorted; seconds from the start."""
    horizon_s = built.window_s[2]
    return [
        {
            "zone": zone,
            "start_s": spell.start_s,
            "end_s": spell.end_s,
            "severity": spell.severity,
            "foreseen": spell.is_foreseen,
            "origin": "replayed" if spell.is_replayed else "drawn",
        }
        for zone, spells in sorted(built.meaning.weather.items())
        for spell in spells
        if spell.start_s < horizon_s and spell.end_s > 0
    ]
