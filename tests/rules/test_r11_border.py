"""R11: a border takes documents, inspection, corrected papers, physical work and acceptance."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest

from corridor_sim.engine import heap_engine
from corridor_sim.inputs.schema import Scenario
from corridor_sim.studies.replicate import replicate_one, simulate
from tests.free_flow import work_h
from tests.written import read_text

TRAINS = "demand: {trains: {origin: cn, destination: kz, via: [bcp], %s}}\n"
FIVE = TRAINS % "every_h: 1, lots_limit: 5"

DOCUMENTS = "documents_mean_h: 2"
INSPECTION = "inspection_mean_h: 3, inspection_share: 1"
ERROR = "document_error_mean_h: 1, document_error_share: 1"
PHYSICAL = "physical_mean_h: 4, tracks: 2"

RANDOM = """\
servers: 2, documents_law: lognormal, documents_mean_h: 3, documents_cv: 1,
    inspection_law: lognormal, inspection_mean_h: 24, inspection_cv: 0.8, inspection_share: 0.3,
    document_error_law: lognormal, document_error_mean_h: 48, document_error_cv: 2,
    document_error_share: 0.2"""
"""The formal components of a busy border: a train in three is inspected, one in five wrong."""

OFTEN = "arrival_law: exponential, arrival_mean_h: 2, lots_limit: 200"

Read = Callable[..., Scenario]
Trace = dict[int, dict[str, tuple[float, float]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """A scenario with one crossing `bcp` (and others), its demand, and other tables."""

    def made(
        bcp: str,
        demand: str = FIVE,
        more: str = "",
        others: str = "",
        window_h: int = 96,
        seed: int = 1,
    ) -> Scenario:
        text = (
            "network:\n  nodes: [{id: cn}, {id: kz}]\n  facilities:\n"
            f"  - {{id: bcp, type: border_crossing, node: cn, {bcp}}}\n{others}{demand}{more}"
            "simulation: {start: 2024-01-01, warm_up_h: 0, drain_h: 0, reps: 1, "
            f"window_h: {window_h}, seed: {seed}}}\n"
        )
        return read_text(tmp_path, text).scenario

    return made


def trace(scenario: Scenario, source: str = "demand trains direct") -> Trace:
    """Train -> stage, as `bcp documents` -> hours from its grant to its end."""
    built, log, _ = simulate(scenario, 0)
    names, visits = built.model.names, log.visits
    found: Trace = {}
    for row in np.flatnonzero(visits.source == names.sources.index(source)):
        stage = names.stages[visits.stage[row]].partition(":")[2]
        hours = (visits.start_s[row] / 3600, visits.end_s[row] / 3600)
        found.setdefault(int(visits.k[row]), {})[stage] = hours
    return found


def of(what: str, found: Trace, facility: str = "bcp") -> list[tuple[float, float]]:
    """From and until when each train was in one component."""
    return [found[k][f"{facility} {what}"] for k in sorted(found)]


def lasted(what: str, found: Trace) -> list[float]:
    """Hours that each train spent in one component, waiting before it left out."""
    return [end - start for start, end in of(what, found)]


def out(found: Trace) -> np.ndarray:
    """When each train had passed everything (n_train,), h."""
    return np.array([max(end for _, end in found[k].values()) for k in sorted(found)])


def rows(scenario: Scenario, table: str) -> list[dict[str, Any]]:
    return replicate_one(scenario, 0).tables[table]


def test_five_trains_hour_by_hour(read: Read) -> None:
    """One desk, two tracks, two acceptances a day, papers from 6 to 18; trains at 0, 1, 2, 3, 4 h.

    train   documents   inspection   correction   physical   accepted
            2 h         3 h          1 h          4 h        2 a day
      0      0- 8        8-11        11-12        12-16      16       (asleep until 6)
      1      8-10       10-13        13-14        14-18      18
      2     10-12       12-15        15-16        16-20      24       (two went today)
      3     12-14       14-17        17-18        18-22      24
      4     14-16       16-31        31-32        32-36      48       (18-6 closed; two went)
    """
    whole = f"{DOCUMENTS}, {INSPECTION}, {ERROR}, {PHYSICAL}, per_day: 2, open_daily: 06:00-18:00"
    case = read(whole)
    found = trace(case)
    assert of("documents", found) == [(0, 8), (8, 10), (10, 12), (12, 14), (14, 16)]
    assert of("inspection", found) == [(8, 11), (10, 13), (12, 15), (14, 17), (16, 31)]
    assert of("document_error", found) == [(11, 12), (13, 14), (15, 16), (17, 18), (31, 32)]
    assert of("physical", found) == [(12, 16), (14, 18), (16, 20), (18, 22), (32, 36)]
    assert of("acceptance", found) == [(16, 16), (18, 18), (24, 24), (24, 24), (48, 48)]


def test_the_ledger_names_every_component(read: Read) -> None:
    """The same five trains: hours of all of them, by cause; together 130 - 10 = 120."""
    whole = f"{DOCUMENTS}, {INSPECTION}, {ERROR}, {PHYSICAL}, per_day: 2, open_daily: 06:00-18:00"
    hours = {row["cause"]: 5 * row["mean_h"] for row in rows(read(whole), "ledger")}
    assert hours == pytest.approx(
        {
            "wait:bcp documents": 7 + 8 + 9 + 10,
            "service:bcp documents": 5 * 2,
            "service:bcp inspection": 5 * 3,
            "service:bcp document_error": 5 * 1,
            "service:bcp physical": 5 * 4,
            "closed bcp": 6 + 12,
            "wait:bcp acceptance": 4 + 2 + 12,
        },
        rel=1e-12,  # means are floats
    )


def test_facility_kpi_has_a_row_a_component(read: Read) -> None:
    """Waits as traced; utilisation is blank where no number of servers limits it."""
    whole = f"{DOCUMENTS}, {INSPECTION}, {ERROR}, {PHYSICAL}, per_day: 2, open_daily: 06:00-18:00"
    kpi = {
        row["facility"]: row for row in rows(read(whole), "facility_kpi") if row["class"] == "all"
    }
    assert set(kpi) == {
        f"bcp {what}"
        for what in ("documents", "inspection", "document_error", "physical", "acceptance")
    }
    assert kpi["bcp documents"]["wait_mean_h"] == (7 + 8 + 9 + 10) / 5
    assert kpi["bcp acceptance"]["wait_mean_h"] == (4 + 2 + 12) / 5
    assert kpi["bcp physical"]["utilisation"] == 5 * 4 / (2 * 96)
    assert np.isnan(kpi["bcp inspection"]["utilisation"])


def test_two_trains_a_day_are_accepted(read: Read) -> None:
    """Seven trains at once: two on each day, from midnight on, in their order."""
    case = read("per_day: 2", TRAINS % "at_start: 7")
    assert of("acceptance", trace(case)) == [(h, h) for h in (0, 0, 24, 24, 48, 48, 72)]


def test_unused_acceptances_do_not_add_up(read: Read) -> None:
    """Nobody on the first day; five on the second at 30 h: two then, two at 48, one at 72."""
    case = read("per_day: 2", TRAINS % "every_h: 1000, offset_h: 30, batch: 5, lots_limit: 5")
    assert of("acceptance", trace(case)) == [(h, h) for h in (30, 30, 48, 48, 72)]


def test_papers_keep_local_hours_and_physical_work_does_not(read: Read) -> None:
    """9 to 17 at UTC+4 is 5 to 13: a train at 12 has 1 h of its 3 today, 2 from 5 tomorrow."""
    hours = "open_daily: 09:00-17:00, utc_offset_h: 4"
    case = read(f"documents_mean_h: 3, {PHYSICAL}, {hours}", TRAINS % "every_h: 1000, offset_h: 12")
    assert of("documents", trace(case)) == [(12, 31)]
    assert of("physical", trace(case)) == [(31, 35)]


def test_physical_work_keeps_hours_if_it_is_said(read: Read) -> None:
    """From 8 to 10 only: 4 h of work from 0 h on take until 34 h; documents do not mind."""
    case = read(
        f"{DOCUMENTS}, {PHYSICAL}, physical_open_daily: 08:00-10:00", TRAINS % "at_start: 1"
    )
    assert of("documents", trace(case)) == [(0, 2)]
    assert of("physical", trace(case)) == [(2, 34)]


def test_a_dated_closure_stops_papers_tracks_and_acceptance(read: Read) -> None:
    """Closed from 1 to 11 h: 2 h of documents end at 12, 4 of physical work at 16.

    With acceptance alone, five trains that come from 0 to 4 h: one at 0 h, the others at 11 h.
    """
    closed = (
        "disruptions: {strike: {target: facilities.bcp, "
        "start: 2024-01-01T01:00:00, end: 2024-01-01T11:00:00, cause: strike}}\n"
    )
    found = trace(read(f"{DOCUMENTS}, {PHYSICAL}", TRAINS % "at_start: 1", closed))
    assert of("documents", found) == [(0, 12)] and of("physical", found) == [(12, 16)]
    found = trace(read("physical_mean_h: 4", TRAINS % "at_start: 1", closed))
    assert of("physical", found) == [(0, 14)]
    found = trace(read("per_day: 9", FIVE, closed))
    assert of("acceptance", found) == [(0, 0), (11, 11), (11, 11), (11, 11), (11, 11)]


@pytest.mark.parametrize("inspected, wrong", list(product((0, 1), (0, 1))))
def test_the_mean_is_the_sum_of_the_means(read: Read, inspected: int, wrong: int) -> None:
    """Constants, shares of 0 and 1, nobody in the way: T = 2 + 3 p + 1 q + 4, exactly."""
    parts = (
        f"{DOCUMENTS}, inspection_mean_h: 3, inspection_share: {inspected}, "
        f"document_error_mean_h: 1, document_error_share: {wrong}, {PHYSICAL}, per_day: 9"
    )
    case = read(parts, TRAINS % "every_h: 30, lots_limit: 3")
    assert (out(trace(case)) - [0, 30, 60]).tolist() == [2 + 3 * inspected + 1 * wrong + 4] * 3
    assert work_h(case, "bcp") == 2 + 3 * inspected + 1 * wrong + 4


def test_an_uninspected_train_waits_for_no_inspection(read: Read) -> None:
    """Inspections of 1,000 h: the trains without one are through with their documents."""
    case = read(
        "servers: 9, documents_mean_h: 1, inspection_mean_h: 1000, inspection_share: 0.5",
        TRAINS % "every_h: 1, lots_limit: 40",
        window_h=2000,
    )
    found = trace(case)
    spent = out(found) - np.arange(40)
    assert set(spent) == {1.0, 1001.0}


def test_errors_come_as_often_as_the_share_says(read: Read) -> None:
    """20 seeds x 500 trains, share 0.1 (digital 0.05); binomial test, false alarms 1 in 10,000.

    Errors under the digital regime are some of those without it: the same numbers are drawn.
    """
    bcp = "document_error_mean_h: 10, document_error_share: 0.1, regime: "
    many = TRAINS % "every_h: 1, lots_limit: 500"
    total = {"separate": 0, "digital": 0}
    for seed in range(20):
        wrong = {
            regime: np.array(
                lasted("document_error", trace(read(bcp + regime, many, window_h=600, seed=seed)))
            )
            > 0
            for regime in total
        }
        assert not (wrong["digital"] & ~wrong["separate"]).any()
        for regime in total:
            total[regime] += int(wrong[regime].sum())
    assert binomtest(total["separate"], 20 * 500, 0.1).pvalue > 1e-4
    assert binomtest(total["digital"], 20 * 500, 0.05).pvalue > 1e-4


def test_digital_touches_only_papers(read: Read) -> None:
    """Documents take half; inspections and errors last as long but hit fewer; physical the same.

    Every component has its own stream, by train: also taken away, it changes no other.
    """
    physical = "physical_law: gamma, physical_mean_h: 4, physical_cv: 0.5, tracks: 3, per_day: 20"
    many = TRAINS % OFTEN
    plain = trace(read(f"{RANDOM}, {physical}", many, window_h=3000))
    digital = trace(read(f"{RANDOM}, {physical}, regime: digital", many, window_h=3000))
    seconds = {
        (name, what): np.rint(3600 * np.array(lasted(what, found))).astype(int)
        for name, found in (("plain", plain), ("digital", digital))
        for what in ("documents", "inspection", "document_error", "physical")
    }
    before, after = seconds["plain", "documents"], seconds["digital", "documents"]
    assert after.tolist() == np.rint(before * 0.5).astype(int).tolist()
    for what in ("inspection", "document_error"):
        before, after = seconds["plain", what], seconds["digital", what]
        assert 0 < (after > 0).sum() < (before > 0).sum()
        assert (after[after > 0] == before[after > 0]).all()
    assert (seconds["plain", "physical"] == seconds["digital", "physical"]).all()
    alone = trace(read(physical, many, window_h=3000))
    assert lasted("physical", alone) == pytest.approx(seconds["plain", "physical"] / 3600)


def test_digital_does_not_raise_the_acceptance(read: Read) -> None:
    """Two a day are accepted, with documents of no time as with documents of 2 h."""
    last = {}
    for regime in ("separate", "digital, digital_factor: 0"):
        found = trace(read(f"{DOCUMENTS}, per_day: 2, regime: {regime}", TRAINS % "at_start: 7"))
        last[regime] = [start // 24 for start, _ in of("acceptance", found)]
    assert set(map(tuple, last.values())) == {(0, 0, 1, 1, 2, 2, 3)}


@pytest.mark.parametrize("seed", range(10))
def test_digital_papers_delay_no_train(read: Read, seed: int) -> None:
    """A law under common numbers: one FIFO queue at the desks, the rest in nobody's way."""
    plain, digital = (
        out(trace(read(f"{RANDOM}, regime: {regime}", TRAINS % OFTEN, window_h=5000, seed=seed)))
        for regime in ("separate", "digital")
    )
    assert (digital <= plain).all() and (digital < plain).any()


