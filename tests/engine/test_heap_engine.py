"""Hand traces of at most five trips, one or more a paragraph of the contract, for every engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest

from corridor_sim.engine import heap_engine, simpy_engine
from corridor_sim.engine.log import EventLog
from corridor_sim.errors import DrawsExhausted, EngineError, RoundLimit
from corridor_sim.model.compiled import CompiledModel
from corridor_sim.model.pack import pack
from corridor_sim.primitives import (
    Births,
    Calendar,
    Counter,
    Flow,
    Hop,
    Line,
    Meter,
    Primitives,
    Quantity,
    Source,
    Stage,
    Stock,
    Vehicle,
)
from corridor_sim.terms import NOBODY, Amount, CountedFrom, Order
from corridor_sim.units import FOREVER
from tests.small_models import ints

Engine = Callable[..., EventLog]
ENGINES: dict[str, Engine] = {
    "heap": heap_engine.run,
    "heap-shuffled": partial(heap_engine.run, shuffle=1),
    "simpy": simpy_engine.run,
    "simpy-scan": partial(simpy_engine.run, scan_all=True),
}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn."""
    return ENGINES[request.param]


GAVE_UP = "gave up"


def compiled(horizon_s: int = 100, n_dim: int = 1, **parts: Any) -> CompiledModel:
    """A model; its stocks are those that its hops name."""
    hops = [h for flow in parts.get("flows", []) for h in flow.hops]
    stocks = [Stock(name) for name in sorted({h.stock for h in hops if h.stock})]
    return pack(Primitives(horizon_s, n_dim, stocks=stocks, **parts))


def source(name: str, line: str, *born_s: int, **more: Any) -> Source:
    keys = ("vehicle", "flow", "lots")
    births = {key: more.pop(key) for key in keys if key in more}
    return Source(name, line, Births(ints(*born_s), **births), **more)


def one_line(*stages: Stage, **line: Any) -> dict[str, Any]:
    """A line `queue` whose alternatives these are."""
    return {
        "lines": [Line("queue", tuple(s.name for s in stages), **line)],
        "stages": list(stages),
    }


def flow(name: str, *ready_s: int, size: int = 1, **more: Any) -> Flow:
    hops = more.pop("hops", (Hop("yard", "port"),))
    return Flow(name, ints(*ready_s), hops, (size,), **more)


def starts(model: CompiledModel, log: EventLog) -> dict[tuple[str, int, int], tuple[Any, ...]]:
    """(source, k, visit) -> (stage, start, end)."""
    v, names = log.visits, model.names
    columns = (v.source, v.k, v.visit, v.stage, v.start_s, v.end_s)
    rows = zip(*(c.tolist() for c in columns), strict=True)
    stages = (*names.stages, GAVE_UP)
    return {(names.sources[s], k, n): (stages[stage], a, b) for s, k, n, stage, a, b in rows}


def begun(model: CompiledModel, log: EventLog) -> dict[tuple[str, int, int], int]:
    """(source, k, visit) -> start."""
    return {row: start for row, (_, start, _) in starts(model, log).items()}


def moves(log: EventLog) -> list[tuple[int, ...]]:
    """(k, visit, direction, first lot, end) in the order of the log."""
    c = log.cargo
    return list(
        zip(*(x.tolist() for x in (c.k, c.visit, c.direction, c.first, c.end)), strict=True)
    )


def queue_of(stage: Stage, *born_s: int, name: str = "a", **parts: Any) -> CompiledModel:
    """Trips of one source before one stage."""
    return compiled(**one_line(stage), sources=[source(name, "queue", *born_s)], **parts)


# Calendars


def test_a_gate_lets_start_in_its_half_open_intervals(engine: Engine) -> None:
    """Open in [10, 20) and [30, 40): 20 is closed."""
    gate = Calendar("day", ints(10, 30), ints(20, 40))
    model = queue_of(Stage("go", gate="day"), 0, 19, 20, 40, calendars=[gate])
    log = engine(model)
    assert begun(model, log) == {("a", 0, 0): 10, ("a", 1, 0): 19, ("a", 2, 0): 30}
    assert log.waiting.k.tolist() == [3]


def test_work_stands_still_while_its_clock_is_closed(engine: Engine) -> None:
    """Open in [0, 5) and [10, 20): 8 s from 0 end at 13; 5 s from 0 end at 5, when it closes."""
    clock = Calendar("shift", ints(0, 10), ints(5, 20))
    model = compiled(
        lines=[Line("queue", ("go",))],
        stages=[Stage("go", clock="shift", work_column="work")],
        calendars=[clock],
        sources=[source("a", "queue", 0, 0, 7, 7, 12)],
        draws={("a", "work"): ints(8, 5, 3, 0, 9)},
    )
    ends = [end for _, _, end in starts(model, engine(model)).values()]
    assert ends == [13, 5, 13, 7, FOREVER]


# Tables and cut-offs


def test_a_timetable_holds_each_ordinal_and_its_cutoff_leaves_late_lots(engine: Engine) -> None:
    """Table (20, 50), cut-off 8: lots in stock since 12 go at 20; the others at 50; then never."""
    stage = Stage("sail", table="calls", stock="yard", cutoff_s=8)
    model = queue_of(stage, 0, 0, 0, tables={"calls": ints(20, 50)}, flows=[flow("f", 0, 12, 13)])
    log = engine(model)
    assert begun(model, log) == {("a", 0, 0): 20, ("a", 1, 0): 50}
    assert moves(log) == [(0, 0, 1, 0, 2), (1, 0, 1, 2, 3)]
    assert log.waiting.k.tolist() == [2]


