"""One lot's story against traces by hand: what it waited for, who was ahead, what freed it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from corridor_sim.history.halves import places_of
from corridor_sim.history.ledger import ledger
from corridor_sim.history.replay import replay
from corridor_sim.inputs.schema import Scenario
from corridor_sim.results.story import Story
from corridor_sim.studies.explain import Explained, Wanted, explain
from corridor_sim.studies.replicate import simulate
from tests.results.tiny import TINY
from tests.rules import test_r1_embargo, test_r1_holds, test_r2_yards, test_r4_fill_to_sail
from tests.rules.ports import HEAD
from tests.rules.storms import read_storm
from tests.runs.conftest import SMALL
from tests.written import read_text

QUEUE = """\
network:
  nodes: [{id: gate}]
  facilities: {desk: {type: server, node: gate, servers: 1, service_law: constant, service_mean_h: 2}}
demand: {lots: {origin: gate, destination: gate, via: [desk], at_start: 3}}
"""


def story(scenario: Scenario, lot: int) -> Explained:
    """The lot's story, whose hours must add up."""
    found = explain(scenario, Wanted(lot=lot), where="case")
    assert sum(step["hours"] for step in found.steps) == pytest.approx(found.hours, abs=1e-12)
    times = [step["from_utc"] for step in found.steps] + [found.steps[-1]["to_utc"]]
    assert times[1:] == [step["to_utc"] for step in found.steps]
    return found


def waits(found: Explained) -> list[tuple[Any, ...]]:
    """(hours, place, cause, ahead, freed by) of the waits."""
    columns = ("hours", "place", "cause", "ahead", "freed_by")
    return [tuple(s[c] for c in columns) for s in found.steps if s["what"] == "wait"]


def test_a_queue_names_who_is_ahead_and_who_leaves_the_desk(tmp_path: Path) -> None:
    """Three lots at 0 h, one desk, 2 h each: the second waits for the first alone, who is being
    served and so not ahead in line; the third stands behind the second until 4 h."""
    scenario = read_text(tmp_path, HEAD + QUEUE).scenario
    assert waits(story(scenario, 0)) == []
    second, third = story(scenario, 1), story(scenario, 2)
    assert waits(second) == [(2, "gate", "wait:desk", None, "desk freed by batch 0 of lots")]
    assert waits(third) == [
        (4, "gate", "wait:desk", "batch 1 of lots", "desk freed by batch 1 of lots")
    ]
    assert (third.steps[1]["ahead_trips"], third.steps[1]["ahead_lots"]) == (1, 0)
    assert [step["what"] for step in third.steps] == ["ready", "wait", "service", "delivered"]
    assert (third.hours, third.od, third.number, third.is_delivered) == (6, "lots", 2, True)


def test_a_fill_wait_ends_with_the_lot_that_fills_the_vessel(tmp_path: Path) -> None:
    """Boxes at 0-3 h fill the ferry of four at 3 h: the first waited 3 h for them, and rides with
    them; 4 h of loading and sailing end at 8 h, and 3 h by train at 11 h."""
    found = story(read_text(tmp_path, TINY).scenario, 0)
    assert waits(found) == [(3, "aktau", "wait:fill crossing", None, "1 lot came, ready here")]
    told = [(s["what"], s["place"], s["trip"], s["lots_aboard"], s["hours"]) for s in found.steps]
    assert told == [
        ("ready", "aktau", None, None, 0),
        ("wait", "aktau", "sailing 0 of crossing", None, 3),
        ("boards", "aktau", "sailing 0 of crossing", 4, 0),
        ("service", "aktau", "sailing 0 of crossing", 4, 1),
        ("move", "aktau>alat", "sailing 0 of crossing", 4, 4),
        ("leaves", "alat", "sailing 0 of crossing", None, 0),
        ("boards", "alat", "train 0 of train", 4, 0),
        ("move", "alat>absheron", "train 0 of train", 4, 3),
        ("delivered", "absheron", "train 0 of train", None, 0),
    ]


def test_a_longest_wait_ends_a_fill_wait(tmp_path: Path) -> None:
    """`test_r4_fill_to_sail`: two boxes are the payload, four were asked for: it leaves at 20 h, with
    box 1, which has been there since 1 h behind box 0."""
    found = story(read_text(tmp_path, HEAD + test_r4_fill_to_sail.FEEDER).scenario, 1)
    assert waits(found) == [
        (19, "aktau", "wait:fill line", "1 lot of boxes", "had waited 20.0 h, its longest")
    ]


def test_a_wait_for_a_vessel_and_one_for_a_path_end_with_them(tmp_path: Path) -> None:
    """Box 5 (5 h) stands behind box 4 until the ferry is back and empty at 13 h; its train comes at
    18 h, when the day's path is gone, and waits 6 h for the next day's."""
    found = story(read_text(tmp_path, TINY).scenario, 5)
    assert waits(found) == [
        (8, "aktau", "wait:no vehicle crossing", "1 lot of boxes", "sailing 1 of crossing came"),
        (6, "alat", "wait:paths coast", None, "a new 24.0 h of paths coast alat>baku"),
    ]


