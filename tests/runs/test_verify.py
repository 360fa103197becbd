"""The textbook cases pass, and they tell a wrong model from a right one."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from corridor_sim.engine import simpy_engine
from corridor_sim.model import build
from corridor_sim.model.compiled import CompiledModel
from corridor_sim.studies import replicate
from corridor_sim.studies import verify as verifying
from corridor_sim.studies.run import run
from corridor_sim.studies.verify import verify
from corridor_sim.terms import CountedFrom, Order

CHEAP = [
    "fill_40_always",
    "fill_40_one_vessel",
    "fill_or_wait_15h",
    "gridlock_two_stations",
    "left_waiting_45",
    "loss_mm5",
    "md1",
    "one_berth_four_vessels",
    "tandem_buffer_0",
    "two_ports_six_ferries",
]

Change = Callable[[CompiledModel], CompiledModel]


def missed(cases: list[str]) -> list[str]:
    return [f"{r.case} {r.metric}: {r.reason}" for r in verify(cases, quick=True) if not r.passed]


def engine_sees(monkeypatch: pytest.MonkeyPatch, change: Change) -> None:
    """The engine runs a changed model; what reads its log has the right one."""
    real = simpy_engine.run
    monkeypatch.setattr(replicate.simpy_engine, "run", lambda model: real(change(model)))


def test_cheap_cases_pass() -> None:
    """A tenth of the window, ten replications, seeds of the cases; the intervals have the level
    1 - 0.01 / rows, so a choice of seeds (fixed here) fails once in a hundred."""
    rows = verify(CHEAP, quick=True)
    assert not [r for r in rows if not r.passed]
    assert {r.case for r in rows} == set(CHEAP)
    assert sum(r.exact for r in rows) >= 3


def test_a_table_of_no_rows_is_not_what_verify_runs() -> None:
    """`verify` without cases once found none, and said that 0 of 0 passed."""
    from corridor_sim.inputs.places import list_textbook

    assert set(CHEAP) < set(list_textbook())


@pytest.mark.slow
def test_the_full_table_passes() -> None:
    """Every row at its full length: inside the interval, and the interval narrow enough."""
    rows = verify(jobs=2)
    assert len(rows) >= 25
    assert not [r for r in rows if not r.passed]


def test_longer_services_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three per cent on every drawn time; exact rows see it in one replication."""
    real = build.draw_seconds
    monkeypatch.setattr(
        build, "draw_seconds", lambda law, u: np.rint(real(law, u) * 1.03).astype(np.int64)
    )
    assert missed(["gridlock_two_stations"])


def test_a_timeout_from_the_wrong_clock_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted from when the vessel came instead of from the first box: half an hour of 15."""

    def change(model: CompiledModel) -> CompiledModel:
        start = model.stages.deadline_from
        assert (start == CountedFrom.OLDEST_LOT).any()
        wrong = np.where(start == CountedFrom.OLDEST_LOT, CountedFrom.JOINING, start)
        return replace(model, stages=replace(model.stages, deadline_from=wrong))

    engine_sees(monkeypatch, change)
    assert missed(["fill_or_wait_15h"])


def test_a_timeout_that_is_lost_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The vessel waits until it is full."""

    def change(model: CompiledModel) -> CompiledModel:
        never = np.full_like(model.stages.deadline_s, -1)
        return replace(model, stages=replace(model.stages, deadline_s=never))

    engine_sees(monkeypatch, change)
    assert missed(["fill_or_wait_15h"])


def test_an_engine_that_forgets_its_timers_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The deadline is then seen only when the next box comes."""
    monkeypatch.setattr(simpy_engine._Run, "_look_later", lambda *_: None)
    assert missed(["fill_or_wait_15h"])


def test_every_other_vessel_lost_at_its_berth_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """One unit of each counter too few, or too many: an off-by-one capacity."""
    for by in (1, -1):

        def change(model: CompiledModel, by: int = by) -> CompiledModel:
            counters = model.counters
            more = replace(counters, cap=counters.cap + by, free=counters.free + by)
            return replace(model, counters=more)

        with monkeypatch.context() as patch:
            engine_sees(patch, change)
            assert missed(["loss_mm5"])


def last_in_first_out(model: CompiledModel) -> CompiledModel:
    """Every queue turned round."""
    order = model.lines.order
    assert (order == Order.FIFO).any()
    last = np.where(order == Order.FIFO, Order.LIFO, order)
    return replace(model, lines=replace(model.lines, order=last))


def test_last_in_first_out_is_noticed_by_the_quantile_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Means are the same in any order that ignores lengths; the worst waits are not.

    A `quick` run is too short for this row: ten replications leave its interval 13 h wide, and
    the two orders lie 4 h apart. Twenty of half the window leave it 3 h wide.
    """
    monkeypatch.setattr(verifying, "QUICK_REPS", 20)
    monkeypatch.setattr(verifying, "QUICK_WINDOW_SHARE", 0.5)
    assert not missed(["mm1"])
    engine_sees(monkeypatch, last_in_first_out)
    assert missed(["mm1"]) == ["mm1 facility_kpi.desk.wait_p95_h: outside"]


def test_last_in_first_out_is_noticed_by_the_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """One short run is enough for the check of the order itself; the worst waits tell too."""
    short = ("simulation.window_h=1500",)
    right = run("mm1", short, reps=3)
    engine_sees(monkeypatch, last_in_first_out)
    wrong = run("mm1", short, reps=3)

    def failed(found: Any) -> set[str]:
        return {row["name"] for row in found.rows("checks") if not row["ok"]}

    assert not failed(right)
    assert failed(wrong) == {"first in, first out"}
    p95 = "facility_kpi.desk.wait_p95_h"
    pairs = itertools.zip_longest(wrong.values(p95), right.values(p95))
    assert all(later > sooner for later, sooner in pairs)
