"""What the plain engine reads of a compiled model, as plain lists, and the records it keeps."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any, NamedTuple

from corridor_sim.errors import EngineError
from corridor_sim.model.compiled import CompiledModel
from corridor_sim.primitives import IntArray
from corridor_sim.terms import CountedFrom
from corridor_sim.units import FOREVER

Rank = tuple[int, int, int, int]
"""(key, line, source, k): who goes first."""
Aboard = tuple[int, int, int]
"""(hop, first, end): a range of lots on their way to the place of that hop."""
Stocked = tuple[int, int, int, int, int]
"""(since + offset, first, end, hop, since): a range of lots in a stock, in stock order."""
Put = tuple[int, int, int]
"""(counter, amount, lag)."""
Row = tuple[int, ...]


class Calendar:
    """Sorted half-open open intervals."""

    __slots__ = ("before", "closes", "opens")

    def __init__(self, opens: list[int], closes: list[int], before: list[int]):
        self.opens, self.closes, self.before = opens, closes, before

    def is_open(self, t: int) -> bool:
        i = bisect_right(self.opens, t) - 1
        return i >= 0 and t < self.closes[i]

    def next_opening(self, t: int) -> int:
        """The first opening after t."""
        i = bisect_right(self.opens, t)
        return self.opens[i] if i < len(self.opens) else FOREVER

    def closing(self, t: int) -> int:
        """The end of the open interval that holds t."""
        return self.closes[bisect_right(self.opens, t) - 1]

    def open_time(self, a: int, b: int) -> int:
        """How much of [a, b) is open."""
        spans = zip(self.opens, self.closes, strict=True)
        return sum(max(0, min(b, close) - max(a, start)) for start, close in spans)

    def finish(self, t: int, work: int) -> int:
        """The instant at which it has been open for `work` seconds since t."""
        if work <= 0:
            return t
        i = bisect_right(self.opens, t) - 1
        done = self.before[i] + min(t, self.closes[i]) - self.opens[i] if i >= 0 else 0
        j = bisect_left(self.before, done + work) - 1
        if j < 0:
            return FOREVER
        end = self.opens[j] + done + work - self.before[j]
        return end if end <= self.closes[j] else FOREVER


class Quantity(NamedTuple):
    """An amount of a counter."""

    counter: int
    kind: int
    n: int
    dim: int
    lag: int
    spare: int


@dataclass(slots=True)
class Stage:
    """One row of the compiled stages, with its lists of amounts."""

    number: int
    gate: int
    cut: int
    table: int
    meter: int
    stock: int
    load_min: int
    load_floor: int
    load_max: int
    counts_board: int
    full: int
    board_min: int
    dim: int
    deadline_s: int
    deadline_from: int
    cutoff_s: int
    vehicle: int
    place: int
    unload_max: int
    swap: int
    work_s: int
    work_column: int
    unit_s: int
    clock: int
    slow: int
    resume: int
    next_line: int
    loop_line: int
    cut_line: int
    cycle: int
    mark: int
    spawn: int
    needs: tuple[Quantity, ...]
    puts_start: tuple[Quantity, ...]
    puts_end: tuple[Quantity, ...]

    @property
    def asks_for_cargo(self) -> bool:
        return self.stock >= 0 or self.load_min > 0 or self.board_min > 0


class Trip:
    """A trip's registers. `stay` counts its joinings, so that an old give-up finds it gone."""

    __slots__ = (
        "aboard",
        "born",
        "joined",
        "k",
        "left",
        "line",
        "mark",
        "source",
        "stay",
        "vehicle",
        "visit",
    )

    def __init__(self, source: int, k: int, t: int, vehicle: int, aboard: list[Aboard]):
        self.source, self.k, self.vehicle, self.aboard = source, k, vehicle, aboard
        self.born = self.joined = t
        self.visit = self.stay = self.left = 0
        self.line = -1
        self.mark: int | None = None


