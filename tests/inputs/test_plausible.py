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
