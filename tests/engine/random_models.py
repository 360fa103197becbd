"""Small, nasty models at random, in which every column of the contract is used somewhere.

Times lie on a coarse grid and half of the work takes none, so that most grants compete with others
of the same instant; what a trip takes, some later stage of its itinerary puts back, so that models
do not run dry.
"""

from __future__ import annotations

import random
from collections import Counter as Tally
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from corridor_sim.engine.log import EventLog
from corridor_sim.model.compiled import CompiledModel
from corridor_sim.primitives import (
    Births,
    Calendar,
    Counter,
    Flow,
    Hop,
    IntArray,
    Line,
    Meter,
    Primitives,
    Quantity,
    Slow,
    Source,
    Stage,
    Stock,
    Vehicle,
)
from corridor_sim.terms import NOBODY, Amount, CountedFrom, Order

GRID_S = 10
N_STREAM = 6_000
N_TABLE = 500


def random_model(seed: int, is_grown: bool = True) -> Primitives:
    """The model of a seed; the same for ever. Without the columns of `grow`: version 1."""
    parts = _Builder(seed).model()
    return grow(parts, random.Random(f"grow {seed}")) if is_grown else parts


def grow(parts: Primitives, r: random.Random) -> Primitives:
    """Adds what came later: full, slow, cut and resume, capacities by date, sailings, spare."""
    for i, vehicle in enumerate(parts.vehicles):
        if r.random() < 0.6:
            at = sorted(r.sample(range(GRID_S, parts.horizon_s, GRID_S), r.randint(1, 4)))
            caps = [tuple(c if c < 0 else max(c + r.randint(-3, 3), 1) for c in vehicle.cap)] * 4
            caps[1::2] = [vehicle.cap] * 2
            parts.vehicles[i] = replace(vehicle, steps=tuple(zip(at, caps, strict=False)))
    crowded = [c for c in parts.counters if not c.period_s]
    for i in range(2):
        counter = r.choice(crowded)
        levels = sorted(r.sample(range(1, max(counter.cap, 2) + 1), min(2, counter.cap)))
        shares = [r.choice((1_250, 1_333, 2_000, 500)) for _ in levels]
        slow = Slow(f"slow{i}", counter.name, tuple(zip(levels, shares, strict=True)))
        parts.slows.append(slow)
    claiming = {s for line in parts.lines if line.claim for s in line.alternatives}
    for i, stage in enumerate(list(parts.stages)):
        if stage.stock and r.random() < 0.5:
            stage = replace(stage, full=True)
        if r.random() < 0.3:
            stage = replace(stage, slow=r.choice(parts.slows).name)
        if stage.name not in claiming and r.random() < 0.25:
            stage = _with_cut(parts, stage, r.choice(parts.calendars).name)
        parts.stages[i] = stage
    _add_sailings(parts, r, claiming)
    _add_spare(parts, r)
    _add_swaps(parts, r, claiming)
    for i, stage in enumerate(parts.stages):
        if stage.load_min and not stage.swap and r.random() < 0.4:
            parts.stages[i] = replace(stage, counts_board=True, load_min=stage.load_min + 2)
    return parts


def _add_swaps(parts: Primitives, r: random.Random, claiming: set[str]) -> None:
    """Some stages that unload load too, and need room in the yard for the difference alone."""
    yard = next(c.name for c in parts.counters if c.name.endswith("yard"))
    for i, stage in enumerate(parts.stages):
        if not stage.place or stage.cut or stage.resume or stage.name in claiming:
            continue
        if r.random() < 0.6:
            n, dim = r.choice((1, 3, 6)), r.randint(0, 1)
            needs = [q for q in stage.needs if q.counter != yard]
            puts = [q for q in stage.puts_start if q.counter != yard]
            parts.stages[i] = replace(
                stage,
                swap=True,
                stock=r.choice(parts.stocks).name,
                load_min=r.randint(0, 2),
                needs=(*needs, Quantity(yard, n, Amount.UNLOADED, dim)),
                puts_start=(*puts, Quantity(yard, n, Amount.LOADED, dim)),
            )