def test_a_late_lot_of_a_cut_off_does_not_stop_those_behind_it(engine: Engine) -> None:
    """An urgent flow stands first but came too late: it is skipped, not waited for."""
    urgent = flow("urgent", 15, offset_s=-50)
    stage = Stage("sail", table="calls", stock="yard", cutoff_s=8)
    model = queue_of(stage, 0, tables={"calls": ints(20)}, flows=[flow("plain", 0), urgent])
    assert moves(engine(model)) == [(0, 0, 1, 0, 1)]


# Meters


def meter_model(min_s: int, guarded_born_s: int) -> CompiledModel:
    return compiled(
        counters=[Counter("c", 3)],
        meters=[Meter("full", (("c", 1),), on=2, off=0, min_s=min_s)],
        lines=[Line("queue", ("use",)), Line("gate", ("enter",))],
        stages=[
            Stage("use", needs=(Quantity("c"),), puts_end=(Quantity("c"),), work_column="work"),
            Stage("enter", meter="full"),
        ],
        sources=[source("a", "queue", 0, 0), source("b", "gate", guarded_born_s)],
        draws={("a", "work"): ints(10, 20)},
    )


@pytest.mark.parametrize(("min_s", "off_s"), [(0, 20), (25, 25)])
def test_a_meter_goes_off_at_its_lower_level_and_after_its_minimum(
    engine: Engine, min_s: int, off_s: int
) -> None:
    """On at 0 (2 in use), still on at 10 (1 in use), off with none in use and `min_s` over."""
    model = meter_model(min_s, guarded_born_s=5)
    log = engine(model)
    assert begun(model, log)["b", 0, 0] == off_s
    switches = log.switches
    assert switches.t_s.tolist() == [0, off_s]
    assert switches.on.tolist() == [1, 0]
    assert switches.level.tolist() == [2, 0]


def test_a_meter_sees_the_grants_of_a_round_in_the_next(engine: Engine) -> None:
    """M comes before C: who is there in the first round of 0 passes the meter that it switches."""
    model = meter_model(0, guarded_born_s=0)
    assert begun(model, engine(model))["b", 0, 0] == 0


def test_a_meter_may_be_on_from_the_first_instant(engine: Engine) -> None:
    """Nothing happens at 0, yet 0 is an instant: two of three are in use."""
    model = compiled(
        counters=[Counter("c", 3, free=1)],
        meters=[Meter("full", (("c", 1),), on=2, off=0)],
        **one_line(Stage("enter", meter="full")),
        sources=[source("b", "queue", 5)],
    )
    log = engine(model)
    assert (log.switches.t_s.tolist(), log.waiting.k.tolist()) == ([0], [0])


# Filling and deadlines


@pytest.mark.parametrize(
    ("ready_s", "deadline_s", "counted_from", "floor", "start_s", "n_loaded"),
    [
        ((0, 5, 8), 30, CountedFrom.JOINING, 0, 18, 3),  # full on joining, whatever the deadline
        ((0, 5, 25), 30, CountedFrom.JOINING, 0, 25, 3),  # filled by the lot of 25
        ((0, 5, 60), 12, CountedFrom.JOINING, 0, 30, 2),  # joined at 18
        ((20, 22, 60), 12, CountedFrom.OLDEST_LOT, 0, 32, 2),
        ((), 12, CountedFrom.OLDEST_LOT, 0, None, 0),  # no lot: no deadline yet
        ((0, 5, 60), 12, CountedFrom.MARK, 0, 19, 2),  # the mark was set at 7
        ((40, 60), 12, CountedFrom.JOINING, 1, 40, 1),  # at the deadline less than the floor
        ((), 12, CountedFrom.JOINING, 0, 30, 0),  # floor 0: sails empty
        ((0, 5), -1, CountedFrom.JOINING, 0, None, 0),  # no deadline
    ],
)
def test_a_stage_waits_for_its_load_or_its_deadline(
    engine: Engine,
    ready_s: tuple[int, ...],
    deadline_s: int,
    counted_from: CountedFrom,
    floor: int,
    start_s: int | None,
    n_loaded: int,
) -> None:
    """Preparation 0 to 7 sets the mark, a delay 7 to 18 does not; three lots are wanted."""
    model = compiled(
        lines=[Line("queue", ("prepare",)), Line("wait", ("delay",)), Line("quay", ("sail",))],
        stages=[
            Stage("prepare", work_s=7, mark=True, next_line="wait"),
            Stage("delay", work_s=11, next_line="quay"),
            Stage(
                "sail",
                stock="yard",
                load_min=3,
                load_floor=floor,
                deadline_s=deadline_s,
                deadline_from=counted_from,
            ),
        ],
        sources=[source("a", "queue", 0)],
        flows=[flow("f", *ready_s)],
    )
    log = engine(model)
    assert begun(model, log).get(("a", 0, 2)) == start_s
    assert sum(end - first for *_, first, end in moves(log)) == n_loaded


def test_the_mark_is_the_birth_until_it_is_set(engine: Engine) -> None:
    """Born at 3, joined at 10, deadline 12 from the mark: 15."""
    model = compiled(
        lines=[Line("queue", ("delay",)), Line("quay", ("sail",))],
        stages=[
            Stage("delay", work_s=7, next_line="quay"),
            Stage("sail", board_min=1, deadline_s=12, deadline_from=CountedFrom.MARK),
        ],
        sources=[source("a", "queue", 3)],
    )
    assert begun(model, engine(model))["a", 0, 1] == 15


def test_a_departure_waits_for_what_is_on_board(engine: Engine) -> None:
    """`board_min` 2: one lot aboard waits for the deadline, two go at once."""
    model = queue_of_laden(Stage("sail", board_min=2, deadline_s=9), (0, 1), (1, 3))
    assert begun(model, engine(model)) == {("a", 0, 0): 9, ("a", 1, 0): 9}
    model = queue_of_laden(Stage("sail", board_min=2, deadline_s=9), (0, 2))
    assert begun(model, engine(model)) == {("a", 0, 0): 0}


