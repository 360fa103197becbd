"""The numbers that a run was given."""

from __future__ import annotations

from typing import ClassVar

from corridor_sim.outputs.columns.table import Table


class InputsResolved(Table):
    """One row a number or date of the scenario: its value, source, range and place."""

    keys: ClassVar[tuple[str, ...]] = ("key_path",)
    key_path: str
    """Key path; with `*` for the row where every row has the default of the column."""
    value: str
    """As the model reads it."""
    unit: str | None
    """Unit of the value."""
    source: str | None
    """Id in seeds/figures.csv, assumption, scenario, set (by --set) or default."""
    grade: str | None
    """Grade of the figure, A (best) to D."""
    low: str | None
    """Low end of the range that the source gives."""
    high: str | None
    """High end of it."""
    reason: str | None
    """Why this number."""
    file: str | None
    """File within its study folder; empty for a default. `describe KEY` tells the line."""


class InputsChanged(InputsResolved):
    """One row a number that a scenario of a comparison has otherwise than the first."""

    keys = ("scenario", "key_path")
    scenario: str
    """The scenario that is compared with the first."""
    base_value: str | None
    """Value in the first scenario; empty: it has none."""
