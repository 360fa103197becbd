"""What the ledger and the story say where trains may swap, by hand.

A yard has one place free. A train that brings boxes to the ramp may swap them for what lies in the
yard, and then needs room for the difference alone. All seconds.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from corridor_sim.history.conditions import Part
from corridor_sim.history.freed import Competition, Freed, How
from corridor_sim.history.ledger import ledger
from corridor_sim.history.replay import Replay
from corridor_sim.history.stuck import Stuck, stuck_in
from corridor_sim.primitives import (
    Births,
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
from corridor_sim.terms import Amount
from tests.history.test_frozen import jam, names_of_frozen
from tests.history.test_ledger import causes_of, pieces_of
from tests.rules.ports import run
from tests.rules.test_r2_swap import LAND
from tests.small_models import ints, replay_of


def ramp(n_brought: int, *boxes_s: int) -> Primitives:
    """A train with so many boxes joins at 5; boxes to be taken away are ready at these seconds."""
    space, room = Quantity("yard", 1, Amount.UNLOADED), Quantity("yard", 1, Amount.LOADED)
    tip = Stage("tip", place="ramp", needs=(space,), turn_cause="hold")
    swap = Stage(
        "tip swap",
        place="ramp",
        needs=(space,),
        swap=True,
        stock="export",
        load_min=1,
        puts_start=(room,),
        fill_cause="yard",
        turn_cause="yard",
    )
    return Primitives(
        horizon_s=60,
        counters=[Counter("yard", 9, free=1)],
        stocks=[Stock("export", "no train", "others")],
        vehicles=[Vehicle("train", (9,))],
        flows=[
            Flow("exports", ints(*boxes_s), (Hop("export", "away"),), (1,)),
            Flow("imports", ints(*[0] * n_brought), (Hop(None, "ramp"),), (1,)),
        ],
        stages=[tip, swap, Stage("leave", stock="export", load_min=2, puts_start=(room,))],
        lines=[Line("ramp", ("tip", "tip swap")), Line("siding", ("leave",))],
        sources=[
            Source("in", "ramp", Births(ints(5), ("train",), "imports", ints(0, n_brought)[None]))
        ],
    )


def test_lots_wait_with_the_train_that_has_come_for_them() -> None:
    """The train of 5 brings four, which lack room even by swap (4 - 1 and 4 - 2 > 1). The box of 0
    has nobody until 5, that train until 10, and then the one in the siding, which fills up at 40 and
    leaves: the older train is not before it. The first still lacks the yard at the end."""
    parts = ramp(4, 0, 40)
    parts.sources.append(Source("out", "siding", Births(ints(10), ("train",))))
    book = ledger(replay_of(parts))
    assert pieces_of(book, "in", 0) == [("yard", 5, 60)]
    assert pieces_of(book, "out", 0) == [("fill", 10, 40)]
    assert causes_of(book, 0) == {"no train": 5, "yard": 5, "fill": 30}


def test_a_line_with_a_way_without_swap_stands_where_its_key_says() -> None:
    """The same, but the older train could also load at the ramp as it is, for want of nine: it is
    before the other one, and the box waits with it all the while."""
    parts = ramp(4, 0, 40)
    whole = replace(parts.stages[2], name="whole", load_min=9, fill_cause="nine")
    parts.stages.append(whole)
    parts.lines[0] = Line("ramp", ("whole", "tip swap"))
    parts.sources.append(Source("out", "siding", Births(ints(10), ("train",))))
    assert causes_of(ledger(replay_of(parts)), 0) == {"no train": 5, "nine": 35}


def test_who_swaps_may_wait_for_more_to_take_away() -> None:
    """It brings three, and one place is free: with the box of 0 alone it would need two, with that of
    40 one. At 40 the replay knows the difference of its grant, so it lacks none of the yard's places;
    the wait is the yard's all the same. The story names who brought the box: at 40 it came by itself."""
    book = ledger(replay_of(ramp(3, 0, 40)))
    assert pieces_of(book, "in", 0) == [("yard", 5, 40)]
    assert book.trips.part.tolist() == [Part.TURN]
    found = Competition(book.replay).freed(0, Part.TURN, int(book.trips.label[0]), 40)
    assert found == Freed(How.LOTS, lots=1)


