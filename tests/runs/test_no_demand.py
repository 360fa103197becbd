"""Networks without any lots: closed fleets and saturated queues have tables too."""

from __future__ import annotations

from pathlib import Path

import pytest

from corridor_sim.studies.run import run
from tests.runs.conftest import Cli


@pytest.mark.parametrize("name", ["tandem_buffer_0", "two_ports_six_ferries"])
def test_a_run_without_lots_writes_its_tables(cli: Cli, tmp_path: Path, name: str) -> None:
    """Throughput and vehicles are there; of units there is nothing to tell."""
    short = ("--reps", "2", "--jobs", "1", "--set", "simulation.window_h=200")
    answer = cli("run", name, *short, "--out", tmp_path / "out")
    assert answer.code == 0, answer.err
    assert (tmp_path / "out" / "facility_kpi.csv").is_file()
    assert not (tmp_path / "out" / "reliability.csv").exists()


@pytest.mark.parametrize("detail", ["measures", "causes", "all", "lots"])
def test_every_detail_takes_a_network_without_lots(detail: str) -> None:
    """No table of units has a row."""
    made = run("tandem_buffer_3", ("simulation.window_h=200",), reps=1, detail=detail)  # type: ignore[arg-type]
    assert made.rows("facility_kpi")
    assert not made.rows("od_causes") and not made.rows("backlog")