@pytest.mark.parametrize("seed", range(10))
def test_digital_lets_no_nth_train_out_later(read: Read, seed: int) -> None:
    """Behind the papers there are two more queues, tracks (4 h each) and acceptance.

    Trains are corrected in nobody's way, so they come there in another order; the n-th that goes
    out is a law, the train by its name is not (next test).
    """
    bcp = f"{RANDOM}, physical_mean_h: 4, tracks: 2, per_day: 10, open_daily: 06:00-22:00, regime: "
    plain, digital = (
        np.sort(out(trace(read(bcp + regime, TRAINS % OFTEN, window_h=5000, seed=seed))))
        for regime in ("separate", "digital")
    )
    assert (digital <= plain).all() and (digital < plain).any()


def test_a_train_can_be_later_because_another_was_not_held(read: Read) -> None:
    """Two trains at 0 and 1 h, one track. A correction (20 h) holds the first only without digital.

    separate: the second has the track 1-11, the first 20-30;
    digital:  the first has it 0-10, so the second 10-20: 9 h later than before.
    """
    bcp = "document_error_mean_h: 20, document_error_share: 0.5, physical_mean_h: 10, regime: %s"
    two = TRAINS % "every_h: 1, lots_limit: 2"
    for seed in range(200):
        plain = trace(read(bcp % "separate", two, seed=seed))
        digital = trace(read(bcp % "digital", two, seed=seed))
        pattern = lasted("document_error", plain), lasted("document_error", digital)
        if pattern == ([20, 0], [0, 0]):
            break
    assert of("physical", plain) == [(20, 30), (1, 11)]
    assert of("physical", digital) == [(0, 10), (10, 20)]