def queue_of_laden(stage: Stage, *lots: tuple[int, int], **parts: Any) -> CompiledModel:
    """Trips born at 0 with these lots of a flow aboard."""
    aboard = flow("aboard", *[0] * 9, hops=parts.pop("hops", (Hop(None, "port"),)))
    born = source("a", "queue", *[0] * len(lots), flow="aboard", lots=np.array(lots))
    return compiled(**one_line(stage), sources=[born], flows=[aboard], **parts)


# Loading


def test_a_refused_lot_is_skipped_and_one_that_does_not_fit_stops(engine: Engine) -> None:
    """Room 5: a lot of 4 fits, the refused one is skipped, the next 4 does not fit; so the 1
    behind it stays, though it would."""
    flows = [
        flow("a_four", 0, 2, size=4),
        flow("b_refused", 1, size_on={"ship": (-1,)}),
        flow("c_one", 3),
    ]
    stage = Stage("load", stock="yard", vehicle="ship")
    model = queue_of(stage, 10, flows=flows, vehicles=[Vehicle("ship", (5,))])
    assert moves(engine(model)) == [(0, 0, 1, 0, 1)]


def test_every_dimension_limits_loading(engine: Engine) -> None:
    """Lots of (1, 3) in a ship of (9, 7): two of them."""
    f = Flow("f", ints(0, 0, 0), (Hop("yard", "port"),), (1, 3))
    stage = Stage("load", stock="yard", vehicle="ship")
    model = queue_of(stage, 0, flows=[f], vehicles=[Vehicle("ship", (9, 7))], n_dim=2)
    assert moves(engine(model)) == [(0, 0, 1, 0, 2)]


def test_load_max_counts_in_the_sizes_of_the_vehicle(engine: Engine) -> None:
    """At most 5 of lots that take 2 aboard and 9 on the ground: two; 2 s a unit give 8 s."""
    f = flow("f", 0, 0, 0, size=9, size_on={"ship": (2,)})
    stage = Stage("load", stock="yard", vehicle="ship", load_max=5, unit_s=2)
    model = queue_of(stage, 0, flows=[f], vehicles=[Vehicle("ship", (-1,))])
    log = engine(model)
    assert moves(log) == [(0, 0, 1, 0, 2)]
    assert log.visits.end_s.tolist() == [8]
    assert log.visits.lots.tolist() == [2]


def test_stock_order_is_entry_plus_the_offset_of_the_flow(engine: Engine) -> None:
    """The urgent flow's lot of 5 stands at -5, before the plain one of 0."""
    flows = [flow("plain", 0), flow("urgent", 5, offset_s=-10)]
    model = queue_of(Stage("load", stock="yard", load_min=1, load_max=1), 6, 7, flows=flows)
    assert moves(engine(model)) == [(0, 0, 1, 1, 2), (1, 0, 1, 0, 1)]


def test_lots_that_leave_a_stock_may_make_another_head_feasible(engine: Engine) -> None:
    """The lot of 4 stands first and stops the small ship, which wants 1; once the large one has
    taken it, the small one loads at the same instant."""
    model = compiled(
        lines=[Line("a", ("small",)), Line("b", ("large",))],
        stages=[
            Stage("small", stock="yard", vehicle="boat", load_min=1),
            Stage("large", stock="yard", vehicle="ship", load_min=4, load_max=4),
        ],
        sources=[source("a", "a", 0), source("b", "b", 7)],
        flows=[flow("f", 0, size=4), flow("g", 1)],
        vehicles=[Vehicle("boat", (2,)), Vehicle("ship", (9,))],
    )
    assert begun(model, engine(model)) == {("a", 0, 0): 7, ("b", 0, 0): 7}


# Discharge, hops and amounts by load


def test_discharge_by_instalments_loops_until_the_place_is_done(engine: Engine) -> None:
    """Five lots, two at a time, 3 s each: 6 + 6 + 3 s; then on."""
    stage = Stage("unload", place="port", unload_max=2, unit_s=3, loop_line="queue")
    model = queue_of_laden(stage, (0, 5))
    log = engine(model)
    assert starts(model, log) == {
        ("a", 0, 0): ("unload", 0, 6),
        ("a", 0, 1): ("unload", 6, 12),
        ("a", 0, 2): ("unload", 12, 15),
    }
    assert moves(log) == [(0, 0, -1, 0, 2), (0, 1, -1, 2, 4), (0, 2, -1, 4, 5)]


def test_at_least_one_lot_is_unloaded(engine: Engine) -> None:
    """A lot is larger than the instalment."""
    model = queue_of_laden(Stage("unload", place="port", unload_max=0), (0, 3))
    assert moves(engine(model)) == [(0, 0, -1, 0, 1)]


def test_what_a_visit_has_just_loaded_stays_aboard(engine: Engine) -> None:
    """To be unloaded is what was on board before, and only for this place."""
    stage = Stage("call", stock="yard", place="port")
    born = source("a", "queue", 2, flow="aboard", lots=np.array([(0, 2)]))
    flows = [flow("aboard", 0, 0, hops=(Hop(None, "port"),)), flow("f", 0)]
    model = compiled(**one_line(stage), sources=[born], flows=flows)
    assert moves(engine(model)) == [(0, 0, -1, 0, 2), (0, 0, 1, 2, 3)]


