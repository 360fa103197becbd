"""What the SimPy engine reads of a compiled model, turned once into plain Python objects."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from corridor_sim.model.compiled import Calendars, CompiledModel
from corridor_sim.terms import Amount
from corridor_sim.units import FOREVER

Cut = tuple[int, int, int, int]
"""A half-open range of lots: flow, hop, first, end."""


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

    def finish(self, start: int, work: int) -> int:
        """The instant at which the clock has been open for `work` seconds since `start`."""
        if work <= 0:
            return start
        i = bisect_right(self.opens, start) - 1
        open_before = 0
        if i >= 0:
            open_before = self.before[i] + min(start, self.closes[i]) - self.opens[i]
        target = open_before + work
        j = bisect_right(self.before, target - 1) - 1
        end = self.opens[j] + target - self.before[j] if j >= 0 else FOREVER
        return end if j >= 0 and end <= self.closes[j] else FOREVER


@dataclass(slots=True)
class StageRow:
    """One stage: columns of `Stages` by the same names, and its lists of amounts."""

    index: int
    gate: int
    table: int
    meter: int
    stock: int
    load_min: int
    load_floor: int
    load_max: int
    board_min: int
    dim: int
    deadline_s: int
    deadline_from: int
    cutoff_s: int
    vehicle: int
    place: int
    unload_max: int
    work_s: int
    work_column: int
    unit_s: int
    clock: int
    next_line: int
    loop_line: int
    cycle: int
    mark: int
    spawn: int
    needs: list[tuple[int, int, int, int]]
    constants: list[tuple[int, int]]
    puts_start: list[tuple[int, int, int, int, int]]
    puts_end: list[tuple[int, int, int, int, int]]


def stage_rows(model: CompiledModel) -> list[StageRow]:
    """All stages as plain objects."""
    stages = model.stages
    names = [
        n
        for n in StageRow.__slots__
        if n not in ("index", "needs", "constants", "puts_start", "puts_end")
    ]
    columns = [getattr(stages, name).tolist() for name in names]
    rows = []
    for i in range(len(stages.gate)):
        values = dict(zip(names, (c[i] for c in columns), strict=True))
        lists = {
            "needs": _rows(model, "need", i, ("counter", "kind", "n", "dim")),
            "puts_start": _rows(model, "start", i, ("counter", "kind", "n", "dim", "lag_s")),
            "puts_end": _rows(model, "end", i, ("counter", "kind", "n", "dim", "lag_s")),
        }
        constants = [(c, n) for c, kind, n, _ in lists["needs"] if kind == Amount.CONSTANT and n]
        rows.append(StageRow(index=i, constants=constants, **values, **lists))  # type: ignore[arg-type]
    return rows


def _rows(
    model: CompiledModel, prefix: str, stage: int, names: tuple[str, ...]
) -> list[tuple[int, ...]]:
    ptr = getattr(model.stages, f"{prefix}_ptr")
    part = slice(int(ptr[stage]), int(ptr[stage + 1]))
    return list(
        zip(*(getattr(model.stages, f"{prefix}_{n}")[part].tolist() for n in names), strict=True)
    )
