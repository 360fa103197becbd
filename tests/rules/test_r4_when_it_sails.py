"""R4: filled, or after its wait, and only from an open port; the wait counts from where one says.

A ferry of ten places brings goods from Aktau (2 h at sea, berth at 2 h, discharge 1 h) and waits at
Alat for boxes, one an hour from 4 h on; loading takes no time.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.ports import CALM, Ran, run

PORT = f"""\
network: {{nodes: [{{id: aktau}}, {{id: alat}}]}}
facilities: {{pier: {{node: alat, type: berth, call_law: constant, call_mean_h: 1, load_share: 0, weather_zone: port}}}}
weather: {{port: {CALM}}}
fleets: {{ferry: {{vessels: 1, capacity_units: 10}}}}
services: {{line: {{fleets: [ferry], run_law: constant, run_mean_h: 2}}}}
calls:
  - {{service: line, seq: 0, node: aktau, sail_rule: fill, fill_units: 1}}
  - {{id: away, service: line, seq: 1, node: alat, berth: pier, yield_h: 99, sail_rule: fill_or_wait, fill_min_share: 0.4, max_wait_h: 30}}
demand:
  goods: {{origin: aktau, destination: alat, at_start: 1}}
  boxes: {{origin: alat, destination: aktau, every_h: 1, offset_h: 4}}
"""


def sails(ran: Ran) -> tuple[float, int]:
    """Hour and boxes of the first departure from Alat."""
    ptr, flow = ran.built.model.cargo.lot_ptr, ran.built.model.names.flows.index("boxes direct")
    cargo = ran.log.cargo
    boxes = (ptr[flow] <= cargo.first) & (cargo.first < ptr[flow + 1]) & (cargo.direction > 0)
    first = boxes & (cargo.k == cargo.k[boxes].min())
    return ran.sailings("alat")[0], int((cargo.end - cargo.first)[first].sum())


def test_it_leaves_when_the_share_of_its_capacity_is_there(tmp_path: Path) -> None:
    """0.4 of ten are four boxes: those of 4, 5, 6 and 7 h; 0.45 are five, at 8 h."""
    assert sails(run(tmp_path, PORT)) == (7, 4)
    assert sails(run(tmp_path, PORT, "calls.away.fill_min_share=0.45")) == (8, 5)


@pytest.mark.parametrize(
    ("start", "hour", "boxes"), [("discharge_end", 6, 3), ("arrival", 5, 2), ("first_unit", 7, 4)]
)
def test_the_wait_counts_from_where_one_says(
    tmp_path: Path, start: str, hour: int, boxes: int
) -> None:
    """Three hours, with five boxes asked for: after the end of the discharge (3 h), after the arrival
    (2 h), or after the first box (4 h)."""
    sets = ("calls.away.fill_min_share=0.5", "calls.away.max_wait_h=3")
    assert sails(run(tmp_path, PORT, *sets, f"calls.away.counted_from={start}")) == (hour, boxes)


@pytest.mark.parametrize("wait", [30, 3])
def test_filled_or_waited_for_it_leaves_from_an_open_port_only(tmp_path: Path, wait: int) -> None:
    """Nobody leaves, and ramps stand still, from 5.5 h to 12 h. Filled at 7 h, or at 6 h after its
    wait, it loads and leaves at 12 h, with the nine that are there by then."""
    storm = "closures: {storm: {zone: port, start: 2024-01-01T05:30Z, end: 2024-01-01T12:00Z}}\n"
    ran = run(tmp_path, PORT + storm, f"calls.away.max_wait_h={wait}")
    assert sails(ran) == (12, 9)
    assert ran.waits("service line")["weather port"] == 6.5


def test_hybrid_keeps_its_headway_and_waits_for_nobody(tmp_path: Path) -> None:
    """Boxes come all the time; ten hours apart at least: the ferry, which is back every 5 h, leaves
    Alat at 4 h with one box, and then at 14, 24 h."""
    text = PORT.replace("goods: {origin: aktau, destination: alat, at_start: 1}", "goods: {origin: aktau, destination: alat, at_start: 99}")  # fmt: skip
    text = text.replace("sail_rule: fill_or_wait, fill_min_share: 0.4, max_wait_h: 30", "sail_rule: hybrid, fill_units: 1, min_headway_h: 10")  # fmt: skip
    assert run(tmp_path, text).sailings("alat")[:3] == [4, 14, 24]
