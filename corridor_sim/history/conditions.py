"""What a wait lacked, second by second: each condition of a stage as spans in which it is missing.

A condition with its threshold ("berth: 1 unit", "export stock: 40 TEU") is one row of spans, shared
by all waits that ask for it, so a queue of a thousand trips costs no more than a thousand trips.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from corridor_sim.history.cargo_questions import CargoQuestions
from corridor_sim.history.replay import Replay
from corridor_sim.history.steps import (
    Cut,
    Parts,
    Spans,
    Steps,
    cut,
    cut_at,
    spans_from,
    true_spans,
)
from corridor_sim.primitives import IntArray
from corridor_sim.terms import Amount


class Part(IntEnum):
    """Which part of the contract a second belongs to; waits in the order of charging."""

    WORK = 0
    CLOSED = 1
    """Work that a clock suspends."""
    GATE = 2
    TABLE = 3
    METER = 4
    CARGO = 5
    NEED = 6
    TURN = 7
    NO_VEHICLE = 8
    """Only of a stock: no trip waits there."""


class Labelled(NamedTuple):
    """Parts whose owners are rows of the itinerary, their labels (n,), and why."""

    parts: Parts
    label: IntArray
    part: Part


class Conditions:
    """The conditions of one replay; tables of spans are made once."""

    def __init__(self, replay: Replay):
        self.replay = replay
        self.model = replay.model
        self.width = replay.model.horizon_s + 1
        self.stage = replay.itinerary.wanted
        self.gaps = self._gaps()

    def split_work(self, works: Parts) -> Iterator[Labelled]:
        """Work under its stage's state, but seconds in which the clock was closed under the gap."""
        stages, stage = self.model.stages, self.stage[works.owner]
        found = cut(works, stages.clock[stage], self.gaps)
        yield Labelled(found.covered, self.gaps.label[found.span], Part.CLOSED)
        yield Labelled(found.rest, stages.state[self.stage[found.rest.owner]], Part.WORK)

    def split(self, waits: Parts) -> Iterator[Labelled]:
        """Every second of the given waits once, under the first condition that was missing."""
        stages, rest = self.model.stages, waits
        for calendar in (stages.gate, stages.cut):
            found = cut(rest, calendar[self.stage[rest.owner]], self.gaps)
            yield Labelled(found.covered, self.gaps.label[found.span], Part.GATE)
            rest = found.rest
        early, rest = cut_at(rest, self._table_time(rest.owner))
        yield Labelled(early, stages.table_cause[self.stage[early.owner]], Part.TABLE)
        found = self._meter(rest)
        label = stages.meter_cause[self.stage[found.covered.owner]]
        yield Labelled(found.covered, label, Part.METER)
        missing, rest = self._cargo(found.rest)
        yield Labelled(missing, stages.fill_cause[self.stage[missing.owner]], Part.CARGO)
        lacks, rest = self._needs(rest)
        yield from lacks
        yield Labelled(rest, stages.turn_cause[self.stage[rest.owner]], Part.TURN)

    def _gaps(self) -> Spans:
        """When each calendar is closed, and what each gap is called."""
        calendars = self.model.calendars
        rows = []
        for i in range(len(calendars.ptr) - 1):
            part = slice(int(calendars.ptr[i]), int(calendars.ptr[i + 1]))
            names = calendars.gap_cause[calendars.gap_ptr[i] : calendars.gap_ptr[i + 1]]
            from_s = np.append(0, calendars.close_s[part])
            rows.append((from_s, np.append(calendars.open_s[part], self.width), names))
        return spans_from(rows, self.width)

    def _table_time(self, row: IntArray) -> IntArray:
        """The instant before which each row may not go; 0: no table; never: beyond its end."""
        tables, table = self.model.tables, self.model.stages.table[self.stage[row]]
        ordinal = self.replay.itinerary.ordinal[row]
        known = np.maximum(table, 0)
        if not len(tables.at_s):
            return np.where(table < 0, 0, self.width)
        fits = (ordinal >= 0) & (ordinal < (tables.ptr[known + 1] - tables.ptr[known]))
        at = tables.at_s[np.where(fits, tables.ptr[known] + ordinal, 0)]
        return np.where(table < 0, 0, np.where(fits, at, self.width))

    def _meter(self, parts: Parts) -> Cut:
        meters = self.replay.meters
        rows = [
            true_spans(at, value > 0, self.width)
            for at, value in (meters.row(i) for i in range(len(meters.ptr) - 1))
        ]
        meter = self.model.stages.meter[self.stage[parts.owner]]
        return cut(parts, meter, spans_from(rows, self.width))

    def _needs(self, parts: Parts) -> tuple[list[Labelled], Parts]:
        """One need after the other, as listed: what lacked it; and the rest."""
        replay = self.replay
        rows = np.unique(parts.owner)
        asked = replay.amounts("need", rows)
        # SIMPLIFIED: who was never granted would have loaded an amount that nobody knows: its least
        least = np.maximum(self.model.stages.load_min[self.stage[asked.row]], 1)
        unknown = (asked.kind == Amount.LOADED) & (replay.itinerary.stage[asked.row] < 0)
        asked = asked._replace(amount=np.where(unknown, asked.n * least, asked.amount))
        amount = asked.must_be_free
        spans, question = below(replay.free, asked.counter, amount, self.width)
        lacks = []
        for place in range(int(asked.place.max(initial=-1)) + 1):
            here = asked.place == place
            by_row = np.full(len(replay.itinerary.trip), -1, np.int64)
            by_row[asked.row[here]] = np.where(amount[here] > 0, question[here], -1)
            counter = np.zeros(len(by_row), np.int64)
            counter[asked.row[here]] = asked.counter[here]
            found = cut(parts, by_row[parts.owner], spans)
            parts = found.rest
            cause = self.model.counters.cause[counter[found.covered.owner]]
            lacks.append(Labelled(found.covered, cause, Part.NEED))
        return lacks, parts

    def _cargo(self, parts: Parts) -> tuple[Parts, Parts]:
        """What lacked cargo, and the rest."""
        stages, stage = self.model.stages, self.stage[parts.owner]
        asks = (stages.load_min[stage] > 0) | (stages.board_min[stage] > 0)
        asked, free = parts.keep(asks), parts.keep(~asks)
        rows = np.unique(asked.owner)
        questions = CargoQuestions(self.replay, rows, self._table_time(rows))
        missing, rests = zip(*questions.split(asked), strict=True)
        return _together(missing), _together((free, *rests))


def below(steps: Steps, row: IntArray, amount: IntArray, width: int) -> tuple[Spans, IntArray]:
    """Spans in which a step function is below an amount, and which row of them each asks for.

    Equal questions share a row. row, amount (n,).
    """
    pairs, question = np.unique(np.stack([row, amount], axis=1), axis=0, return_inverse=True)
    rows = []
    for r, least in pairs.tolist():
        at, value = steps.row(r)
        rows.append(true_spans(at, value < least, width))
    return spans_from(rows, width), question.reshape(-1)


def _together(parts: Sequence[Parts]) -> Parts:
    return Parts(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
