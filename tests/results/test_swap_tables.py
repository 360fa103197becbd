"""What tables and stories say of a visit that unloads and loads, on `LAND` of test_r2_swap.

A ship brings three boxes east into a yard of three places at 2 h; a train for two comes with two
boxes west at 4 h and swaps: from 4 h to 10 h at the track it puts two down and takes two, and leaves.
The ship takes the two west at 30 h; the third box east stays. The window is four days.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from corridor_sim.history.halves import places_of
from corridor_sim.results.capacity_chain import chain_rows
from corridor_sim.results.service_quality import quality_of
from corridor_sim.studies.explain import Wanted, explain
from corridor_sim.studies.replicate import replicate_one
from tests.rules.ports import Ran, run
from tests.rules.test_r2_swap import HOLD, LAND

SWAP = "calls.station.swap=true"
HELD = LAND.replace(
    "facilities:", f"facilities:\n  hold: {HOLD.replace('aktau', 'south')}"
).replace("unload: track, yard: yard", "unload: track, yard: yard, holds: [hold]")
TWO_TRAINS = (
    SWAP,
    "fleets.train.vessels=2",
    "demand.out.at_start=4",
    "demand.back.at_start=4",
    "facilities.yard.places=4",
)


@pytest.fixture(scope="module")
def land(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return run(tmp_path_factory.mktemp("land"), LAND, SWAP)


def test_what_a_swap_loads_was_not_left_behind(land: Ran) -> None:
    """At 10 h the train loads none and leaves one; it has taken two: 1 of 3 stayed. From the mine
    and with the ship all went along."""
    found = {call: row["rolled_share"] for call, row in quality_of(land.built, land.replay).items()}
    assert found == {
        ("rail", "mine"): 0,
        ("rail", "aktau"): 1 / 3,
        ("sea", "alat"): 0,
        ("sea", "aktau"): 0,
    }


def links(ran: Ran) -> dict[tuple[str, str], tuple[float, float, float]]:
    """(od, element) -> units a day achieved and achievable, and the share filled."""
    return {
        (r["od"], r["element"]): (
            r["achieved_units_per_day"],
            r["achievable_units_per_day"],
            r["fill_share"],
        )
        for r in chain_rows(ran.scenario, ran.built, ran.book)
    }


def test_a_track_passes_what_it_unloads_in_a_swap(land: Ran) -> None:
    """Two boxes west in four days, by a train that was full each way, in 6 of 96 h: 0.5 x 16 a day."""
    assert links(land)["out", "track"] == (0.5, 8, 1)


def test_a_swap_fills_a_train_by_its_larger_way(tmp_path: Path) -> None:
    """The train goes with one box west, and takes two of the three east: the track passes one in
    four days and, since trains that leave are full, no more than 0.25 x 16 a day."""
    sets = (SWAP, "demand.out.at_start=1", "calls.rail_mine.fill_units=1")
    ran = run(tmp_path, LAND, *sets)
    assert [name for name, *_ in ran.visits("rail@aktau unload")] == ["rail@aktau unload swap"]
    assert links(ran)["out", "track"] == (0.25, 4, 1)


def test_boxes_that_are_swapped_came_into_the_yard(land: Ran) -> None:
    """Three by ship and two by train in four days. Places are held 3 x 28 h from 2 h on, and one for
    the 66 h after that: 150 of 288 place-hours; so 1.25 x 288 / 150 a day."""
    found = links(land)
    assert found["out", "yard"] == found["back", "yard"]
    assert found["out", "yard"] == pytest.approx((1.25, 1.25 * 288 / 150, 1), rel=1e-12)


def test_a_yard_counts_what_came_beyond_a_swap_once(tmp_path: Path) -> None:
    """One box east from 2 h on, in a yard of two; the train brings two and takes it: at 4 h one more
    place is taken, and all three have come in."""
    sets = (SWAP, "demand.back.at_start=1", "facilities.yard.places=2")
    ran = run(tmp_path, LAND, *sets)
    assert [name for name, *_ in ran.visits("rail@aktau unload")] == ["rail@aktau unload swap"]
    assert links(ran)["out", "yard"][0] == 3 / 4


def told(ran: Ran, od: str, number: int) -> list[tuple[str, str, float, int | None]]:
    """(what, place, hours, lots aboard) of a lot's steps."""
    found = explain(ran.scenario, Wanted(od=od, lot=number), where="case")
    return [(s["what"], s["place"], s["hours"], s["lots_aboard"]) for s in found.steps]


