"""A slice of a corridor at three sizes: trains to a port and vessels from it, one OD each way.

Six stages by train and six by vessel a batch; `benchmarks.naive` simulates the same lots.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.naive import COLUMNS, ODS, Slice
from corridor_sim.model.compiled import CompiledModel
from corridor_sim.model.pack import pack
from corridor_sim.primitives import (
    Births,
    Counter,
    Flow,
    Hop,
    Line,
    Primitives,
    Quantity,
    Source,
    Stage,
    Stock,
    Vehicle,
)
from corridor_sim.terms import Amount

N_STAGE = 12
_H = 3_600
_BATCH_S = 6 * _H
"""Mean time between two batches of one OD."""
_DRAIN_S = 60 * 24 * _H


def make_slice(n: int, n_batch: int, seed: int, demand: int = 1) -> Slice:
    """Inputs of both models; `demand` multiplies batches a day and all servers alike."""
    rng = np.random.default_rng([seed, n, n_batch, demand])
    n_batch *= demand
    ready = {}
    for od in ODS:
        gaps = rng.exponential(_BATCH_S / (n * demand), n * n_batch)
        ready[od] = np.cumsum(gaps).astype(np.int64)
    hours = dict(zip(COLUMNS, ((6, 14), (4, 10), (18, 30), (20, 40)), strict=True))
    draws = {
        (od, column): (rng.uniform(*hours[column], n_batch) * _H).astype(np.int64)
        for od in ODS
        for column in COLUMNS
    }
    shared = {"section 1": 5, "section 2": 4, "border": 1, "shop": 1, "channel": 1}
    shared |= {"far channel": 1}
    own = {"loco": 10, "platform": 1, "track": 1, "ship": 16, "berth": 1, "far berth": 1}
    return Slice(
        n=n,
        n_batch=n_batch,
        horizon_s=max(int(r[-1]) for r in ready.values()) + _DRAIN_S,
        ready_s=ready,
        draws_s=draws,
        shared={name: cap * demand for name, cap in shared.items()},
        own={name: cap * demand for name, cap in own.items()},
        space=8 * n * demand,
        move_s=3 * _H // max(n, 10),
        border_s=2 * _H,
        shop_s=2 * _H,
        channel_s=_H // 2,
    )


def build(given: Slice) -> CompiledModel:
    """The slice in primitives, packed."""
    parts = Primitives(given.horizon_s)
    parts.vehicles = [Vehicle("carrier", (given.n,))]
    parts.counters = [Counter(name, cap) for name, cap in given.shared.items()]
    for od in ODS:
        _add_od(parts, given, od)
    return pack(parts)


def _add_od(parts: Primitives, given: Slice, od: str) -> None:
    parts.counters += [Counter(f"{name} {od}", cap) for name, cap in given.own.items()]
    parts.counters.append(Counter(f"space {od}", given.space))
    parts.stocks += [Stock(f"yard {od}"), Stock(f"quay {od}")]
    hops = (Hop(f"yard {od}", f"port {od}"), Hop(f"quay {od}", f"far {od}"))
    parts.flows.append(Flow(od, given.ready_s[od], hops, (1,)))
    train, vessel = f"train {od}", f"vessel {od}"
    for name, stages in ((train, _rail(given, od)), (vessel, _sea(given, od))):
        for i, stage in enumerate(stages):
            following = f"{name} {i + 1}" if i + 1 < len(stages) else None
            parts.stages.append(Stage(f"{name} {i}", next_line=following, **stage))
            parts.lines.append(Line(f"{name} {i}", (f"{name} {i}",)))
        parts.sources.append(Source(name, f"{name} 0", Births(np.zeros(1, np.int64))))
    for column in COLUMNS:
        source = train if column.startswith("section") else vessel
        parts.draws[source, column] = given.draws_s[od, column]


def _rail(given: Slice, od: str) -> list[dict[str, Any]]:
    """The stages of a train, in order."""
    loco, platform, track = (Quantity(f"{name} {od}") for name in ("loco", "platform", "track"))
    into = Quantity(f"space {od}", kind=Amount.UNLOADED)
    return [
        _loading(
            given, f"yard {od}", needs=(loco, platform), puts_end=(platform,), spawn=f"train {od}"
        ),
        _server("section 1", work_column="section 1"),
        _server("border", work_s=given.border_s),
        _server("section 2", work_column="section 2"),
        _server("shop", work_s=given.shop_s),
        {
            "needs": (track, into),
            "puts_end": (track, loco),
            "place": f"port {od}",
            "unit_s": given.move_s,
        },
    ]


def _sea(given: Slice, od: str) -> list[dict[str, Any]]:
    """The stages of a vessel, in order."""
    ship, berth, far = (Quantity(f"{name} {od}") for name in ("ship", "berth", "far berth"))
    out = Quantity(f"space {od}", kind=Amount.LOADED)
    return [
        _loading(
            given, f"quay {od}", needs=(ship, berth), puts_end=(berth, out), spawn=f"vessel {od}"
        ),
        _server("channel", work_s=given.channel_s),
        {"work_column": "sail"},
        _server("far channel", work_s=given.channel_s),
        {"needs": (far,), "puts_end": (far,), "place": f"far {od}", "unit_s": given.move_s},
        {"work_column": "return", "puts_end": (ship,)},
    ]


def _loading(given: Slice, stock: str, **more: Any) -> dict[str, Any]:
    full = {"load_min": given.n, "unit_s": given.move_s, "vehicle": "carrier"}
    return {"stock": stock, **full, **more}


def _server(name: str, **work: Any) -> dict[str, Any]:
    return {"needs": (Quantity(name),), "puts_end": (Quantity(name),), **work}
