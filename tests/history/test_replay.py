"""The replay: hand traces, a slow walk over every lot, and laws that random models keep."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from corridor_sim.engine.heap_engine import run
from corridor_sim.engine.log import CargoMoves, EventLog, Visits, log_from_rows
from corridor_sim.history.checks import check
from corridor_sim.history.replay import Replay, conservation, replay
from corridor_sim.history.segments import State
from corridor_sim.history.steps import Parts, cut, spans_from
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
from corridor_sim.terms import NOBODY, Amount
from corridor_sim.units import FOREVER
from tests.engine.random_models import random_model
from tests.small_models import ints, replay_of

N_RANDOM = 100


def ferry(horizon_s: int = 100) -> Primitives:
    """Five lots in a yard, a vessel for three that cycles: load (berth, 5 s), sail (20 s), back."""
    return Primitives(
        horizon_s=horizon_s,
        counters=[Counter("berth", 1), Counter("yard", 9, free=4)],
        stocks=[Stock("export")],
        vehicles=[Vehicle("ship", (3,))],
        flows=[Flow("west", ints(0, 0, 10, 40, 200), (Hop("export", "baku"),), (1,))],
        stages=[
            Stage(
                "load",
                stock="export",
                load_min=2,
                needs=(Quantity("berth"),),
                puts_start=(Quantity("yard", 1, Amount.LOADED),),
                puts_end=(Quantity("berth", lag_s=2),),
                work_s=5,
                cycle=True,
                next_line="at sea",
            ),
            Stage("sail", work_s=20, place="baku", mark=True, next_line="back"),
            Stage("return", work_s=15, next_line="quay"),
        ],
        lines=[
            Line("quay", ("load",)),
            Line("at sea", ("sail",)),
            Line("back", ("return",)),
        ],
        sources=[Source("vessel", "quay", Births(ints(0), ("ship",)), tokens=True)],
    )


def ferry_log(model: CompiledModel) -> EventLog:
    """As the contract has it: two lots leave at 0, two at 40, one is never ready."""
    names = model.names
    line, stage = names.lines.index, names.stages.index
    quay, sea, back = line("quay"), line("at sea"), line("back")
    load, sail, ret = stage("load"), stage("sail"), stage("return")
    return log_from_rows(
        births=[(0, -1, NOBODY, 1, quay, 0), (0, 0, -1, 1, quay, 0), (0, 1, 0, 1, quay, 40)],
        visits=[
            (0, 0, 0, quay, load, 2, 0, 5),
            (0, 0, 1, sea, sail, 2, 5, 25),
            (0, 0, 2, back, ret, 0, 25, 40),
            (0, 1, 0, quay, load, 2, 40, 45),
            (0, 1, 1, sea, sail, 2, 45, 65),
            (0, 1, 2, back, ret, 0, 65, 80),
        ],
        cargo=[(0, 0, 0, 1, 0, 2), (0, 0, 1, -1, 0, 2), (0, 1, 0, 1, 2, 4), (0, 1, 1, -1, 2, 4)],
        switches=[],
        waiting=[(0, 1, quay, 80)],
        lot_ptr=model.cargo.lot_ptr,
    )


def test_a_hand_trace_gives_the_steps_of_counters_and_stocks() -> None:
    """Berth taken 0-7 and 40-47 (two seconds of clearing); yard space comes back by load."""
    model = pack(ferry())
    played = replay(model, ferry_log(model))
    berth, yard = model.names.counters.index("berth"), model.names.counters.index("yard")
    assert [x.tolist() for x in played.free.row(berth)] == [[0, 7, 40, 47], [0, 1, 0, 1]]
    assert [x.tolist() for x in played.free.row(yard)] == [[0, 40], [6, 8]]
    # both lots of instant 0 came and left in that instant, so nothing is seen of them
    assert [x.tolist() for x in played.stocks.row(0)] == [[0, 10, 40], [0, 1, 0]]


def test_a_hand_trace_gives_itineraries_and_segments() -> None:
    """A fleet's vessel is one carrier over all its ordinals; the last lot is not ready."""
    model = pack(ferry())
    played = replay(model, ferry_log(model))
    itinerary, segments = played.itinerary, played.segments
    assert itinerary.joined_s.tolist() == [0, 5, 25, 40, 45, 65, 80]
    assert itinerary.start_s.tolist() == [0, 5, 25, 40, 45, 65, 100]
    assert itinerary.carrier.tolist() == [0] * 7
    assert itinerary.k.tolist() == [-1, 0, 0, 0, 1, 1, 1], "a cycle's wait is of the old ordinal"
    assert itinerary.mark_s.tolist() == [0, 0, 25, 25, 25, 65, 65]
    assert itinerary.vehicle.tolist() == [1] * 7
    assert segments.first.tolist() == [0, 2, 4]
    assert segments.end.tolist() == [2, 4, 5]
    assert segments.loaded_s.tolist() == [0, 40, -1]
    assert segments.unloaded_s.tolist() == [25, 65, -1]
    assert segments.state.tolist() == [State.UNLOADED, State.UNLOADED, State.NOT_READY]
    assert played.delivered_s.tolist() == [25, 25, 65, 65, -1]
    assert conservation(played).tolist() == [[4, 1, 0, 0, 0]]
    assert all(c.ok for c in check(played)), check(played)