def test_a_train_is_not_fuller_while_it_swaps(tmp_path: Path) -> None:
    """One box west in, two east out: it came with one, which is put down at 10 h, and goes with two.
    The first box east is on the ship with two others from 1 h to 2 h."""
    ran = run(tmp_path, LAND, SWAP, "demand.out.at_start=1", "calls.rail_mine.fill_units=1")
    assert told(ran, "out", 0)[:5] == [
        ("ready", "mine", 0, None),
        ("boards", "mine", 0, 1),
        ("move", "mine>aktau", 4, 1),
        ("service", "aktau", 6, 1),
        ("leaves", "aktau", 0, None),
    ]
    assert told(ran, "back", 0)[4:] == [
        ("leaves", "aktau", 0, None),
        ("wait", "aktau", 2, None),
        ("boards", "aktau", 0, 2),
        ("service", "aktau", 6, 2),
        ("move", "aktau>mine", 4, 2),
        ("delivered", "mine", 0, None),
    ]


def test_a_box_boards_where_it_is_a_train_that_comes_from_a_hold(tmp_path: Path) -> None:
    """Two trains come at 4 h, to a yard of four that is full of boxes east since 2 h. The first swaps
    until 10 h, the second stands in a hold at south until then: it takes the last two boxes, which
    stand at Aktau for those 8 h, and never were at south; its own waited there for 6 h."""
    ran = run(tmp_path, HELD, *TWO_TRAINS)
    assert ran.visits("held", "swap") == [("rail@aktau held hold on swap", 10, 16)]
    assert told(ran, "out", 3)[2:5] == [
        ("move", "mine>aktau", 4, 2),
        ("wait", "south", 6, 2),
        ("service", "aktau", 6, 2),
    ]
    steps = told(ran, "back", 3)
    assert {place for _, place, *_ in steps[4:8]} == {"aktau"}
    assert sum(hours for what, _, hours, _ in steps if what == "wait") == 1 + 8
    assert steps[-4:-1] == [
        ("boards", "aktau", 0, 2),
        ("service", "aktau", 6, 2),
        ("move", "aktau>mine", 4, 2),
    ]


def test_a_stock_is_where_its_call_is_in_whatever_order_stages_are(tmp_path: Path) -> None:
    """The stage in which a held train swaps is waited for at south, its lots wait at Aktau."""
    ran = run(tmp_path, HELD, *TWO_TRAINS)
    model, built = ran.built.model, ran.built
    stages = replace(model.stages, stock=model.stages.stock[::-1], place=model.stages.place[::-1])
    names = replace(model.names, stages=model.names.stages[::-1])
    turned = replace(built, model=replace(model, stages=stages, names=names))
    for one in (built, turned):
        places = places_of(ran.scenario, one)
        stock = places.stock[model.names.stocks.index("rail@aktau")]
        assert places.nodes[stock] == "aktau"


def test_instants_of_a_swap_are_those_of_the_two_visits(land: Ran) -> None:
    """From 4 h to 10 h the train unloads and loads; the loading after that, of none, is at 10 h. What it
    loaded there are the two of the swap, and the third stayed."""
    found = replicate_one(land.scenario, 0).tables["trips"]
    row = next(r for r in found if (r["service"], r["call"]) == ("rail", "aktau"))
    instants = ("unload_start_s", "unloaded_s", "load_start_s", "ready_s", "departed_s")
    assert [row[name] / 3600 for name in instants] == [4, 10, 10, 10, 10]
    units = ("unloaded_units", "loaded_units", "rolled_units", "on_board_units")
    assert [row[name] for name in units] == [2, 2, 1, 2]
