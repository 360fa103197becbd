"""The compiled model: what an engine reads. Integers only, every array read-only.

Ragged data is CSR: the values of item i are `values[ptr[i]:ptr[i + 1]]`. -1 stands for "none" in
every index column. `names` is for people and is never read by an engine.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from corridor_sim.primitives import IntArray


@dataclass(frozen=True)
class Counters:
    """n counters. `step_*` is CSR by counter: at `step_at_s` the capacity changes by `step_by`."""

    cap: IntArray
    free: IntArray
    period_s: IntArray
    step_ptr: IntArray
    step_at_s: IntArray
    step_by: IntArray
    cause: IntArray


@dataclass(frozen=True)
class Calendars:
    """CSR by calendar; `before_s` is the open time before each interval.

    `gap_*` is CSR by calendar too (one entry more than intervals): what each gap is called.
    """

    ptr: IntArray
    open_s: IntArray
    close_s: IntArray
    before_s: IntArray
    gap_ptr: IntArray
    gap_cause: IntArray


@dataclass(frozen=True)
class Stocks:
    """n stocks: only what waits there is called."""

    no_vehicle: IntArray
    others: IntArray


@dataclass(frozen=True)
class Lines:
    """n lines; `alt_*` is CSR: the stages to try, in order."""

    order: IntArray
    by_class: IntArray
    offset_s: IntArray
    give_up_s: IntArray
    give_up_from: IntArray
    give_up_table: IntArray
    else_line: IntArray
    claim: IntArray
    alt_ptr: IntArray
    alt_stage: IntArray


@dataclass(frozen=True)
class Stages:
    """n stages; `need_*`, `start_*`, `end_*` are CSR lists of amounts taken and put back."""

    gate: IntArray
    cut: IntArray
    table: IntArray
    meter: IntArray
    stock: IntArray
    load_min: IntArray
    load_floor: IntArray
    load_max: IntArray
    counts_board: IntArray
    full: IntArray
    board_min: IntArray
    dim: IntArray
    deadline_s: IntArray
    deadline_from: IntArray
    cutoff_s: IntArray
    vehicle: IntArray
    place: IntArray
    unload_max: IntArray
    swap: IntArray
    work_s: IntArray
    work_column: IntArray
    unit_s: IntArray
    clock: IntArray
    slow: IntArray
    resume: IntArray
    next_line: IntArray
    loop_line: IntArray
    cut_line: IntArray
    cycle: IntArray
    mark: IntArray
    spawn: IntArray
    state: IntArray
    fill_cause: IntArray
    table_cause: IntArray
    meter_cause: IntArray
    turn_cause: IntArray
    need_ptr: IntArray
    need_counter: IntArray
    need_kind: IntArray
    need_n: IntArray
    need_dim: IntArray
    need_spare: IntArray
    start_ptr: IntArray
    start_counter: IntArray
    start_kind: IntArray
    start_n: IntArray
    start_dim: IntArray
    start_lag_s: IntArray
    end_ptr: IntArray
    end_counter: IntArray
    end_kind: IntArray
    end_n: IntArray
    end_dim: IntArray
    end_lag_s: IntArray


@dataclass(frozen=True)
class Sources:
    """n sources; births are CSR by source. `birth_first`, `birth_end`: global lots, equal if none."""

    line: IntArray
    tokens: IntArray
    offset_s: IntArray
    due_s: IntArray
    birth_ptr: IntArray
    birth_s: IntArray
    birth_vehicle: IntArray
    birth_first: IntArray
    birth_end: IntArray


@dataclass(frozen=True)
class Meters:
    """n meters; `weight_*` is CSR by meter."""

    on: IntArray
    off: IntArray
    min_s: IntArray
    weight_ptr: IntArray
    weight_counter: IntArray
    weight: IntArray


@dataclass(frozen=True)
class Slows:
    """n slow-downs of work by a counter's units in use (CSR, sorted by level)."""

    counter: IntArray
    ptr: IntArray
    level: IntArray
    per_mille: IntArray


@dataclass(frozen=True)
class Cargo:
    """Flows and their lots; vehicle 0 is the ground, with no limit.

    cap (n_vehicle, n_dim), at first; step_* is CSR by vehicle: from step_at_s on it is step_cap
    (n_step, n_dim). size (n_vehicle, n_flow, n_dim), -1 = refused; lots of flow f are the
    global indices lot_ptr[f] .. lot_ptr[f + 1], sorted by lot_ready_s; hops are CSR by flow.
    """

    cap: IntArray
    step_ptr: IntArray
    step_at_s: IntArray
    step_cap: IntArray
    size: IntArray
    lot_ptr: IntArray
    lot_ready_s: IntArray
    offset_s: IntArray
    hop_ptr: IntArray
    hop_stock: IntArray
    hop_place: IntArray

    @property
    def units_per_lot(self) -> IntArray:
        """(n_flow,) TEU, wagons or trucks in one lot: 1, or the batch that may not be split."""
        return self.size[0, :, 0]


@dataclass(frozen=True)
class Tables:
    """Timetables (CSR of instants by trip ordinal) and draws (CSR of seconds by trip ordinal).

    The stream of (source, column) is row `source * n_column + column` of the draws.
    """

    ptr: IntArray
    at_s: IntArray
    draw_ptr: IntArray
    draw_s: IntArray
    n_column: int


@dataclass(frozen=True)
class Names:
    """For people: the text of each index, sorted by text within its kind."""

    counters: tuple[str, ...]
    calendars: tuple[str, ...]
    stocks: tuple[str, ...]
    lines: tuple[str, ...]
    stages: tuple[str, ...]
    sources: tuple[str, ...]
    meters: tuple[str, ...]
    vehicles: tuple[str, ...]
    flows: tuple[str, ...]
    places: tuple[str, ...]
    columns: tuple[str, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class CompiledModel:
    """One immutable set of tables; `run` of any engine is a pure function of it."""

    horizon_s: int
    n_dim: int
    counters: Counters
    calendars: Calendars
    stocks: Stocks
    lines: Lines
    stages: Stages
    sources: Sources
    meters: Meters
    slows: Slows
    cargo: Cargo
    tables: Tables
    names: Names

    def fingerprint(self) -> str:
        """Sixteen hex digits that change when anything an engine reads changes."""
        digest = hashlib.blake2b(digest_size=8)
        _feed(digest, self)
        return digest.hexdigest()


def _feed(digest: Any, part: Any) -> None:
    for item in fields(part):
        value = getattr(part, item.name)
        if isinstance(value, Names):
            continue
        if is_dataclass(value):
            _feed(digest, value)
            continue
        digest.update(item.name.encode())
        digest.update(value.tobytes() if hasattr(value, "tobytes") else str(value).encode())
