"""weather.csv: what was drawn and replayed, by zone and replication."""

from __future__ import annotations

from pathlib import Path

from corridor_sim.outputs.columns import columns_of
from corridor_sim.outputs.tables import frames_of
from corridor_sim.studies.run import run
from tests.results.tiny import TINY

MONTHS = ", ".join(f"m{month:02d}: 0.3" for month in range(1, 13))
CLOSED = f"""\
weather:
  alat: {{mean_closure_h: 6, cranes_stop_share: 0.5, evacuate_share: 0.5, {MONTHS}}}
  aktau: {{mean_closure_h: 6, {MONTHS}}}
closures:
  early: {{zone: aktau, start: 2023-12-30, end: 2023-12-31, severity: port}}
  gale: {{zone: aktau, start: 2024-01-02T03:04:05Z, end: 2024-01-02T06:07:08Z, severity: berthing}}
  later: {{zone: aktau, start: 2024-03-01, end: 2024-03-02, severity: port}}
"""


def test_the_table_lists_what_each_replication_met(tmp_path: Path) -> None:
    """Two replications: the replayed gale in both, drawn spells each its own, none outside."""
    path = tmp_path / "tiny.yaml"
    path.write_text(TINY + CLOSED, encoding="utf-8")
    table = frames_of(run(str(path), reps=2))["weather"]
    assert list(table.columns) == columns_of("weather")
    replayed = table[table.origin == "replayed"]
    assert replayed.values.tolist() == [
        ["aktau", rep, "2024-01-02T03:04:05Z", "2024-01-02T06:07:08Z", "berthing", False, "replayed"]
        for rep in (0, 1)
    ]  # fmt: skip
    drawn = table[table.origin == "drawn"]
    assert set(drawn.zone) == {"alat"}
    assert set(drawn.severity) == {"cranes", "port", "evacuate"}
    assert (drawn.start_utc < "2024-01-05").all()
    first, second = (drawn[drawn.rep == rep].start_utc.tolist() for rep in (0, 1))
    assert first == sorted(first) != second