def test_a_lot_that_is_not_delivered_waits_to_the_end_of_the_run(tmp_path: Path) -> None:
    """Boxes 20-23 come to Alat at 58 h; trains 3 (since 38 h) and 4 (since 48 h) are ahead of theirs,
    which waits until the run ends at 96 h."""
    found = story(read_text(tmp_path, TINY).scenario, 20)
    last = found.steps[-1]
    assert (last["what"], last["to_utc"], found.is_delivered) == (
        "not delivered",
        "2024-01-05T00:00:00Z",
        False,
    )
    assert waits(found)[-1] == (
        38,
        "alat",
        "wait:paths coast",
        "train 3 of train, train 4 of train",
        None,
    )
    assert found.hours == 76


def test_a_closure_is_told_with_its_whole_length(tmp_path: Path) -> None:
    """Port closed 4-45 h: the ferry is loaded at 4 h and leaves when it reopens, after 41 h. Closed
    2-43 h: it has been loading for 2 h, and its work stands still for 41 h."""
    closed = (
        "  c0: {zone: aktau, start: 2024-01-01T04:00Z, end: 2024-01-02T21:00Z, severity: port}\n"
    )
    reopened = (41, "aktau", "weather aktau", None, "reopened after 41.0 h of weather aktau")
    assert waits(story(read_storm(tmp_path, closed), 0)) == [reopened]
    closed = closed.replace("01T04", "01T02").replace("02T21", "02T19")
    found = story(read_storm(tmp_path, closed), 0)
    assert waits(found) == [reopened]
    work = [(s["cause"], s["hours"]) for s in found.steps if s["what"] == "service"]
    assert work == [("service:ramp", 2), ("service:ramp", 2), ("service:pier", 2)]


def test_a_full_yard_is_freed_by_the_vessel_that_loads(tmp_path: Path) -> None:
    """Four places; the fifth box comes at 6 h and finds them taken, until the vessel begins to load
    the first four at 14 h."""
    found = story(read_text(tmp_path, HEAD + test_r2_yards.PORT).scenario, 4)
    assert waits(found)[0] == (8, "aktau", "wait:yard", None, "yard freed by trip 0 of sea")


def test_a_train_waits_where_it_is_held_and_for_whom(tmp_path: Path) -> None:
    """`test_r1_holds`: train 4 stays at the mine until 2 is off the approach (20 h), stands behind 3
    for the hold until 3 leaves it (40 h), gives its locomotive away after 3 h and holds until the vessel of 50 h has taken box 3."""
    scenario = read_text(tmp_path, HEAD + test_r1_holds.PORT).scenario
    hold = (18, "junction", "wait:hold", "trip 3 of rail", "hold freed by trip 3 of rail")
    assert waits(story(scenario, 4)) == [
        (
            16,
            "mine",
            "wait:approach rail@aktau",
            None,
            "approach rail@aktau freed by trip 2 of rail",
        ),
        hold,
        (3, "junction", "wait:yard", None, "trip 4 of rail left the line after 3.0 h"),
        (7, "junction", "wait:yard", None, "yard freed by trip 3 of sea"),
        (10, "aktau", "wait:timetable sea", None, "its time in the timetable came"),
    ]


def test_an_embargo_is_told_with_its_whole_length(tmp_path: Path) -> None:
    """`test_r1_embargo`: on at 3.5 h, for a day: box 4 (4 h) is held for 23.5 h."""
    found = story(read_text(tmp_path, HEAD + test_r1_embargo.PORT).scenario, 4)
    assert waits(found)[0] == (
        23.5,
        "mine",
        "hold:embargo full",
        None,
        "embargo lifted after 24.0 h",
    )


def test_steps_touch_and_sum_to_the_time_of_every_lot(tmp_path: Path) -> None:
    """In whole seconds, of every lot of a run with storms of draws; where nothing freed it, the wait
    goes on under another cause, or the run ends."""
    scenario = read_text(tmp_path, SMALL).scenario
    built, log, _ = simulate(scenario, 0)
    found = replay(built.model, log)
    told = Story(ledger(found), places_of(scenario, built))
    horizon = built.model.horizon_s
    n = 0
    for lot in range(0, len(found.ready_s), 7):
        steps = told.steps(lot)
        if not steps:
            assert found.ready_s[lot] >= horizon or found.ready_s[lot] < 0
            continue
        n += 1
        delivered = int(found.delivered_s[lot])
        assert steps[0].from_s == found.ready_s[lot]
        assert steps[-1].to_s == (delivered if delivered >= 0 else horizon)
        assert all(a.to_s == b.from_s for a, b in zip(steps, steps[1:], strict=False))
    assert n > 40