def test_unloaded_lots_enter_the_stock_of_their_next_hop(engine: Engine) -> None:
    """Off at 6, so a train that waits for 2 lots starts at 6."""
    model = compiled(
        lines=[Line("queue", ("unload",)), Line("rail", ("load",))],
        stages=[
            Stage("unload", place="port", work_s=6),
            Stage("load", stock="inland", load_min=2),
        ],
        sources=[
            source("a", "queue", 0, flow="aboard", lots=np.array([(0, 2)])),
            source("b", "rail", 0),
        ],
        flows=[flow("aboard", 0, 0, hops=(Hop(None, "port"), Hop("inland", "town")))],
    )
    log = engine(model)
    assert begun(model, log)["b", 0, 0] == 6
    assert moves(log) == [(0, 0, -1, 0, 2), (0, 0, 1, 0, 2)]


@pytest.mark.parametrize(
    ("kind", "n_free", "fits"),
    [
        (Amount.ON_BOARD, 12, True),  # three lots aboard, 4 each on the ground
        (Amount.ON_BOARD, 11, False),
        (Amount.UNLOADED, 8, True),  # two of them leave
        (Amount.UNLOADED, 7, False),
        (Amount.LOADED, 5, True),  # one lot of 5 comes aboard
        (Amount.LOADED, 4, False),
    ],
)
def test_amounts_by_load_are_measured_on_the_ground(
    engine: Engine, kind: Amount, n_free: int, fits: bool
) -> None:
    """The ship counts every lot as 1; needs count what it takes on the ground."""
    stage = Stage(
        "call", stock="yard", place="port", unload_max=2, needs=(Quantity("room", 1, kind),)
    )
    aboard = flow("aboard", 0, 0, 0, size=4, size_on={"ship": (1,)}, hops=(Hop(None, "port"),))
    born = source("a", "queue", 2, vehicle=("ship",), flow="aboard", lots=np.array([(0, 3)]))
    model = compiled(
        counters=[Counter("room", n_free)],
        **one_line(stage),
        sources=[born],
        flows=[aboard, flow("f", 0, size=5, size_on={"ship": (1,)})],
        vehicles=[Vehicle("ship", (9,))],
    )
    assert len(engine(model).visits.k) == fits


def test_amounts_put_at_the_end_are_those_of_the_grant(engine: Engine) -> None:
    """Rent by lots loaded: 2 of 2 until 10, then the other ship gets 2."""
    rent = (Quantity("room", 1, Amount.LOADED),)
    stage = Stage(
        "load", stock="yard", load_min=2, load_max=2, needs=rent, puts_end=rent, work_s=10
    )
    model = queue_of(stage, 0, 0, counters=[Counter("room", 2)], flows=[flow("f", 0, 0, 0, 0)])
    assert begun(model, engine(model)) == {("a", 0, 0): 0, ("a", 1, 0): 10}


# Lines


def service(name: str = "serve", work_s: int = 10, n: int = 1, **more: Any) -> Stage:
    """A stage that takes n of `server` while it works."""
    needs = (Quantity("server", n),)
    return Stage(name, needs=needs, puts_end=needs, work_s=work_s, **more)


@pytest.mark.parametrize(
    ("line", "order"),
    [
        ({"order": Order.FIFO}, ["a0", "a1", "b0"]),
        ({"order": Order.LIFO}, ["b0", "a1", "a0"]),
        ({"order": Order.DUE}, ["b0", "a0", "a1"]),  # due at 3, at 21 and at 22
        ({"by_class": True}, ["b0", "a0", "a1"]),  # the key of b is -7
    ],
)
def test_lines_go_by_their_key(engine: Engine, line: dict[str, Any], order: list[str]) -> None:
    """Who waits behind a service of 0 to 10."""
    model = compiled(
        counters=[Counter("server", 1)],
        lines=[Line("now", ("serve",)), Line("queue", ("serve",), **line)],
        stages=[service()],
        sources=[
            source("z", "now", 0),
            source("a", "queue", 1, 2, due_s=20),
            source("b", "queue", 3, offset_s=-10),
        ],
    )
    began = begun(model, engine(model))
    waited = sorted((t, f"{name}{k}") for (name, k, _), t in began.items() if name != "z")
    assert [name for _, name in waited] == order


def test_heads_of_rival_lines_go_by_key_not_by_line(engine: Engine) -> None:
    """Line b's trip joined first; an offset makes line c first of all."""
    model = compiled(
        counters=[Counter("server", 1)],
        lines=[
            Line("a", ("serve",)),
            Line("b", ("serve",)),
            Line("c", ("serve",), offset_s=-50),
        ],
        stages=[service()],
        sources=[source("a", "a", 0, 2), source("b", "b", 1), source("c", "c", 5)],
    )
    log = engine(model)
    assert begun(model, log) == {
        ("a", 0, 0): 0,
        ("c", 0, 0): 10,
        ("b", 0, 0): 20,
        ("a", 1, 0): 30,
    }


def test_nobody_overtakes_inside_a_line(engine: Engine) -> None:
    """The head waits for 20; the one behind it lacks nothing but its turn."""
    stage = Stage("go", table="calls")
    model = queue_of(stage, 0, 0, tables={"calls": ints(20, 0)})
    assert begun(model, engine(model)) == {("a", 0, 0): 20, ("a", 1, 0): 20}


def test_the_first_feasible_alternative_is_taken(engine: Engine) -> None:
    """One best place, then the second; at 10 the best one again."""
    best = Stage("best", needs=(Quantity("berth"),), puts_end=(Quantity("berth"),), work_s=10)
    model = compiled(
        counters=[Counter("berth", 1)],
        **one_line(best, Stage("other", work_s=1)),
        sources=[source("a", "queue", 0, 0, 10)],
    )
    stages = [stage for stage, _, _ in starts(model, engine(model)).values()]
    assert stages == ["best", "other", "best"]


# Conjunctions and claims


