"""Standing still for ever: a corpus that must be named, and live models that must not be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from corridor_sim.engine.heap_engine import run
from corridor_sim.engine.log import EventLog
from corridor_sim.errors import DrawsExhausted
from corridor_sim.history import long_lacks
from corridor_sim.history.liveness import Liveness
from corridor_sim.history.replay import Replay, replay
from corridor_sim.history.stuck import Stuck, stuck, stuck_in
from corridor_sim.model.compiled import CompiledModel
from corridor_sim.model.pack import pack
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
from corridor_sim.terms import Amount
from corridor_sim.units import DAY_S, HOUR_S
from tests.engine.random_models import random_model
from tests.small_models import ints


def found_in(parts: Primitives) -> Stuck:
    model = pack(parts)
    return stuck(model, run(model))


def two_stations(n_station_b: int = 1) -> Primitives:
    """One lot from a to b, one from b to a, at the start; a full station blocks; 1 h each."""
    a, b = Quantity("a"), Quantity("b")
    return Primitives(
        horizon_s=100 * HOUR_S,
        counters=[Counter("a", 1), Counter("b", n_station_b)],
        stages=[
            Stage("a first", needs=(a,), work_s=HOUR_S, next_line="a to b"),
            Stage("b first", needs=(b,), work_s=HOUR_S, next_line="b to a"),
            Stage("b then", needs=(b,), puts_start=(a,), puts_end=(b,), work_s=HOUR_S),
            Stage("a then", needs=(a,), puts_start=(b,), puts_end=(a,), work_s=HOUR_S),
        ],
        lines=[
            Line("west", ("a first",)),
            Line("east", ("b first",)),
            Line("a to b", ("b then",)),
            Line("b to a", ("a then",)),
        ],
        sources=[
            Source("x", "west", Births(ints(0))),
            Source("y", "east", Births(ints(0))),
        ],
    )


def test_two_blocking_stations_lock_at_exactly_one_hour() -> None:
    """Work ends at 3,600 s and each waits for the place of the other."""
    found = found_in(two_stations())
    assert (found.kind, found.at_s) == ("gridlock", 3600)
    assert found.cycle == ("a", "b")
    assert found.trips == ("y#0", "x#0"), "y waits for a, which x holds"
    assert "y#0 needs a" in found.story


def test_one_place_more_and_they_pass() -> None:
    """The same with two places at b: no alarm."""
    assert found_in(two_stations(n_station_b=2)) == Stuck("none")


def test_a_third_who_comes_later_does_not_move_the_time_or_the_cycle() -> None:
    """It waits in front of a at 5 h, outside the cycle."""
    parts = two_stations()
    parts.sources.append(Source("z", "west", Births(ints(5 * HOUR_S))))
    found = found_in(parts)
    assert (found.kind, found.at_s, found.cycle) == ("gridlock", 3600, ("a", "b"))


def both_yards_full(n_free: int = 0) -> Primitives:
    """A vessel that discharges before it loads, between two yards of 10 that are full for it.

    It has 4 units on board and stands at port a, whose yard is full of lots that wait for it.
    """
    space = Quantity("yard a", 1, Amount.UNLOADED)
    room = Quantity("yard a", 1, Amount.LOADED)
    return Primitives(
        horizon_s=50 * HOUR_S,
        counters=[Counter("yard a", 10, free=n_free)],
        stocks=[Stock("export a")],
        vehicles=[Vehicle("ship", (10,))],
        flows=[
            Flow("east", ints(*[0] * 10), (Hop("export a", "b"),), (1,)),
            Flow("west", ints(*[0] * 4), (Hop(None, "a"),), (1,)),
        ],
        stages=[
            Stage("sail in", work_s=HOUR_S, next_line="discharge"),
            Stage("discharge", place="a", needs=(space,), work_s=HOUR_S, next_line="load"),
            Stage("load", stock="export a", load_min=5, puts_start=(room,), next_line="sail"),
            Stage("sail", place="b", work_s=HOUR_S),
        ],
        lines=[
            Line("approach", ("sail in",)),
            Line("discharge", ("discharge",)),
            Line("load", ("load",)),
            Line("sail", ("sail",)),
        ],
        sources=[
            Source("vessel", "approach", Births(ints(0), ("ship",), "west", np.array([[0, 4]])))
        ],
    )


def test_discharge_before_loading_with_a_full_yard_locks_with_itself() -> None:
    """The vessel needs space that is full of lots that wait for the vessel."""
    found = found_in(both_yards_full())
    assert (found.kind, found.at_s) == ("gridlock", 3600)
    assert (found.cycle, found.trips) == (("yard a",), ("vessel#0",))


def test_space_for_the_discharge_and_it_runs() -> None:
    """Four units free are enough."""
    assert found_in(both_yards_full(n_free=4)).kind == "none"


def swap_first(cap: int, first_size: int = 1, with_other: bool = False) -> Primitives:
    """The same vessel may load what fits before it discharges; its room is in a second dimension.

    Of the ten units for it in the yard the first takes `first_size` of the room on board; `other`
    is a vessel that takes all away, after the horizon, and gives no place back.
    """
    parts = both_yards_full()
    parts.n_dim = 2
    parts.vehicles = [Vehicle("ship", (-1, cap))]
    parts.flows = [
        Flow("a heavy", ints(0), (Hop("export a", "b"),), (1, first_size)),
        Flow("east", ints(*[0] * 9), (Hop("export a", "b"),), (1, 1)),
        Flow("west", ints(*[0] * 4), (Hop(None, "a"),), (1, 1)),
    ]
    room = Quantity("yard a", 1, Amount.LOADED)
    swap = Stage("swap", stock="export a", load_min=1, puts_start=(room,), next_line="discharge")
    parts.stages.append(swap)
    parts.lines[1] = Line("discharge", ("discharge", "swap"))
    if with_other:
        parts.stages.append(replace(swap, name="other", puts_start=(), next_line=None))
        parts.lines.append(Line("other", ("other",)))
        parts.sources.append(Source("other", "other", Births(ints(99 * HOUR_S), ("ship",))))
    return parts


@pytest.mark.parametrize(("cap", "size", "kind"), [(4, 1, "gridlock"), (8, 1, "none")])
def test_a_full_vessel_cannot_load_first(cap: int, size: int, kind: str) -> None:
    """4 on board of 4: nothing fits, whatever lies there. Of 8: four are loaded, then four places
    are free, and it runs."""
    assert found_in(swap_first(cap, size)).kind == kind


def test_a_full_vessel_that_can_only_load_starves() -> None:
    """4 on board of 4, and nowhere to discharge: what lies there is enough, room is not."""
    parts = swap_first(4)
    parts.lines[1] = Line("discharge", ("swap",))
    found = found_in(parts)
    assert (found.kind, found.cycle, found.left_units) == ("starved", ("room on board",), 0)


def test_nothing_is_loaded_past_a_first_lot_that_does_not_fit() -> None:
    """Room for 4 on board, the first lot takes 5: the nine small ones behind it stay. If another
    vessel may come and take the first one, there is hope."""
    assert found_in(swap_first(8)).kind == "none"
    found = found_in(swap_first(8, first_size=5))
    assert (found.kind, found.cycle, found.left_units) == ("gridlock", ("yard a",), 0)
    assert found_in(swap_first(8, first_size=5, with_other=True)).kind == "none"


def test_a_lot_larger_than_may_be_loaded_is_not_loaded() -> None:
    """At most one unit at a time, and lots of two: room on board does not help. Of one: it runs."""
    for size, kind in ((1, "none"), (2, "gridlock")):
        parts = swap_first(20)
        parts.flows = [replace(flow, size=(size, 1)) for flow in parts.flows]
        parts.counters = [Counter("yard a", 20, free=0)]
        parts.stages[-1] = replace(parts.stages[-1], load_max=1, load_min=1)
        assert found_in(parts).kind == kind


def test_two_vessels_before_two_full_yards_lock_with_each_other() -> None:
    """Each has discharged nothing, and would load what fills the other's port."""
    parts = Primitives(horizon_s=50 * HOUR_S)
    parts.vehicles = [Vehicle("ship", (20,))]
    for own, other in (("a", "b"), ("b", "a")):
        parts.counters.append(Counter(f"yard {own}", 10, free=0))
        parts.stocks.append(Stock(f"export {own}"))
        parts.flows += [
            Flow(f"from {own}", ints(*[0] * 10), (Hop(f"export {own}", f"at {other}"),), (1,)),
            Flow(f"for {own}", ints(*[0] * 4), (Hop(None, f"at {own}"),), (1,)),
        ]
        space = Quantity(f"yard {own}", 1, Amount.UNLOADED)
        room = Quantity(f"yard {other}", 1, Amount.LOADED)
        parts.stages += [
            Stage(f"discharge {own}", place=f"at {own}", needs=(space,), next_line=f"to {other}"),
            Stage(
                f"load {other}",
                stock=f"export {other}",
                load_min=1,
                puts_start=(room,),
                work_s=HOUR_S,
            ),
        ]
        parts.lines += [
            Line(f"before {own}", (f"discharge {own}",)),
            Line(f"to {other}", (f"load {other}",)),
        ]
        births = Births(ints(60 if own == "a" else 90), ("ship",), f"for {own}", np.array([[0, 4]]))
        parts.sources.append(Source(f"ship {own}", f"before {own}", births))
    found = found_in(parts)
    assert (found.kind, found.at_s) == ("gridlock", 90)
    assert found.cycle == ("yard a", "yard b")
    assert found.trips == ("ship a#0", "ship b#0")


