"""The capacities of a facility that an outage can reduce: which counter stands for which."""

from __future__ import annotations

from corridor_sim.facilities.record import Record
from corridor_sim.facilities.yard import Yard

_WHAT = {
    "": "servers",
    "documents": "servers",
    "physical": "tracks",
    "place": "places",
    "a day": "per_day",
    "acceptance": "per_day",
}
"""What a counter `<id> <ending>` counts."""


def capacities(facility: Record) -> dict[str, dict[str, int]]:
    """Each capacity by its column, as counters and their units; a desk has none.

    >>> capacities(Yard(id="aktau_yard", node="aktau", places=500))
    {'places': {'aktau_yard': 500}}
    """
    found: dict[str, dict[str, int]] = {}
    for counter in facility.counters() if hasattr(facility, "counters") else ():
        ending = counter.name.removeprefix(facility.id).strip()
        what = "places" if isinstance(facility, Yard) else _WHAT.get(ending)
        if what is not None:
            found.setdefault(what, {})[counter.name] = counter.cap
    return found


def main_capacity(facility: Record) -> str | None:
    """The capacity that an outage means where it names none; None: there is none.

    A border's acceptances a day before its servers, servers before places.
    """
    is_border = getattr(facility, "type", "").startswith("border_")
    order = ("per_day", "servers", "tracks", "places") if is_border else ("servers", "places")
    has = capacities(facility)
    return next((what for what in order if what in has), None)
