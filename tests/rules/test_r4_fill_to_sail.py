"""R4: a vessel leaves when filled, by slots, deck or payload, whichever is least; or makes room.

Boxes of 12 t wait at Aktau for one feeder of ten places that sails 2 h each way.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.ports import never_too_full, not_back, run

FEEDER = """\
network: {nodes: [{id: aktau}, {id: alat}]}
fleets: {feeder: {vessels: 1, capacity_units: 10, payload_t: 30}}
services: {line: {fleets: [feeder], run_law: constant, run_mean_h: 2}}
calls:
  - {id: home, service: line, seq: 0, node: aktau, sail_rule: fill_or_wait, fill_units: 4, max_wait_h: 20}
  - {service: line, seq: 1, node: alat}
demand: {boxes: {origin: aktau, destination: alat, every_h: 1, tonnes_per_unit: 12}}
"""


def loads(folder: Path, *sets: str) -> list[tuple[float, int]]:
    """(hour, lots) of each loading at Aktau."""
    ran = run(folder, FEEDER, *sets)
    load = ran.built.model.names.stages.index("line@aktau load")
    visits = ran.log.visits
    mine = visits.stage == load
    return [
        (start / 3600, lots)
        for start, lots in sorted(
            zip(visits.start_s[mine].tolist(), visits.lots[mine].tolist(), strict=True)
        )
    ]


def test_a_threshold_beyond_the_payload_is_never_reached(tmp_path: Path) -> None:
    """30 t are two boxes, the rule asks for four: it waits its 20 h, is back at 24 h, waits again."""
    assert loads(tmp_path)[:2] == [(20, 2), (44, 2)]


def test_a_vessel_that_is_down_to_its_marks_leaves(tmp_path: Path) -> None:
    """Boxes at 0, 1, 2 h: the third does not fit any more, so it leaves at 2 h, and on return at 6 h."""
    assert loads(tmp_path, "calls.home.full_leaves=true")[:2] == [(2, 2), (6, 2)]


def test_a_draught_limit_by_date_needs_no_switch(tmp_path: Path) -> None:
    """40 t until the first midnight are three boxes, 25 t from then on two: leaves when full.

    Three at 3 h (when the fourth is there), 7, 11, 15, 19, 23 h; two at 27 h and ever after.
    """
    found = loads(tmp_path, 'fleets.feeder.payload_t={"2024-01-01": 40, "2024-01-02": 25}')
    assert found[:8] == [(3, 3), (7, 3), (11, 3), (15, 3), (19, 3), (23, 3), (27, 2), (31, 2)]


def test_a_limit_that_falls_while_it_waits_lets_it_go(tmp_path: Path) -> None:
    """Two boxes of the first day do not fill it; at midnight the limit falls to two, a third waits."""
    found = loads(
        tmp_path,
        'fleets.feeder.payload_t={"2024-01-01": 90, "2024-01-02": 25}',
        "calls.home.fill_units=7",
        "calls.home.max_wait_h=200",
        "demand.boxes.every_h=8",
        "demand.boxes.lots_limit=3",
    )
    assert found == [(24, 2)]


DECK = """\
network: {nodes: [{id: kuryk}, {id: alat}]}
fleets: {ferry: {vessels: 1, capacity_wagons: 27, capacity_trucks: 30}}
services: {line: {fleets: [ferry], run_law: constant, run_mean_h: 2}}
calls:
  - {service: line, seq: 0, node: kuryk, sail_rule: at_once}
  - {service: line, seq: 1, node: alat}
demand:
  wagons: {origin: kuryk, destination: alat, unit: wagon, at_start: 1}
  trucks: {origin: kuryk, destination: alat, unit: truck, at_start: 50, priority: 2}
"""


@pytest.mark.parametrize(("wagons", "trucks"), [(9, 20), (18, 10), (26, 1), (27, 0)])
def test_wagons_and_trucks_share_the_deck(tmp_path: Path, wagons: int, trucks: int) -> None:
    """w / 27 + k / 30 <= 1, in whole shares of 270: a wagon has 10, a truck 9.

    9 wagons leave 180 shares, 20 trucks; 18 leave 90, 10 trucks; 26 leave 10, one truck; and one
    truck more would be more than the deck in each case.
    """
    ran = run(tmp_path, DECK, f"demand.wagons.at_start={wagons}")
    cargo, names = ran.log.cargo, ran.built.model.names
    first = (cargo.direction > 0) & (cargo.k == 0)
    flow = ran.built.model.cargo.lot_ptr.searchsorted(cargo.first[first], side="right") - 1
    aboard = dict.fromkeys(names.flows, 0)
    for f, n in zip(flow.tolist(), (cargo.end - cargo.first)[first].tolist(), strict=True):
        aboard[names.flows[f]] += n
    assert aboard == {"wagons direct": wagons, "trucks direct": trucks}
    assert wagons / 27 + trucks / 30 <= 1 < wagons / 27 + (trucks + 1) / 30


YIELD = """\
network: {nodes: [{id: aktau}, {id: alat}]}
facilities: {berth: {node: alat, type: berth, call_law: constant, call_mean_h: 2}}
fleets: {feeder: {vessels: 2, capacity_units: 1}}
services: {line: {fleets: [feeder], run_law: constant, run_mean_h: 2}}
calls:
  - {service: line, seq: 0, node: aktau, sail_rule: fill, fill_units: 1}
  - {service: line, seq: 1, node: alat, berth: berth, yield_h: 3, sail_rule: fill, fill_units: 1}
demand:
  boxes: {origin: aktau, destination: alat, at_start: 2}
  goods: {origin: alat, destination: aktau, every_h: 99, offset_h: 20, lots_limit: 1}
"""


def test_a_vessel_without_cargo_makes_room_for_the_next(tmp_path: Path) -> None:
    """The first discharges from 2 h to 3 h, waits alongside, leaves for the roads at 6 h; the second
    discharges from 6 h to 7 h and leaves at 10 h. At 20 h there is one box: for the first, who comes
    alongside again for its hour of loading."""
    ran = run(tmp_path, YIELD)
    assert [(a, b) for _, a, b in ran.visits("alat unload")] == [(2, 3), (6, 7)]
    assert [a for _, a, _ in ran.visits("alat leave")] == [6, 10]
    assert [(a, b) for _, a, b in ran.visits("alat roads")] == [(20, 21)]
    assert ran.sailings("alat") == [21]
    assert never_too_full(ran) and not_back(ran) == []


def test_a_round_without_variance_is_the_hand_sum(tmp_path: Path) -> None:
    """2 h out, 1 h discharge, 1 h loading, 2 h back: a round of 6 h, as long as there is cargo."""
    ran = run(tmp_path, YIELD, "fleets.feeder.vessels=1", "demand.boxes.at_start=99", "demand.goods.offset_h=0", "demand.goods.every_h=0.01", "demand.goods.lots_limit=200")  # fmt: skip
    assert ran.sailings("aktau") == [6 * i for i in range(16)]
    assert ran.sailings("alat") == [6 * i + 4 for i in range(16)]