def test_a_conjunction_takes_all_or_nothing(engine: Engine) -> None:
    """While Y waits for b it does not hold a: Z takes a at once."""
    model = compiled(
        counters=[Counter("a", 1), Counter("b", 1)],
        lines=[Line("x", ("hold",)), Line("y", ("both",)), Line("z", ("only",))],
        stages=[
            Stage("hold", needs=(Quantity("b"),), puts_end=(Quantity("b"),), work_s=10),
            Stage("both", needs=(Quantity("a"), Quantity("b")), work_s=1),
            Stage("only", needs=(Quantity("a"),), puts_end=(Quantity("a"),), work_s=15),
        ],
        sources=[source("x", "x", 0), source("y", "y", 1), source("z", "z", 2)],
    )
    began = begun(model, engine(model))
    assert began == {("x", 0, 0): 0, ("z", 0, 0): 2, ("y", 0, 0): 17}


@pytest.mark.parametrize(
    ("claim", "large_s", "second_s", "early_s"), [(1, 10, 15, 5), (0, 15, 5, 5)]
)
def test_a_claim_keeps_later_requests_out(
    engine: Engine, claim: int, large_s: int, second_s: int, early_s: int
) -> None:
    """Two servers, one busy 0 to 10; a large request of key 1 wants both, a small one comes at 5.
    One with a smaller key (line offset) passes the claim."""
    model = compiled(
        counters=[Counter("server", 2), Counter("lock", 1)],
        lines=[
            Line("small", ("serve",)),
            Line("large", ("both",), claim=claim),
            Line("first", ("quick",), offset_s=-50),
        ],
        stages=[service(), service("both", 5, n=2), service("quick", 0)],
        sources=[
            source("s", "small", 0, 5),
            source("x", "large", 1),
            source("e", "first", 5),
        ],
    )
    assert begun(model, engine(model)) == {
        ("s", 0, 0): 0,
        ("x", 0, 0): large_s,
        ("s", 1, 0): second_s,
        ("e", 0, 0): early_s,
    }


def test_a_claim_ends_with_its_head(engine: Engine) -> None:
    """The large one gives up at 4: the small one that came at 2 starts at 4."""
    model = compiled(
        counters=[Counter("server", 2)],
        lines=[Line("small", ("serve",)), Line("large", ("both",), claim=1, give_up_s=3)],
        stages=[service(), service("both", 5, n=2)],
        sources=[source("s", "small", 0, 2), source("x", "large", 1)],
    )
    assert begun(model, engine(model))["s", 1, 0] == 4


@pytest.mark.parametrize(("claim", "other_s"), [(1, 5), (2, 20)])
def test_a_claim_is_about_the_first_needs_alone(engine: Engine, claim: int, other_s: int) -> None:
    """A room is busy 0 to 10; from 1 on a train wants it with a track, for 10. Who wants the track
    alone at 5 gets it, if the claim is of the room, and it is back at 10."""
    model = compiled(
        counters=[Counter("room", 1), Counter("track", 1)],
        lines=[Line("in", ("stay",)), Line("train", ("both",), claim=claim), Line("t", ("pass",))],
        stages=[
            Stage("stay", needs=(Quantity("room"),), puts_end=(Quantity("room"),), work_s=10),
            Stage(
                "both",
                needs=(Quantity("room"), Quantity("track")),
                puts_end=(Quantity("room"), Quantity("track")),
                work_s=10,
            ),
            Stage("pass", needs=(Quantity("track"),), puts_end=(Quantity("track"),), work_s=5),
        ],
        sources=[source("x", "in", 0), source("y", "train", 1), source("z", "t", 5)],
    )
    began = begun(model, engine(model))
    assert (began["y", 0, 0], began["z", 0, 0]) == (10, other_s)


def sparing(stage: Stage, spare: int) -> Stage:
    """The stage, which leaves so much of its one need."""
    (need,) = stage.needs
    return replace(stage, needs=(replace(need, spare=spare),))


@pytest.mark.parametrize(("spare", "train_s", "ship_s"), [(0, 1, 6), (1, 10, 2)])
def test_a_need_leaves_its_spare_to_others(
    engine: Engine, spare: int, train_s: int, ship_s: int
) -> None:
    """Two of four places are in use until 10. A train wants two from 1 on, for 5; if it has to leave
    one, the ship that wants one at 2 finds it."""
    model = compiled(
        counters=[Counter("server", 4)],
        lines=[Line("in", ("stay",)), Line("rail", ("train",)), Line("sea", ("ship",))],
        stages=[
            service("stay", 10, n=2),
            sparing(service("train", 5, n=2), spare),
            service("ship", 2),
        ],
        sources=[source("x", "in", 0), source("y", "rail", 1), source("z", "sea", 2)],
    )
    began = begun(model, engine(model))
    assert (began["y", 0, 0], began["z", 0, 0]) == (train_s, ship_s)


@pytest.mark.parametrize(("ready_s", "start_s"), [(0, 10), (50, 1)])
def test_who_needs_nothing_leaves_nothing(engine: Engine, ready_s: int, start_s: int) -> None:
    """One of two places is in use until 10. Who comes at 1 takes one for what it loads and leaves
    one: with a lot to load at 10, with none at once."""
    room = Quantity("server", 1, Amount.LOADED, spare=1)
    model = compiled(
        counters=[Counter("server", 2)],
        lines=[Line("in", ("stay",)), Line("out", ("load",))],
        stages=[service("stay", 10), Stage("load", stock="yard", needs=(room,))],
        sources=[source("x", "in", 0), source("y", "out", 1)],
        flows=[flow("f", ready_s)],
    )
    assert begun(model, engine(model))["y", 0, 0] == start_s


