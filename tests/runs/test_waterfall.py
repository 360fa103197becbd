"""The waterfall of a comparison: parts that sum to the change of the mean."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from corridor_sim.studies.run import Run, run_many
from corridor_sim.studies.waterfall import TOTAL, Step, waterfall
from tests.results.tiny import TINY
from tests.runs.conftest import SHORT, Cli

MORE = "fleets.ferry.vessels=4"


def parts(steps: list[Step], od: str) -> tuple[Step, list[Step]]:
    total, *causes = [s for s in steps if s.od == od]
    assert total.cause == TOTAL
    return total, causes


def check_sums(runs: list[Run]) -> int:
    """Sum of the parts of each OD against the change of od_kpi.mean_h; how many have parts."""
    steps, n = waterfall(runs), 0
    for od in {s.od for s in steps}:
        total, causes = parts(steps, od)
        assert sum(s.diff.mean for s in causes) == pytest.approx(total.diff.mean, abs=1e-9)
        for s in causes:
            assert s.diff.mean == pytest.approx(s.value_h - s.base_h, abs=1e-9)
        assert total.base_h == pytest.approx(sum(s.base_h for s in causes), abs=1e-9)
        n += 1
    return n


def test_parts_sum_to_the_change_of_the_mean(small: Path) -> None:
    """Eight replications of the small study, two ferries against four."""
    runs = run_many([(str(small), ()), (str(small), (MORE,))], reps=8, detail="causes")
    assert check_sums(runs) == 2
    total, causes = parts(waterfall(runs), "boxes")
    assert total.diff.n == 8 and total.diff.mean < 0
    # more ferries take away waiting for a ferry, not the sea
    by_group = {s.group: s.diff.mean for s in causes}
    assert by_group["vehicle"] < 0 and by_group["moving"] == pytest.approx(0, abs=0.5)


def test_parts_sum_on_the_base_year() -> None:
    """A short October, a fleet of ferries more; every OD."""
    sets = (*SHORT, "fleets.rail_ferry_kuryk.vessels=8")
    runs = run_many([("base_2024", SHORT), ("base_2024", sets)], reps=1, detail="causes")
    assert check_sums(runs) > 30


def test_a_slower_ferry_adds_its_hours_at_sea(tmp_path: Path) -> None:
    """Tiny: at 20 km/h the sea takes 5 h instead of 4; a round trip takes 12 h instead of 10."""
    path = tmp_path / "tiny.yaml"
    path.write_text(TINY, encoding="utf-8")
    short = ("simulation.window_h=4", "simulation.drain_h=44")
    runs = run_many([(str(path), short), (str(path), (*short, "legs.sea.speed_kmh=20"))], reps=1)
    total, causes = parts(waterfall(runs), "boxes")
    found = {s.cause: s.diff.mean for s in causes}
    assert found["move:crossing"] == 1
    assert total.diff.mean == sum(found.values())
    assert sum(h for h in found.values() if h) == total.value_h - total.base_h


def test_a_scenario_against_itself_changes_nothing(small: Path) -> None:
    """The same draws."""
    steps = waterfall(run_many([(str(small), ())] * 2, detail="causes"))
    assert steps and all((s.diff.mean, s.diff.lo, s.diff.hi) == (0, 0, 0) for s in steps)


def test_compare_writes_it_from_scenarios_and_from_folders(
    cli: Cli, small: Path, tmp_path: Path
) -> None:
    """Byte for byte the same, and it says on the screen what an OD's change is made of."""
    more = small.with_name("more.yaml")
    text = small.read_text(encoding="utf-8").replace("name: small", "name: more")
    more.write_text(text.replace("vessels: 2", "vessels: 4"), encoding="utf-8")
    for path, out in ((small, "a"), (more, "b")):
        assert cli("run", path, "--jobs", "1", "--out", tmp_path / out).code == 0
    common = ("--jobs", "1", "--od", "boxes", "--out")
    said = cli("compare", small, more, *common, tmp_path / "direct").out
    assert "more: mean of boxes -" in said
    cli("compare", tmp_path / "a", tmp_path / "b", *common, tmp_path / "folders")
    files = [tmp_path / n / "delta_waterfall.csv" for n in ("direct", "folders")]
    assert files[0].read_bytes() == files[1].read_bytes()
    with files[0].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["od"] for row in rows} == {"boxes"}
    delta = {row["cause"]: float(row["delta_h"]) for row in rows}
    assert sum(h for c, h in delta.items() if c != TOTAL) == pytest.approx(delta[TOTAL], abs=1e-9)
