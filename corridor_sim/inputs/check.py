"""What single rows cannot know: do they fit together? All problems, each at its place."""

from __future__ import annotations

from collections.abc import Iterator

from corridor_sim.inputs import (
    check_borders,
    check_calls,
    check_counts,
    check_embargoes,
    check_emissions,
    check_flows,
    check_laws,
    check_names,
    check_outages,
    check_ports,
    check_tariffs,
    check_weather,
    check_yards,
    plausible,
)
from corridor_sim.inputs.problems import Problem
from corridor_sim.inputs.view import PARTS, View, part_h


def check(view: View) -> tuple[list[Problem], list[Problem]]:
    """Problems and warnings of all checks; checks of the whole network only if rows are valid."""
    found = [
        *check_names.problems(view),
        *check_laws.problems(view),
        *check_borders.problems(view),
        *check_weather.problems(view),
        *check_calls.problems(view),
        *check_ports.problems(view),
        *check_yards.problems(view),
        *check_embargoes.problems(view),
        *check_emissions.problems(view),
        *check_flows.share_problems(view),
        *check_counts.problems(view),
        *check_outages.problems(view),
        *check_tariffs.problems(view),
        *_simulation_problems(view),
    ]
    if view.is_whole and not found:
        found += check_flows.path_problems(view)
    return found, [
        *plausible.warnings(view),
        *check_weather.warnings(view),
        *check_outages.warnings(view),
        *check_yards.warnings(view),
        *check_embargoes.warnings(view),
        *check_tariffs.warnings(view),
        *check_emissions.warnings(view),
    ]


def _simulation_problems(view: View) -> Iterator[Problem]:
    """Each length once, in hours or days; a window there must be."""
    simulation = view.simulation
    if simulation is None:
        return
    for name in ("warm_up", "window", "drain"):
        hours, days = getattr(simulation, f"{name}_h"), getattr(simulation, f"{name}_d")
        if hours is not None and days is not None:
            what = f"{name}_h and {name}_d are both given (found {hours:g} and {days:g})"
            yield view.problem("simulation", f"{name}_d", what, "keep one of the two")
    if simulation.window_h is None and simulation.window_d is None:
        what = "the window is missing: how long is reported"
        yield view.problem("simulation", "window_d", what, "window_d: 366")
    parts = {part: part_h(simulation, part) for part in PARTS}
    if sum(parts.values()) > LONGEST_H:
        part = max(parts, key=lambda name: parts[name])
        column = f"{part}_h" if getattr(simulation, f"{part}_h") else f"{part}_d"
        what = f"the run lasts {sum(parts.values()) / 8766:.3g} years, more than 100"
        yield view.problem("simulation", column, what, "a shorter run")


LONGEST_H = 100 * 8766.0
"""Calendars and weather are laid out for the whole run: 100 years are the most that is meant."""