Entry = tuple[int, int, int, int, Trip]
"""(key, source, k, stay, trip): how a trip stands in its line."""


class Plan(NamedTuple):
    """What a grant would do with the cargo: found while testing, so not sought again."""

    stage: Stage
    ordinal: int
    vehicle: int
    loads: list[tuple[int, int]]
    """(position in the stock, lots taken), in stock order."""
    loaded: list[Aboard]
    gone: list[Aboard]
    kept: list[Aboard]


class Lists:
    """The model as lists, beside the state that starts from them."""

    def __init__(self, model: CompiledModel):
        self.lot_ptr = model.cargo.lot_ptr
        self._read_counters(model)
        self._read_cargo(model)
        self._read_stages(model)
        self._read_sources(model)
        self._read_lines(model)
        self._watch()

    def _read_counters(self, model: CompiledModel) -> None:
        counters, meters, calendars = model.counters, model.meters, model.calendars
        self.cap, self.free = counters.cap.tolist(), counters.free.tolist()
        self.period = counters.period_s.tolist()
        self.filled = [-1] * len(self.cap)
        """Number of the period in which a periodic counter was last made full."""
        self.calendars = [
            Calendar(o, c, b)
            for o, c, b in zip(
                cut(calendars.ptr, calendars.open_s),
                cut(calendars.ptr, calendars.close_s),
                cut(calendars.ptr, calendars.before_s),
                strict=True,
            )
        ]
        self.weights = [
            [(c, w) for c, w in zip(cs, ws, strict=True) if not self.period[c]]
            for cs, ws in zip(
                cut(meters.weight_ptr, meters.weight_counter),
                cut(meters.weight_ptr, meters.weight),
                strict=True,
            )
        ]
        self.meter_on, self.meter_off = meters.on.tolist(), meters.off.tolist()
        self.meter_min = meters.min_s.tolist()
        self.is_on = [False] * len(self.weights)
        self.on_since = [0] * len(self.weights)
        self.moved_meters = set(range(len(self.weights)))

    def _read_cargo(self, model: CompiledModel) -> None:
        cargo = model.cargo
        self.capacity: list[list[int]] = cargo.cap.tolist()
        slows = model.slows
        self.slows = [
            (counter, list(zip(levels, shares, strict=True)))
            for counter, levels, shares in zip(
                slows.counter.tolist(),
                cut(slows.ptr, slows.level),
                cut(slows.ptr, slows.per_mille),
                strict=True,
            )
        ]
        self.size: list[list[list[int]]] = cargo.size.tolist()
        self.flow_offset = cargo.offset_s.tolist()
        self.hop_ptr = cargo.hop_ptr.tolist()
        self.hop_stock, self.hop_place = cargo.hop_stock.tolist(), cargo.hop_place.tolist()
        hops = cut(cargo.hop_ptr, cargo.hop_place)
        self.hop_flow = [flow for flow, places in enumerate(hops) for _ in places]
        self.stocks: list[list[Stocked]] = [[] for _ in model.stocks.others]
        self.n_lots: list[dict[int, int]] = [{} for _ in self.stocks]
        """By stock: how many lots of each flow."""

    def _read_stages(self, model: CompiledModel) -> None:
        stages, tables = model.stages, model.tables
        columns = {f.name: getattr(stages, f.name, None) for f in fields(Stage)}
        rows = zip(*(c.tolist() for c in columns.values() if c is not None), strict=True)
        amounts = [quantities(stages, prefix) for prefix in ("need", "start", "end")]
        self.stages = [
            Stage(number, *row, *lists)
            for number, (row, *lists) in enumerate(zip(rows, *amounts, strict=True))
        ]
        for name, stage in zip(model.names.stages, self.stages, strict=True):
            if stage.deadline_s >= 0 and stage.deadline_from == CountedFrom.TIMETABLE:
                raise EngineError(f"stages: {name!r} counts its deadline from what no engine knows")
        self.tables = cut(tables.ptr, tables.at_s)
        self.draws = cut(tables.draw_ptr, tables.draw_s)
        self.n_column = tables.n_column

    def _read_sources(self, model: CompiledModel) -> None:
        sources = model.sources
        self.source_line, self.is_tokens = sources.line.tolist(), sources.tokens.tolist()
        self.source_offset, self.due_s = sources.offset_s.tolist(), sources.due_s.tolist()
        n_born = (sources.birth_ptr[1:] - sources.birth_ptr[:-1]).tolist()
        self.next_k = [0 if token else n for token, n in zip(self.is_tokens, n_born, strict=True)]
        self.next_token = [-1 - n for n in n_born]

    def _read_lines(self, model: CompiledModel) -> None:
        lines = model.lines
        self.order, self.by_class = lines.order.tolist(), lines.by_class.tolist()
        self.line_offset, self.give_up_s = lines.offset_s.tolist(), lines.give_up_s.tolist()
        self.give_up_from = lines.give_up_from.tolist()
        self.give_up_table = lines.give_up_table.tolist()
        self.else_line, self.claims = lines.else_line.tolist(), lines.claim.tolist()
        self.alternatives = [
            [self.stages[s] for s in alternatives]
            for alternatives in cut(lines.alt_ptr, lines.alt_stage)
        ]
        self.lines: list[list[Entry]] = [[] for _ in self.order]
        self.is_touched = [False] * len(self.order)
        self.touched: list[int] = []
        self.look_at = [FOREVER] * len(self.order)
        self.claimed_by: list[list[int]] = [[] for _ in self.cap]
        """By counter: the claiming lines whose first alternative needs it."""
        self.claim: list[tuple[Rank, dict[int, int]] | None] = [None] * len(self.order)

    def _watch(self) -> None:
        """Who looks when something changes."""
        self.counter_lines: list[list[int]] = [[] for _ in self.cap]
        self.stock_lines: list[list[int]] = [[] for _ in self.stocks]
        self.meter_lines: list[list[int]] = [[] for _ in self.weights]
        self.counter_meters: list[list[int]] = [[] for _ in self.cap]
        self.ordinal_lines: list[int] = []
        """Lines whose condition moves on with their source's next ordinal."""
        for line, alternatives in enumerate(self.alternatives):
            for counter in sorted({q.counter for s in alternatives for q in s.needs}):
                self.counter_lines[counter].append(line)
            for stock in sorted({s.stock for s in alternatives if s.stock >= 0}):
                self.stock_lines[stock].append(line)
            for meter in sorted({s.meter for s in alternatives if s.meter >= 0}):
                self.meter_lines[meter].append(line)
            if any(s.cycle and s.table >= 0 for s in alternatives):
                self.ordinal_lines.append(line)
            if self.claims[line] and alternatives:
                for need in alternatives[0].needs[: self.claims[line]]:
                    self.claimed_by[need.counter].append(line)
        for meter, weights in enumerate(self.weights):
            for counter, _ in weights:
                self.counter_meters[counter].append(meter)


def cut(ptr: IntArray, values: IntArray) -> list[list[int]]:
    """The rows of a CSR array."""
    bounds, flat = ptr.tolist(), values.tolist()
    return [flat[a:b] for a, b in pairwise(bounds)]


def quantities(stages: Any, prefix: str) -> Sequence[tuple[Quantity, ...]]:
    """The amounts that each stage needs or puts back."""
    ptr: IntArray = getattr(stages, f"{prefix}_ptr")
    columns = [
        cut(ptr, getattr(stages, f"{prefix}_{name}")) for name in ("counter", "kind", "n", "dim")
    ]
    none = [[0] * len(row) for row in columns[0]]
    if prefix == "need":
        columns += [none, cut(ptr, stages.need_spare)]
    else:
        columns += [cut(ptr, getattr(stages, f"{prefix}_lag_s")), none]
    return [
        tuple(Quantity(*q) for q in zip(*rows, strict=True)) for rows in zip(*columns, strict=True)
    ]
