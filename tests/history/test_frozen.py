"""A jam in which a handful of places are free, but never enough: what is named, what is not.

Each model is traced by hand in its docstring. `plain` is the reduction without the rule of the
thirty days: it believes in somebody unknown who needs no more than is free.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from corridor_sim.history.frozen import frozen
from corridor_sim.history.liveness import Liveness
from corridor_sim.history.long_lacks import last_month
from corridor_sim.history.replay import Replay
from corridor_sim.history.stuck import Stuck, stuck_in
from corridor_sim.inputs.read import read_scenario
from corridor_sim.primitives import (
    Births,
    Calendar,
    Counter,
    Flow,
    Hop,
    Line,
    Primitives,
    Quantity,
    Source,
    Stage,
    Stock,
    Vehicle,
)
from corridor_sim.studies.replicate import replicate_one
from corridor_sim.terms import Amount
from corridor_sim.units import DAY_S
from tests.small_models import ints, replay_of


def days(*values: int) -> np.ndarray:
    return ints(*(value * DAY_S for value in values))


def stuck_plainly(played: Replay) -> list[int]:
    """Rows that cannot move by the plain reduction."""
    life = Liveness(played)
    life.reduce()
    return life.stuck_rows()


def names_of_frozen(played: Replay) -> list[str]:
    return [played.model.names.counters[c] for c in sorted(frozen(played, last_month(played)))]


def jam(*boxes_d: int, horizon_d: int = 100) -> Primitives:
    """A yard of 30 with 5 free: 25 boxes lie there for a ship that has 25 to discharge first.

    Every ten days a train is born inland. With a box of `boxes_d` (days on which one is ready) it
    comes a day later, needs one place, and takes up to three boxes away; without one it goes
    elsewhere.
    """
    space, room = Quantity("yard", 1, Amount.UNLOADED), Quantity("yard", 1, Amount.LOADED)
    return Primitives(
        horizon_s=horizon_d * DAY_S,
        counters=[Counter("yard", 30, free=5)],
        calendars=[Calendar("closed", days(0, 100), days(40, 300))],
        stocks=[Stock("export"), Stock("inland")],
        vehicles=[Vehicle("ship", (25,)), Vehicle("train", (3,))],
        flows=[
            Flow("imports", ints(*[0] * 25), (Hop(None, "quay"),), (1,)),
            Flow("exports", ints(*[0] * 25), (Hop("export", "away"),), (1,)),
            Flow("boxes", days(*boxes_d, 500), (Hop("inland", "ramp"),), (1,)),
        ],
        stages=[
            Stage("discharge", place="quay", needs=(space,), next_line="load"),
            Stage("load", stock="export", load_min=1, puts_start=(room,), work_s=DAY_S),
            Stage("run", stock="inland", load_min=1, load_max=1, work_s=DAY_S, next_line="ramp"),
            Stage("elsewhere"),
            Stage("tip", place="ramp", needs=(space,), next_line="siding"),
            Stage("take", stock="export", load_min=1, puts_start=(room,)),
        ],
        lines=[
            Line("alongside", ("discharge",)),
            Line("load", ("load",)),
            Line("junction", ("run", "elsewhere")),
            Line("ramp", ("tip",)),
            Line("siding", ("take",)),
        ],
        sources=[
            Source("ship", "alongside", Births(ints(0), ("ship",), "imports", ints(0, 25)[None])),
            Source("train", "junction", Births(days(*range(0, 200, 10)), ("train",) * 20)),
        ],
    )


def test_some_places_are_free_but_nobody_took_one_for_a_month() -> None:
    """The next box is ready on day 500: no train has come, and 5 places are free for 100 days. A
    train might come and take boxes away, so by the plain reduction the ship can move."""
    played = replay_of(jam())
    assert not stuck_plainly(played)
    assert names_of_frozen(played) == ["yard"]
    assert stuck_in(played) == Stuck(
        kind="gridlock",
        at_s=0,
        cycle=("yard",),
        trips=("ship#0",),
        left_units=0,
        story="ship#0 needs yard that waits for ship#0; "
        "in the last 30 days nobody took any of yard (5 free)",
    )


def test_who_has_waited_less_than_thirty_days_is_late() -> None:
    """The same after 29 days: none; from 30 on it is named."""
    assert stuck_in(replay_of(jam(horizon_d=29))) == Stuck("none")
    assert stuck_in(replay_of(jam(horizon_d=30))).kind == "gridlock"


def test_a_train_now_and_then_is_life() -> None:
    """A box on days 8, 18, ...: the trains of day 10, 20, ... each take a place a day later and give
    back three: 7, 9, 11 free, and from 25 on the ship discharges. With a box on day 58 alone the
    train of day 60 comes on day 61: on day 90 it was lately, on day 92 it was more than a month ago."""
    played = replay_of(jam(*range(8, 78, 10), horizon_d=80))
    assert names_of_frozen(played) == []
    assert stuck_in(played) == Stuck("none")
    assert stuck_in(replay_of(jam(58, horizon_d=90))) == Stuck("none")
    assert stuck_in(replay_of(jam(58, horizon_d=92))).kind == "gridlock"


def late_train(parts: Primitives, born_d: int, ride: Stage) -> Primitives:
    """A second train, with one box on board, that comes to the ramp by its own way."""
    parts.flows.append(Flow("late box", ints(0), (Hop(None, "ramp"),), (1,)))
    parts.stages.append(replace(ride, next_line="ramp"))
    parts.lines.append(Line("way", (ride.name,)))
    births = Births(days(born_d), ("train",), "late box", ints(0, 1)[None])
    parts.sources.append(Source("late", "way", births))
    return parts


@pytest.mark.parametrize(
    ("born_d", "ride"),
    [
        (65, Stage("ride", work_s=60 * DAY_S)),
        (65, Stage("wait", gate="closed")),
        (140, Stage("start")),
    ],
)
def test_who_had_no_chance_in_these_days_is_believed(born_d: int, ride: Stage) -> None:
    """On day 99, since before day 69: on a ride of 60 days, or before a gate that is closed from day
    40 to 100; or first to be born on day 140. It will take a place, and boxes away."""
    played = replay_of(late_train(jam(horizon_d=99), born_d, ride))
    assert names_of_frozen(played) == []
    assert stuck_in(played) == Stuck("none")


def test_who_has_waited_for_another_place_and_can_move_is_believed() -> None:
    """A locomotive that was taken on day 20 comes back from repair on day 120; the late train has
    waited for it since day 21. Nobody took a locomotive for a month, but that train can move, and
    had no chance to come to the yard: nothing is left of either jam."""
    loco = Quantity("loco")
    parts = late_train(jam(), 21, Stage("haul", needs=(loco,)))
    parts.counters.append(Counter("loco", 1))
    back = replace(loco, lag_s=100 * DAY_S)
    parts.stages.append(Stage("repair", needs=(loco,), puts_start=(back,)))
    parts.lines.append(Line("works", ("repair",)))
    parts.sources.append(Source("broken", "works", Births(days(20))))
    played = replay_of(parts)
    assert names_of_frozen(played) == ["loco", "yard"]
    assert stuck_in(played) == Stuck("none")


def test_who_set_out_lately_is_not_waited_for() -> None:
    """The ride began on day 75: nobody like it came in thirty days, and that is said to be enough."""
    ride = Stage("ride", work_s=60 * DAY_S)
    assert stuck_in(replay_of(late_train(jam(horizon_d=99), 75, ride))).kind == "gridlock"


def way_out(parts: Primitives, *storms_d: tuple[int, int]) -> Primitives:
    """The ship comes on day 5, and in a storm may go away as it is."""
    opens, closes = zip(*storms_d, strict=True)
    parts.calendars.append(Calendar("storm", days(*opens), days(*closes)))
    parts.stages.append(Stage("away", gate="storm"))
    parts.lines[0] = Line("alongside", ("discharge", "away"))
    births = parts.sources[0].births
    parts.sources[0] = Source("ship", "alongside", replace(births, born_s=days(5)))
    return parts


def test_a_gate_that_was_closed_all_the_while_must_be_known_to_open() -> None:
    """A storm on day 2 alone says nothing of storms to come, so plainly the ship can move; of a jam
    of a month one that is written in the calendar, on day 300, is believed."""
    played = replay_of(way_out(jam(), (2, 3)))
    assert not stuck_plainly(played)
    assert stuck_in(played).kind == "gridlock"
    assert stuck_in(replay_of(way_out(jam(), (2, 3), (300, 301)))) == Stuck("none")


def test_a_berth_held_by_who_waits_for_cargo_still_to_come_is_life() -> None:
    """From day 1 one ship is alongside with 5 of the 10 units that it must load, the last five are
    ready on day 120; the other has waited for the berth since day 2, 40 days on day 42."""
    berth = Quantity("berth")
    parts = Primitives(
        horizon_s=42 * DAY_S,
        counters=[Counter("berth", 1)],
        stocks=[Stock("export")],
        vehicles=[Vehicle("ship", (10,))],
        flows=[Flow("out", days(*[0] * 5, *[120] * 5), (Hop("export", "away"),), (1,))],
        stages=[
            Stage("berth", needs=(berth,), next_line="load"),
            Stage("load", stock="export", load_min=10, puts_start=(berth,)),
        ],
        lines=[Line("roads", ("berth",)), Line("load", ("load",))],
        sources=[Source("ship", "roads", Births(days(1, 2), ("ship",) * 2))],
    )
    played = replay_of(parts)
    assert names_of_frozen(played) == ["berth"]
    assert stuck_in(played) == Stuck("none")


def test_a_fleet_whose_only_vessel_is_on_a_long_ride_is_life() -> None:
    """The vessel left on day 1 for 60 days; who came on day 2 has waited 35 days on day 37."""
    vessel = Quantity("fleet")
    parts = Primitives(
        horizon_s=37 * DAY_S,
        counters=[Counter("fleet", 1)],
        stages=[Stage("ride", needs=(vessel,), puts_end=(vessel,), work_s=60 * DAY_S)],
        lines=[Line("quay", ("ride",))],
        sources=[Source("sailing", "quay", Births(days(1, 2)))],
    )
    played = replay_of(parts)
    assert len(last_month(played).lacks) == 1
    assert stuck_in(played) == Stuck("none")


def test_a_closed_calendar_is_no_lack_of_places() -> None:
    """The yard is closed from day 40 to 100: on day 99 the ship that came on day 41 has waited for
    that and not for places; on day 39 the ship of day 0 has waited for places."""
    parts = jam(horizon_d=99)
    parts.stages[0] = replace(parts.stages[0], gate="closed")
    assert stuck_in(replay_of(replace(parts, horizon_s=39 * DAY_S))).kind == "gridlock"
    births = parts.sources[0].births
    parts.sources[0] = Source("ship", "alongside", replace(births, born_s=days(41)))
    played = replay_of(parts)
    assert last_month(played).lacks == ()
    assert stuck_in(played) == Stuck("none")


def test_where_nobody_waits_who_would_make_room_it_starves() -> None:
    """The ship would only discharge, and whoever might take boxes away does not come."""
    parts = jam()
    parts.stages[0] = replace(parts.stages[0], next_line=None)
    found = stuck_in(replay_of(parts))
    assert (found.kind, found.at_s, found.cycle) == ("starved", 0, ("yard",))
    assert found.story == (
        "ship#0 needs yard, which never comes; in the last 30 days nobody took any of yard (5 free)"
    )


def two_ships(loader_d: int) -> Primitives:
    """The ship's 25 boxes go on from the yard too; the loader of `loader_d` takes 26 or none."""
    parts = jam()
    parts.flows[0] = replace(parts.flows[0], hops=(Hop(None, "quay"), Hop("export", "away")))
    parts.vehicles[0] = Vehicle("ship", (26,))
    parts.stages[0] = replace(parts.stages[0], next_line=None)
    parts.stages[1] = replace(parts.stages[1], load_min=26)
    parts.sources.append(Source("loader", "load", Births(days(loader_d), ("ship",))))
    return parts


