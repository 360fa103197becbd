"""Who stands still for ever: gridlock with its cycle, starvation, lots left below a fill rule.

Found by reduction at the end of a log (`liveness`). Doubt counts as life: there are no false
alarms, but a gridlock that somebody who moves *could* resolve, and does not, may be missed. So two
rules of thirty days come after it: of places of which nobody took any meanwhile (`frozen`) nobody
unknown is believed to take some, and who was passed all the while counts as starved (`overtaken`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

from corridor_sim.engine.log import EventLog
from corridor_sim.history.frozen import frozen, needed_ahead
from corridor_sim.history.liveness import Lack, Liveness
from corridor_sim.history.long_lacks import STUCK_AFTER_D, Month, last_month, month_ago_s
from corridor_sim.history.overtaken import Overtaken, overtaken
from corridor_sim.history.reach import Reach
from corridor_sim.history.replay import Replay, replay
from corridor_sim.history.segments import State
from corridor_sim.history.standing import holdings
from corridor_sim.model.compiled import CompiledModel
from corridor_sim.terms import Amount
from corridor_sim.units import DAY_S

Kind = Literal["none", "gridlock", "starved", "left_waiting"]


@dataclass(frozen=True)
class Stuck:
    """What stands still at the horizon; `kind` is the worst of what was found."""

    kind: Kind
    at_s: int = -1
    """Since when: gridlock, the latest joining in the cycle; else the earliest; none: -1."""
    cycle: tuple[str, ...] = ()
    """Gridlock: what each trip waits for, held by the next trip; starved: what never comes."""
    trips: tuple[str, ...] = ()
    """`source#k`: who waits for the thing at the same place of `cycle`."""
    left_units: int = 0
    """Units, on the ground, that wait below a fill rule since demand ended."""
    story: str = ""
    """One sentence for people."""


def stuck(model: CompiledModel, log: EventLog) -> Stuck:
    """Whether anything stands still for ever at the end of a log, and why."""
    return stuck_in(replay(model, log))


def stuck_in(replayed: Replay) -> Stuck:
    """`stuck`, of a replay that is there already."""
    graph = _Graph(replayed)
    if found := _standstill(graph, graph.rows):
        return found
    month = last_month(replayed)
    if found := _frozen_in(replayed, month):
        return found
    if (passed := overtaken(replayed, month)).rows:
        return _passed_by(graph, passed)
    return _left(graph)


def _standstill(graph: _Graph, rows: list[int]) -> Stuck | None:
    """Gridlock or starvation of some of the rows that cannot move."""
    if cycle := _first_cycle(graph, rows):
        return _gridlock(graph, cycle)
    among = set(rows) | set(graph.life.halted)
    if doomed := [d for d in graph.doomed() if d[0] in among]:
        return _starved(graph, doomed)
    return None


def _frozen_in(replayed: Replay, month: Month) -> Stuck | None:
    """A standstill where nobody unknown is believed to come to what nobody took for a month."""
    if not (counters := frozen(replayed, month)):
        return None
    graph = _Graph(replayed, counters)
    while thawed := _thawed(graph, month):
        graph = _Graph(replayed, graph.life.frozen - thawed)
    found = _standstill(graph, _long_chain(graph, _lacking(graph, month)))
    return replace(found, story=f"{found.story}; {_never_taken(graph, found)}") if found else None


def _lacking(graph: _Graph, month: Month) -> set[int]:
    """Rows that lacked what is frozen."""
    counters = graph.life.frozen
    return {lack.row for lack in month.lacks if counters & set(lack.counters.tolist())}


def _thawed(graph: _Graph, month: Month) -> frozenset[int]:
    """What is ahead of those who lacked something frozen and can move: they had no chance so far."""
    live = sorted(_lacking(graph, month) - set(graph.rows))
    return graph.life.frozen & needed_ahead(graph.model, graph.itinerary.line[live].tolist())


def _long_chain(graph: _Graph, lacking: set[int]) -> list[int]:
    """Of these rows those that cannot move, and whom they wait for, as far as a month ago all did."""
    joined_s, since = graph.itinerary.joined_s, month_ago_s(graph.model)
    chain = [row for row in graph.rows if row in lacking]
    for row in chain:  # which grows meanwhile
        to = _unique(edge.to for edge in graph.edges(row))
        chain += [other for other in to if other not in chain and joined_s[other] <= since]
    return chain


def _never_taken(graph: _Graph, found: Stuck) -> str:
    """What is frozen, of what they wait for if any is, and how much of it is free."""
    names = {graph.model.names.counters[c]: c for c in sorted(graph.life.frozen)}
    here = [name for name in names if name in found.cycle] or list(names)
    free = ", ".join(f"{name} ({graph.standing.free[names[name]]} free)" for name in here)
    return f"in the last {STUCK_AFTER_D} days nobody took any of {free}"


class _Edge(NamedTuple):
    """A trip lacks something that another trip could bring about, if it moved."""

    row: int
    lack: Lack
    to: int


class _Graph:
    """Who waits for whom, among those who cannot move; rows of the itinerary."""

    def __init__(self, replayed: Replay, counters: frozenset[int] = frozenset()):
        self.life = life = Liveness(replayed, counters)
        life.reduce()
        self.standing, self.model = life.standing, life.model
        self.itinerary = life.replay.itinerary
        self.rows = life.stuck_rows()
        self.row_of = {int(self.itinerary.carrier[r]): r for r in self.rows}
        self.reach = Reach(self.model)
        self.holders: dict[int, list[int]] = {}
        if self.rows:
            for carrier, counter, _ in zip(
                *(c.tolist() for c in holdings(life.replay)), strict=True
            ):
                if carrier in self.row_of:
                    self.holders.setdefault(counter, []).append(self.row_of[carrier])

    def is_behind(self, row: int) -> bool:
        """Whether somebody stuck stands before it in its line."""
        return self.life.blocker(row) != row

    def edges(self, row: int) -> Iterator[_Edge]:
        """Towards everybody who could bring about what a stuck trip lacks."""
        if self.is_behind(row):
            lack = Lack("line", int(self.itinerary.line[row]))
            yield _Edge(row, lack, self.life.blocker(row))
            return
        for _, lacks in self.real_alternatives(row):
            for lack in lacks:
                for to in self.helpers(row, lack):
                    yield _Edge(row, lack, to)

    def real_alternatives(self, row: int) -> Iterator[tuple[int, list[Lack]]]:
        """(stage, lacks) of those that do not merely lack cargo because demand has ended."""
        for stage in self.standing.alternatives(int(self.itinerary.line[row])):
            lacks = self.life.lacks(row, stage)
            if not any(self.is_left(row, stage, lack) for lack in lacks):
                yield stage, lacks

    def is_left(self, row: int, stage: int, lack: Lack) -> bool:
        """Whether a lack of cargo would remain if all lots in the system came."""
        if lack.kind != "cargo":
            return False
        standing, cargo = self.standing, self.model.cargo
        vehicle, dim = standing.vehicle_at(row, stage), int(self.model.stages.dim[stage])
        if lack.amount > self.life.room.most(row, stage, vehicle):
            return False
        segments = standing.replay.segments
        size = np.where((cargo.size[vehicle] >= 0).all(axis=1), cargo.size[vehicle, :, dim], 0)
        coming = standing.upstream(lack.what)
        units = int((segments.lots[coming] * size[segments.flow[coming]]).sum())
        return units == 0 or standing.units_in(lack.what, vehicle, dim) + units < lack.amount

    def helpers(self, row: int, lack: Lack) -> list[int]:
        """Stuck trips that could bring about what is lacking, in a fixed order."""
        if lack.kind == "counter":
            return self._putters(row, lack.what)
        if lack.kind == "meter":
            counters = [c for c, _ in self.standing.weights_of(lack.what)]
            return _unique(r for c in counters for r in self._putters(row, c))
        return self._bringers(lack.what) if lack.kind == "cargo" else []

    def _putters(self, row: int, counter: int) -> list[int]:
        """Who holds some of it; who would load the lots that hold it; who else would put it."""
        found = [*self.holders.get(counter, ()), *self._loaders(counter)]
        if not found:
            found = [
                r for r in self.rows if self.reach.brings(int(self.itinerary.line[r]), counter)
            ]
        return _unique(found)

    def _loaders(self, counter: int) -> list[int]:
        """Who would load lots that fill a yard: loading puts its space back."""
        stages, segments = self.model.stages, self.life.replay.segments
        full = set(segments.stock[segments.state == State.IN_STOCK].tolist())
        found = []
        for kind in ("start", "end"):
            ptr, by_load = getattr(stages, f"{kind}_ptr"), getattr(stages, f"{kind}_kind")
            hits = np.flatnonzero(
                (getattr(stages, f"{kind}_counter") == counter) & (by_load == Amount.LOADED)
            )
            found += [int(s) for s in np.searchsorted(ptr, hits, side="right") - 1]
        loads = {s for s in found if int(stages.stock[s]) in full}
        return [r for r in self.rows if loads & self.reach.stages(int(self.itinerary.line[r]))]

    def _bringers(self, stock: int) -> list[int]:
        """Who has lots for a stock on board, or would load them on the way there."""
        segments = self.life.replay.segments
        coming = self.standing.upstream(stock)
        aboard = set(segments.carrier[coming][segments.state[coming] == State.ABOARD].tolist())
        stocks = set(segments.stock[coming][segments.state[coming] == State.IN_STOCK].tolist())
        return [
            r
            for r in self.rows
            if int(self.itinerary.carrier[r]) in aboard
            or stocks & self.reach.stocks(int(self.itinerary.line[r]))
        ]

    def doomed(self) -> list[tuple[int, Lack]]:
        """Trips for which each alternative lacks what nobody can bring about, and what."""
        found = [(row, Lack("clock", self._clock(row))) for row in self.life.halted]
        for row in self.rows:
            if self.is_behind(row):
                continue
            real = list(self.real_alternatives(row))
            never = [
                next((lack for lack in lacks if not self.helpers(row, lack)), None)
                for _, lacks in real
            ]
            n_alternative = len(self.standing.alternatives(int(self.itinerary.line[row])))
            if len(real) == n_alternative and all(never) and never[0]:
                found.append((row, never[0]))
        return found

    def _clock(self, row: int) -> int:
        return int(self.model.stages.clock[self.itinerary.stage[row]])

    def name(self, row: int) -> str:
        """`source#k` of a waiting trip."""
        return f"{self.model.names.sources[self.itinerary.source[row]]}#{self.itinerary.k[row]}"

    def thing(self, row: int, lack: Lack) -> str:
        """Name of what is lacking."""
        names = self.model.names
        if lack.kind == "room":
            return "room on board"
        if lack.kind == "table":
            return f"timetable of {names.stages[self.itinerary.wanted[row]]}"
        kinds = {
            "gate": names.calendars,
            "clock": names.calendars,
            "meter": names.meters,
            "cargo": names.stocks,
            "counter": names.counters,
            "line": names.lines,
        }
        return kinds[lack.kind][lack.what] if lack.what >= 0 else "cargo"


def _first_cycle(graph: _Graph, rows: list[int]) -> list[_Edge]:
    """The first cycle among these rows, searched for in their order; empty if there is none."""
    done = set(graph.rows) - set(rows)
    for start in rows:
        if start in done:
            continue
        path: list[_Edge] = []
        on_path = {start: 0}
        stack = [graph.edges(start)]
        while stack:
            edge = next(stack[-1], None)
            if edge is None:
                stack.pop()
                row = path.pop().to if path else start
                done.add(row)
                on_path.pop(row, None)
            elif edge.to in on_path:
                return [*path[on_path[edge.to] :], edge]
            elif edge.to not in done:
                path.append(edge)
                on_path[edge.to] = len(path)
                stack.append(graph.edges(edge.to))
    return []


def _gridlock(graph: _Graph, cycle: list[_Edge]) -> Stuck:
    things = [graph.thing(edge.row, edge.lack) for edge in cycle]
    first = min(range(len(cycle)), key=lambda i: (things[i], i))
    cycle, things = cycle[first:] + cycle[:first], things[first:] + things[:first]
    trips = [graph.name(edge.row) for edge in cycle]
    steps = [
        f"{trip} needs {thing} that waits for {graph.name(edge.to)}"
        for trip, thing, edge in zip(trips, things, cycle, strict=True)
    ]
    return Stuck(
        kind="gridlock",
        at_s=max(int(graph.itinerary.joined_s[edge.row]) for edge in cycle),
        cycle=tuple(things),
        trips=tuple(trips),
        left_units=_left_units(graph)[0],
        story="; ".join(steps),
    )


def _starved(graph: _Graph, doomed: list[tuple[int, Lack]]) -> Stuck:
    doomed = sorted(doomed, key=lambda d: (int(graph.itinerary.joined_s[d[0]]), graph.name(d[0])))
    things = [graph.thing(row, lack) for row, lack in doomed]
    trips = [graph.name(row) for row, _ in doomed]
    return Stuck(
        kind="starved",
        at_s=int(graph.itinerary.joined_s[doomed[0][0]]),
        cycle=tuple(things),
        trips=tuple(trips),
        left_units=_left_units(graph)[0],
        story="; ".join(
            f"{trip} needs {thing}, which never comes"
            for trip, thing in zip(trips, things, strict=True)
        ),
    )


def _passed_by(graph: _Graph, passed: Overtaken) -> Stuck:
    itinerary, lines = graph.itinerary, graph.model.names.lines
    waited_d = (graph.model.horizon_s - itinerary.joined_s) // DAY_S
    return Stuck(
        kind="starved",
        at_s=int(itinerary.joined_s[passed.rows[0]]),
        cycle=tuple(lines[itinerary.line[row]] for row in passed.rows),
        trips=tuple(graph.name(row) for row in passed.rows),
        left_units=_left_units(graph)[0],
        story="; ".join(
            f"{graph.name(row)} has waited {waited_d[row]} days in {lines[itinerary.line[row]]}, "
            f"and in the last {STUCK_AFTER_D} days {n} that came later went first"
            for row, n in zip(passed.rows, passed.passed, strict=True)
        ),
    )


def _left(graph: _Graph) -> Stuck:
    units, rows = _left_units(graph)
    if not units:
        return Stuck("none")
    return Stuck(
        kind="left_waiting",
        at_s=min(int(graph.itinerary.joined_s[row]) for row in rows),
        trips=tuple(sorted(graph.name(row) for row in rows)),
        left_units=units,
        story=f"{units} units wait below a fill rule, and no more come",
    )


def _left_units(graph: _Graph) -> tuple[int, list[int]]:
    """Units that wait for more, each stock and trip once; and the trips that wait with them."""
    life, standing, stages = graph.life, graph.standing, graph.model.stages
    total, rows, seen = 0, [], set()
    for row in graph.rows:
        if graph.is_behind(row):
            continue
        for stage in standing.alternatives(int(graph.itinerary.line[row])):
            lacks = life.lacks(row, stage)
            left = [x for x in lacks if graph.is_left(row, stage, x)]
            if not left:
                continue
            dim, stock = int(stages.dim[stage]), left[0].what
            here = [(f"stock {stock}", standing.units_in(stock, 0, dim))]
            here.append((f"trip {row}", standing.aboard(row, 0, dim)))
            units = sum(n for key, n in here if key not in seen)
            seen |= {key for key, _ in here}
            total += units
            rows += [row] if units else []
    return total, sorted(set(rows))


def _unique(rows: Iterator[int] | list[int]) -> list[int]:
    return list(dict.fromkeys(rows))
