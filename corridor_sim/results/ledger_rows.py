"""The ledger of many lots on three clocks: mean hours by cause, and of the lots near a quantile.

    shipper = held at the origin + carrier
    carrier = hours at the nodes + hours on the way

Of the same lots both are equal in whole seconds. A quantile has no parts of its own: its ledger is
the mean over the lots within two percentile points of it, and what is left over is the `rest`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np

from corridor_sim.history.bands import Band, band
from corridor_sim.history.conditions import Part
from corridor_sim.history.halves import ON_THE_WAY, Places, places_of
from corridor_sim.history.hours import ALL, CARRIED, ORIGIN, REST, WAY, Clock, Hours, joined
from corridor_sim.history.ledger import Ledger
from corridor_sim.history.ordered import Ordered
from corridor_sim.history.replay import Replay
from corridor_sim.history.seconds import Entries, LotSeconds, Marks, block_of, seconds_of
from corridor_sim.history.steps import sums
from corridor_sim.inputs.schema import Scenario
from corridor_sim.model.compile import Built
from corridor_sim.primitives import IntArray
from corridor_sim.units import HOUR_S

Rows = list[dict[str, Any]]

QUANTILES = (50.0, 95.0)


class Codes(NamedTuple):
    """Pieces of the ledger by place and label: one number for each pair that occurs."""

    marks: Marks
    place: IntArray
    """(n_code,) number of a node; one more than there are: on the way."""
    label: IntArray
    """(n_code,)"""


def codes_of(book: Ledger, places: Places) -> Codes:
    """Where each piece is spent: a trip waits and works at a node, but for its rides."""
    itinerary, trips, n_label = book.replay.itinerary, book.trips, len(book.labels)
    n_node = len(places.nodes)
    works, row = trips.part <= Part.CLOSED, trips.row
    on_trip = np.where(works, places.works(itinerary)[row], places.waits(itinerary)[row])
    on_trip = np.where(on_trip == ON_THE_WAY, n_node, on_trip)
    in_stock = np.where(places.stock == ON_THE_WAY, n_node, places.stock)[book.stocks.owner]
    at = (on_trip * n_label + trips.label, in_stock * n_label + book.stocks.label)
    used = np.zeros((n_node + 1) * n_label, bool)
    for pieces in at:
        used[pieces] = True
    number = np.cumsum(used) - 1
    place, label = np.divmod(np.flatnonzero(used), n_label)
    return Codes(Marks(number[at[0]], number[at[1]], len(place)), place, label)


class _Group(NamedTuple):
    """Lots of one OD, on all routes or on one."""

    od: str
    route: str
    flows: tuple[int, ...]


def groups_of(built: Built) -> list[list[_Group]]:
    """Two lists in which no flow comes twice: every OD, and single routes where there are several."""
    by_od: dict[str, list[tuple[str, int]]] = {}
    for flow in built.meaning.flows:
        at = built.model.names.flows.index(flow.flow)
        by_od.setdefault(flow.demand, []).append((flow.route, at))
    ods = [
        _Group(od, ALL if len(ways) > 1 else ways[0][0], tuple(at for _, at in ways))
        for od, ways in sorted(by_od.items())
    ]
    routes = [
        _Group(od, route, (at,))
        for od, ways in sorted(by_od.items())
        for route, at in sorted(ways)
        if len(ways) > 1
    ]
    return [ods, routes]


@dataclass(frozen=True)
class Alike:
    """Runs of lots (n,) of one block and one ready time, ready in the window."""

    block: IntArray
    shipper_s: IntArray
    """Ready to delivered; -1: not delivered before the horizon."""
    carrier_s: IntArray
    """First loaded to delivered; -1."""
    month: IntArray
    """Of departure, from 1 on; 0: never left."""
    units: IntArray
    """In all lots of a run: a batch that stays whole counts as its units."""
    run_of: IntArray
    """Of each delivered lot; -1: not ready in the window."""


def hours_of(
    scenario: Scenario,
    built: Built,
    book: Ledger,
    quantiles: tuple[float, ...] = QUANTILES,
    by_month: bool = True,
) -> tuple[LotSeconds, Hours]:
    """Seconds of delivered lots by place and label, and the ledger of units ready in the window.

    By OD, route, month of departure and clock.
    """
    replay, places = book.replay, places_of(scenario, built)
    codes = codes_of(book, places)
    seconds = seconds_of(book, np.flatnonzero(replay.delivered_s >= 0), codes.marks)
    months, edges = months_of(scenario.simulation.start, replay.model.horizon_s)
    alike = _alike(built, replay, seconds, edges)
    texts = _Texts(built, places.nodes, months)
    none = np.zeros(0)
    parts = [
        Hours(texts.words, np.zeros((0, 6), np.int64), none, none, dict.fromkeys(quantiles, none))
    ]
    parts += [
        _Sums(built, seconds, codes, alike, groups, cohorts).hours(texts, quantiles)
        for groups in groups_of(built)
        for cohorts in ([ALL], months)[: 1 + by_month]
        if groups
    ]
    return seconds, joined(parts)


def months_of(start: datetime, horizon_s: int) -> tuple[list[str], IntArray]:
    """Months (`2024-03`) from the start to the horizon, and the second at which each begins.

    >>> from datetime import UTC
    >>> months_of(datetime(2024, 12, 31, tzinfo=UTC), 90_000)[0]
    ['2024-12', '2025-01']
    """
    names: list[str] = []
    edges: list[int] = []
    year, month = start.year, start.month
    while True:
        at = round((datetime(year, month, 1, tzinfo=start.tzinfo) - start) / timedelta(seconds=1))
        if at >= horizon_s:
            return names, np.array(edges, np.int64)
        names.append(f"{year:04d}-{month:02d}")
        edges.append(at)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def _alike(built: Built, replay: Replay, seconds: LotSeconds, edges: IntArray) -> Alike:
    begin, until, _ = built.window_s
    ready, delivered = replay.ready_s, replay.delivered_s
    lots = np.flatnonzero((ready >= begin) & (ready < until))
    block = block_of(replay.segments, lots)
    is_new = np.ones(len(lots), bool)
    is_new[1:] = (block[1:] != block[:-1]) | (ready[lots[1:]] != ready[lots[:-1]])
    first = np.flatnonzero(is_new)
    run_of = np.full(len(ready), -1)
    run_of[lots] = np.cumsum(is_new) - 1
    block, one = block[first], lots[first]
    boarded = seconds.boarded_s[block]
    # who goes by no service is in the hands of facilities from the beginning
    has_rides = np.array(_has_rides(built), bool)[seconds.flow[block]]
    left = np.where(has_rides, boarded, ready[one])
    per_lot = replay.model.cargo.units_per_lot
    done = delivered[one] >= 0
    return Alike(
        block=block,
        shipper_s=np.where(done, delivered[one] - ready[one], -1),
        carrier_s=np.where(done & (left >= 0), delivered[one] - left, -1),
        month=np.where(left >= 0, np.searchsorted(edges, left, side="right"), 0),
        units=np.diff(np.append(first, len(lots))) * per_lot[seconds.flow[block]],
        run_of=run_of[seconds.lots],
    )


def _has_rides(built: Built) -> list[bool]:
    by_flow = {flow.flow: bool(flow.rides) for flow in built.meaning.flows}
    return [by_flow[name] for name in built.model.names.flows]


class _Texts:
    """All texts of the table, sorted, and where each kind of them is."""

    def __init__(self, built: Built, nodes: Sequence[str], months: Sequence[str]):
        labels, flows = built.model.names.labels, built.meaning.flows
        own = {ALL, REST, ORIGIN, CARRIED, WAY, *(clock.name.lower() for clock in Clock)}
        named = {text for flow in flows for text in (flow.demand, flow.route)}
        self.words = tuple(sorted({*labels, *nodes, *months, *own, *named}))
        self._at = {word: i for i, word in enumerate(self.words)}
        self.labels, self.places = self.numbers(labels), self.numbers((*nodes, WAY))

    def numbers(self, texts: Sequence[str]) -> IntArray:
        """Numbers of these texts (n,)."""
        return np.array([self._at[text] for text in texts], np.int64)


class _Table(NamedTuple):
    """Mean hours a unit by cell, phase (0: carried, 1: before it) and code, of some lots."""

    hours: np.ndarray
    """(n_cell, 2, n_code)"""
    units: np.ndarray
    """(n_cell,)"""


class _Sums:
    """The sums of one list of groups and cohorts; a cell is a group and a cohort."""

    def __init__(
        self,
        built: Built,
        seconds: LotSeconds,
        codes: Codes,
        alike: Alike,
        groups: list[_Group],
        cohorts: list[str],
    ):
        self._seconds, self._codes, self._alike = seconds, codes, alike
        self._groups, self._cohorts = groups, cohorts
        self._has_rides = np.array(_has_rides(built), bool)
        self._per_lot = built.model.cargo.units_per_lot
        group = np.full(len(self._has_rides), -1)
        for g, each in enumerate(groups):
            group[list(each.flows)] = g
        mine = group[seconds.flow[alike.block]]
        cohort = np.zeros_like(mine) if cohorts == [ALL] else alike.month - 1
        cell = np.where((mine >= 0) & (cohort >= 0), mine * len(cohorts) + cohort, -1)
        self._cell = cell
        """(n_run,)"""
        self._cell_of_block = np.full(len(seconds.flow), -1)
        self._cell_of_block[alike.block] = cell
        self.n_cell = len(groups) * len(cohorts)

    def hours(self, texts: _Texts, quantiles: tuple[float, ...]) -> Hours:
        """Rows of all clocks."""
        done = (self._alike.shipper_s >= 0) & (self._cell >= 0)
        mean = self._table(done)
        bands = {
            clock: [self._near(done, seconds, q) for q in quantiles]
            for clock, seconds in (
                (Clock.SHIPPER, self._alike.shipper_s),
                (Clock.CARRIER, self._alike.carrier_s),
            )
        }
        bands[Clock.NODE] = bands[Clock.CARRIER]
        parts = [self._of_clock(clock, mean, bands[clock], texts, quantiles) for clock in Clock]
        return joined(parts)

    def _near(self, done: np.ndarray, seconds: IntArray, q: float) -> tuple[_Table, np.ndarray]:
        """Of the delivered lots near a quantile, and the quantile by cell (h)."""
        near = band(self._ordered(seconds), q)
        return self._table(done & self._inside(near, seconds)), near.quantile_h

    def _ordered(self, seconds: IntArray) -> Ordered:
        mine = self._cell >= 0
        units = self._alike.units[mine]
        return Ordered(self._cell[mine], seconds[mine], self.n_cell, units)

    def _inside(self, near: Band, seconds: IntArray) -> np.ndarray:
        low, high = near.low_s[self._cell], near.high_s[self._cell]
        return np.asarray((seconds >= low) & (seconds <= high))

    def _table(self, runs: np.ndarray) -> _Table:
        """Of the lots of these runs (n_run,)."""
        alike, seconds, n_code = self._alike, self._seconds, len(self._codes.label)
        units = alike.units * runs
        of_block = np.bincount(alike.block, units, len(seconds.flow)).astype(np.int64)
        shared, before = seconds.shared, seconds.is_before
        some = np.flatnonzero((of_block > 0)[shared.owner])
        shared, before = Entries(*(column[some] for column in shared)), before[some]
        run = alike.run_of[seconds.own.owner]
        some = np.flatnonzero((run >= 0) & runs[run])
        own = Entries(*(column[some] for column in seconds.own))
        block = np.append(shared.owner, seconds.block[own.owner])
        phase = (
            np.append(before, np.ones(len(own.owner), bool)) & self._has_rides[seconds.flow[block]]
        )
        at = (self._cell_of_block[block] * 2 + phase) * n_code
        at += np.append(shared.label, own.label)
        of_lot = self._per_lot[seconds.flow[seconds.block[own.owner]]]
        spent = np.append(shared.seconds * of_block[shared.owner], own.seconds * of_lot)
        total = sums(at, spent, self.n_cell * 2 * n_code).reshape(self.n_cell, 2, n_code)
        n = np.bincount(self._cell[runs], units[runs], self.n_cell)
        return _Table(total / (np.maximum(n, 1)[:, None, None] * HOUR_S), n)

    def _of_clock(
        self,
        clock: Clock,
        mean: _Table,
        bands: list[tuple[_Table, np.ndarray]],
        texts: _Texts,
        quantiles: tuple[float, ...],
    ) -> Hours:
        columns = self._columns(clock, texts)
        tables = [columns.of(table.hours) for table in (mean, *(b for b, _ in bands))]
        has_lots = mean.units > 0
        if clock != Clock.SHIPPER:
            goes = [self._has_rides[list(group.flows)].any() for group in self._groups]
            has_lots &= np.repeat(goes, len(self._cohorts))
        cell, column = np.nonzero((tables[0] > 0) & has_lots[:, None])
        rest = np.flatnonzero(has_lots)
        all_, last = texts.numbers((ALL, REST))
        known = [np.where(np.isnan(quantile), np.nan, 1.0) for _, quantile in bands]
        near = {
            q: np.append(
                table[cell, column] * known[i][cell],
                bands[i][1][rest] - table[rest].sum(axis=1),
            )
            for i, (q, table) in enumerate(zip(quantiles, tables[1:], strict=True))
        }
        return Hours(
            words=texts.words,
            keys=np.column_stack(
                [
                    *self._named(np.append(cell, rest), texts),
                    np.full(len(cell) + len(rest), texts.numbers([clock.name.lower()])[0]),
                    np.append(columns.place[column], np.full(len(rest), all_)),
                    np.append(columns.cause[column], np.full(len(rest), last)),
                ]
            ),
            units=mean.units[np.append(cell, rest)],
            mean_h=np.append(tables[0][cell, column], np.zeros(len(rest))),
            near_h=near,
        )

    def _named(self, cell: IntArray, texts: _Texts) -> list[IntArray]:
        """Words of OD, route and cohort of each cell."""
        group, cohort = np.divmod(cell, len(self._cohorts))
        od = texts.numbers([each.od for each in self._groups])
        route = texts.numbers([each.route for each in self._groups])
        return [od[group], route[group], texts.numbers(self._cohorts)[cohort]]

    def _columns(self, clock: Clock, texts: _Texts) -> _Columns:
        """What a clock tells apart."""
        codes = self._codes
        if clock == Clock.NODE:
            return _Columns(1, None, texts.places[codes.place], texts.labels[codes.label])
        phases = 2 if clock == Clock.SHIPPER else 1
        order = np.argsort(codes.label, kind="stable")
        label, first = np.unique(codes.label[order], return_index=True)
        place = np.repeat(texts.numbers((CARRIED, ORIGIN))[:phases], len(label))
        cause = np.tile(texts.labels[label], phases)
        return _Columns(phases, (order, first), place, cause)


class _Columns(NamedTuple):
    """Columns in which codes are summed up: those of each phase, one phase after the other."""

    phases: int
    order: tuple[IntArray, IntArray] | None
    """Codes in the order of the columns, and where each begins; None: a column a code."""
    place: IntArray
    """Its word (n_column,)."""
    cause: IntArray

    def of(self, hours: np.ndarray) -> np.ndarray:
        """Hours by cell and column, from hours by cell, phase and code."""
        found = hours[:, : self.phases]
        if self.order is not None:
            order, first = self.order
            found = np.add.reduceat(found[..., order], first, axis=2)
        return np.asarray(found.reshape(len(hours), -1))


def ledger_rows(scenario: Scenario, built: Built, hours: Hours, with_rest: bool = False) -> Rows:
    """ledger: one row an OD and cause, on the shipper's clock, all routes and months.

    with_rest: also a row of what the units near a quantile leave of it.
    """
    tops = {(group.od, group.route) for group in groups_of(built)[0]}
    at = {word: i for i, word in enumerate(hours.words)}
    mine = (hours.keys[:, 2] == at[ALL]) & (hours.keys[:, 3] == at[Clock.SHIPPER.name.lower()])
    found: dict[tuple[str, str], list[float]] = {}
    for od, route, _, _, _, cause, _, *values in hours.rows(mine):
        if (od, route) in tops and (with_rest or cause != REST):
            before = found.get((od, cause), [0.0] * len(values))
            found[od, cause] = [a + b for a, b in zip(before, values, strict=True)]
    total: dict[str, float] = {}
    for (od, _), values in found.items():
        total[od] = total.get(od, 0.0) + values[0]
    names = ("mean_h", *(f"p{q:g}_h" for q in hours.near_h))
    return [
        {"od": od, "direction": scenario.demand[od].direction, "cause": cause}
        | dict(zip(names, values, strict=True))
        | {"share": values[0] / total[od] if total[od] else 0.0}
        for (od, cause), values in found.items()
    ]
