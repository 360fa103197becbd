"""The ledger: hand-made waits with every cause in its order, and sums that are equal with ==."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

import numpy as np

from corridor_sim.history.conditions import Part
from corridor_sim.history.ledger import (
    Ledger,
    _by_turns,
    _first_active,
    last_missing,
    ledger,
)
from corridor_sim.history.replay import Replay
from corridor_sim.history.seconds import lot_seconds, seconds_of, totals
from corridor_sim.history.segments import State
from corridor_sim.model.compiled import CompiledModel
from corridor_sim.primitives import (
    Births,
    Calendar,
    Counter,
    Flow,
    Hop,
    IntArray,
    Line,
    Meter,
    Primitives,
    Quantity,
    Source,
    Stage,
    Stock,
    Vehicle,
)
from corridor_sim.terms import Amount, CountedFrom, Order
from tests.engine.random_models import random_model
from tests.small_models import ints, replay_of

N_RANDOM = 100


def book_of(parts: Primitives) -> Ledger:
    return ledger(replay_of(parts))


def pieces_of(book: Ledger, source: str, k: int) -> list[tuple[str, int, int]]:
    """(label, from, to) of one trip, in order."""
    itinerary, trips = book.replay.itinerary, book.trips
    number = book.replay.model.names.sources.index(source)
    mine = (itinerary.source[trips.row] == number) & (itinerary.k[trips.row] == k)
    return [
        (book.labels[label], int(a), int(b))
        for label, a, b in zip(trips.label[mine], trips.from_s[mine], trips.to_s[mine], strict=True)
    ]


def causes_of(book: Ledger, lot: int) -> dict[str, int]:
    """Seconds of one lot by label."""
    row = lot_seconds(book, ints(lot))[0]
    return {book.labels[i]: int(row[i]) for i in np.flatnonzero(row)}


def departure(**changes: Any) -> Primitives:
    """A train that lacks everything in turn: a gate, its timetable, a meter, lots, loco, path.

    Gate open from 10; timetable 20; the meter is on until the siding empties at 30; the fourth lot
    is there at 40; the loco of another train comes back at 50, its path at 60.
    """
    siding, loco, path = Quantity("siding"), Quantity("loco"), Quantity("path")
    parts = Primitives(
        horizon_s=100,
        counters=[Counter("siding", 1), Counter("loco", 1, cause="wait:loco"), Counter("path", 1)],
        calendars=[Calendar("port", ints(10, 80), ints(70, 100), ("storm", "works", "over"))],
        stocks=[Stock("yard")],
        meters=[Meter("ban", (("siding", 1),), on=1, off=0)],
        tables={"times": ints(20)},
        vehicles=[Vehicle("train", (4,))],
        flows=[Flow("west", ints(0, 5, 15, 40), (Hop("yard", "baku"),), (1,))],
        stages=[
            Stage(
                "depart",
                gate="port",
                table="times",
                meter="ban",
                stock="yard",
                load_min=4,
                vehicle="train",
                needs=(loco, path),
                work_s=5,
                next_line="on the way",
            ),
            Stage("run", "move:rail", work_s=15, clock="port", place="baku"),
            Stage("stand", needs=(siding,), puts_end=(siding,), work_s=30),
            Stage("hold loco", needs=(loco,), puts_end=(loco,), work_s=50),
            Stage("hold path", needs=(path,), puts_end=(path,), work_s=60),
        ],
        lines=[
            Line("trains", ("depart",)),
            Line("on the way", ("run",)),
            Line("a", ("stand",)),
            Line("b", ("hold loco",)),
            Line("c", ("hold path",)),
        ],
        sources=[
            Source("train", "trains", Births(ints(2))),
            *(Source(f"other {x}", x, Births(ints(0))) for x in "abc"),
        ],
    )
    return replace(parts, **changes)


def test_each_second_has_the_first_missing_condition_in_the_order_of_the_contract() -> None:
    """Ten seconds each, from joining at 2 on; work stands still while the port is closed 70-80."""
    book = book_of(departure())
    assert pieces_of(book, "train", 0) == [
        ("storm", 2, 10),
        ("timetable", 10, 20),
        ("embargo", 20, 30),
        ("fill", 30, 40),
        ("wait:loco", 40, 50),
        ("path", 50, 60),
        ("depart", 60, 65),
        ("move:rail", 65, 70),
        ("works", 70, 80),
        ("move:rail", 80, 90),
    ]


def test_a_lot_waits_with_the_foremost_trip_and_rides_with_its_own() -> None:
    """The first lot: nobody there, then what the train lacks; the last only from 40 on."""
    book = book_of(departure())
    assert causes_of(book, 0) == {
        "no vehicle": 2,
        "storm": 8,
        "timetable": 10,
        "embargo": 10,
        "fill": 10,
        "wait:loco": 10,
        "path": 10,
        "depart": 5,
        "move:rail": 15,
        "works": 10,
    }
    assert causes_of(book, 3) == {
        "wait:loco": 10,
        "path": 10,
        "depart": 5,
        "move:rail": 15,
        "works": 10,
    }


def test_what_came_last_is_the_cause_of_the_final_piece() -> None:
    """The path made the train go."""
    book = book_of(departure())
    itinerary = book.replay.itinerary
    train = book.replay.model.names.sources.index("train")
    last = last_missing(book)[itinerary.source == train]
    assert [book.labels[i] if i >= 0 else "" for i in last] == ["path", ""]


def test_who_never_goes_is_charged_by_the_first_alternative_up_to_the_horizon() -> None:
    """Without a fourth lot: fill to the end, storm and works first."""
    flows = [Flow("west", ints(0, 5, 15, 400), (Hop("yard", "baku"),), (1,))]
    book = book_of(departure(flows=flows))
    assert pieces_of(book, "train", 0)[-3:] == [
        ("fill", 30, 70),
        ("works", 70, 80),
        ("fill", 80, 100),
    ]
    assert causes_of(book, 3) == {}
    assert lot_seconds(book).sum(axis=1).tolist() == [100, 95, 85, 0]


def queue(**line: Any) -> Primitives:
    """Three trains of 10 s for one berth, all at 0."""
    berth = Quantity("berth")
    return Primitives(
        horizon_s=100,
        counters=[Counter("berth", 1), Counter("spare", 2)],
        stages=[Stage("serve", needs=(berth,), puts_end=(berth,), work_s=10)],
        lines=[Line("queue", ("serve",), **line)],
        sources=[Source("train", "queue", Births(ints(0, 0, 0)))],
    )


def test_waiting_behind_others_for_what_is_taken_is_a_wait_for_it() -> None:
    """Not only the head lacks the berth."""
    assert pieces_of(book_of(queue()), "train", 2) == [("berth", 0, 20), ("serve", 20, 30)]


def claimed() -> Primitives:
    """A claim for two units idles one: the small train behind it lacks nothing but its turn."""
    big, small = Quantity("spare", 2), Quantity("spare")
    parts = queue()
    parts.stages = [
        Stage("busy", needs=(small,), puts_end=(small,), work_s=20),
        Stage("big", needs=(big,), puts_end=(big,), work_s=10),
        Stage("small", needs=(small,), puts_end=(small,), work_s=10, turn_cause="overtaken"),
    ]
    parts.lines = [
        Line("0", ("busy",)),
        Line("1", ("big",), claim=1),
        Line("2", ("small",)),
    ]
    parts.sources = [Source(f"s{i}", str(i), Births(ints(i))) for i in range(3)]
    return parts


def test_nothing_missing_is_the_turn() -> None:
    """The claim is a view: the unit is free all the while."""
    book = book_of(claimed())
    assert pieces_of(book, "s1", 0) == [("spare", 1, 20), ("big", 20, 30)]
    assert pieces_of(book, "s2", 0) == [("overtaken", 2, 20), ("spare", 20, 30), ("small", 30, 40)]


def test_lots_wait_for_others_while_their_trip_waits_for_its_turn() -> None:
    """As above, and the small train would load: its lot lacks no train and no track."""
    parts = claimed()
    parts.stocks = [Stock("yard", "no train", "other trains")]
    parts.vehicles = [Vehicle("train", (1,))]
    parts.flows = [Flow("west", ints(0), (Hop("yard", "x"),), (1,))]
    parts.stages[2] = replace(parts.stages[2], stock="yard", load_min=1, vehicle="train")
    book = book_of(parts)
    assert pieces_of(book, "s2", 0)[0] == ("overtaken", 2, 20)
    assert causes_of(book, 0) == {"no train": 2, "other trains": 18, "spare": 10, "small": 10}


def test_a_deadline_from_the_oldest_lot_ends_the_wait_for_cargo() -> None:
    """Two lots of four, the first at 5: at 25 the deadline has passed, then the berth lacks."""
    berth = Quantity("berth")
    parts = Primitives(
        horizon_s=100,
        counters=[Counter("berth", 1)],
        stocks=[Stock("yard")],
        vehicles=[Vehicle("ship", (4,))],
        flows=[Flow("west", ints(5, 9), (Hop("yard", "x"),), (1,))],
        stages=[
            Stage(
                "load",
                stock="yard",
                load_min=4,
                deadline_s=20,
                deadline_from=CountedFrom.OLDEST_LOT,
                vehicle="ship",
                needs=(berth,),
            ),
            Stage("block", needs=(berth,), puts_end=(berth,), work_s=40),
        ],
        lines=[Line("quay", ("load",)), Line("other", ("block",))],
        sources=[
            Source("ship", "quay", Births(ints(0))),
            Source("other", "other", Births(ints(0))),
        ],
    )
    assert pieces_of(book_of(parts), "ship", 0) == [("fill", 0, 25), ("berth", 25, 40)]


def test_a_cutoff_counts_only_lots_that_were_there_in_time() -> None:
    """Timetable 20, cut-off 5: the lot of 16 is too late, so two of three are never there."""
    parts = Primitives(
        horizon_s=60,
        stocks=[Stock("yard")],
        vehicles=[Vehicle("ship", (4,))],
        flows=[Flow("west", ints(5, 16, 17), (Hop("yard", "x"),), (1,))],
        tables={"times": ints(20)},
        stages=[Stage("load", stock="yard", load_min=2, table="times", cutoff_s=5, vehicle="ship")],
        lines=[Line("quay", ("load",))],
        sources=[Source("ship", "quay", Births(ints(0)))],
    )
    assert pieces_of(book_of(parts), "ship", 0) == [("timetable", 0, 20), ("fill", 20, 60)]


def test_amounts_are_those_of_the_actual_grant() -> None:
    """A yard with one place free lacks space for two lots to be unloaded until 30."""
    space = Quantity("yard", 1, Amount.UNLOADED)
    parts = Primitives(
        horizon_s=60,
        counters=[Counter("yard", 3, free=1), Counter("crane", 1)],
        vehicles=[Vehicle("ship", (4,))],
        flows=[Flow("west", ints(0, 0), (Hop(None, "x"),), (1,))],
        stages=[
            Stage("unload", place="x", needs=(space,), work_s=3),
            Stage("clear", puts_end=(Quantity("yard", 2),), work_s=30),
        ],
        lines=[Line("quay", ("unload",)), Line("other", ("clear",))],
        sources=[
            Source("ship", "quay", Births(ints(4), ("ship",), "west", np.array([[0, 2]]))),
            Source("other", "other", Births(ints(0))),
        ],
    )
    book = book_of(parts)
    assert pieces_of(book, "ship", 0) == [("yard", 4, 30), ("unload", 30, 33)]
    assert causes_of(book, 1) == {"yard": 26, "unload": 3}


def test_the_foremost_is_the_same_by_both_ways() -> None:
    """In a queue without overtaking the short way must equal the general one."""
    random = np.random.default_rng(2)
    for _ in range(50):
        low = np.sort(random.integers(0, 40, 12))
        high = low + random.integers(1, 30, 12)
        assert by_second(*_first_active(low, high)) == by_second(*_by_turns(low, high))


def by_second(rank: IntArray, from_s: IntArray, to_s: IntArray) -> dict[int, int]:
    return {
        t: int(r) for r, a, b in zip(rank, from_s, to_s, strict=True) for t in range(int(a), int(b))
    }


def test_the_general_way_finds_the_smallest_active_rank() -> None:
    """Second by second, in any order of joining."""
    random = np.random.default_rng(3)
    for _ in range(50):
        low = random.integers(0, 40, 12)
        high = low + random.integers(1, 30, 12)
        wanted = {
            t: int(np.flatnonzero((low <= t) & (t < high))[0])
            for t in range(80)
            if ((low <= t) & (t < high)).any()
        }
        assert by_second(*_first_active(low, high)) == wanted


@functools.cache
def random_book(seed: int) -> Ledger:
    return book_of(random_model(seed))


def test_labels_of_each_lot_sum_to_its_transit_time() -> None:
    """One cause a second: == for all lots of 100 nasty models, delivered or not."""
    n = 0
    for seed in range(N_RANDOM):
        book = random_book(seed)
        played = book.replay
        labels = lot_seconds(book)
        assert (labels >= 0).all(), seed
        has_come = played.delivered_s >= 0
        transit = (played.delivered_s - played.ready_s)[has_come]
        assert (labels[has_come].sum(axis=1) == transit).all(), seed
        assert (labels.sum(axis=1) == ends_of_lots(played) - played.ready_s).all(), seed
        assert (totals(book) == labels.sum(axis=0)).all(), seed
        some = np.arange(0, len(labels), 7)
        assert (lot_seconds(book, some) == labels[some]).all(), seed
        assert (seconds_of(book, some).by_lot() == labels[some].sum(axis=1)).all(), seed
        n += int(has_come.sum())
    print(f"{n} lots delivered in {N_RANDOM} models")
    assert n > 900


def test_sums_by_flow_are_those_of_the_table_of_lots() -> None:
    """Of any choice of lots, cut through blocks and flows."""
    n = 0
    for seed in range(N_RANDOM):
        book = random_book(seed)
        ptr, table = book.replay.model.cargo.lot_ptr, lot_seconds(book)
        lots = np.arange(1, len(table), 2)
        which = np.random.default_rng(seed).random(len(lots)) < 0.6
        found = seconds_of(book, lots).by_flow(which)
        flow = np.searchsorted(ptr, lots, side="right") - 1
        for i in range(len(ptr) - 1):
            assert (found[i] == table[lots[which & (flow == i)]].sum(axis=0)).all(), seed
        n += int(np.count_nonzero(found))
    assert n > 500


def ends_of_lots(played: Replay) -> IntArray:
    """(n_lot,) delivered, left, or the horizon; of those that never came, their beginning."""
    end, segments = played.ready_s.copy(), played.segments
    for i in np.flatnonzero(segments.state != State.NOT_READY):  # hop by hop: the last one counts
        end[segments.first[i] : segments.end[i]] = segments.until_s[i]
    return end


def test_pieces_cover_the_life_of_every_trip_and_stock_once() -> None:
    """They touch, begin at the first joining and end with the trip or the horizon."""
    for seed in range(N_RANDOM):
        book = random_book(seed)
        for pieces in (book.trips, book.stocks):
            same = pieces.owner[1:] == pieces.owner[:-1]
            assert (pieces.to_s[:-1] == pieces.from_s[1:])[same].all(), seed
            assert (pieces.to_s > pieces.from_s).all(), seed
        itinerary, horizon = book.replay.itinerary, book.replay.model.horizon_s
        lasted = np.zeros(len(itinerary.trip), np.int64)
        np.add.at(lasted, book.trips.row, book.trips.to_s - book.trips.from_s)
        assert (lasted == np.minimum(itinerary.end_s, horizon) - itinerary.joined_s).all(), seed
        n_stock = len(np.unique(book.stocks.owner))
        assert int((book.stocks.to_s - book.stocks.from_s).sum()) == n_stock * horizon, seed


def test_causes_are_what_a_slow_look_at_the_state_finds() -> None:
    """Waits without cargo conditions, at the start of each piece and in its middle, one by one."""
    random = np.random.default_rng(4)
    n = 0
    for seed in range(30):
        book = random_book(seed)
        trips, stages = book.trips, book.replay.model.stages
        wanted = book.replay.itinerary.wanted[trips.row]
        plain = (stages.stock[wanted] < 0) & (stages.board_min[wanted] == 0)
        plain &= (trips.part >= Part.GATE) & (stages.load_min[wanted] == 0)
        found = np.flatnonzero(plain)
        for i in random.choice(found, min(60, len(found)), replace=False):
            for t in (int(trips.from_s[i]), int(trips.from_s[i] + trips.to_s[i]) // 2):
                label = slow_label(book, int(trips.row[i]), t)
                assert label is None or label == trips.label[i], (seed, i, t)
                n += label is not None
    assert n > 1_000


def slow_label(book: Ledger, row: int, t: int) -> int | None:
    """The label by the contract's own words; None where an amount by load is asked for."""
    model, itinerary = book.replay.model, book.replay.itinerary
    stages, stage = model.stages, int(itinerary.wanted[row])
    table, meter = int(stages.table[stage]), int(stages.meter[stage])
    for gate in (int(stages.gate[stage]), int(stages.cut[stage])):
        if gate >= 0 and (gap := closed(model, gate, t)) is not None:
            return gap
    if table >= 0:
        at = model.tables.at_s[model.tables.ptr[table] : model.tables.ptr[table + 1]]
        k = int(itinerary.ordinal[row])
        if not 0 <= k < len(at) or t < at[k]:
            return int(stages.table_cause[stage])
    switches = book.replay.log.switches
    past = (switches.meter == meter) & (switches.t_s <= t)
    if meter >= 0 and int(np.where(switches.on[past] > 0, 1, -1).sum()):
        return int(stages.meter_cause[stage])
    part = slice(int(stages.need_ptr[stage]), int(stages.need_ptr[stage + 1]))
    columns = (stages.need_counter, stages.need_kind, stages.need_n, stages.need_spare)
    for counter, kind, n, spare in zip(*(column[part] for column in columns), strict=True):
        if kind != Amount.CONSTANT:
            return None
        if n + spare > book.replay.free.at(ints(int(counter)), ints(t))[0]:
            return int(model.counters.cause[counter])
    return int(stages.turn_cause[stage])


