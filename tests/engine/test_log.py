"""The log's tables: the order of plain sorted tuples, however the rows come; little memory."""

from __future__ import annotations

import tracemalloc
from array import array
from dataclasses import fields
from itertools import chain

import numpy as np
import pytest

from corridor_sim.engine.log import EventLog, Visits, log_from_rows

LOTS = np.array([0, 10**6], np.int64)

Row = tuple[int, ...]


def log_of(visits: list[Row] | array[int]) -> EventLog:
    return log_from_rows([], visits, [], [], [], LOTS)


def flat(rows: list[Row]) -> array[int]:
    return array("q", chain.from_iterable(rows))


def shuffled(n: int, ordinals: int, seed: int, far: int = 1) -> list[Row]:
    """Visits in any order; few ordinals make many of them equal in their leading columns."""
    random = np.random.default_rng(seed)
    k = random.integers(-3, ordinals, n)
    columns = [random.integers(0, 4, n), k, *random.integers(-1, 3, (4, n))]
    return list(
        zip(*[*map(list, columns), (k * far).tolist(), (k * far + 5).tolist()], strict=True)
    )


@pytest.mark.parametrize("n", [0, 1, 255, 256, 257, 1_000])
@pytest.mark.parametrize(("ordinals", "far"), [(10**6, 1), (2, 1), (50, 2**40)])
def test_rows_come_out_sorted(n: int, ordinals: int, far: int) -> None:
    """Also equal rows, and numbers so large that no key holds all columns."""
    rows = shuffled(n, ordinals, n, far)
    visits = log_of(rows).visits
    found = zip(*(getattr(visits, f.name).tolist() for f in fields(Visits)), strict=True)
    assert list(found) == sorted(tuple(map(int, row)) for row in rows)
    assert not any(getattr(visits, f.name).flags.writeable for f in fields(Visits))


def test_an_array_gives_the_bytes_of_its_rows_and_is_emptied() -> None:
    rows = shuffled(3_000, 10**6, 5)
    numbers = flat(rows)
    assert log_of(numbers).same(log_of(rows))
    assert not numbers


def test_converting_takes_little_more_memory_than_the_rows() -> None:
    """Rows have 64 bytes, the table 40: both at once would be 1.6 times the rows."""
    numbers = flat(shuffled(80_000, 10**6, 6))
    n_byte = len(numbers) * numbers.itemsize
    copy = array("q")
    tracemalloc.start()
    copy.extend(numbers)
    tracemalloc.reset_peak()
    log = log_of(copy)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert log.nbytes == n_byte * 40 // 64
    assert peak < 1.2 * n_byte