BOTH = "demand: {trains: {origin: cn, destination: kz, via: [%s], every_h: 10, lots_limit: 2}}\n"
OTHER_SIDE = (
    "  - {id: other, type: border_crossing, node: kz, documents_mean_h: 5, inspection_mean_h: 2, "
    "inspection_share: 1, document_error_mean_h: 1, document_error_share: 1, physical_mean_h: 1, "
    "%s}\n"
)


def both_sides(read: Read, regime: str, via: str) -> Trace:
    """Trains at 0 and 10 h over `bcp` (2 h of documents, 4 h of work) and `other` (5, 2, 1, 1)."""
    return trace(
        read(
            f"{DOCUMENTS}, {PHYSICAL}, regime: {regime}, joint_with: other",
            BOTH % via,
            others=OTHER_SIDE % f"regime: {regime}, joint_with: bcp",
        )
    )


def test_joint_papers_are_dealt_with_at_the_first_side(read: Read) -> None:
    """separate: 2 + 4 + 5 + 2 + 1 + 1 = 15 h each, ten hours apart and so never in a queue.

    joint: 2 + 4 + 1 = 7 h; the other way round 5 + 2 + 1 + 1 + 4 = 13 h, without bcp's documents.
    """
    assert (out(both_sides(read, "separate", "bcp, other")) - [0, 10]).tolist() == [15, 15]
    found = both_sides(read, "joint", "bcp, other")
    assert (out(found) - [0, 10]).tolist() == [7, 7]
    assert set(found[0]) == {"bcp documents", "bcp physical", "other physical"}
    found = both_sides(read, "joint", "other, bcp")
    assert (out(found) - [0, 10]).tolist() == [13, 13]
    assert "bcp documents" not in found[0]