def _add_spare(parts: Primitives, r: random.Random) -> None:
    """Some needs leave something: never more than there is when nobody else is served."""
    least = {c.name: min([c.cap, *(cap for _, cap in c.steps)]) for c in parts.counters}

    def sparing(q: Quantity) -> Quantity:
        most = least[q.counter] - q.n if q.kind == Amount.CONSTANT else 3
        return replace(q, spare=r.randint(1, min(most, 3))) if most > 0 and r.random() < 0.2 else q

    for i, stage in enumerate(parts.stages):
        parts.stages[i] = replace(stage, needs=tuple(map(sparing, stage.needs)))


def _add_sailings(parts: Primitives, r: random.Random, claiming: set[str]) -> None:
    """Vehicles that cycle take further sailings, by timetables, at other stages of their round."""
    lines = {line.name: line for line in parts.lines}
    stages = {stage.name: stage for stage in parts.stages}
    todo = [source.line for source in parts.sources if source.tokens]
    rounds: dict[str, None] = {}
    while todo:
        for name in lines[todo.pop()].alternatives:
            if name not in rounds:
                rounds[name] = None
                todo += [line for line in (stages[name].next_line,) if line]
    for i, stage in enumerate(parts.stages):
        if stage.name in rounds and stage.name not in claiming and r.random() < 0.1:
            cutoff_s = r.choice((-1, 0, 20, 60)) if stage.stock else -1
            table = stage.table or r.choice(sorted(parts.tables))
            parts.stages[i] = replace(stage, cycle=True, table=table, cutoff_s=cutoff_s)


def _with_cut(parts: Primitives, stage: Stage, calendar: str) -> Stage:
    """The stage, sent away when the calendar closes, and a line in which it takes up its work."""
    line = f"resume {stage.name}"
    own = {q.counter for q in stage.needs} & {q.counter for q in stage.puts_end}
    known = [q for q in stage.needs if q.counter in own and q.kind != Amount.LOADED]
    back = {q.counter for q in known}
    rest = Stage(
        line,
        cut=calendar,
        cut_line=line,
        resume=True,
        needs=tuple(known),
        puts_end=tuple(q for q in stage.puts_end if q.counter in back),
        place=stage.place,
        unload_max=stage.unload_max,
        dim=stage.dim,
        clock=stage.clock,
        work_s=stage.work_s,
        slow=stage.slow,
        mark=stage.mark,
        next_line=stage.next_line,
        loop_line=stage.loop_line,
    )
    parts.stages.append(rest)
    parts.lines.append(Line(line, (line,), offset_s=-100))
    return replace(stage, cut=calendar, cut_line=line)


@dataclass
class _Step:
    """One line of an itinerary and what its trips hold when they join it."""

    line: str
    held: tuple[Quantity, ...] = ()
    kind: str = "plain"
    alternatives: list[str] = field(default_factory=list)