def test_opposing_trains_on_one_track_lock() -> None:
    """Stations w and e with one track each, a block between: each holds what the other needs."""
    block = Quantity("block")
    parts = Primitives(
        horizon_s=50 * HOUR_S,
        counters=[Counter("track w", 1), Counter("track e", 1), Counter("block", 1)],
    )
    for own, other in (("w", "e"), ("e", "w")):
        mine, theirs = Quantity(f"track {own}"), Quantity(f"track {other}")
        parts.stages += [
            Stage(f"enter {own}", needs=(mine,), work_s=600, next_line=f"leave {own}"),
            Stage(
                f"leave {own}",
                needs=(block, theirs),
                puts_start=(mine,),
                puts_end=(block,),
                work_s=HOUR_S,
                next_line=f"end {other}",
            ),
            Stage(f"end {own}", puts_end=(mine,), work_s=60),
        ]
        parts.lines += [Line(f"{x} {own}", (f"{x} {own}",)) for x in ("enter", "leave", "end")]
        parts.sources.append(Source(f"train {own}", f"enter {own}", Births(ints(0, 300))))
    found = found_in(parts)
    assert (found.kind, found.at_s) == ("gridlock", 600)
    assert found.cycle == ("track e", "track w")
    assert found.trips == ("train w#0", "train e#0")


