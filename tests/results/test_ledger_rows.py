"""The ledger on three clocks: by hand, identities in whole seconds, and od_kpi's own figures."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from corridor_sim.history.halves import ON_THE_WAY, places_of
from corridor_sim.history.hours import Hours, mean_hours
from corridor_sim.history.seconds import seconds_of
from corridor_sim.history.steps import sums
from corridor_sim.results.ledger_rows import codes_of, hours_of, ledger_rows
from corridor_sim.results.measures import od_rows
from tests.results.tiny import Tiny, replayed, tiny
from tests.runs.conftest import SMALL
from tests.written import read_text

EIGHT = ("demand.boxes.lots_limit=8",)
NIGHT = (*EIGHT, "simulation.start=2024-01-31T12:00Z")


def rows(hours: Hours, *keys: str) -> dict[tuple[str, str], list[float]]:
    """(place, cause) -> mean, P50, P95 of one OD, route, cohort and clock."""
    return {(r[4], r[5]): list(r[7:]) for r in hours.rows() if r[:4] == keys}


@pytest.fixture
def small(tmp_path: Path) -> Tiny:
    """Two ODs, a desk, two ferries and trains, drawn."""
    return replayed(read_text(tmp_path, SMALL).scenario)


def test_eight_boxes_by_hand(tmp_path: Path) -> None:
    """Boxes 0-3 wait 3, 2, 1, 0 h for the fourth and take 8 h from loading: 11, 10, 9, 8 h. Boxes
    4-7 wait 9, 8, 7, 6 h for the ferry and take 14 h, 6 of them for a path: 23, 22, 21, 20 h.

    The median, 15.5 h, lies between 11 and 20 h (boxes 0 and 7), whose means add up to it. The 95 %
    quantile, 22.65 h, lies between 22 and 23 h (boxes 5 and 4): they leave 0.15 h.
    """
    case = tiny(tmp_path, *EIGHT)
    _, hours = hours_of(case.scenario, case.built, case.book)
    found = rows(hours, "boxes", "direct", "all", "shipper")
    assert found == {
        ("origin", "wait:fill crossing"): [0.75, 1.5, 0],
        ("origin", "wait:no vehicle crossing"): [3.75, 3, 8.5],
        ("carried", "service:ramp"): [1, 1, 1],
        ("carried", "move:crossing"): [4, 4, 4],
        ("carried", "wait:paths coast"): [3, 3, 6],
        ("carried", "move:train"): [3, 3, 3],
        ("all", "rest"): [0, 0, pytest.approx(0.15)],
    }
    assert np.sum(list(found.values()), axis=0) == pytest.approx([15.5, 15.5, 22.65])


def test_carrier_and_nodes_by_hand(tmp_path: Path) -> None:
    """From loading on: 8 h of four boxes and 14 h of four, 11 h in the median. At Aktau they are
    loaded, at Alat the later four wait for a path; the rest of it they are on the way."""
    case = tiny(tmp_path, *EIGHT)
    _, hours = hours_of(case.scenario, case.built, case.book)
    carrier = rows(hours, "boxes", "direct", "all", "carrier")
    assert np.sum(list(carrier.values()), axis=0) == pytest.approx([11, 11, 14])
    assert rows(hours, "boxes", "direct", "all", "node") == {
        ("aktau", "service:ramp"): [1, 1, 1],
        ("alat", "wait:paths coast"): [3, 3, 6],
        ("on_the_way", "move:crossing"): [4, 4, 4],
        ("on_the_way", "move:train"): [3, 3, 3],
        ("all", "rest"): [0, 0, 0],
    }


def test_a_cohort_is_who_departed_in_the_month(tmp_path: Path) -> None:
    """From 31 January 12:00: boxes 0-3 are loaded at 15:00, boxes 4-7 at 01:00 on 1 February, though
    all were ready in January."""
    case = tiny(tmp_path, *NIGHT)
    _, hours = hours_of(case.scenario, case.built, case.book)
    origin = {
        (r[2], r[5]): (r[6], r[7])
        for r in hours.rows()
        if r[3:5] == ("shipper", "origin") and r[2] != "all"
    }
    assert origin == {
        ("2024-01", "wait:fill crossing"): (4, 1.5),
        ("2024-02", "wait:no vehicle crossing"): (4, 7.5),
    }


def test_a_quantile_among_undelivered_units_has_no_ledger(tmp_path: Path) -> None:
    """16 of 48 boxes arrive: the median is not known, the mean of the 16 is."""
    case = tiny(tmp_path)
    _, hours = hours_of(case.scenario, case.built, case.book)
    found = rows(hours, "boxes", "direct", "all", "shipper")
    assert found["carried", "move:crossing"][0] == 4
    assert np.isnan([values[1:] for values in found.values()]).all()


def test_shipper_is_origin_and_carrier_is_nodes_and_way_of_every_lot(small: Tiny) -> None:
    """In whole seconds, lot by lot: `==`."""
    places = places_of(small.scenario, small.built)
    codes = codes_of(small.book, places)
    done = np.flatnonzero(small.replay.delivered_s >= 0)
    seconds = seconds_of(small.book, done, codes.marks)
    boarded, n_block = seconds.boarded_s[seconds.block], len(seconds.flow)
    shared, before = seconds.shared, seconds.is_before

    def spent(which: np.ndarray) -> np.ndarray:
        return sums(shared.owner[which], shared.seconds[which], n_block)[seconds.block]

    origin = spent(before) + sums(seconds.own.owner, seconds.own.seconds, len(done))
    on_way = codes.place[shared.label] == len(places.nodes)
    at_nodes, way = spent(~before & ~on_way), spent(~before & on_way)
    assert (origin == boarded - small.replay.ready_s[done]).all()
    assert (at_nodes + way == small.replay.delivered_s[done] - boarded).all()
    assert origin.any() and at_nodes.any() and way.any()
    assert ON_THE_WAY not in codes.place


@pytest.mark.parametrize("sets", [(), ("demand.goods.batch=3", "demand.goods.split=false")])
def test_the_hours_of_each_clock_are_od_kpi(tmp_path: Path, sets: tuple[str, ...]) -> None:
    """Mean, P50 and P95 of every OD, route and clock: columns add up to what od_kpi says, also where
    a lot is three units; and the node clock to the carrier's."""
    small = replayed(read_text(tmp_path, SMALL, *sets).scenario)
    _, hours = hours_of(small.scenario, small.built, small.book)
    total: dict[tuple[str, ...], np.ndarray] = defaultdict(lambda: np.zeros(3))
    units = {}
    for od, route, cohort, clock, _, _, n, *values in hours.rows():
        total[od, route, cohort, clock] += values
        units[od, route, cohort, clock] = n
    kpi = od_rows(small.scenario, small.built, small.replay)
    assert len(kpi) == 4
    for row in kpi:
        key = (row["od"], row["route"], "all", row["clock"])
        assert total[key] == pytest.approx([row["mean_h"], row["p50_h"], row["p95_h"]], nan_ok=True)
        assert units[key] == round(row["n"] * (1 - row["censored_share"]))
    for od, route, cohort, clock in total:
        if clock == "node":
            assert total[od, route, cohort, clock] == pytest.approx(
                total[od, route, cohort, "carrier"], nan_ok=True
            )


