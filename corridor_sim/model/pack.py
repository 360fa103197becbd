"""Primitives in, compiled model out: the one place where names become integers.

Names are ordered by text, so no row number and no order of creation can show in a result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from corridor_sim.errors import EngineError
from corridor_sim.model.compiled import (
    Calendars,
    Cargo,
    CompiledModel,
    Counters,
    Lines,
    Meters,
    Names,
    Slows,
    Sources,
    Stages,
    Stocks,
    Tables,
)
from corridor_sim.primitives import Calendar, IntArray, Primitives, Quantity, Stage, Vehicle
from corridor_sim.terms import Amount

GROUND = "ground"


def pack(parts: Primitives) -> CompiledModel:
    """Compile primitives to read-only arrays.

    Raises
    ------
    EngineError    a name is used twice or not defined: a fault of whoever built the primitives
    """
    index = _Index(parts)
    model = CompiledModel(
        horizon_s=parts.horizon_s,
        n_dim=parts.n_dim,
        counters=_counters(parts, index),
        calendars=_calendars(parts, index),
        stocks=Stocks(
            no_vehicle=_column(
                index.sorted("stocks"), lambda s: index.label(s.no_vehicle or "no vehicle")
            ),
            others=_column(
                index.sorted("stocks"), lambda s: index.label(s.others or "loading others")
            ),
        ),
        lines=_lines(parts, index),
        stages=_stages(parts, index),
        sources=_sources(parts, index),
        meters=_meters(parts, index),
        slows=_slows(index),
        cargo=_cargo(parts, index),
        tables=_tables(parts, index),
        names=index.names(),
    )
    _check_claims(model)
    _check_loads(model)
    _check_cuts(model)
    _check_limits(model)
    return model


class _Index:
    """Text to integer, by kind."""

    KINDS = ("counters", "calendars", "stocks", "lines", "stages", "sources", "meters", "flows")
    """Kinds that people meet in results: their names are kept."""

    def __init__(self, parts: Primitives):
        self.items: dict[str, list[Any]] = {
            k: sorted(getattr(parts, k), key=lambda p: p.name) for k in self.KINDS
        }
        self.items["slows"] = sorted(parts.slows, key=lambda s: s.name)
        ground = Vehicle(GROUND, (-1,) * parts.n_dim)
        self.items["vehicles"] = [ground, *sorted(parts.vehicles, key=lambda v: v.name)]
        self.at = {
            kind: self._number(kind, [p.name for p in items]) for kind, items in self.items.items()
        }
        places = {h.place for f in parts.flows for h in f.hops} | {
            s.place for s in parts.stages if s.place
        }
        columns = {column for _, column in parts.draws} | {
            s.work_column for s in parts.stages if s.work_column
        }
        self.at["places"] = self._number("places", sorted(places))
        self.at["columns"] = self._number("columns", sorted(columns))
        self.at["tables"] = self._number("tables", sorted(parts.tables))
        self.at["labels"] = self._number("labels", sorted(_labels(parts)))

    @staticmethod
    def _number(kind: str, names: Sequence[str]) -> dict[str, int]:
        at = {name: i for i, name in enumerate(names)}
        if len(at) != len(names):
            raise EngineError(f"{kind}: a name is defined twice in {sorted(names)}")
        return at

    def sorted(self, kind: str) -> list[Any]:
        return self.items[kind]

    def __call__(self, kind: str, name: str | None) -> int:
        if name is None:
            return -1
        try:
            return self.at[kind][name]
        except KeyError:
            raise EngineError(f"{kind}: {name!r} is used but not defined") from None

    def label(self, name: str) -> int:
        return self("labels", name)

    def names(self) -> Names:
        wanted = (*self.KINDS, "vehicles", "places", "columns", "labels")
        return Names(**{kind: tuple(self.at[kind]) for kind in wanted})


def _labels(parts: Primitives) -> set[str]:
    labels = {c.cause or c.name for c in parts.counters}
    labels |= {s.no_vehicle or "no vehicle" for s in parts.stocks}
    labels |= {s.others or "loading others" for s in parts.stocks}
    for calendar in parts.calendars:
        labels |= set(_gap_causes(calendar))
    for stage in parts.stages:
        labels |= {stage.state or stage.name, stage.fill_cause, stage.table_cause}
        labels |= {stage.meter_cause, stage.turn_cause}
    return labels


def _gap_causes(calendar: Calendar) -> tuple[str, ...]:
    n_gap = len(calendar.open_s) + 1
    causes = calendar.gap_causes or (f"closed {calendar.name}",)
    return causes * n_gap if len(causes) == 1 else causes


def _array(values: Iterable[Any]) -> IntArray:
    array = np.array(list(values), dtype=np.int64)
    array.flags.writeable = False
    return array


def _column(items: Iterable[Any], read: Callable[[Any], int]) -> IntArray:
    return _array(read(item) for item in items)


def _csr(rows: Iterable[Sequence[Any]]) -> tuple[IntArray, list[Any]]:
    rows = list(rows)
    ptr = np.concatenate([[0], np.cumsum([len(r) for r in rows])]).astype(np.int64)
    ptr.flags.writeable = False
    return ptr, [value for row in rows for value in row]


def _counters(parts: Primitives, index: _Index) -> Counters:
    counters = index.sorted("counters")
    rows = []
    for counter in counters:
        caps = [counter.cap, *(cap for _, cap in counter.steps)]
        rows.append([(at, caps[i + 1] - caps[i]) for i, (at, _) in enumerate(counter.steps)])
    ptr, steps = _csr(rows)
    return Counters(
        cap=_column(counters, lambda c: c.cap),
        free=_column(counters, lambda c: c.cap if c.free is None else c.free),
        period_s=_column(counters, lambda c: c.period_s),
        step_ptr=ptr,
        step_at_s=_array(at for at, _ in steps),
        step_by=_array(by for _, by in steps),
        cause=_column(counters, lambda c: index.label(c.cause or c.name)),
    )


def _calendars(parts: Primitives, index: _Index) -> Calendars:
    calendars = index.sorted("calendars")
    ptr, opens = _csr([c.open_s.tolist() for c in calendars])
    _, closes = _csr([c.close_s.tolist() for c in calendars])
    before = [
        np.concatenate([[0], np.cumsum(c.close_s - c.open_s)])[:-1].tolist() for c in calendars
    ]
    gap_ptr, gaps = _csr([_gap_causes(c) for c in calendars])
    return Calendars(
        ptr=ptr,
        open_s=_array(opens),
        close_s=_array(closes),
        before_s=_array(_csr(before)[1]),
        gap_ptr=gap_ptr,
        gap_cause=_array(index.label(g) for g in gaps),
    )


def _lines(parts: Primitives, index: _Index) -> Lines:
    lines = index.sorted("lines")
    ptr, alternatives = _csr([line.alternatives for line in lines])
    return Lines(
        order=_column(lines, lambda x: x.order),
        by_class=_column(lines, lambda x: x.by_class),
        offset_s=_column(lines, lambda x: x.offset_s),
        give_up_s=_column(lines, lambda x: x.give_up_s),
        give_up_from=_column(lines, lambda x: x.give_up_from),
        give_up_table=_column(lines, lambda x: index("tables", x.give_up_table)),
        else_line=_column(lines, lambda x: index("lines", x.else_line)),
        claim=_column(lines, lambda x: x.claim),
        alt_ptr=ptr,
        alt_stage=_array(index("stages", a) for a in alternatives),
    )


_STAGE_LINKS = {
    "gate": "calendars",
    "cut": "calendars",
    "clock": "calendars",
    "slow": "slows",
    "table": "tables",
    "meter": "meters",
    "stock": "stocks",
    "vehicle": "vehicles",
    "place": "places",
    "work_column": "columns",
    "next_line": "lines",
    "loop_line": "lines",
    "cut_line": "lines",
    "spawn": "sources",
}
_STAGE_NUMBERS = (
    "load_min load_floor load_max full board_min dim deadline_s deadline_from cutoff_s unload_max "
    "swap counts_board work_s unit_s resume cycle mark"
).split()
_STAGE_LABELS = ("fill_cause", "table_cause", "meter_cause", "turn_cause")


def _stages(parts: Primitives, index: _Index) -> Stages:
    stages: list[Stage] = index.sorted("stages")
    columns = {
        column: _array(index(kind, getattr(s, column)) for s in stages)
        for column, kind in _STAGE_LINKS.items()
    }
    columns |= {
        column: _array(int(getattr(s, column)) for s in stages) for column in _STAGE_NUMBERS
    }
    columns |= {
        column: _array(index.label(getattr(s, column)) for s in stages) for column in _STAGE_LABELS
    }
    columns["state"] = _column(stages, lambda s: index.label(s.state or s.name))
    columns |= _quantities("need", [s.needs for s in stages], index, spare=True)
    columns |= _quantities("start", [s.puts_start for s in stages], index)
    columns |= _quantities("end", [s.puts_end for s in stages], index)
    return Stages(**columns)


def _quantities(
    prefix: str, rows: Sequence[Sequence[Quantity]], index: _Index, spare: bool = False
) -> dict[str, IntArray]:
    ptr, flat = _csr(rows)
    out = {
        f"{prefix}_ptr": ptr,
        f"{prefix}_counter": _array(index("counters", q.counter) for q in flat),
        f"{prefix}_kind": _array(q.kind for q in flat),
        f"{prefix}_n": _array(q.n for q in flat),
        f"{prefix}_dim": _array(q.dim for q in flat),
    }
    if spare:
        return out | {f"{prefix}_spare": _array(q.spare for q in flat)}
    return out | {f"{prefix}_lag_s": _array(q.lag_s for q in flat)}


def _sources(parts: Primitives, index: _Index) -> Sources:
    sources = index.sorted("sources")
    lot_ptr = _lot_ptr(index)
    ptr, born = _csr([s.births.born_s.tolist() for s in sources])
    vehicles, first, end = [], [], []
    for source in sources:
        births, n = source.births, len(source.births.born_s)
        vehicles += [index("vehicles", v) for v in births.vehicle] if births.vehicle else [0] * n
        base = 0 if births.flow is None else int(lot_ptr[index("flows", births.flow)])
        lots = np.zeros((n, 2), np.int64) if births.lots is None else births.lots + base
        first += lots[:, 0].tolist()
        end += lots[:, 1].tolist()
    return Sources(
        line=_column(sources, lambda s: index("lines", s.line)),
        tokens=_column(sources, lambda s: s.tokens),
        offset_s=_column(sources, lambda s: s.offset_s),
        due_s=_column(sources, lambda s: s.due_s),
        birth_ptr=ptr,
        birth_s=_array(born),
        birth_vehicle=_array(vehicles),
        birth_first=_array(first),
        birth_end=_array(end),
    )


def _meters(parts: Primitives, index: _Index) -> Meters:
    meters = index.sorted("meters")
    ptr, weights = _csr([m.weights for m in meters])
    return Meters(
        on=_column(meters, lambda m: m.on),
        off=_column(meters, lambda m: m.off),
        min_s=_column(meters, lambda m: m.min_s),
        weight_ptr=ptr,
        weight_counter=_array(index("counters", c) for c, _ in weights),
        weight=_array(w for _, w in weights),
    )


def _slows(index: _Index) -> Slows:
    slows = index.sorted("slows")
    ptr, steps = _csr([s.steps for s in slows])
    return Slows(
        counter=_column(slows, lambda s: index("counters", s.counter)),
        ptr=ptr,
        level=_array(level for level, _ in steps),
        per_mille=_array(share for _, share in steps),
    )


def _lot_ptr(index: _Index) -> IntArray:
    counts = [len(f.ready_s) for f in index.sorted("flows")]
    return _array(np.concatenate([[0], np.cumsum(counts)]))


def _cargo(parts: Primitives, index: _Index) -> Cargo:
    flows, vehicles = index.sorted("flows"), index.sorted("vehicles")
    size = np.zeros((len(vehicles), len(flows), parts.n_dim), np.int64)
    for f, flow in enumerate(flows):
        for v, vehicle in enumerate(vehicles):
            size[v, f] = flow.size_on.get(vehicle.name, flow.size)
    size.flags.writeable = False
    cap = np.array([v.cap for v in vehicles], np.int64).reshape(len(vehicles), parts.n_dim)
    step_ptr, steps = _csr([v.steps for v in vehicles])
    step_cap = np.array([c for _, c in steps], np.int64).reshape(len(steps), parts.n_dim)
    cap.flags.writeable = step_cap.flags.writeable = False
    hop_ptr, hops = _csr([f.hops for f in flows])
    return Cargo(
        cap=cap,
        step_ptr=step_ptr,
        step_at_s=_array(at for at, _ in steps),
        step_cap=step_cap,
        size=size,
        lot_ptr=_lot_ptr(index),
        lot_ready_s=_array(t for f in flows for t in f.ready_s.tolist()),
        offset_s=_column(flows, lambda f: f.offset_s),
        hop_ptr=hop_ptr,
        hop_stock=_array(index("stocks", h.stock) for h in hops),
        hop_place=_array(index("places", h.place) for h in hops),
    )


def _tables(parts: Primitives, index: _Index) -> Tables:
    ptr, at = _csr([parts.tables[name].tolist() for name in index.at["tables"]])
    empty: IntArray = np.zeros(0, np.int64)
    keys = [(s, c) for s in index.at["sources"] for c in index.at["columns"]]
    draws = [parts.draws.get(key, empty) for key in keys]
    draw_ptr = np.concatenate([[0], np.cumsum([len(d) for d in draws])]).astype(np.int64)
    draw_s = np.concatenate([empty, *draws]).astype(np.int64)
    draw_ptr.flags.writeable = draw_s.flags.writeable = False
    return Tables(
        ptr=ptr,
        at_s=_array(at),
        draw_ptr=draw_ptr,
        draw_s=draw_s,
        n_column=len(index.at["columns"]),
    )


def _check_loads(model: CompiledModel) -> None:
    """A stage that wants lots loaded must say from where."""
    stages = model.stages
    wrong = (stages.stock < 0) & ((stages.load_min > 0) | (stages.load_floor > 0))
    if wrong.any():
        name = model.names.stages[int(np.flatnonzero(wrong)[0])]
        raise EngineError(f"stages: {name!r} wants lots, but names no stock")


def _check_cuts(model: CompiledModel) -> None:
    """Who is sent away must know where to, and half a swap may need more room than all of it."""
    wrong = (model.stages.cut >= 0) != (model.stages.cut_line >= 0)
    if wrong.any():
        name = model.names.stages[int(np.flatnonzero(wrong)[0])]
        raise EngineError(f"stages: {name!r} needs both `cut` and `cut_line`, or neither")
    if (torn := (model.stages.swap > 0) & (model.stages.cut >= 0)).any():
        name = model.names.stages[int(np.flatnonzero(torn)[0])]
        raise EngineError(f"stages: {name!r} swaps, so no `cut` may leave it half done")


def _check_limits(model: CompiledModel) -> None:
    """Capacities move, but no limit comes or goes; and a period's counter is never crowded."""
    cargo = model.cargo
    vehicle = np.repeat(np.arange(len(cargo.cap)), np.diff(cargo.step_ptr))
    if ((cargo.step_cap < 0) != (cargo.cap[vehicle] < 0)).any():
        raise EngineError("vehicles: a limit may move, but not come or go")
    if model.counters.period_s[model.slows.counter].any():
        raise EngineError("slows: a counter with a period has no units in use")


def _check_claims(model: CompiledModel) -> None:
    """A claiming line may wait for plain counters only, else it idles them for what may not come."""
    stages, counters = model.stages, model.counters
    for line in np.flatnonzero(model.lines.claim):
        for stage in model.lines.alt_stage[
            model.lines.alt_ptr[line] : model.lines.alt_ptr[line + 1]
        ]:
            needs = slice(stages.need_ptr[stage], stages.need_ptr[stage + 1])
            waits = [
                stages.gate[stage],
                stages.cut[stage],
                stages.table[stage],
                stages.meter[stage],
                stages.stock[stage],
            ]
            plain = counters.period_s[stages.need_counter[needs]] == 0
            loads = stages.need_kind[needs] == Amount.LOADED
            if max(waits) >= 0 or stages.board_min[stage] > 0 or loads.any() or not plain.all():
                name = model.names.lines[line]
                raise EngineError(f"lines: {name!r} claims, so it may wait for plain counters only")