def test_digital_joint_is_both(read: Read) -> None:
    """1 + 4 + 1 h: half the documents, at the first side only (nothing random is left there)."""
    assert (out(both_sides(read, "digital_joint", "bcp, other")) - [0, 10]).tolist() == [6, 6]


def test_a_crossing_that_is_all_papers_vanishes_when_joint(read: Read) -> None:
    """The itinerary goes on behind it; its lots are delivered."""
    others = (
        "  - {id: other, type: border_crossing, node: kz, documents_mean_h: 5, regime: joint, "
        "joint_with: bcp}\n"
    )
    case = read(DOCUMENTS, BOTH % "bcp, other", others=others)
    assert [set(stages) for stages in trace(case).values()] == [{"bcp documents"}] * 2
    assert rows(case, "od_kpi")[0]["delivered"] == 2


@pytest.mark.parametrize("seed", range(5))
def test_joint_lets_no_nth_train_out_later(read: Read, seed: int) -> None:
    """Two sides with papers, then tracks and acceptance on the second."""
    first, last = "joint_with: other, regime: ", "physical_mean_h: 4, tracks: 2, per_day: 10, "
    others = "  - {id: other, type: border_crossing, node: kz, joint_with: bcp, %s}\n"
    demand = (TRAINS % OFTEN).replace("[bcp]", "[bcp, other]")
    done = {
        regime: np.sort(
            out(
                trace(
                    read(
                        f"{RANDOM}, {first}{regime}",
                        demand,
                        others=others % f"{RANDOM}, {last}regime: {regime}",
                        window_h=6000,
                        seed=seed,
                    )
                )
            )
        )
        for regime in ("separate", "joint", "digital", "digital_joint")
    }
    for slower, faster in (
        ("separate", "joint"),
        ("separate", "digital"),
        ("joint", "digital_joint"),
    ):
        assert (done[faster] <= done[slower]).all() and (done[faster] < done[slower]).any()


