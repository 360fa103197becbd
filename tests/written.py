"""Scenario files that are written for one test."""

from __future__ import annotations

from pathlib import Path

from corridor_sim.inputs.read import Resolved, read_scenario


def read_text(folder: Path, text: str, *sets: str) -> Resolved:
    """Read a scenario from its text, with changes `KEY=VALUE`."""
    path = folder / "case.yaml"
    path.write_text(text, encoding="utf-8", newline="\n")
    return read_scenario(str(path), sets)