def closed(model: CompiledModel, calendar: int, t: int) -> int | None:
    """The label of the gap in which t lies; None: open."""
    part = slice(int(model.calendars.ptr[calendar]), int(model.calendars.ptr[calendar + 1]))
    opens, closes = model.calendars.open_s[part], model.calendars.close_s[part]
    if ((opens <= t) & (t < closes)).any():
        return None
    gap = int((closes <= t).sum())
    return int(model.calendars.gap_cause[model.calendars.gap_ptr[calendar] + gap])


def test_orders_other_than_first_in_first_out_find_the_foremost_too() -> None:
    """Last in, first out: the lots wait with the vessel that came last."""
    parts = Primitives(
        horizon_s=60,
        calendars=[
            Calendar("early", ints(30), ints(60), ("night",)),
        ],
        stocks=[Stock("yard")],
        vehicles=[Vehicle("ship", (1,))],
        flows=[Flow("west", ints(0, 0), (Hop("yard", "x"),), (1,))],
        stages=[Stage("load", gate="early", stock="yard", load_min=1, vehicle="ship")],
        lines=[Line("quay", ("load",), order=Order.LIFO)],
        sources=[Source("ship", "quay", Births(ints(5, 20)))],
    )
    stocks = book_of(parts).stocks
    itinerary = book_of(parts).replay.itinerary
    found = [
        (int(itinerary.k[row]) if row >= 0 else None, int(a), int(b))
        for row, a, b in zip(stocks.row, stocks.from_s, stocks.to_s, strict=True)
    ]
    assert found == [(None, 0, 5), (0, 5, 20), (1, 20, 30), (None, 30, 60)]