def test_months_add_up_to_all_by_their_units(tmp_path: Path) -> None:
    """Mean hours of a cause times units, over the months of departure: January and February."""
    case = replayed(read_text(tmp_path, SMALL, "simulation.start=2024-01-22").scenario)
    _, hours = hours_of(case.scenario, case.built, case.book)
    unit_h: dict[tuple[str, ...], dict[bool, float]] = defaultdict(lambda: {True: 0, False: 0})
    for od, _, cohort, clock, place, cause, n, mean, *_ in hours.rows():
        unit_h[od, clock, place, cause][cohort == "all"] += n * mean
    assert len({row[2] for row in hours.rows()} - {"all"}) == 2
    assert len(unit_h) > 20
    for sides in unit_h.values():
        assert sides[True] == pytest.approx(sides[False])


def test_metric_rows_are_the_shipper_over_all_places(small: Tiny) -> None:
    """`ledger.<od>.<cause>.mean_h`: sums to the mean transit, shares to 1."""
    _, hours = hours_of(small.scenario, small.built, small.book, by_month=False)
    found = ledger_rows(small.scenario, small.built, hours)
    kpi = {
        r["od"]: r["mean_h"]
        for r in od_rows(small.scenario, small.built, small.replay)
        if r["clock"] == "shipper"
    }
    for od, mean in kpi.items():
        mine = [row for row in found if row["od"] == od]
        assert sum(row["mean_h"] for row in mine) == pytest.approx(mean)
        assert sum(row["share"] for row in mine) == pytest.approx(1)


def test_means_over_replications_count_what_a_group_has(tmp_path: Path) -> None:
    """Of 8 boxes and of 4: path waits are 3 and 0 h, so 1.5 h; of the February cohort, which only the
    first has, 6 h; the median of a group is the mean of the medians."""
    eight = tiny(tmp_path, *NIGHT)
    four = tiny(tmp_path, *NIGHT, "demand.boxes.lots_limit=4")
    found = [hours_of(case.scenario, case.built, case.book)[1] for case in (eight, four)]
    mean = mean_hours(found)
    both = rows(mean, "boxes", "direct", "all", "shipper")
    assert both["carried", "wait:paths coast"][:2] == [1.5, 1.5]
    assert (
        rows(mean, "boxes", "direct", "2024-02", "carrier")["carried", "wait:paths coast"][0] == 6
    )
    medians = [
        sum(v[1] for v in rows(h, "boxes", "direct", "all", "shipper").values()) for h in found
    ]
    assert sum(v[1] for v in both.values()) == pytest.approx(np.mean(medians))
    units = {r[2]: r[6] for r in mean.rows() if r[3] == "shipper"}
    assert units == {"all": 6, "2024-01": 4, "2024-02": 4}
