"""A network, folder or workbook: its tables as rows, or as the lines that people wrote."""

from __future__ import annotations

from corridor_sim.inputs import csv_table
from corridor_sim.inputs.csv_table import FileUsed, Line, split_lines
from corridor_sim.inputs.layers import Layer
from corridor_sim.inputs.places import Place
from corridor_sim.inputs.xlsx_table import README, read_workbook, workbook_lines
from corridor_sim.inputs.yaml_file import decode, read_bytes


def read_network(place: Place) -> tuple[Layer, list[FileUsed]]:
    """All tables of a network; problems are collected in the layer."""
    return read_workbook(place) if is_workbook(place) else csv_table.read_network(place)


def is_workbook(place: Place) -> bool:
    """An .xlsx file; else a folder of CSV files."""
    return place.path.suffix == ".xlsx"


def network_lines(place: Place) -> dict[str, list[Line]]:
    """Table's file name without `.csv` -> lines with the header first; by name.

    All CSV files or sheets that are not empty, those for people (provenance) too.
    """
    if is_workbook(place):
        found = workbook_lines(read_bytes(place.path, place.display), place.display)
        found.pop(README, None)
    else:
        found = {}
        for path in place.path.glob("*.csv"):
            display = f"{place.display}/{path.name}"
            found[path.stem] = list(
                split_lines(decode(read_bytes(path, display), display), display)
            )
    return {name: found[name] for name in sorted(found) if found[name]}
