"""What tables and stories say of a visit that unloads and loads, on `LAND` of test_r2_swap.

A ship brings three boxes east into a yard of three places at 2 h; a train for two comes with two
boxes west at 4 h and swaps: from 4 h to 10 h at the track it puts two down and takes two, and leaves.
The ship takes the two west at 30 h; the third box east stays. The window is four days.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from corridor_sim.results.capacity_chain import chain_rows
from corridor_sim.results.service_quality import quality_of
from tests.rules.ports import Ran, run
from tests.rules.test_r2_swap import LAND

SWAP = "calls.station.swap=true"


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
    units = (1.25, pytest.approx(2.4, rel=1e-12), 1)
    assert links(land)["out", "yard"] == links(land)["back", "yard"] == units


def test_a_yard_counts_what_came_beyond_a_swap_once(tmp_path: Path) -> None:
    """One box east from 2 h on, in a yard of two; the train brings two and takes it: at 4 h one more
    place is taken, and all three have come in."""
    sets = (SWAP, "demand.back.at_start=1", "facilities.yard.places=2")
    ran = run(tmp_path, LAND, *sets)
    assert [name for name, *_ in ran.visits("rail@aktau unload")] == ["rail@aktau unload swap"]
    assert links(ran)["out", "yard"][0] == 3 / 4
