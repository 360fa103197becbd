"""What the ledger and the story say where trains may swap, by hand.

A yard has one place free. A train that brings boxes to the ramp may swap them for what lies in the
yard, and then needs room for the difference alone. All seconds.
"""

from __future__ import annotations

from dataclasses import replace

from corridor_sim.history.ledger import ledger
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
from tests.history.test_ledger import causes_of, pieces_of
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