def departures(**stage: object) -> Primitives:
    """A service that loads at least 40 of the 45 lots of a yard; the next trip when one departs."""
    parts = Primitives(
        horizon_s=100 * HOUR_S,
        counters=[Counter("platforms", 3), Counter("pool", 3, free=0)],
        calendars=[
            Calendar("never", ints(), ints()),
            Calendar("once", ints(0), ints(60)),
        ],
        stocks=[Stock("yard")],
        vehicles=[Vehicle("train", (40,))],
        flows=[Flow("west", np.arange(45) * 60, (Hop("yard", "baku"),), (1,))],
        stages=[
            replace(
                Stage(
                    "depart",
                    stock="yard",
                    load_min=40,
                    vehicle="train",
                    spawn="train",
                    next_line="way",
                ),
                **stage,  # type: ignore[arg-type]
            ),
            Stage("run", work_s=HOUR_S, place="baku", puts_end=(Quantity("platforms", 0),)),
        ],
        lines=[Line("trains", ("depart",)), Line("way", ("run",))],
        sources=[Source("train", "trains", Births(ints(0)))],
    )
    return parts


def test_a_fill_rule_that_lacks_lots_since_demand_ended_leaves_five_waiting() -> None:
    """45 units, fill 40: 40 delivered, 5 left; nothing is wrong with the model."""
    model = pack(departures())
    log = run(model)
    found = stuck(model, log)
    assert (found.kind, found.left_units) == ("left_waiting", 5)
    assert found.trips == ("train#1",)
    assert int((replay(model, log).delivered_s >= 0).sum()) == 40


