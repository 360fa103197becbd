"""embargo.csv and yard_hours.csv: the columns, dates in UTC, and empty cells of what is not over."""

from __future__ import annotations

from pathlib import Path

from corridor_sim.outputs.columns import columns_of
from corridor_sim.outputs.tables import frames_of
from corridor_sim.studies.run import run
from tests.rules.ports import HEAD
from tests.rules.test_r1_embargo import PORT


def test_orders_stand_in_the_table_with_their_dates(tmp_path: Path) -> None:
    """Nine boxes: the order of 3.5 h ends at 27.5 h, that of 29 h does not; in both replications."""
    path = tmp_path / "port.yaml"
    path.write_text(HEAD + PORT, encoding="utf-8")
    frames = frames_of(run(str(path), ("demand.boxes.lots_limit=9",), reps=2))
    table = frames["embargo"]
    assert list(table.columns) == columns_of("embargo")
    assert table["rep"].tolist() == [0, 0, 1, 1]
    first, second = table.iloc[0], table.iloc[1]
    assert (first["on_utc"], first["off_utc"]) == ("2024-01-01T03:30:00Z", "2024-01-02T03:30:00Z")
    assert second["on_utc"] == "2024-01-02T05:00:00Z"
    assert table["off_utc"].isna().tolist() == [False, True, False, True]
    assert (first["lasted_h"], second["lasted_h"]) == (24, 67)
    assert list(frames["yard_hours"].columns) == columns_of("yard_hours")
    assert frames["yard_hours"]["place"].tolist() == ["hold", "yard"] * 2


def test_a_run_without_embargoes_has_no_table_of_them(tmp_path: Path) -> None:
    """Neither has one without yards a table of yards."""
    text = PORT.replace("embargoes:\n  full: {yards: [yard], on_units: 3, off_units: 1, min_days: 1}\n", "")  # fmt: skip
    path = tmp_path / "port.yaml"
    path.write_text(HEAD + text, encoding="utf-8")
    frames = frames_of(run(str(path), reps=1))
    assert "embargo" not in frames and "yard_hours" in frames