@pytest.mark.parametrize(("claim", "large_s", "small_s"), [(0, 25, 5), (1, 10, 10)])
def test_a_claim_is_of_the_spare_too(
    engine: Engine, claim: int, large_s: int, small_s: int
) -> None:
    """One of four is busy until 10. From 1 on the large one wants two, and two left beside; the small
    one wants one at 5, for 20. Of three the claim leaves none to it, of the amount alone it would."""
    model = compiled(
        counters=[Counter("server", 4)],
        lines=[
            Line("in", ("busy",)),
            Line("large", ("both",), claim=claim),
            Line("small", ("long",)),
        ],
        stages=[service("busy"), sparing(service("both", 5, n=2), 2), service("long", 20)],
        sources=[source("x", "in", 0), source("y", "large", 1), source("z", "small", 5)],
    )
    began = begun(model, engine(model))
    assert (began["y", 0, 0], began["z", 0, 0]) == (large_s, small_s)


# Give-ups


@pytest.mark.parametrize(("give_up_s", "second"), [(10, ("serve", 10, 20)), (9, (GAVE_UP, 9, 9))])
def test_a_grant_of_the_same_instant_wins_over_a_give_up(
    engine: Engine, give_up_s: int, second: tuple[Any, ...]
) -> None:
    """The server is free at 10; one leaves at 9 and is served elsewhere at once."""
    model = compiled(
        counters=[Counter("server", 1)],
        lines=[
            Line("queue", ("serve",), give_up_s=give_up_s, else_line="other"),
            Line("other", ("walk",)),
        ],
        stages=[service(), Stage("walk", work_s=1)],
        sources=[source("a", "queue", 0, 0)],
    )
    log = engine(model)
    trace = starts(model, log)
    assert trace["a", 1, 0] == second
    if second[0] == GAVE_UP:
        assert trace["a", 1, 1] == ("walk", 9, 10)
    assert log.visits.lots.tolist() == [0] * len(trace)


def test_patience_of_no_time_tries_once(engine: Engine) -> None:
    """One is served, the other leaves the system at once; an else-line of no patience either is
    tried in a round of its own."""
    model = compiled(
        counters=[Counter("server", 1)],
        lines=[
            Line("queue", ("serve",), give_up_s=0, else_line="other"),
            Line("other", ("serve",), give_up_s=0),
        ],
        stages=[service()],
        sources=[source("a", "queue", 0, 0)],
    )
    log = engine(model)
    assert starts(model, log) == {
        ("a", 0, 0): ("serve", 0, 10),
        ("a", 1, 0): (GAVE_UP, 0, 0),
        ("a", 1, 1): (GAVE_UP, 0, 0),
    }
    assert len(log.waiting.k) == 0


def test_patience_may_count_from_a_timetable(engine: Engine) -> None:
    """5 s after the later of joining (0, 30) and the table (20, 10): 25 and 35; then never."""
    model = compiled(
        counters=[Counter("server", 0)],
        **one_line(
            service(),
            give_up_s=5,
            give_up_from=CountedFrom.TIMETABLE,
            give_up_table="calls",
        ),
        sources=[source("a", "queue", 0, 30, 30)],
        tables={"calls": ints(20, 10)},
    )
    log = engine(model)
    assert begun(model, log) == {("a", 0, 0): 25, ("a", 1, 0): 35}
    assert log.waiting.k.tolist() == [2]


def test_an_old_give_up_finds_its_trip_gone(engine: Engine) -> None:
    """Served from 0 to 5 and back in the same line at 5: the patience of 8 ends at 13, not at 8."""
    model = compiled(
        counters=[Counter("server", 1, steps=((3, 0),))],
        **one_line(service(work_s=5, next_line="queue"), give_up_s=8),
        sources=[source("a", "queue", 0)],
    )
    assert starts(model, engine(model))["a", 0, 1] == (GAVE_UP, 13, 13)


# Cycles and spawned trips


def test_vehicles_are_numbered_from_minus_one_and_cycles_from_zero(engine: Engine) -> None:
    """-2 stands before -1, so it becomes ordinal 0; the k-th departure draws the k-th number."""
    stage = Stage("sail", cycle=True, work_column="sea", next_line="queue", vehicle="ship")
    model = compiled(
        horizon_s=10,
        **one_line(stage),
        sources=[source("fleet", "queue", 0, 0, tokens=True)],
        draws={("fleet", "sea"): ints(5, 7, 100, 100)},
        vehicles=[Vehicle("ship", (1,))],
    )
    log = engine(model)
    assert starts(model, log) == {
        ("fleet", 0, 0): ("sail", 0, 5),
        ("fleet", 1, 0): ("sail", 0, 7),
        ("fleet", 2, 0): ("sail", 5, 105),
        ("fleet", 3, 0): ("sail", 7, 107),
    }
    births = log.births
    assert births.k.tolist() == [-2, -1, 0, 1, 2, 3]
    assert births.previous.tolist() == [NOBODY, NOBODY, -2, -1, 0, 1]
    assert births.joined_s.tolist() == [0, 0, 0, 0, 5, 7]
    # the row is written before the stage's vehicle is set
    assert births.vehicle.tolist() == [0, 0, 0, 0, 1, 1]


def test_the_table_of_a_cycle_stage_is_read_at_the_next_ordinal(engine: Engine) -> None:
    """Two ships, four calls at 0, 10, 20, 30; the third ordinal is the first ship's again."""
    stage = Stage("sail", cycle=True, table="calls", work_s=5, next_line="queue")
    model = compiled(
        **one_line(stage),
        sources=[source("fleet", "queue", 0, 0, tokens=True)],
        tables={"calls": ints(0, 10, 20, 30)},
    )
    assert list(begun(model, engine(model)).values()) == [0, 10, 20, 30]