def test_directions_are_independent(read: Read) -> None:
    """Each direction is a row: trains east change no second of trains west."""
    west = f"  trains: {{origin: cn, destination: kz, via: [bcp], {OFTEN}}}\n"
    east = f"  back: {{origin: kz, destination: cn, via: [bcp_east], {OFTEN}}}\n"
    parts = f"{RANDOM}, physical_mean_h: 4, per_day: 12"
    others = f"  - {{id: bcp_east, type: border_crossing, node: cn, {parts}}}\n"
    alone = trace(read(parts, "demand:\n" + west, others=others, window_h=3000))
    together = read(parts, "demand:\n" + west + east, others=others, window_h=3000)
    assert trace(together) == alone
    assert lasted_east(together) != lasted("documents", alone)


def lasted_east(scenario: Scenario) -> list[float]:
    """Hours of documents eastbound: from streams of their own."""
    found = trace(scenario, "demand back direct")
    return [end - start for start, end in of("documents", found, "bcp_east")]


def test_a_train_of_a_service_crosses_on_arrival(read: Read) -> None:
    """Ten boxes at 0 h: 2 h of running, 2 of documents, 4 of work: unloaded at 8 h."""
    service = (
        "fleets: {set: {kind: train_set, vessels: 1, capacity_units: 10}}\n"
        "services: {line: {fleets: [set], run_law: constant, run_mean_h: 2}}\n"
        "calls:\n  - {service: line, seq: 0, node: cn, sail_rule: fill, fill_units: 10}\n"
        "  - {service: line, seq: 1, node: kz, sail_rule: at_once, via: [bcp]}\n"
    )
    boxes = "demand: {boxes: {origin: cn, destination: kz, at_start: 10}}\n"
    case = read(f"{DOCUMENTS}, {PHYSICAL}", boxes, service)
    found = rows(case, "od_kpi")[0]
    assert (found["delivered"], found["mean_h"]) == (10, 8.0)
    causes = {row["cause"]: row["mean_h"] for row in rows(case, "ledger")}
    assert causes == {"move:line": 2, "service:bcp documents": 2, "service:bcp physical": 4}