def changed(table: Visits | CargoMoves, column: str, row: int, value: int) -> Any:
    values = getattr(table, column).copy()
    values[row] = value
    return replace(table, **{column: values})


@pytest.mark.parametrize(
    ("table", "column", "row", "value", "law"),
    [
        ("visits", "end_s", 1, 4, "time never goes back"),
        ("visits", "start_s", 3, 39, "time never goes back"),
        ("visits", "lots", 0, 3, "visits move as many lots as they say"),
        ("visits", "stage", 1, 0, "lots are moved only from where they are"),
        ("cargo", "end", 0, 4, "no stock holds fewer than no lots"),
        ("cargo", "direction", 1, 1, "lots are moved only from where they are"),
    ],
)
def test_a_wrong_log_breaks_the_law_by_name(
    table: str, column: str, row: int, value: int, law: str
) -> None:
    """A check that cannot fail proves nothing: each of these logs breaks one law at least."""
    model = pack(ferry())
    log = ferry_log(model)
    wrong = replace(log, **{table: changed(getattr(log, table), column, row, value)})
    broken = [c.name for c in check(replay(model, wrong)) if not c.ok]
    assert law in broken


def test_an_empty_log_of_an_empty_model_replays() -> None:
    """Nothing at all is a model too."""
    model = pack(Primitives(horizon_s=10))
    played = replay(model, log_from_rows([], [], [], [], [], model.cargo.lot_ptr))
    assert all(c.ok for c in check(played))
    assert len(played.segments.block) == 0


def test_cut_keeps_every_second_once() -> None:
    """Covered and rest together are the parts again, whatever the spans."""
    random = np.random.default_rng(1)
    width = 50
    rows = []
    for _ in range(5):
        cuts = np.sort(random.choice(width, 8, replace=False)).astype(np.int64)
        rows.append((cuts[::2], cuts[1::2], np.zeros(4, np.int64)))
    spans = spans_from(rows, width)
    low, high = np.sort(random.integers(0, width, (2, 200)), axis=0)
    parts = Parts(np.arange(200), low, high).nonempty()
    row = random.integers(-1, 5, len(parts.owner))
    found = cut(parts, row, spans)
    for i, owner in enumerate(parts.owner):
        seconds = np.zeros(width, np.int64)
        for side in (found.covered, found.rest):
            for j in np.flatnonzero(side.owner == owner):
                seconds[side.from_s[j] : side.to_s[j]] += 1
        wanted = np.zeros(width, np.int64)
        wanted[parts.from_s[i] : parts.to_s[i]] = 1
        assert (seconds == wanted).all()
    inside = np.zeros((5, width), bool)
    for r, (from_s, to_s, _) in enumerate(rows):
        for a, b in zip(from_s, to_s, strict=True):
            inside[r, a:b] = True
    by_owner = dict(zip(parts.owner.tolist(), row.tolist(), strict=True))
    for owner, a, b in zip(*found.covered, strict=True):
        assert inside[by_owner[int(owner)], a:b].all()
    for owner, a, b in zip(*found.rest, strict=True):
        assert by_owner[int(owner)] < 0 or not inside[by_owner[int(owner)], a:b].any()


# With an engine


def test_the_engine_writes_the_log_of_the_hand_trace() -> None:
    """The trace above is what the contract says, not what this file wishes."""
    model = pack(ferry())
    assert run(model).same(ferry_log(model))


def test_a_periodic_counter_is_full_again_at_each_multiple() -> None:
    """Two acceptances every 10 s, five trains at 0: two a period; works halve the capacity."""
    parts = Primitives(
        horizon_s=60,
        counters=[Counter("accept", 2, period_s=10, steps=((15, 1),))],
        stages=[Stage("border", needs=(Quantity("accept"),))],
        lines=[Line("queue", ("border",))],
        sources=[Source("train", "queue", Births(ints(0, 0, 0, 0, 0)))],
    )
    model = pack(parts)
    log = run(model)
    assert log.visits.start_s.tolist() == [0, 0, 10, 10, 20]
    played = replay(model, log)
    assert [x.tolist() for x in played.free.row(0)] == [[0, 15, 20, 30], [0, -1, 0, 1]]
    assert all(c.ok for c in check(played)), check(played)