def test_everybody_in_the_ring_has_waited_for_a_month() -> None:
    """The loader waits for the 26th box, the ship that has it for the yard. On day 100 the loader of
    day 60 has waited 40 days, that of day 80 only 20: that may yet change."""
    found = stuck_in(replay_of(two_ships(60)))
    assert (found.kind, found.at_s, found.cycle) == ("gridlock", 60 * DAY_S, ("export", "yard"))
    assert found.trips == ("loader#0", "ship#0")
    assert stuck_in(replay_of(two_ships(80))) == Stuck("none")


NO_SWAP = ("facilities.aktau_yard.swap_places=0", "calls.*_train_aktau.swap=false")
"""With no box for box, by sea or by land, the base year itself jams in some replications."""


def test_the_jam_of_the_base_year_at_aktau_is_named() -> None:
    """Replication 8 without room to swap: from day 495 on 5 places of 1,500 are free, trains lack 30
    and more, ships 25."""
    found = replicate_one(read_scenario("base_2024", NO_SWAP).scenario, 8, "measures").stuck
    assert (found.kind, found.cycle) == ("gridlock", ("aktau_yard",))
    assert found.story.endswith("in the last 30 days nobody took any of aktau_yard (5 free)")


@pytest.mark.slow
def test_the_jam_of_twice_the_imports_at_aktau_is_named() -> None:
    """Replication 1: full ships before 5 free places, no feeder unloaded after day 177. By the plain
    reduction alone: what waits to be loaded finds no room on board."""
    imports = [f"demand.{d}_ca_import.units_per_year=8000" for d in ("tr", "eu")]
    scenario = read_scenario("base_2024", (*NO_SWAP, *imports)).scenario
    found = replicate_one(scenario, 1, "measures").stuck
    assert (found.kind, found.cycle) == ("gridlock", ("aktau_yard",))