def test_a_train_keeps_its_track_until_a_full_terminal_admits_it(read: Read) -> None:
    """One track (1 h), then a terminal with one place (6 h): blocking after service.

    Trains at 0, 1, 2 h: the first works 0-1, unloads 1-7. The second works 1-2 and stays on the
    track to 7, when the terminal is free; so the third works 7-8, and unloads from 13.
    """
    others = "  - {id: yard, type: terminal, node: kz, servers: 1, places: 1, service_mean_h: 6}\n"
    three = (TRAINS % "every_h: 1, lots_limit: 3").replace("[bcp]", "[bcp, yard]")
    found = trace(read("physical_mean_h: 1", three, others=others))
    assert of("physical", found) == [(0, 1), (1, 2), (7, 8)]
    assert [found[k]["yard serve"] for k in range(3)] == [(1, 7), (7, 13), (13, 19)]


def test_both_engines_give_the_same_bytes(read: Read) -> None:
    """With every component, shifts, acceptance and a closure."""
    closed = (
        "disruptions: {strike: {target: facilities.bcp, "
        "start: 2024-01-03T01:00:00, end: 2024-01-05T11:00:00}}\n"
    )
    bcp = f"{RANDOM}, physical_mean_h: 4, tracks: 2, per_day: 10, open_daily: 06:00-22:00"
    built, log, _ = simulate(read(bcp, TRAINS % OFTEN, closed, window_h=3000), 0)
    assert len(log.visits.k) == 5 * 200
    assert log.same(heap_engine.run(built.model))
