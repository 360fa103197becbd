"""What the SimPy engine reads of a compiled model, turned once into plain Python objects."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass
from struct import Struct

from corridor_sim.model.compiled import Calendars, CompiledModel
from corridor_sim.primitives import IntArray
from corridor_sim.terms import Amount
from corridor_sim.units import FOREVER

Cut = tuple[int, int, int, int]
"""A half-open range of lots: flow, hop, first, end."""


SIX, EIGHT = Struct("6q").pack, Struct("8q").pack
"""A row of the log as bytes: `frombytes(EIGHT(...))` takes a quarter of the time of `extend`."""


def flat(values: IntArray) -> array[int]:
    """Eight bytes a number, where a list of Python's takes forty."""
    return array("q", values.tobytes())


class Clock:
    """One calendar: open or not, when next, and when so much open time will have passed."""

    def __init__(self, calendars: Calendars, index: int):
        part = slice(int(calendars.ptr[index]), int(calendars.ptr[index + 1]))
        self.opens: list[int] = calendars.open_s[part].tolist()
        self.closes: list[int] = calendars.close_s[part].tolist()
        self.before: list[int] = calendars.before_s[part].tolist()

    def is_open(self, t: int) -> bool:
        """Whether `t` lies in an open interval `[a, b)`."""
        i = bisect_right(self.opens, t) - 1
        return i >= 0 and t < self.closes[i]

    def next_opening(self, t: int) -> int:
        """The first opening after `t`."""
        i = bisect_right(self.opens, t)
        return self.opens[i] if i < len(self.opens) else FOREVER

    def next_closing(self, t: int) -> int:
        """The first instant from `t` on at which it is not open."""
        i = bisect_right(self.opens, t) - 1
        return self.closes[i] if i >= 0 and t < self.closes[i] else t

    def open_until(self, t: int) -> int:
        """Open time before `t`."""
        i = bisect_right(self.opens, t) - 1
        return self.before[i] + min(t, self.closes[i]) - self.opens[i] if i >= 0 else 0

    def finish(self, start: int, work: int) -> int:
        """The instant at which the clock has been open for `work` seconds since `start`."""
        if work <= 0:
            return start
        target = self.open_until(start) + work
        j = bisect_right(self.before, target - 1) - 1
        end = self.opens[j] + target - self.before[j] if j >= 0 else FOREVER
        return end if j >= 0 and end <= self.closes[j] else FOREVER


@dataclass(slots=True)
class StageRow:
    """One stage: columns of `Stages` by the same names, and its lists of amounts."""

    index: int
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
    needs: list[tuple[int, int, int, int, int]]
    puts_start: list[tuple[int, int, int, int, int]]
    puts_end: list[tuple[int, int, int, int, int]]
    constants: list[tuple[int, int]]
    """Needs that do not depend on cargo: counter, what must be free."""
    constant_puts: list[tuple[int, int, int]] | None
    """`puts_end` (counter, amount, lag) if none depends on cargo."""
    is_timed: bool
    """Has a gate, a cut, a table or a meter."""
    is_plain: bool
    """Waits for plain counters only, and moves no cargo: nearly every visit, so it has a path
    of its own, half as long (benchmarks.engine)."""


_DERIVED = {"index", "needs", "puts_start", "puts_end", "constants", "constant_puts"}
_DERIVED |= {"is_timed", "is_plain"}


def stage_rows(model: CompiledModel) -> list[StageRow]:
    """All stages as plain objects."""
    stages = model.stages
    names = [n for n in StageRow.__slots__ if n not in _DERIVED]
    columns = [getattr(stages, name).tolist() for name in names]
    periodic = {i for i, period in enumerate(model.counters.period_s.tolist()) if period}
    rows = []
    for i in range(len(stages.gate)):
        values = dict(zip(names, (c[i] for c in columns), strict=True))
        needs = _rows(model, "need", i, ("counter", "kind", "n", "dim", "spare"))
        puts_start = _rows(model, "start", i, ("counter", "kind", "n", "dim", "lag_s"))
        puts_end = _rows(model, "end", i, ("counter", "kind", "n", "dim", "lag_s"))
        constants = [
            (c, n + spare) for c, kind, n, _, spare in needs if kind == Amount.CONSTANT and n
        ]
        constant_puts = [(c, n, lag) for c, kind, n, _, lag in puts_end if kind == Amount.CONSTANT]
        rows.append(
            StageRow(
                index=i,
                needs=needs,  # type: ignore[arg-type]
                puts_start=puts_start,  # type: ignore[arg-type]
                puts_end=puts_end,  # type: ignore[arg-type]
                constants=constants,
                constant_puts=constant_puts if len(constant_puts) == len(puts_end) else None,
                is_timed=max(values[n] for n in ("gate", "cut", "table", "meter")) >= 0,
                is_plain=_is_plain(values)
                and not puts_start
                and len(constant_puts) == len(puts_end)
                and not any(
                    c in periodic or kind != Amount.CONSTANT or spare
                    for c, kind, _, _, spare in needs
                ),
                **values,
            )
        )
    return rows


def watchers(
    model: CompiledModel, alternatives: list[list[StageRow]]
) -> tuple[list[list[int]], list[list[int]], list[list[int]]]:
    """By counter, by stock and by meter: the lines whose heads may go when it changes."""
    counters: list[list[int]] = [[] for _ in model.counters.cap]
    stocks: list[list[int]] = [[] for _ in model.stocks.others]
    meters: list[list[int]] = [[] for _ in model.meters.on]
    for line, stages in enumerate(alternatives):
        for stage in stages:
            for counter, *_ in stage.needs:
                counters[counter].append(line)
            if stage.stock >= 0:
                stocks[stage.stock].append(line)
            if stage.meter >= 0:
                meters[stage.meter].append(line)
    return counters, stocks, meters


def _is_plain(values: dict[str, int]) -> bool:
    absent = ("gate", "cut", "table", "meter", "stock", "vehicle", "place", "spawn", "slow")
    nothing = ("board_min", "cycle", "unit_s", "resume")
    return all(values[name] < 0 for name in absent) and not any(values[name] for name in nothing)


def _rows(
    model: CompiledModel, prefix: str, stage: int, names: tuple[str, ...]
) -> list[tuple[int, ...]]:
    ptr = getattr(model.stages, f"{prefix}_ptr")
    part = slice(int(ptr[stage]), int(ptr[stage + 1]))
    return list(
        zip(*(getattr(model.stages, f"{prefix}_{n}")[part].tolist() for n in names), strict=True)
    )