def test_the_story_of_a_swap_names_who_brought_the_boxes() -> None:
    """As above, but the second box comes with a ship that reaches the quay at 40."""
    parts = ramp(3, 0)
    parts.flows.append(Flow("by ship", ints(0), (Hop(None, "quay"), Hop("export", "away")), (1,)))
    parts.stages.append(Stage("discharge", place="quay", work_s=10))
    parts.lines.append(Line("quay", ("discharge",)))
    births = Births(ints(30), ("train",), "by ship", ints(0, 1)[None])
    parts.sources.append(Source("ship", "quay", births))
    book = ledger(replay_of(parts))
    itinerary = book.replay.itinerary
    train, ship = (int(np.flatnonzero(itinerary.source == s)[0]) for s in (0, 1))
    (piece,) = np.flatnonzero((book.trips.row == train) & (book.trips.part == Part.TURN))
    found = Competition(book.replay).freed(train, Part.TURN, int(book.trips.label[piece]), 40)
    assert found == Freed(How.LOTS, (ship,), lots=1)


QUAY = """\
  gang: {type: crane_pool, node: aktau, servers: 2, moves_per_h: 1}
  berth: {type: berth, node: aktau, servers: 2, crane_pool: gang}
fleets:
"""


def test_the_yard_is_the_cause_of_all_that_a_swap_waits_for(tmp_path: Path) -> None:
    """Ships sail at 1 h and 4 h with a box each, which is in the yard at 3 h and 6 h. Of its two places
    a train has to leave one; that of 4 h brings two, and would need one more than the first box makes
    up for. With the second it is let in, box for box."""
    text = LAND.replace("fleets:\n", QUAY).replace(
        "seq: 0, node: alat", "id: alat, seq: 0, node: alat"
    )
    text = text.replace("seq: 1, node: aktau, yard", "seq: 1, node: aktau, berth: berth, yard")
    ships = ("fleets.ship.vessels=2", "fleets.ship.capacity_units=1", "calls.alat.every_h=3")
    places = ("facilities.yard.places=2", "facilities.yard.swap_places=1")
    swap = ("calls.station.swap=true", "demand.back.at_start=2")
    ran = run(tmp_path, text, *ships, *places, *swap)
    assert ran.visits("rail@aktau unload") == [("rail@aktau unload swap", 6, 12)]
    waits = ran.waits("service rail")
    assert waits["wait:yard"] == 2 and "turn" not in waits


def swapping(horizon_d: int, *boxes_d: int, most: int = 1) -> Replay:
    """The jam of `test_frozen`, in which trains swap at the ramp and take so many away at most."""
    parts = jam(*boxes_d, horizon_d=horizon_d)
    tip, room = parts.stages[4], Quantity("yard", 1, Amount.LOADED)
    swap = replace(
        tip, name="swap", swap=True, stock="export", load_min=1, load_max=most, puts_start=(room,)
    )
    parts.stages.append(swap)
    parts.lines[3] = Line("ramp", ("swap",))
    parts.lines[4] = Line("siding", ("elsewhere",))
    return replay_of(parts)


def test_a_swap_takes_a_place() -> None:
    """25 lack places from day 0 on, and 5 are free for ever. With a box on days 8, 18, ... trains of
    day 11, 21, ... put one where they take one away: that is life, though no number changes."""
    played = swapping(80, *range(8, 78, 10))
    yard = played.model.names.counters.index("yard")
    assert played.free.row(yard)[1].tolist() == [5]
    assert names_of_frozen(played) == []
    assert names_of_frozen(swapping(92, 58)) == ["yard"]
    assert names_of_frozen(swapping(90, 58)) == []


def test_who_would_swap_needs_no_frozen_place() -> None:
    """No train has come for a month, so the yard is frozen. An unknown one that first unloads is not
    believed in (`test_frozen`); one that swaps is: it brings one and takes three, so the ship can go."""
    played = swapping(100, most=3)
    assert names_of_frozen(played) == ["yard"]
    assert stuck_in(played) == Stuck("none")
    assert stuck_in(replay_of(jam())).kind == "gridlock"


def test_a_track_that_is_frozen_is_so_for_who_swaps_too() -> None:
    """The same, but the ramp has one track, and who came on day 1 lacks two: nobody comes to swap."""
    track = Quantity("track")
    parts = jam()
    swap = replace(parts.stages[4], name="swap", swap=True, stock="export", load_min=1)
    parts.stages.append(replace(swap, needs=(track, *swap.needs), puts_end=(track,)))
    parts.lines[3] = Line("ramp", ("swap",))
    parts.counters.append(Counter("track", 2, free=1))
    parts.stages.append(Stage("long", needs=(Quantity("track", 2),)))
    parts.lines.append(Line("other", ("long",)))
    parts.sources.append(Source("long", "other", Births(ints(86_400))))
    played = replay_of(parts)
    assert names_of_frozen(played) == ["track", "yard"]
    assert stuck_in(played).kind != "none"
