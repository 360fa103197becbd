"""`inputs_resolved.csv`: every number of a study with its unit, source, range and place."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from corridor_sim.inputs.read import Resolved
from corridor_sim.inputs.sourced import Number, numbers
from corridor_sim.outputs.columns import columns_of
from corridor_sim.outputs.tables import write_csv

NAME = "inputs_resolved.csv"
CHANGED = "inputs_changed.csv"
"""Of a comparison: what the other scenarios have otherwise than the base."""


def write_inputs_resolved(found: Sequence[Number], folder: Path) -> list[str]:
    """The numbers of one scenario; gives the name of the file.

    Raises
    ------
    DiskError    the file cannot be written
    """
    rows = [number._asdict() for number in found]
    write_csv(rows, columns_of("inputs_resolved"), folder / NAME)
    return [NAME]


def write_inputs_of_comparison(
    scenarios: Sequence[tuple[str, Sequence[Number]]], folder: Path
) -> list[str]:
    """The numbers of the base, which is first, and what is not the same in the others."""
    base, *others = scenarios
    known = {number.key_path: number.value for number in base[1]}
    rows = [
        {"scenario": name, "base_value": known.get(number.key_path, "")} | number._asdict()
        for name, found in others
        for number in found
        if known.get(number.key_path) != number.value
    ]
    write_csv(rows, columns_of("inputs_changed"), folder / CHANGED)
    return [*write_inputs_resolved(base[1], folder), CHANGED]


def inputs_of(resolved: Resolved, run_folder: Path | None = None) -> list[Number]:
    """The numbers of a scenario; of a run that was loaded as its folder says them.

    `scenario.resolved.yaml` has the values, but no longer the files that they came from.
    """
    path = run_folder / NAME if run_folder is not None else None
    if path is None or not path.is_file():
        return numbers(resolved)
    with path.open(encoding="utf-8", newline="") as file:
        return [Number(**row) for row in csv.DictReader(file)]