def test_while_demand_still_comes_nobody_is_left() -> None:
    """The same at half an hour: fifteen lots are still to be ready."""
    model = replace(pack(departures()), horizon_s=HOUR_S // 2)
    assert stuck(model, run(model)) == Stuck("none")


def test_a_deadline_still_to_come_is_life() -> None:
    """The five lots go after three days, beyond the horizon."""
    assert found_in(departures(deadline_s=90 * HOUR_S)) == Stuck("none")


def test_an_empty_pool_starves() -> None:
    """Three platforms that are nowhere, and nobody who brings one."""
    found = found_in(departures(needs=(Quantity("pool"),), puts_start=(Quantity("pool"),)))
    assert (found.kind, found.at_s) == ("starved", 0)
    assert (found.cycle, found.trips) == (("pool",), ("train#0",))


def test_a_calendar_that_never_opens_starves() -> None:
    """Named by the calendar."""
    found = found_in(departures(gate="never"))
    assert (found.kind, found.cycle, found.trips) == ("starved", ("never",), ("train#0",))


def test_a_calendar_that_has_merely_ended_does_not() -> None:
    """It may be compiled up to the horizon only: doubt counts as life."""
    assert found_in(departures(gate="once")).kind == "none"


def test_work_along_a_clock_that_never_runs_starves() -> None:
    """Started, and never over."""
    parts = departures()
    parts.stages[1] = replace(parts.stages[1], clock="never")
    found = found_in(parts)
    assert (found.kind, found.cycle, found.trips) == ("starved", ("never",), ("train#0",))


def test_a_batch_larger_than_its_counter_starves() -> None:
    """More platforms than there are."""
    found = found_in(departures(needs=(Quantity("platforms", 4),)))
    assert (found.kind, found.cycle) == ("starved", ("platforms",))


def test_a_dated_step_up_that_is_still_to_come_is_life() -> None:
    """The fourth platform comes after the horizon."""
    parts = departures(needs=(Quantity("platforms", 4),))
    parts.counters[0] = replace(parts.counters[0], steps=((200 * HOUR_S, 4),))
    assert found_in(parts).kind == "none"


def test_trips_still_to_be_born_count_as_live() -> None:
    """A train after the horizon brings the platform that is missing."""
    parts = departures(needs=(Quantity("pool"),))
    parts.stages.append(Stage("bring", puts_end=(Quantity("pool"),)))
    parts.lines.append(Line("bringers", ("bring",)))
    parts.sources.append(Source("bringer", "bringers", Births(ints(200 * HOUR_S))))
    assert found_in(parts).kind == "none"


def test_who_gives_up_is_live() -> None:
    """Two blocking stations, but one of them gives way after 200 h."""
    parts = two_stations()
    parts.stages.append(Stage("give way", puts_end=(Quantity("a"),)))
    parts.lines[2] = Line("a to b", ("b then",), give_up_s=200 * HOUR_S, else_line="out")
    parts.lines.append(Line("out", ("give way",)))
    assert found_in(parts).kind == "none"


def test_nothing_at_all_is_not_stuck() -> None:
    """An empty model."""
    assert found_in(Primitives(horizon_s=10)) == Stuck("none")


def movers(log: EventLog, since_s: int) -> set[tuple[int, int, int]]:
    """(source, k, line) of everybody who was granted something or gave up from an instant on."""
    visits, births = log.visits, log.births
    before = {
        (s, k): p
        for s, k, p in zip(
            births.source.tolist(), births.k.tolist(), births.previous.tolist(), strict=True
        )
    }
    found = set()
    columns = (visits.source, visits.k, visits.visit, visits.line, visits.start_s)
    for source, k, visit, line, start in zip(*(c.tolist() for c in columns), strict=True):
        if start >= since_s:
            found.add((source, k, line))
            if visit == 0:  # a cycle's grant: it waited under the ordinal before
                found.add((source, before[source, k], line))
    return found


def waits_of(model: CompiledModel, log: EventLog) -> dict[tuple[int, int], int]:
    waiting = log.waiting
    columns = (waiting.source.tolist(), waiting.k.tolist(), waiting.line.tolist())
    return {(s, k): line for s, k, line in zip(*columns, strict=True)}


def stuck_trips(played: Replay) -> list[tuple[int, int]]:
    """(source, k) of everybody who waits and will never move, whatever the reason."""
    life = Liveness(played)
    life.reduce()
    itinerary = played.itinerary
    return [(int(itinerary.source[row]), int(itinerary.k[row])) for row in life.stuck_rows()]


@pytest.mark.parametrize(
    "seeds", [(213, 668, 688), pytest.param(range(400, 700), marks=pytest.mark.slow)]
)
def test_the_rule_of_the_month_raises_no_false_alarm(
    seeds: Iterable[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same cuts, with a twentieth of the horizon for the month: nobody named ever moves. Nothing
    is certain here, for somebody unknown may always come. In 668 those come who waited for a place
    that came free after twenty such months."""
    n = 0
    for seed in seeds:
        whole = pack(random_model(seed, is_grown=False))
        try:
            future = run(replace(whole, horizon_s=2 * whole.horizon_s))
        except DrawsExhausted:
            continue
        monkeypatch.setattr(long_lacks, "STUCK_AFTER_D", whole.horizon_s / 20 / DAY_S)
        for share in (30, 60, 100):
            cut = replace(whole, horizon_s=whole.horizon_s * share // 100)
            log = run(cut)
            found = stuck_in(replay(cut, log))
            if "nobody took any of" in found.story:
                moved = movers(future, cut.horizon_s)
                names = {
                    f"{cut.names.sources[s]}#{k}": (s, k, line)
                    for (s, k), line in waits_of(cut, log).items()
                }
                assert not [t for t in found.trips if names[t] in moved], (seed, share)
                n += 1
    print(f"{n} named")
    assert n > 0


def test_nobody_who_is_called_stuck_ever_moves_again() -> None:
    """Cut at some instant, told who is stuck, and run on: no false alarm in 160 cuts."""
    n_stuck, kinds = 0, set()
    for seed in range(40):
        whole = pack(random_model(seed))
        try:
            future = run(replace(whole, horizon_s=2 * whole.horizon_s))
        except DrawsExhausted:
            continue
        for share in (10, 30, 60, 100):
            cut = replace(whole, horizon_s=whole.horizon_s * share // 100)
            log = run(cut)
            played = replay(cut, log)
            kinds.add(stuck_in(played).kind)
            lines, moved = waits_of(cut, log), movers(future, cut.horizon_s)
            for trip in stuck_trips(played):
                assert (*trip, lines[trip]) not in moved, (seed, share, trip)
                n_stuck += 1
    print(f"{n_stuck} stuck waits, {sorted(kinds)}")
    assert n_stuck > 100
