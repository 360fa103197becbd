"""R1: stock before a full port stops new loadings at the origin; quotas and exempt lots pass.

Boxes become ready at the mine one an hour, ride 1.5 h to a yard of nine places, each in a train
of its own, and sail when the timetable says. On at 3 units, off at 1; an order holds a day.
"""

from __future__ import annotations

from pathlib import Path

from corridor_sim.results.embargo_rows import embargo_rows
from corridor_sim.studies.replicate import replicate_one
from tests.rules.ports import Ran, not_back, run

PORT = """\
network: {nodes: [{id: mine, country: KZ}, {id: junction}, {id: aktau}, {id: alat}]}
facilities:
  yard: {type: yard, node: aktau, places: 9}
  hold: {type: hold_station, node: junction, places: 5}
  track: {type: terminal, node: mine, servers: 9, service_law: constant, service_mean_h: 1}
fleets:
  train: {kind: train_set, vessels: unlimited, capacity_units: 9}
  ship: {vessels: 9, capacity_units: 9}
services:
  rail: {fleets: [train], run_law: constant, run_mean_h: 1.5}
  sea: {fleets: [ship], run_law: constant, run_mean_h: 2}
calls:
  - {service: rail, seq: 0, node: mine, sail_rule: fill, fill_units: 1}
  - {id: shed, service: rail, seq: 1, node: aktau, yard: yard, holds: [hold]}
  - {service: sea, seq: 0, node: aktau, sail_rule: timetable, every_h: 99, offset_h: 10, load_yard: yard}
  - {service: sea, seq: 1, node: alat}
embargoes:
  full: {yards: [yard], on_units: 3, off_units: 1, min_days: 1}
demand:
  boxes: {origin: mine, destination: alat, every_h: 1, lots_limit: 5}
"""
HOUR = 3600


def orders(ran: Ran) -> list[tuple[float, float, int, int | None, int]]:
    """(on, off, level then, level then, most held) of each order, in hours."""
    return [
        (
            row["on_s"] / HOUR,
            row["off_s"] / HOUR,
            row["on_level_units"],
            row["off_level_units"],
            row["held_most_units"],
        )
        for row in embargo_rows(ran.built, ran.replay)
    ]


def releases(ran: Ran) -> list[float]:
    return [a for _, a, _ in ran.visits("release full")]


def test_on_at_its_level_off_after_a_day_and_lots_on_the_way_go_on(tmp_path: Path) -> None:
    """Boxes 0, 1, 2 are in the yard at 1.5, 2.5, 3.5 h: on at 3.5 h, at a level of 3. Box 3 (ready at
    3 h) is on the way and comes in at 4.5 h; box 4 (4 h) is held. The vessel of 10 h takes all four,
    but the order holds its day: off at 27.5 h, at a level of 0. Box 4 is in the yard at 29 h."""
    ran = run(tmp_path, PORT)
    assert orders(ran) == [(3.5, 27.5, 3, 0, 1)]
    assert releases(ran) == [0, 1, 2, 3, 27.5]
    assert [a for _, a, _ in ran.visits("rail@aktau unload")] == [1.5, 2.5, 3.5, 4.5, 29]
    assert ran.waits("demand boxes direct") == {"hold:embargo full": 23.5}


def test_off_only_when_the_level_has_fallen(tmp_path: Path) -> None:
    """The vessel comes at 50 h: long after the day is over the yard still holds four."""
    ran = run(tmp_path, PORT.replace("offset_h: 10", "offset_h: 50"))
    assert orders(ran) == [(3.5, 50, 3, 0, 1)]
    assert releases(ran)[-1] == 50


def test_an_order_without_end_is_open_at_the_end(tmp_path: Path) -> None:
    """No vessel in the run: on to the horizon of 96 h."""
    ran = run(tmp_path, PORT.replace("offset_h: 10", "offset_h: 98"))
    (row,) = embargo_rows(ran.built, ran.replay)
    assert (row["off_s"], row["off_level_units"], row["lasted_h"]) == (-1, None, 92.5)


def test_an_order_comes_again(tmp_path: Path) -> None:
    """Nine boxes: the first order as above; the five held (4-8 h) go together at 27.5 h, and
    are in the yard at 29 h: on at a level of 5, until the end (the next vessel is that of 109 h)."""
    assert orders(run(tmp_path, PORT, "demand.boxes.lots_limit=9")) == [
        (3.5, 27.5, 3, 0, 5),
        (29, -1 / HOUR, 5, None, 0),
    ]