def test_who_joins_late_takes_the_last_slot_that_was_due_and_skips_those_before(
    engine: Engine,
) -> None:
    """Slots at 0, 10, ..., 50 and a round of 25. It joins at 0: slot 0. At 25 the last that was due is
    2, so 1 is skipped and it sails at once; at 50 slot 5, at 75 none is left. The k-th slot draws the
    k-th number."""
    stage = Stage("sail", cycle=True, table="calls", work_column="sea", next_line="queue")
    model = compiled(
        **one_line(stage),
        sources=[source("fleet", "queue", 0, tokens=True)],
        tables={"calls": ints(0, 10, 20, 30, 40, 50)},
        draws={("fleet", "sea"): ints(25, 1, 25, 2, 3, 25)},
    )
    log = engine(model)
    assert begun(model, log) == {("fleet", 0, 0): 0, ("fleet", 2, 0): 25, ("fleet", 5, 0): 50}
    assert log.births.previous.tolist() == [NOBODY, -1, 0, 2]
    assert log.waiting.joined_s.tolist() == [75]


def test_who_joined_in_time_keeps_its_slot_however_long_it_is_held(engine: Engine) -> None:
    """Slots at 10, 20, 30; three ships join at 0, 12 and 35; the gate opens at 40. The first two sail
    slots 0 and 1, which the line gave them; the third comes after slot 2 was due and has it."""
    stage = Stage("sail", cycle=True, table="calls", gate="port", work_s=100, next_line="queue")
    model = compiled(
        horizon_s=90,
        calendars=[Calendar("port", ints(40), ints(99))],
        **one_line(stage),
        sources=[source("fleet", "queue", 0, 12, 35, tokens=True)],
        tables={"calls": ints(10, 20, 30, 80)},
    )
    found = begun(model, engine(model))
    assert found == {("fleet", 0, 0): 40, ("fleet", 1, 0): 40, ("fleet", 2, 0): 40}


def test_a_slot_that_is_taken_elsewhere_lets_a_later_cut_off_hold(engine: Engine) -> None:
    """Slots at 4 and 6, a lot at 5. The ship on the right waits for it under slot 0, whose cut-off is 4.
    At 8 the one on the left takes slot 0; slot 1 has its cut-off at 6, so the right one sails too."""
    model = compiled(
        counters=[Counter("place", 1)],
        calendars=[Calendar("port", ints(8), ints(99))],
        lines=[
            Line("queue", ("left", "right")),
            Line("port side", ("empty",)),
            Line("starboard", ("laden",)),
        ],
        stages=[
            Stage("left", needs=(Quantity("place"),), next_line="port side"),
            Stage("right", next_line="starboard"),
            Stage("empty", cycle=True, table="calls", gate="port"),
            Stage("laden", cycle=True, table="calls", cutoff_s=0, stock="yard", load_min=1),
        ],
        flows=[flow("west", 5)],
        vehicles=[Vehicle("ship", (1,))],
        sources=[source("fleet", "queue", 0, 0, tokens=True, vehicle=("ship", "ship"))],
        tables={"calls": ints(4, 6)},
    )
    found = {stage: (k, t) for (_, k, _), (stage, t, _) in starts(model, engine(model)).items()}
    assert found["empty"] == (0, 8) and found["laden"] == (1, 8)


def test_a_cycle_starts_the_visits_and_the_birth_anew(engine: Engine) -> None:
    """The row of a cycle has visit 0; `born` is when it joined, so a mark that was never set
    counts from there."""
    model = compiled(
        horizon_s=60,
        lines=[Line("queue", ("sail",)), Line("quay", ("fill",))],
        stages=[
            Stage("sail", cycle=True, work_s=4, next_line="quay"),
            Stage("fill", board_min=1, deadline_s=20, deadline_from=CountedFrom.MARK,
                  next_line="queue"),
        ],
        sources=[source("fleet", "queue", 3, tokens=True)],
    )  # fmt: skip
    assert starts(model, engine(model)) == {
        ("fleet", 0, 0): ("sail", 3, 7),
        ("fleet", 0, 1): ("fill", 23, 23),
        ("fleet", 1, 0): ("sail", 23, 27),
        ("fleet", 1, 1): ("fill", 43, 43),
        ("fleet", 2, 0): ("sail", 43, 47),
    }


def test_a_spawned_trip_is_born_in_the_next_round(engine: Engine) -> None:
    """The child's table has one birth (ordinal 0, at 50), so the spawned ones are 1 and 2."""
    model = compiled(
        lines=[Line("queue", ("call",)), Line("nursery", ("grow",))],
        stages=[Stage("call", work_s=9, spawn="child"), Stage("grow", work_s=1)],
        sources=[source("a", "queue", 4, 8), source("child", "nursery", 50)],
    )
    log = engine(model)
    children = {k: t for (name, k, _), t in begun(model, log).items() if name == "child"}
    assert children == {0: 50, 1: 4, 2: 8}


# Counters


def test_capacity_may_fall_below_what_is_in_use(engine: Engine) -> None:
    """Two of two work until 10 and 12; from 5 on there is one: the third starts at 12, not 10."""
    model = compiled(
        counters=[Counter("server", 2, steps=((5, 1),))],
        **one_line(service(work_s=0, work_column="work")),
        sources=[source("a", "queue", 0, 0, 1)],
        draws={("a", "work"): ints(10, 12, 3)},
    )
    assert begun(model, engine(model)) == {("a", 0, 0): 0, ("a", 1, 0): 0, ("a", 2, 0): 12}


def test_a_periodic_counter_is_full_again_at_each_multiple(engine: Engine) -> None:
    """Two each 10 s, three from 20 on; what is put back does nothing."""
    paths = Counter("server", 2, period_s=10, steps=((20, 3),))
    model = queue_of(service(work_s=1), *[0] * 8, counters=[paths])
    assert list(begun(model, engine(model)).values()) == [0, 0, 10, 10, 20, 20, 20, 30]


