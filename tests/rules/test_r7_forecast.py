"""R7: nobody sets out or comes alongside shortly before a closure that is forecast.

The case is that of `storms`, for 100 days with cargo enough: a ferry loads 4 h at Aktau, sails 4 h
to Alat and discharges 2 h. `forecast_h` is 6 where nothing else is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from corridor_sim.history.replay import replay
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import compile_scenario
from corridor_sim.results.weather_rows import weather_rows
from corridor_sim.studies.replicate import simulate
from tests.rules.storms import read_storm

HOUR_S = 3600
LONG = (
    "simulation.window_h=2400",
    "demand.boxes.at_start=2000",
    "facilities.ramp.servers=1",
    "weather.aktau.mean_closure_h=12",
    "weather.alat.mean_closure_h=12",
)
Read = Callable[..., Scenario]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads the scenario with a closed share, dated closures as YAML, and changes."""

    def made(share: float = 0.0, closures: str = "", sets: tuple[str, ...] = ()) -> Scenario:
        return read_storm(tmp_path, closures, (*LONG, *sets), share)

    return made


def forecast(
    skill: float, hours: float, zones: tuple[str, ...] = ("aktau", "alat")
) -> tuple[str, ...]:
    return tuple(
        f"weather.{zone}.{column}"
        for zone in zones
        for column in (f"forecast_skill={skill}", f"forecast_h={hours}")
    )  # fmt: skip


def starts_h(scenario: Scenario, pattern: str) -> list[float]:
    """Hours at which stages of these names are granted."""
    built, log, _ = simulate(scenario, 0)
    found = replay(built.model, log).itinerary
    wanted = [bool(re.search(pattern, name)) for name in built.model.names.stages]
    return sorted(
        float(start / HOUR_S)
        for stage, start in zip(found.stage.tolist(), found.start_s.tolist(), strict=True)
        if stage >= 0 and wanted[stage]
    )


def closed_h(scenario: Scenario, zone: str) -> list[tuple[float, float, bool]]:
    """(from, until, foreseen) of the closures of a port."""
    rows = weather_rows(compile_scenario(scenario, 0))
    return [
        (row["start_s"] / HOUR_S, row["end_s"] / HOUR_S, row["foreseen"])
        for row in rows
        if row["zone"] == zone and row["severity"] == "port"
    ]


def late(starts: list[float], closures: list[tuple[float, float, bool]], hours: float) -> int:
    """How many starts lie within so many hours before a closure."""
    return sum(any(a - hours <= t < a for a, _, _ in closures) for t in starts)


def test_without_skill_captains_are_blind(read: Read) -> None:
    """Skill 0 with any horizon compiles to the same model as no forecast at all."""
    blind = compile_scenario(read(0.2, sets=forecast(0.0, 24.0)), 0)
    none = compile_scenario(read(0.2), 0)
    assert blind.model.fingerprint() == none.model.fingerprint()


@pytest.mark.parametrize("port", ["aktau", "alat"])
def test_with_full_skill_nobody_starts_just_before_a_closure(read: Read, port: str) -> None:
    """100 days of drawn closures of both shores: no departure and no berthing in the 6 h before.

    Blind captains do both, or the test would say nothing.
    """
    stages = rf"@{port} (ride|unload|roads)$"
    skilled, blind = read(0.2, sets=forecast(1.0, 6.0)), read(0.2)
    assert len(closed_h(skilled, port)) > 20
    assert late(starts_h(skilled, stages), closed_h(skilled, port), 6.0) == 0
    assert late(starts_h(blind, stages), closed_h(blind, port), 6.0) > 3
    assert len(starts_h(skilled, stages)) > 50


def test_no_voyage_of_that_length_ends_in_a_foreseen_closure(read: Read) -> None:
    """Forecasts as long as the voyage (4 h): nobody who leaves Aktau comes to a closed Alat.

    Blind captains do.
    """
    for skill, caught in ((1.0, False), (0.0, True)):
        case = read(0.2, sets=forecast(skill, 4.0))
        arrivals = [t + 4 for t in starts_h(case, r"@aktau ride$")]
        found = any(a <= t < b for t in arrivals for a, b, _ in closed_h(case, "alat"))
        assert found == caught


def test_with_some_skill_only_foreseen_closures_hold_back(read: Read) -> None:
    """Half of them: nobody starts before those that were foreseen, some before the others."""
    case = read(0.2, sets=forecast(0.5, 6.0))
    starts = starts_h(case, r"@aktau (ride|roads|unload)$")
    closures = closed_h(case, "aktau")
    foreseen = [c for c in closures if c[2]]
    assert 0 < len(foreseen) < len(closures)
    assert late(starts, foreseen, 6.0) == 0
    assert late(starts, [c for c in closures if not c[2]], 6.0) > 0


@pytest.mark.parametrize(
    ("hours", "berths", "departs"), [(0, 0, 4), (1, 0, 4), (2, 0, 12), (5, 0, 12), (6, 12, 16)]
)
def test_a_loaded_vessel_stays_for_a_foreseen_closure(
    read: Read, hours: float, berths: float, departs: float
) -> None:
    """Loaded at 4 h, closed 5.5-12 h: it leaves at 4 h, or at 12 h if 2 h ahead are foreseen.

    With 6 h ahead it does not come alongside at 0 h, but at 12 h, and leaves at 16 h.
    """
    closure = "  c: {zone: aktau, start: 2024-01-01T05:30Z, end: 2024-01-01T12:00Z}\n"
    case = read(0.0, closure, forecast(1.0, hours, ("aktau",)))
    assert starts_h(case, r"@aktau ride$")[0] == departs
    assert starts_h(case, r"@aktau roads$")[0] == berths
