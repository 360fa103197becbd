"""Laws of every run, on a short one of the base network: nothing is lost, no hour counted twice."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from corridor_sim.engine import heap_engine
from corridor_sim.engine.log import EventLog
from corridor_sim.history.checks import check
from corridor_sim.history.ledger import ledger
from corridor_sim.history.replay import Replay, conservation, replay
from corridor_sim.history.seconds import lot_seconds
from corridor_sim.inputs.read import read_scenario
from corridor_sim.model.compile import Built
from corridor_sim.results.measures import little
from corridor_sim.studies.replicate import simulate
from tests.runs.conftest import SHORT

CASES = ("base_2024", "zangezur_open", "ferries_plus2")


@cache
def ran(case: str) -> tuple[Built, EventLog, Replay]:
    built, log, _ = simulate(read_scenario(case, SHORT).scenario, 0)
    return built, log, replay(built.model, log)


@pytest.mark.parametrize("case", CASES)
def test_every_check_of_a_run_holds_and_has_something_to_look_at(case: str) -> None:
    """A check of nothing proves nothing, so each must have looked at some; meters are not used."""
    found = check(ran(case)[2])
    assert not [c for c in found if not c.ok]
    idle = {c.name for c in found if not c.n}
    assert idle <= {"meters switch in turn"}


@pytest.mark.parametrize("case", CASES)
def test_every_lot_is_delivered_waiting_aboard_or_not_ready(case: str) -> None:
    """Conservation with `==`, by flow."""
    built, _, replayed = ran(case)
    assert (conservation(replayed).sum(axis=1) == np.diff(built.model.cargo.lot_ptr)).all()
    n_delivered = int((replayed.delivered_s >= 0).sum())
    print(f"{case}: {n_delivered} of {len(replayed.delivered_s)} lots delivered")
    assert n_delivered > 1_000


@pytest.mark.parametrize("case", CASES)
def test_the_ledger_of_each_lot_sums_to_its_door_to_door_time(case: str) -> None:
    """To the second, with `==`; no entry is negative."""
    replayed = ran(case)[2]
    lots = np.flatnonzero(replayed.delivered_s >= 0)
    hours = lot_seconds(ledger(replayed), lots)
    assert (hours >= 0).all()
    assert (hours.sum(axis=1) == (replayed.delivered_s - replayed.ready_s)[lots]).all()


@pytest.mark.parametrize("case", CASES)
def test_littles_law_holds_on_the_sample_path(case: str) -> None:
    """The integral of the stocks equals the sum of the waits, in lot-seconds, with `==`."""
    integral, waits = little(ran(case)[2])
    assert integral == waits > 0


@pytest.mark.parametrize("case", CASES)
def test_both_engines_give_the_same_log(case: str) -> None:
    """The plain engine is the oracle of the one that runs."""
    built, log, _ = ran(case)
    assert heap_engine.run(built.model).same(log)