def test_nothing_is_needed_of_a_counter_below_zero(engine: Engine) -> None:
    """An amount of 0 is no request."""
    stage = Stage("call", needs=(Quantity("room", 1, Amount.LOADED),))
    model = queue_of(stage, 0, counters=[Counter("room", 0, free=-5)])
    assert len(engine(model).visits.k) == 1


def test_what_is_put_back_may_come_later(engine: Engine) -> None:
    """Work 0 to 10, back 7 s later; put at the start with a lag of 4: back at 4."""
    needs = (Quantity("server"),)
    late = (Quantity("server", lag_s=7),)
    model = queue_of(
        Stage("go", needs=needs, puts_end=late, work_s=10), 0, 0, counters=[Counter("server", 1)]
    )
    assert begun(model, engine(model))["a", 1, 0] == 17
    early = (Quantity("server", lag_s=4),)
    model = queue_of(
        Stage("go", needs=needs, puts_start=early, work_s=10), 0, 0, counters=[Counter("server", 1)]
    )
    assert begun(model, engine(model))["a", 1, 0] == 4


# Rounds


def test_space_put_at_a_start_is_offered_in_the_same_phase(engine: Engine) -> None:
    """At 10 the block opens: the train in the station puts the track at its start, and one that
    came at 1 gets it in the same phase C; a rival of smaller key joins a round too late."""
    model = compiled(
        counters=[Counter("track", 1), Counter("block", 0, steps=((10, 1),))],
        lines=[
            Line("station", ("run",)),
            Line("approach", ("enter",)),
            Line("rival", ("wait",)),
            Line("best", ("enter",), offset_s=-100),
        ],
        stages=[
            Stage("enter", needs=(Quantity("track"),), next_line="station"),
            Stage("run", needs=(Quantity("block"),), puts_start=(Quantity("track"),), work_s=50),
            Stage("wait", gate="ten", next_line="best"),
        ],
        calendars=[Calendar("ten", ints(10), ints(99))],
        sources=[source("a", "approach", 0, 1), source("b", "rival", 2)],
    )
    began = begun(model, engine(model))
    assert began["a", 0, 1] == 10
    assert began["a", 1, 0] == 10
    assert began["b", 0, 0] == 10
    assert ("b", 0, 1) not in began


def test_work_of_no_time_ends_in_the_next_round(engine: Engine) -> None:
    """Three stages of no time: all at 4, one server each after the other in rounds of 4."""
    model = compiled(
        counters=[Counter("server", 1)],
        lines=[Line("queue", ("one",)), Line("second", ("two",))],
        stages=[service("one", 0, next_line="second"), service("two", 0)],
        sources=[source("a", "queue", 4, 4)],
    )
    log = engine(model)
    assert set(begun(model, log).values()) == {4}
    assert len(log.visits.k) == 4


def test_what_a_later_round_brings_comes_too_late(engine: Engine) -> None:
    """A trip whose work of no time ends at 10 has the smaller key in `queue`, but joins it in the
    second round of 10; the server that is free at 10 goes to who was there in the first."""
    model = compiled(
        counters=[Counter("server", 1)],
        lines=[
            Line("queue", ("serve",)),
            Line("fast", ("serve",), offset_s=-100),
            Line("early", ("pass",)),
        ],
        stages=[service(), Stage("pass", gate="ten", next_line="fast")],
        calendars=[Calendar("ten", ints(10), ints(99))],
        sources=[source("a", "queue", 0, 5), source("b", "early", 0)],
    )
    assert begun(model, engine(model)) == {
        ("a", 0, 0): 0,
        ("a", 1, 0): 10,
        ("b", 0, 0): 10,
        ("b", 0, 1): 20,
    }


def test_the_horizon_is_not_performed(engine: Engine) -> None:
    """Work that ends at 100 is logged with its end, but its next line sees nobody."""
    model = queue_of(service(work_s=100, next_line="queue"), 0, 3, 100,
                     counters=[Counter("server", 1)])  # fmt: skip
    log = engine(model)
    assert starts(model, log) == {("a", 0, 0): ("serve", 0, 100)}
    waiting = log.waiting
    assert (waiting.k.tolist(), waiting.line.tolist()) == ([1], [0])
    assert waiting.joined_s.tolist() == [3]


def test_lots_ready_at_one_instant_are_one_range_of_the_log(engine: Engine) -> None:
    """Ranges of one visit, direction and flow that touch are merged; those of two flows are not."""
    flows = [flow("f", 0, 0, 1), flow("g", 0)]
    model = queue_of(Stage("load", stock="yard", load_min=4), 0, flows=flows)
    assert moves(engine(model)) == [(0, 0, 1, 0, 3), (0, 0, 1, 3, 4)]


def test_a_storm_is_stopped_and_names_its_lines(engine: Engine) -> None:
    """A trip that for ever goes round in no time."""
    model = queue_of(Stage("spin", next_line="queue"), 0)
    with pytest.raises(RoundLimit, match="queue"):
        engine(model, max_rounds=50)


def test_a_short_stream_is_reported(engine: Engine) -> None:
    """The caller compiles a longer one and runs again."""
    model = compiled(
        **one_line(Stage("go", work_column="work")),
        sources=[source("a", "queue", 0, 0)],
        draws={("a", "work"): ints(1)},
    )
    with pytest.raises(DrawsExhausted) as error:
        engine(model)
    assert (error.value.source, error.value.column) == (0, 0)


def test_a_vehicle_that_has_not_cycled_draws_nothing() -> None:
    """No longer stream would help, so it is no DrawsExhausted."""
    model = compiled(
        **one_line(Stage("go", work_column="work")),
        sources=[source("a", "queue", 0, tokens=True)],
        draws={("a", "work"): ints(1)},
    )
    with pytest.raises(EngineError, match="ordinal -1"):
        heap_engine.run(model)