class _Builder:
    def __init__(self, seed: int):
        self.r = random.Random(seed)
        self.horizon = self.r.choice((2_000, 3_000, 4_000))
        self.parts = Primitives(horizon_s=self.horizon, n_dim=2)
        self.cap: dict[str, int] = {}
        self.n_named = 0

    def model(self) -> Primitives:
        self.counters()
        self.calendars()
        self.meters()
        self.tables()
        self.cargo()
        self.feeder = self.chain("feeder", n_steps=self.r.randint(1, 2), is_tokens=False)
        self.add_source(self.feeder, is_tokens=False, n_born=self.r.randint(0, 3), name="feeder")
        for number in range(4):
            is_tokens = number == 0 or self.r.random() < 0.4
            first = self.chain(f"chain{number}", self.r.randint(2, 5), is_tokens)
            for _ in range(self.r.randint(1, 2)):
                n_born = self.r.randint(2, 5) if is_tokens else self.r.randint(20, 70)
                self.add_source(first, is_tokens, n_born)
        self.r.shuffle(self.parts.lines)
        return self.parts

    # The things that trips meet

    def name(self, kind: str) -> str:
        """Names whose order is not that of creation, so that no index order is natural."""
        self.n_named += 1
        return f"{self.r.choice('abcdefghij')}{self.n_named}_{kind}"

    def grid(self, low: int, high: int) -> int:
        return GRID_S * self.r.randint(low // GRID_S, high // GRID_S)

    def chance(self, p: float) -> bool:
        return self.r.random() < p

    def add_counter(self, kind: str, cap: int, **more: Any) -> str:
        name = self.name(kind)
        self.parts.counters.append(Counter(name, cap, **more))
        self.cap[name] = cap
        return name

    def counters(self) -> None:
        r = self.r
        self.hot: list[str] = []
        self.most: dict[str, int] = {}
        """What one stage may ask for without waiting for ever."""
        for _ in range(r.randint(3, 4)):
            cap = r.randint(2, 5)
            at = sorted({self.grid(50, self.horizon) for _ in range(r.choice((0, 0, 2, 4)))})
            caps = [r.randint(0, 6) for _ in at[:-1]] + [cap]
            steps = tuple(zip(at, caps, strict=False)) if at else ()
            free = r.choice((None, None, None, cap - 1))
            self.hot.append(self.add_counter("hot", cap, free=free, steps=steps))
            self.most[self.hot[-1]] = cap - 1 if free or self.chance(0.5) else cap
        self.tracks = [self.add_counter("track", r.randint(3, 6)) for _ in range(3)]
        self.daily = self.add_counter("daily", r.randint(2, 6), period_s=r.choice((30, 50, 100)))
        self.yard = self.add_counter("yard", r.randint(6, 30))

    def calendars(self) -> None:
        self.calendar_names = [self.name("calendar") for _ in range(2)]
        for name in self.calendar_names:
            opens, closes, t = [], [], self.grid(0, 50)
            while t < 2 * self.horizon:
                opens.append(t)
                closes.append(t + self.grid(20, 200))
                t = closes[-1] + self.grid(10, 60)
            self.parts.calendars.append(Calendar(name, np.array(opens), np.array(closes)))

    def meters(self) -> None:
        self.meter_names = [self.name("meter") for _ in range(self.r.randint(1, 2))]
        for name in self.meter_names:
            watched = self.r.sample(self.hot + self.tracks, self.r.randint(1, 2))
            weights = tuple((counter, self.r.randint(1, 2)) for counter in watched)
            top = sum(weight * self.cap[counter] for counter, weight in weights)
            on = max(2, round(top * self.r.uniform(0.5, 1.0)))
            off = self.r.randint(0, on - 1)
            self.parts.meters.append(Meter(name, weights, on, off, self.r.choice((0, 0, 20, 50))))

    def tables(self) -> None:
        for _ in range(3):
            gaps = self.r.choice(((0, 10, 20), (10, 20, 60), (0, 0, 40, 100)))
            instants = np.cumsum([self.r.choice(gaps) for _ in range(N_TABLE)])
            self.parts.tables[self.name("table")] = instants.astype(np.int64)
        self.table_names = sorted(self.parts.tables)

    def cargo(self) -> None:
        r = self.r
        self.stock_names = [self.name("stock") for _ in range(2)]
        self.parts.stocks += [Stock(name) for name in self.stock_names]
        self.places = ["place_p", "place_q"]
        self.vehicle_names = [self.name("vehicle") for _ in range(3)]
        self.picky = self.vehicle_names[2]
        for name in self.vehicle_names:
            caps = (r.randint(3, 12), r.choice((-1, -1, r.randint(4, 20))))
            self.parts.vehicles.append(Vehicle(name, caps))
        a, b = self.stock_names
        p, q = self.places
        routes = [
            (Hop(a, p), Hop(b, q)),
            (Hop(b, q),),
            (Hop(a, p), Hop(a, q)),
            (Hop(b, p), Hop(a, q)),
        ]
        self.flow_names = []
        for hops in r.sample(routes, r.randint(3, 4)):
            self.flow_names.append(self.add_flow(hops, r.randint(40, 150)))
        born = (Hop(None, p), Hop(b, q))
        self.born_flow = self.add_flow(born, 300, may_refuse=False)
        self.n_aboard = 0

    def add_flow(self, hops: tuple[Hop, ...], n_lot: int, may_refuse: bool = True) -> str:
        r, name = self.r, self.name("flow")
        size = (r.randint(1, 3), r.randint(0, 2))
        size_on: dict[str, tuple[int, ...]] = {}
        for vehicle in self.vehicle_names:
            if vehicle == self.picky and may_refuse and self.chance(0.4):
                size_on[vehicle] = r.choice(((-1, 1), (1, -1), (-1, -1)))
            elif self.chance(0.4):
                size_on[vehicle] = (r.randint(1, 2), r.randint(0, 2))
        ready = np.array(sorted(self.grid(0, self.horizon - 100) for _ in range(n_lot)))
        offset = r.choice((0, 0, -50, 30))
        self.parts.flows.append(Flow(name, ready, hops, size, size_on, offset))
        return name

    # Itineraries

    def chain(self, prefix: str, n_steps: int, is_tokens: bool) -> str:
        """Lines and stages of one itinerary; gives its first line."""
        r = self.r
        steps = [_Step(self.name(f"{prefix}_line{i}")) for i in range(n_steps)]
        if prefix == "chain1":
            self.give_kinds(steps, self.CLAIMING)
        elif prefix != "feeder":
            self.give_kinds(steps, self.LOADING + self.CLAIMING[:1])
        vehicles = r.choice(([self.picky], self.vehicle_names[:1], self.vehicle_names[:2]))
        slow = r.randrange(n_steps)  # somewhere a round trip must take time
        held: tuple[Quantity, ...] = ()
        for i, step in enumerate(steps):
            step.held = held
            is_last = i == n_steps - 1
            next_line = steps[0].line if is_last and is_tokens else None
            next_line = next_line if is_last else steps[i + 1].line
            held = self.add_step(
                step,
                next_line,
                vehicles,
                is_last,
                least_work=10 if i == slow else 0,
                is_cycle=is_tokens and i == 0,
                may_spawn=prefix != "feeder",
            )
        for i, step in enumerate(steps):
            back = steps[0].line if is_tokens else r.choice([None, None, steps[i].line])
            self.add_line(step, back, may_table=not is_tokens or i > 0)
        return steps[0].line

    LOADING = (
        ("load", "unload"),
        ("unload", "load"),
        ("load", "plain", "unload"),
        ("load", "depart", "unload", "unload"),
        ("load", "load", "unload"),
    )
    CLAIMING = (("claim", "plain"), ("plain", "claim", "plain"), ("claim", "claim"))

    def give_kinds(self, steps: list[_Step], choices: tuple[tuple[str, ...], ...]) -> None:
        for step, kind in zip(steps, self.r.choice(choices), strict=False):
            step.kind = kind

    def add_step(
        self,
        step: _Step,
        next_line: str | None,
        vehicles: list[str],
        is_last: bool,
        *,
        least_work: int,
        is_cycle: bool,
        may_spawn: bool,
    ) -> tuple[Quantity, ...]:
        """Adds the stages of a step; gives what a trip holds after it."""
        r = self.r
        loops = step.kind == "unload" and self.chance(0.6)
        back_start, back_end, kept = [], [], []
        for quantity in step.held:
            if loops or not (is_last or self.chance(0.7)):
                kept.append(quantity)
            elif self.chance(0.65):
                back_start.append(self.lagged(quantity, 0.2))
            else:
                back_end.append(self.lagged(quantity, 0.2))
        takes = []
        if not is_last and not loops and self.chance(0.6):
            shared = self.tracks + self.hot if self.chance(0.03) else self.tracks
            free = [c for c in shared if all(q.counter != c for q in step.held)]
            if free:
                takes.append(Quantity(r.choice(free), 1))
        n = 1 if step.kind == "claim" else r.choice((1, 1, 2, 3))
        place = r.choice(self.places)
        for _ in range(n):
            own = self.own_needs(step, takes)
            row: dict[str, Any] = {
                "needs": [*takes, *own],
                "puts_start": list(back_start),
                "puts_end": back_end + [self.lagged(q, 0.2) for q in own],
                "next_line": next_line,
                "cycle": is_cycle,
                "mark": self.chance(0.4),
                "work_s": max(least_work, r.choice((0, 0, 0, 0, 10, 20))),
                "dim": r.choice((0, 0, 1)),
            }
            self.conditions(row, step)
            self.work(row)
            if step.kind == "load":
                self.load(row, vehicles)
            elif step.kind == "unload":
                self.unload(row, place, step.line if loops else None)
            elif step.kind == "depart":
                row |= {"board_min": r.randint(1, 3), "deadline_s": self.grid(0, 60)}
                row["deadline_from"] = r.choice((CountedFrom.JOINING, CountedFrom.MARK))
                self.rent(row, Amount.ON_BOARD)
            if may_spawn and self.chance(0.04):
                row["spawn"] = "feeder"
            step.alternatives.append(self.add_stage(row))
        # If the last step keeps what it holds, the stage of a final line puts it back.
        if is_last and kept:
            self.add_release(step, kept, next_line)
            kept = []
        return (*kept, *takes)

    def add_release(
        self, step: _Step, kept: list[Quantity], next_line: str | None, work_s: int = 0
    ) -> str:
        """A line whose stage only puts back; the step's stages lead to it."""
        line = self.name("release_line")
        stage = self.add_stage(
            {"puts_start": kept, "puts_end": [], "next_line": next_line, "work_s": work_s}
        )
        self.parts.lines.append(Line(line, (stage,)))
        if work_s == 0:
            for i, old in enumerate(self.parts.stages):
                if old.name in step.alternatives:
                    self.parts.stages[i] = Stage(**{**vars(old), "next_line": line})
        return line

    def lagged(self, quantity: Quantity, p: float) -> Quantity:
        lag = self.grid(10, 40) if self.chance(p) else 0
        q = quantity
        return Quantity(q.counter, q.n, q.kind, q.dim, lag)

    def own_needs(self, step: _Step, takes: list[Quantity]) -> list[Quantity]:
        """What a stage takes for its own time."""
        r = self.r
        used = {q.counter for q in takes}
        free = [c for c in self.hot if c not in used]
        if step.kind == "claim":
            chosen = r.sample(free, min(len(free), 2))
            return [Quantity(c, self.most[c]) for c in chosen]
        chosen = r.sample(free, min(len(free), r.choice((0, 1, 1, 2))))
        return [Quantity(c, min(self.most[c], r.choice((1, 1, 2)))) for c in chosen]

    def conditions(self, row: dict[str, Any], step: _Step) -> None:
        if step.kind == "claim":
            return
        r = self.r
        if self.chance(0.2):
            row["gate"] = r.choice(self.calendar_names)
        if self.chance(0.15):
            row["meter"] = r.choice(self.meter_names)
        if self.chance(0.15):
            row["needs"].append(Quantity(self.daily, 1))
            row["puts_end"].append(Quantity(self.daily, 1))  # does nothing
        if row["cycle"] and self.chance(0.4):
            row["table"] = r.choice(self.table_names)

    def work(self, row: dict[str, Any]) -> None:
        if self.chance(0.25):
            row["work_column"] = "time"
        if self.chance(0.25):
            row["clock"] = self.r.choice(self.calendar_names)
        if self.chance(0.2):
            row["unit_s"] = self.r.choice((5, 10))

    def load(self, row: dict[str, Any], vehicles: list[str]) -> None:
        r = self.r
        row["stock"] = self.stock_names[self.chance(0.25)]
        row["vehicle"] = r.choice(vehicles)
        row["load_min"] = r.randint(0, 4)
        row["load_floor"] = r.choice((0, 0, 1, 2))
        row["load_max"] = r.choice((-1, -1, 3, 6, 8))
        if self.chance(0.65):
            row["deadline_s"] = self.grid(0, 80)
            row["deadline_from"] = r.choice(
                (CountedFrom.JOINING, CountedFrom.OLDEST_LOT, CountedFrom.MARK)
            )
        if self.chance(0.1):
            row["board_min"] = 1
        if "table" in row and self.chance(0.7):
            row["cutoff_s"] = self.grid(0, 60)
        if self.chance(0.6):  # the yard that discharging has filled
            row["puts_start"].append(
                self.lagged(Quantity(self.yard, 1, Amount.LOADED, r.randint(0, 1)), 0.2)
            )
        else:
            self.rent(row, Amount.LOADED)

    def unload(self, row: dict[str, Any], place: str, loop_line: str | None) -> None:
        row["place"] = place
        if loop_line:
            row["unload_max"] = self.r.randint(0, 5)
            row["loop_line"] = loop_line
        elif self.chance(0.3):
            row["unload_max"] = self.r.randint(2, 8)
        if self.chance(0.5):
            row["needs"].append(Quantity(self.yard, 1, Amount.UNLOADED, self.r.randint(0, 1)))
            back = Quantity(self.yard, 1, Amount.UNLOADED, row["needs"][-1].dim)
            if self.chance(0.7):
                row["puts_end"].append(self.lagged(back, 0.8))
        else:
            self.rent(row, Amount.UNLOADED)

    def rent(self, row: dict[str, Any], kind: Amount) -> None:
        """Room by load for the time of the stage."""
        if self.chance(0.5):
            quantity = Quantity(self.yard, self.r.randint(1, 2), kind, self.r.randint(0, 1))
            row["needs"].append(quantity)
            row["puts_end"].append(self.lagged(quantity, 0.3))

    def add_stage(self, row: dict[str, Any]) -> str:
        name = self.name("stage")
        for amounts in ("needs", "puts_start", "puts_end"):
            row[amounts] = tuple(row.get(amounts, ()))
        self.parts.stages.append(Stage(name, **row))
        return name

    def add_line(self, step: _Step, back: str | None, may_table: bool) -> None:
        """The line of a step; who gives up puts back what it holds and goes `back`."""
        r = self.r
        row: dict[str, Any] = {
            "order": r.choice((Order.FIFO, Order.FIFO, Order.LIFO, Order.DUE)),
            "by_class": self.chance(0.4),
            "offset_s": r.choice((0, 0, 0, -100, 40)),
            "claim": r.choice((1, 1, 2, 9)) if step.kind == "claim" else 0,
        }
        if self.chance(0.4 if step.kind != "claim" else 0.2):
            row["give_up_s"] = r.choice((0, 20, 40, 80, 150, 300))
            if may_table and self.chance(0.4):
                row["give_up_from"] = CountedFrom.TIMETABLE
                row["give_up_table"] = r.choice(self.table_names)
            if back or step.held or self.chance(0.5):
                work_s = self.grid(10, 60)
                row["else_line"] = self.add_release(step, list(step.held), back, work_s)
        self.parts.lines.append(Line(step.line, tuple(step.alternatives), **row))

    def add_source(self, line: str, is_tokens: bool, n_born: int, name: str = "") -> None:
        r = self.r
        name = name or self.name("source")
        last = 60 if is_tokens else self.horizon - 100
        born = np.array(sorted(self.grid(0, last) for _ in range(n_born)), dtype=np.int64)
        births: dict[str, Any] = {"born_s": born}
        if name != "feeder" and self.chance(0.6):
            births["vehicle"] = tuple(r.choice(self.vehicle_names[:2]) for _ in born)
            if self.chance(0.6):
                births |= {"flow": self.born_flow, "lots": self.lots_aboard(n_born)}
        self.parts.sources.append(
            Source(
                name,
                line,
                Births(**births),
                is_tokens,
                offset_s=r.choice((0, 0, -30, 20, 200)),
                due_s=self.grid(0, 300),
            )
        )
        stream = [r.choice((0, 0, 10, 20)) for _ in range(N_STREAM)]
        self.parts.draws[name, "time"] = np.array(stream, dtype=np.int64)

    def lots_aboard(self, n_born: int) -> IntArray:
        lots = np.zeros((n_born, 2), np.int64)
        for i in range(n_born):
            n = min(self.r.randint(0, 3), 300 - self.n_aboard)
            lots[i] = self.n_aboard, self.n_aboard + n
            self.n_aboard += n
        return lots


ITEMS = ("counter", "calendar", "stock", "line", "stage", "source", "meter")


def census(model: CompiledModel, log: EventLog) -> dict[str, int]:
    """How often each thing had its say in a run (`shared_starts`: at an instant with another)."""
    stages, visits, births = model.stages, log.visits, log.births
    joined = _joined(log)
    found: Tally[str] = Tally()
    starts = Tally(visits.start_s[visits.stage >= 0].tolist())
    found["starts"] = sum(starts.values())
    found["shared_starts"] = sum(n for n in starts.values() if n > 1)
    needs = np.diff(stages.need_ptr)
    n_kinds = (needs > 0).astype(int)
    for column in (stages.gate, stages.table, stages.meter, stages.stock):
        n_kinds += column >= 0
    n_kinds += stages.board_min > 0
    for line, stage, start, since in zip(
        visits.line.tolist(), visits.stage.tolist(), visits.start_s.tolist(), joined, strict=True
    ):
        waited = start > since
        found["line"] += waited
        if stage < 0:
            found["give_up"] += 1
            continue
        found["stage"] += 1
        found["counter"] += int(needs[stage] > 0)
        found["calendar"] += int(stages.gate[stage] >= 0 or stages.clock[stage] >= 0)
        found["conjunction"] += int(waited and n_kinds[stage] >= 2)
        found["claim"] += int(waited and model.lines.claim[line] > 0)
        found["counts_board"] += int(waited and stages.counts_board[stage])
        part = slice(int(stages.need_ptr[stage]), int(stages.need_ptr[stage + 1]))
        found["spare"] += int(waited and stages.need_spare[part].any())
    found["source"] = len(births.k)
    found["cycle"] = int((births.previous != NOBODY).sum())
    table = np.diff(model.sources.birth_ptr)[births.source]
    plain = ~model.sources.tokens[births.source].astype(bool)
    found["skip"] = _skipped(log)
    found["spawn"] = int((plain & (births.k >= table) & (births.previous == NOBODY)).sum())
    found["stock"] = int((log.cargo.direction == 1).sum())
    found["cargo"] = len(log.cargo.first)
    found["swap"] = _exchanges(log)
    found["meter"] = len(log.switches.t_s)
    done = visits.stage >= 0
    stage, start, end = visits.stage[done], visits.start_s[done], visits.end_s[done]
    found["slow"] = int(((stages.slow[stage] >= 0) & (end > start)).sum())
    found["resume"] = int((stages.resume[stage] > 0).sum())
    closings = [
        set(model.calendars.close_s[a:b].tolist())
        for a, b in zip(model.calendars.ptr[:-1], model.calendars.ptr[1:], strict=True)
    ]
    cuts = zip(stages.cut[stage].tolist(), end.tolist(), strict=True)
    found["cut"] = sum(t in closings[calendar] for calendar, t in cuts if calendar >= 0)
    found["limit"] = int((model.cargo.step_at_s < model.horizon_s).sum())
    return dict(found)


def _exchanges(log: EventLog) -> int:
    """Visits in which lots came aboard and others left."""
    cargo = log.cargo
    visit = np.stack([cargo.source, cargo.k, cargo.visit], axis=1)
    ways = np.unique(np.column_stack([visit, cargo.direction]), axis=0)
    return len(ways) - len(np.unique(visit, axis=0))


def _skipped(log: EventLog) -> int:
    """Ordinals that no trip of a source took, though one took a later one."""
    given: dict[int, list[int]] = {}
    births = log.births
    cycled = births.previous != NOBODY
    for source, k in zip(births.source[cycled].tolist(), births.k[cycled].tolist(), strict=True):
        given.setdefault(source, []).append(k)
    return sum(max(ks) + 1 - len(ks) for ks in given.values())


def _joined(log: EventLog) -> list[int]:
    """When the trip of each visit row had joined the line: at the end of its visit before."""
    visits = log.visits
    rows = zip(log.births.source, log.births.k, log.births.joined_s, strict=True)
    born = {(int(s), int(k)): int(t) for s, k, t in rows}
    joined, before, end_before = [], None, 0
    columns = (visits.source, visits.k, visits.end_s)
    for s, k, end in zip(*(c.tolist() for c in columns), strict=True):
        joined.append(end_before if before == (s, k) else born[s, k])
        before, end_before = (s, k), end
    return joined
