"""R12: trains and vessels of different sizes: boxes add up, batches are split, the rest stays.

A train of some boxes comes every 6 h to a port where a vessel is always ready; it sails when full.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from corridor_sim.results.measures import service_rows
from tests.rules.ports import Ran, run

PORT = """\
network: {nodes: [{id: aktau}, {id: alat}]}
fleets: {feeder: {vessels: unlimited, capacity_units: 99}}
services: {line: {fleets: [feeder], run_law: constant, run_mean_h: 2}}
calls:
  - {id: home, service: line, seq: 0, node: aktau, sail_rule: fill, fill_units: 2}
  - {service: line, seq: 1, node: alat}
demand: {trains: {origin: aktau, destination: alat, every_h: 6, batch: 2, lots_limit: 32}}
"""


def mean_wait_h(ran: Ran) -> float:
    rows = service_rows(ran.built, ran.replay)
    return float(next(row["wait_mean_h"] for row in rows if row["call"] == "aktau"))


@pytest.mark.parametrize("trains", [1, 2, 4, 8])
def test_boxes_wait_half_the_headways_between_the_trains_of_a_vessel(
    tmp_path: Path, trains: int
) -> None:
    """n trains a vessel, h apart: the first waits (n - 1) h, the last not at all: (n - 1) h / 2."""
    ran = run(tmp_path, PORT, f"calls.home.fill_units={2 * trains}")
    assert mean_wait_h(ran) == (trains - 1) / 2 * 6
    assert len(ran.sailings("aktau")) == 16 // trains


def test_a_batch_is_split_and_its_rest_stays(tmp_path: Path) -> None:
    """Trains of two at 0, 6, 12 h, a vessel takes three: at 6 h boxes 0, 1, 2; box 3 waits for the
    next train, and sails with boxes 4 and 5 at 12 h. Waits 6, 6, 0 and 6, 0, 0 h."""
    ran = run(tmp_path, PORT, "calls.home.fill_units=3", "fleets.feeder.capacity_units=3", "demand.trains.lots_limit=6")  # fmt: skip
    assert ran.sailings("aktau") == [6, 12]
    cargo = ran.log.cargo
    loads = sorted(zip(cargo.k.tolist(), cargo.first.tolist(), cargo.end.tolist(), cargo.direction.tolist(), strict=True))  # fmt: skip
    assert [row[:3] for row in loads if row[3] > 0] == [(0, 0, 3), (1, 3, 6)]
    assert mean_wait_h(ran) == 18 / 6


def test_a_threshold_between_two_batches_waits_for_a_whole_one(tmp_path: Path) -> None:
    """Three boxes are asked for and 99 places there: two trains, so all four sail, at 6 h and 18 h."""
    ran = run(tmp_path, PORT, "calls.home.fill_units=3", "demand.trains.lots_limit=8")
    assert ran.sailings("aktau") == [6, 18]
    assert mean_wait_h(ran) == 3
