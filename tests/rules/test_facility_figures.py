"""What a facility did, counted at berths and loading tracks, where one call has several visits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from corridor_sim.results.measures import facility_rows
from tests.rules.ports import Ran, run

SHUTTLE = """\
network: {nodes: [{id: aktau}, {id: alat}]}
facilities:
  quay: {node: aktau, type: berth, call_law: constant, call_mean_h: 8, load_share: 0.75}
  pier: {node: alat, type: berth, call_law: constant, call_mean_h: 4, load_share: 0}
fleets: {ship: {vessels: 1, capacity_units: 1}}
services: {line: {fleets: [ship], run_law: constant, run_mean_h: 10}}
calls:
  - {id: home, service: line, seq: 0, node: aktau, sail_rule: fill, fill_units: 1, berth: quay, yield_h: 0}
  - {id: away, service: line, seq: 1, node: alat, berth: pier}
demand: {boxes: {origin: aktau, destination: alat, every_h: 48, lots_limit: 2}}
"""


def figures(ran: Ran, facility: str) -> dict[str, Any]:
    rows = facility_rows(ran.built, ran.replay)
    return next(r for r in rows if r["facility"] == facility and r["class"] == "all")


def test_a_berth_works_at_loading_too(tmp_path: Path) -> None:
    """Boxes at 0 h and 48 h. The quay loads from 0 to 6 h and from 48 to 54 h, and discharges the
    empty ship for 2 h when it is back, 24 h after it sailed: 16 h of 96. The pier works 2 x 4 h."""
    ran = run(tmp_path, SHUTTLE)
    assert [(a, b) for _, a, b in ran.visits("aktau unload")] == [(30, 32), (78, 80)]
    quay, pier = figures(ran, "quay"), figures(ran, "pier")
    assert quay["utilisation"] == pytest.approx((6 + 2 + 6 + 2) / 96, rel=1e-12)
    assert quay["completed"] == quay["arrivals"] == 2  # calls that discharge: the first began here
    assert pier["utilisation"] == pytest.approx(8 / 96, rel=1e-12)


TRAINS = """\
network: {nodes: [{id: absheron}, {id: tbilisi}]}
facilities:
  ramp: {node: absheron, type: terminal, service_law: constant, service_mean_h: 2}
  shed: {node: tbilisi, type: terminal, service_law: constant, service_mean_h: 1}
fleets: {set: {vessels: 3, capacity_units: 1, kind: train_set}}
services: {line: {fleets: [set], run_law: constant, run_mean_h: 3}}
calls:
  - {id: home, service: line, seq: 0, node: absheron, sail_rule: fill, fill_units: 1, load: ramp}
  - {id: away, service: line, seq: 1, node: tbilisi, unload: shed}
demand: {boxes: {origin: absheron, destination: tbilisi, every_h: 5, offset_h: 5, lots_limit: 3}}
"""


def test_the_wait_for_cargo_is_no_wait_for_the_track(tmp_path: Path) -> None:
    """Sets stand since 0 h, boxes come at 5, 10, 15 h: three loadings of 2 h, no wait for the ramp."""
    ramp = figures(run(tmp_path, TRAINS), "ramp")
    assert (ramp["arrivals"], ramp["completed"]) == (3, 3)
    assert ramp["utilisation"] == pytest.approx(6 / 96, rel=1e-12)
    assert ramp["queue_mean"] == 0 and ramp["wait_mean_h"] != ramp["wait_mean_h"]


def test_a_shed_that_takes_one_train_a_day_keeps_the_others_out(tmp_path: Path) -> None:
    """They come at 10, 15, 20 h; with one a day the second is unloaded at 24 h, the third at 48 h."""
    free = run(tmp_path, TRAINS)
    assert [a for _, a, _ in free.visits("tbilisi unload")] == [10, 15, 20]
    kept = run(tmp_path, TRAINS, "facilities.shed.per_day=1")
    assert [a for _, a, _ in kept.visits("tbilisi unload")] == [10, 24, 48]
    # from 24 to 25 h the third lacks the shed itself, which comes first
    waits = kept.waits("service line")
    assert (waits["wait:shed a day"], waits["wait:shed"]) == ((24 - 15) + (48 - 20) - 1, 1)
