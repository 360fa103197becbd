"""What tables and stories say of a visit that unloads and loads, on `LAND` of test_r2_swap.

A ship brings three boxes east into a yard of three places at 2 h; a train for two comes with two
boxes west at 4 h and swaps: from 4 h to 10 h at the track it puts two down and takes two, and leaves.
The ship takes the two west at 30 h; the third box east stays. The window is four days.
"""

from __future__ import annotations

import pytest

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