def test_a_quota_lets_so_many_units_a_day_pass(tmp_path: Path) -> None:
    """Two a day: boxes 4 and 5 pass when they are ready, 6 and 7 at midnight. These two are in the
    yard at 25.5 h, so at 27.5 h, when the day of the order is over, the level is 2, above 1: the
    order goes on, and box 8 passes at the next midnight, 48 h."""
    ran = run(tmp_path, PORT, "demand.boxes.lots_limit=9", "embargoes.full.quota_per_day=2")
    assert [a for _, a, _ in ran.visits("release full by quota")] == [4, 5, 24, 24, 48]
    assert orders(ran) == [(3.5, -1 / HOUR, 3, None, 3)]
    assert releases(ran) == [0, 1, 2, 3, 4, 5, 24, 24, 48]
    assert ran.waits("demand boxes direct") == {"hold:embargo full": 18 + 17 + 40}


def test_a_batch_passes_a_quota_whole_or_not_at_all(tmp_path: Path) -> None:
    """A block train of two boxes, an hour at its track: level 2 at 2.5 h, 4 and on at 3.5 h. The one
    of 4 h passes a quota of two; one of three boxes waits out the order."""
    two = PORT.replace("every_h: 1,", "together: true, via: [track], every_h: 1, batch: 2,")
    quota = ("embargoes.full.quota_per_day=2", "embargoes.full.on_units=4")
    ran = run(tmp_path, two, *quota, "demand.boxes.lots_limit=10")
    assert [a for _, a, _ in ran.visits("by quota")] == [4]
    three = two.replace("batch: 2", "batch: 3")
    assert run(tmp_path, three, *quota, "demand.boxes.lots_limit=15").visits("by quota") == []


def test_lots_wait_before_the_facilities_at_their_origin(tmp_path: Path) -> None:
    """An hour at the mine's track: boxes are in the yard at 2.5, 3.5, 4.5 h. On at 4.5 h: box 5 (5 h)
    is held before the track; box 4, which is on it, goes on."""
    text = PORT.replace("every_h: 1,", "via: [track], every_h: 1,")
    ran = run(tmp_path, text, "demand.boxes.lots_limit=6")
    assert orders(ran) == [(4.5, 28.5, 3, 0, 1)]
    assert [a for _, a, _ in ran.visits("0:track")] == [0, 1, 2, 3, 4, 28.5]


MORE = """\
  wheat: {origin: mine, destination: alat, every_h: 6, offset_h: 6, lots_limit: 1, commodity: grain}
"""


def test_exempt_rows_pass(tmp_path: Path) -> None:
    """Wheat is ready at 6 h, in the order; it goes at once if it is exempt, else at 27.5 h."""
    assert _wheat(run(tmp_path, PORT + MORE)) == 27.5
    ran = run(tmp_path, PORT + MORE, "embargoes.full.exempt=[wheat]")
    assert _wheat(ran) == 6
    assert not any("wheat" in line for line in ran.built.meaning.embargoes["full"])


def test_only_rows_of_the_selectors_are_stopped(tmp_path: Path) -> None:
    """By commodity, by direction (all are `none`), or by name."""
    assert _wheat(run(tmp_path, PORT + MORE, "embargoes.full.commodity=general")) == 6
    assert _wheat(run(tmp_path, PORT + MORE, "embargoes.full.demand=[boxes]")) == 6
    stopped = run(tmp_path, PORT + MORE, "embargoes.full.commodity=grain")
    assert (_wheat(stopped), orders(stopped)[0][4]) == (27.5, 1)
    assert releases(run(tmp_path, PORT + MORE, "embargoes.full.direction=west")) == []


def test_rows_that_do_not_call_there_are_not_stopped(tmp_path: Path) -> None:
    """Stone goes from the mine to the junction only."""
    text = PORT.replace("calls:\n", "calls:\n  - {service: near, seq: 0, node: mine, sail_rule: fill, fill_units: 1}\n  - {service: near, seq: 1, node: junction}\n").replace("services:\n", "services:\n  near: {fleets: [train], run_law: constant, run_mean_h: 1}\n")  # fmt: skip
    stone = "  stone: {origin: mine, destination: junction, every_h: 1, lots_limit: 1}\n"
    ran = run(tmp_path, text + stone)
    assert [line for line in ran.built.meaning.embargoes["full"] if "stone" in line] == []


