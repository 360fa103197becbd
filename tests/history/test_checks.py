"""Checks of hours can fail: each broken ledger breaks one law by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from corridor_sim.history.checks import check_hours
from corridor_sim.history.ledger import Ledger, ledger
from corridor_sim.history.pieces import Pieces
from tests.rules.ports import run

FERRY = """\
network: {nodes: [{id: aktau}, {id: alat}]}
fleets: {ferry: {vessels: 2, capacity_units: 1, start_at: aktau}}
services: {line: {fleets: [ferry], run_law: constant, run_mean_h: 5}}
calls:
  - {service: line, seq: 0, node: aktau, sail_rule: fill, fill_units: 1}
  - {service: line, seq: 1, node: alat}
demand: {boxes: {origin: aktau, destination: alat, every_h: 3}}
"""
ONE_CAUSE, WHOLE = (
    "every second of a trip has one cause",
    "hours of every vehicle sum to the horizon",
)


@pytest.fixture
def book(tmp_path: Path) -> Ledger:
    return ledger(run(tmp_path, FERRY).replay)


def broken(book: Ledger) -> set[str]:
    return {c.name for c in check_hours(book) if not c.ok}


def changed(book: Ledger, **columns: np.ndarray) -> Ledger:
    names = ("owner", "row", "label", "part", "from_s", "to_s")
    kept = {name: columns.get(name, getattr(book.trips, name)) for name in names}
    return replace(book, trips=Pieces(**kept))


def test_a_ledger_as_made_breaks_no_law(book: Ledger) -> None:
    """Two vessels, looked at both."""
    assert broken(book) == set()
    assert {c.name: c.n for c in check_hours(book)}[WHOLE] == 2


def test_a_second_with_two_causes_is_found(book: Ledger) -> None:
    """A piece that begins a second too early: the one before has that second too."""
    early = book.trips.from_s
    early[3] -= 1
    assert broken(changed(book, from_s=early)) == {ONE_CAUSE, WHOLE}


def test_a_second_without_a_cause_is_found(book: Ledger) -> None:
    """A gap inside, and one at the end of the run."""
    for piece in (2, len(book.trips) - 1):
        short = book.trips.to_s
        short[piece] -= 1
        assert broken(changed(book, to_s=short)) == {ONE_CAUSE, WHOLE}


def test_a_second_too_many_for_one_too_few_is_found(book: Ledger) -> None:
    """The vessel's sum is right again, but the seconds are not its own."""
    from_s, to_s = book.trips.from_s, book.trips.to_s
    to_s[2] -= 1
    to_s[4] += 1
    assert broken(changed(book, from_s=from_s, to_s=to_s)) == {ONE_CAUSE}