def test_free_may_go_below_zero_only_at_a_dated_cut() -> None:
    """Two tracks at work, one closes: one below zero until the first train is through."""
    parts = Primitives(
        horizon_s=60,
        counters=[Counter("track", 2, steps=((5, 0), (40, 2)))],
        stages=[
            Stage("move", needs=(Quantity("track"),), puts_end=(Quantity("track"),), work_s=20)
        ],
        lines=[Line("queue", ("move",))],
        sources=[Source("train", "queue", Births(ints(0, 0, 1)))],
    )
    played = replay_of(parts)
    assert [x.tolist() for x in played.free.row(0)] == [[0, 5, 20, 40], [0, -2, 0, 1]]
    assert all(c.ok for c in check(played)), check(played)


def test_work_that_never_ends_stays_aboard() -> None:
    """A clock that closes for good: the lots are aboard at the horizon, and counted."""
    parts = ferry()
    parts.calendars.append(Calendar("sea", ints(0), ints(10)))
    parts.stages[1] = replace(parts.stages[1], clock="sea")
    model = pack(parts)
    log = run(model)
    assert log.visits.end_s.max() == FOREVER
    played = replay(model, log)
    assert conservation(played).tolist() == [[0, 1, 2, 2, 0]]
    assert all(c.ok for c in check(played)), check(played)


def test_cargo_leaves_with_a_trip_that_gives_up() -> None:
    """A train with two lots gives up at 10 s, without an else-line: they left, and are counted."""
    parts = Primitives(
        horizon_s=60,
        counters=[Counter("track", 1, free=0)],
        flows=[Flow("west", ints(0, 0), (Hop(None, "baku"),), (1,))],
        stages=[Stage("move", needs=(Quantity("track"),), place="baku")],
        lines=[Line("queue", ("move",), give_up_s=10)],
        sources=[Source("train", "queue", Births(ints(3), None, "west", np.array([[0, 2]])))],
    )
    played = replay_of(parts)
    assert conservation(played).tolist() == [[0, 0, 0, 0, 2]]
    assert played.segments.until_s.tolist() == [13]
    assert played.ready_s.tolist() == [3, 3], "the clock of lots born aboard starts at the birth"


def random_replay(seed: int) -> Replay:
    return replay_of(random_model(seed))


def test_random_models_keep_the_laws() -> None:
    """No log of a contract-keeping engine breaks a law; every lot is in one place.

    The random models put back more yard space than was taken, on purpose: one law is not theirs.
    """
    n = 0
    for seed in range(N_RANDOM):
        played = random_replay(seed)
        broken = [c for c in check(played) if not c.ok]
        assert {c.name for c in broken} <= {"units in use are never negative"}, (seed, broken)
        assert (conservation(played).sum(axis=1) == np.diff(played.model.cargo.lot_ptr)).all()
        n += len(played.itinerary.trip)
    print(f"{n} waits in {N_RANDOM} models")
    assert n > 50_000


def test_segments_are_what_a_slow_walk_over_every_lot_finds() -> None:
    """Lot by lot, from the cargo rows alone: same loads, unloads and trips, in the same order."""
    for seed in range(20):
        played = random_replay(seed)
        assert moves_of_segments(played) == moves_of_log(played), seed


def moves_of_log(played: Replay) -> list[list[tuple[int, int]]]:
    """By lot: (instant, 1 or -1) of each move, sorted."""
    log = played.log
    when = {
        (s, k, v): (a, b)
        for s, k, v, a, b in zip(
            *(
                getattr(log.visits, c).tolist()
                for c in ("source", "k", "visit", "start_s", "end_s")
            ),
            strict=True,
        )
    }
    out: list[list[tuple[int, int]]] = [[] for _ in range(int(played.model.cargo.lot_ptr[-1]))]
    columns = [getattr(log.cargo, f.name).tolist() for f in fields(log.cargo)]
    for source, k, visit, direction, first, end in zip(*columns, strict=True):
        start_s, end_s = when[source, k, visit]
        for lot in range(first, end):
            out[lot].append((start_s if direction > 0 else end_s, direction))
    return [sorted(moves) for moves in out]


def moves_of_segments(played: Replay) -> list[list[tuple[int, int]]]:
    segments = played.segments
    out: list[list[tuple[int, int]]] = [[] for _ in range(int(played.model.cargo.lot_ptr[-1]))]
    for i in range(len(segments.block)):
        for lot in range(int(segments.first[i]), int(segments.end[i])):
            if segments.load_row[i] >= 0:
                out[lot].append((int(segments.loaded_s[i]), 1))
            if segments.unload_row[i] >= 0:
                out[lot].append((int(segments.unloaded_s[i]), -1))
    return [sorted(moves) for moves in out]


def test_replaying_twice_gives_the_same_and_changes_nothing() -> None:
    """A pure function: the log's bytes are as before, and so is the answer."""
    model = pack(random_model(3))
    log = run(model)
    before = log.tobytes()
    first, second = replay(model, log), replay(model, log)
    assert log.tobytes() == before
    for name in ("itinerary", "segments", "arrivals", "free", "stocks"):
        one, two = getattr(first, name), getattr(second, name)
        for column in fields(one):
            assert np.array_equal(getattr(one, column.name), getattr(two, column.name))
