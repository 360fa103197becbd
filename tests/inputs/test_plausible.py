"""A leg's length against the air line of its ends: the two thresholds, and swapped coordinates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from corridor_sim.inputs.plausible import great_circle_km
from corridor_sim.inputs.read import read_scenario

DIRECT_KM = great_circle_km(55.20, 45.32, 51.15, 43.60)
"""Beyneu to Aktau of the small study: 374 km."""


def warnings(make_study: Callable[..., Path], length_km: float, aktau: str = "51.15,43.60") -> str:
    edits = {"link.csv": (",430,", f",{length_km},"), "node.csv": ("51.15,43.60", aktau)}
    return "\n".join(read_scenario(str(make_study(edits))).warnings)


def test_the_air_line_is_that_of_a_sphere() -> None:
    """A degree of the equator and of a meridian: 2 pi 6371 / 360 km; the poles: half the globe."""
    assert great_circle_km(10, 0, 11, 0) == pytest.approx(111.1949, abs=1e-4)
    assert great_circle_km(70, 20, 70, 21) == pytest.approx(111.1949, abs=1e-4)
    assert great_circle_km(0, 90, 50, -90) == pytest.approx(20015.087, abs=1e-3)


@pytest.mark.parametrize("factor", [0.981, 1.0, 1.7, 2.49])
def test_a_plausible_length_is_not_warned_of(
    make_study: Callable[..., Path], factor: float
) -> None:
    """Two per cent of rounding below the air line, and detours up to 2.5."""
    assert warnings(make_study, round(factor * DIRECT_KM, 3)) == ""


@pytest.mark.parametrize("factor", [0.1, 0.979, 2.51, 10.0])
def test_a_length_that_cannot_be_is_warned_of(
    make_study: Callable[..., Path], factor: float
) -> None:
    """Shorter than the air line, or more than 2.5 times as long: at the cell of length_km."""
    line = warnings(make_study, round(factor * DIRECT_KM, 3))
    assert line.startswith("networks/net/link.csv:2:5: legs.beyneu_aktau.length_km: ")
    assert "the air line between its ends is 374 km" in line


def test_swapped_coordinates_are_recognised(make_study: Callable[..., Path]) -> None:
    """Latitude for longitude at one end: the length would fit if they were swapped back."""
    line = warnings(make_study, 430, aktau="43.60,51.15")
    assert line.startswith("networks/net/link.csv:2:5: legs.beyneu_aktau.length_km: 430 km, but")
    assert line.endswith("(x_coord is the longitude; swapped, they would fit)")


WEATHER = "id,forecast_skill,{months}\naktau,{skill},{shares}\n"


def closure_warnings(make_study: Callable[..., Path], rows: str, skill: str = "0") -> str:
    months = ",".join(f"m{m:02d}" for m in range(1, 13))
    text = WEATHER.format(months=months, skill=skill, shares=",".join(["0.1"] * 12))
    edits = {"weather.csv": text, "closures.csv": f"id,zone,start,end,severity\n{rows}"}
    return "\n".join(read_scenario(str(make_study(edits))).warnings)


def test_a_dated_closure_outside_the_run_is_warned_of(make_study: Callable[..., Path]) -> None:
    """The run ends on 2025-01-31: a storm of February 2026 closes nothing."""
    rows = "a,aktau,2024-02-01,2024-02-03,port\nb,aktau,2026-02-01,2026-02-03,port\n"
    line = closure_warnings(make_study, rows)
    assert line.startswith("networks/net/closures.csv:3:3: closures.b.start: is outside the run")


def test_overlapping_closures_of_a_zone_are_warned_of(make_study: Callable[..., Path]) -> None:
    """The third overlaps the first, though the second, between them, does not reach it."""
    rows = (
        "a,aktau,2024-02-01,2024-02-09,cranes\n"
        "b,aktau,2024-02-02,2024-02-03,port\n"
        "c,aktau,2024-02-08,2024-02-10,port\n"
        "d,aktau,2024-02-10,2024-02-11,port\n"
    )
    lines = closure_warnings(make_study, rows).splitlines()
    assert [line.split(": ")[1:3] for line in lines] == [
        ["closures.b.start", "overlaps closures.a; where both hold, the more severe counts. Fix"],
        ["closures.c.start", "overlaps closures.a; where both hold, the more severe counts. Fix"],
    ]


def test_a_forecast_of_no_hours_is_warned_of(make_study: Callable[..., Path]) -> None:
    """Skill alone changes nothing."""
    line = closure_warnings(make_study, "", skill="0.7")
    assert line.startswith("networks/net/weather.csv:2:2: weather.aktau.forecast_skill: ")
