"""R3, R10: cranes of a pool do a vessel's work, and a ramp takes longer over two decks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.ports import never_too_full, not_back, run

QUAY = """\
network: {nodes: [{id: aktau}, {id: alat}]}
facilities:
  cranes: {node: alat, type: crane_pool, servers: 3, moves_per_h: 2}
  quay: {node: alat, type: berth, servers: 2, crane_pool: cranes, cranes_needed: 2}
fleets: {feeder: {vessels: 2, capacity_units: 8}}
services: {line: {fleets: [feeder], run_law: constant, run_mean_h: 2}}
calls:
  - {id: home, service: line, seq: 0, node: aktau, sail_rule: fill, fill_units: 8}
  - {id: away, service: line, seq: 1, node: alat, berth: quay, sail_rule: fill_or_wait, fill_units: 4, max_wait_h: 0}
demand: {boxes: {origin: aktau, destination: alat, at_start: 16}}
"""


def test_a_vessel_waits_for_cranes_of_the_pool(tmp_path: Path) -> None:
    """Two with 8 boxes come at 2 h to two berths. Two cranes make 4 moves an hour: 2 h each.

    Three cranes are two for the first and one too few for the second: it begins at 4 h. Who has
    nothing to load asks for cranes too (docs/assumptions.md#cranes): the first sails at 6 h.
    """
    ran = run(tmp_path, QUAY)
    assert ran.sailings("alat") == [6, 6]
    assert [(a, b) for _, a, b in ran.visits("alat unload")] == [(2, 4), (4, 6)]
    assert ran.waits("service line")["wait:cranes"] == 2 + 2
    assert never_too_full(ran) and not_back(ran) == []


def test_with_enough_cranes_nobody_waits(tmp_path: Path) -> None:
    """A fourth crane: both from 2 h to 4 h."""
    ran = run(tmp_path, QUAY, "facilities.cranes.servers=4")
    assert [(a, b) for _, a, b in ran.visits("alat unload")] == [(2, 4), (2, 4)]


def test_loading_takes_the_cranes_for_its_moves_alone(tmp_path: Path) -> None:
    """Six boxes back are ready at 5 h: the first vessel, waiting alongside without cranes since
    4 h, loads them from 5 h; a move is of 1.5 boxes, so six last an hour at two cranes."""
    back = "  goods: {origin: alat, destination: aktau, every_h: 999, offset_h: 5, batch: 6}\n"
    text = QUAY.replace("demand: {boxes: {", "demand:\n  boxes: {").replace("16}}", "24}") + back
    ran = run(
        tmp_path,
        text,
        "calls.away.max_wait_h=50",
        "calls.away.yield_h=50",
        "facilities.cranes.units_per_move=1.5",
        "fleets.feeder.vessels=1",
    )
    assert ran.visits("alat unload")[0][1:] == pytest.approx((2, 2 + 8 / 6))
    assert ran.visits("alat alongside")[0][1:] == (5, 6)
    assert never_too_full(ran)


RAMP = """\
network: {nodes: [{id: kuryk}, {id: alat}]}
facilities:
  ramp: {node: alat, type: berth, call_law: constant, call_mean_h: 7, load_share: 0, two_deck_law: constant, two_deck_mean_h: 11}
fleets: {old: {vessels: 1, capacity_units: 1}, ropax: {vessels: 1, capacity_units: 1, decks: 2}}
services: {line: {fleets: [old, ropax], run_law: constant, run_mean_h: 2}}
calls:
  - {service: line, seq: 0, node: kuryk, sail_rule: fill, fill_units: 1}
  - {service: line, seq: 1, node: alat, berth: ramp}
demand: {trucks: {origin: kuryk, destination: alat, at_start: 2}}
"""


def test_each_vessel_at_a_ramp_has_its_own_cycle(tmp_path: Path) -> None:
    """7 h with one deck, 11 h with two (Kuryk, figures F084 and F085), one after the other."""
    ran = run(tmp_path, RAMP)
    lasts = {name.split()[1]: end - start for name, start, end in ran.visits("alat", "unload")}
    assert lasts == {"old": 7, "ropax": 11}
    starts = sorted(start for _, start, _ in ran.visits("alat", "unload"))
    assert starts in ([2, 9], [2, 13])
    assert {row.split("@")[0] for row in ran.built.model.names.stocks} == {"line"}, "one stock"


def test_one_deck_each_keeps_one_queue(tmp_path: Path) -> None:
    """Nothing tells the vessels apart, so they stay one line of vessels."""
    ran = run(tmp_path, RAMP, "fleets.ropax.decks=1")
    assert ran.built.model.names.sources == ("service line",)
    assert [(a, b) for _, a, b in ran.visits("alat unload")] == [(2, 9), (9, 16)]