def _wheat(ran: Ran) -> float:
    """When wheat leaves the mine."""
    flow = ran.built.model.names.flows.index("wheat direct")
    lot = ran.built.model.cargo.lot_ptr[flow]
    cargo = ran.log.cargo
    loads = (cargo.direction > 0) & (cargo.first <= lot) & (lot < cargo.end)
    visits = ran.log.visits
    starts = {
        (s, k, v): t
        for s, k, v, t in zip(
            visits.source.tolist(),
            visits.k.tolist(),
            visits.visit.tolist(),
            visits.start_s.tolist(),
            strict=True,
        )
    }
    rows = zip(
        cargo.source[loads].tolist(),
        cargo.k[loads].tolist(),
        cargo.visit[loads].tolist(),
        strict=True,
    )
    return min(starts[row] for row in rows) / HOUR


def test_units_on_trains_in_holds_count(tmp_path: Path) -> None:
    """A yard of one place: box 0 is in it at 1.5 h, trains 1 and 2 are held at 2.5 h and 3.5 h: levels
    1, 2 and 3. On at 3.5 h: box 3, ready at 3 h, had left; it is held at 4.5 h, and box 4 at the mine.
    The vessel of 10 h takes box 0, train 1 goes in: 3 again. Without what is held it never comes on."""
    ran = run(tmp_path, PORT, "facilities.yard.places=1")
    assert orders(ran) == [(3.5, -1 / HOUR, 3, None, 1)]
    assert [a for _, a, _ in ran.visits("into hold")] == [2.5, 3.5, 4.5]
    assert releases(ran) == [0, 1, 2, 3]
    without = run(tmp_path, PORT, "facilities.yard.places=1", "embargoes.full.count_held=false")
    assert orders(without) == []


def test_an_embargo_is_on_the_shippers_clock_only(tmp_path: Path) -> None:
    """Box 4 is ready at 4 h and delivered, with a second vessel at 40 h, at 42 h: 38 h for the
    shipper, and 14.5 h for the carriers, who have it from 27.5 h on. The others take 12 h less the hour
    at which they were ready, by both clocks. All waiting at the mine is the embargo's."""
    ran = run(tmp_path, PORT.replace("every_h: 99, offset_h: 10", "every_h: 30, offset_h: 10"))
    tables = replicate_one(ran.scenario, 0).tables
    mean_h = {row["clock"]: row["mean_h"] for row in tables["od_kpi"]}
    assert mean_h == {
        "shipper": (12 + 11 + 10 + 9 + 38) / 5,
        "carrier": (12 + 11 + 10 + 9 + 14.5) / 5,
    }
    at_mine = [row["embargo_share"] for row in tables["node_dwell"] if row["node"] == "mine"]
    assert at_mine and set(at_mine) == {1.0}
    causes = {row["cause"]: row["mean_h"] for row in tables["ledger"]}
    assert causes["hold:embargo full"] == 23.5 / 5
    assert not_back(ran) == []


def test_two_embargoes_hold_one_after_the_other(tmp_path: Path) -> None:
    """The second, two days long, is about the same yard: box 4 passes `full` at 27.5 h and the
    other at 51.5 h."""
    text = PORT.replace("demand:\n", "  late: {yards: [yard], on_units: 3, off_units: 1, min_days: 2}\ndemand:\n")  # fmt: skip
    ran = run(tmp_path, text)
    assert releases(ran)[-1] == 27.5
    assert [a for _, a, _ in ran.visits("release late")][-1] == 51.5
    waits = ran.waits("demand boxes direct")
    assert waits == {"hold:embargo full": 23.5, "hold:embargo late": 24}


def test_an_outage_of_the_yard_leaves_the_levels_of_the_order(tmp_path: Path) -> None:
    """Of nine places one is left (8.4 are lost, which rounds to 8): the order is about stock in sight,
    not about places. Box 0 is in at 1.5 h, the trains of 2.5 h and 3.5 h stand in the hold: three, and
    on at 3.5 h, exactly as with a yard that never had more than one place."""
    fire = (
        "disruptions: {fire: {target: facilities.yard, start: 2024-01-01, end: 2024-03-01, "
        "severity_share: 0.93}}\n"
    )
    lost, small = run(tmp_path, PORT + fire), run(tmp_path, PORT, "facilities.yard.places=1")
    assert orders(lost) == orders(small) == [(3.5, -1 / HOUR, 3, None, 1)]
    assert releases(lost) == releases(small) == [0, 1, 2, 3]
