"""When lots become ready: open, batched, seasonal, timetabled, finite."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from corridor_sim.inputs.laws_of import law_of
from corridor_sim.inputs.schema import MONTHS, Demand, LawRow, Season
from corridor_sim.laws import Law, sampler
from corridor_sim.model.draws import draw_seconds, uniforms
from corridor_sim.primitives import IntArray
from corridor_sim.units import HOUR_S


def arrival_s(
    row: Demand,
    laws: dict[str, LawRow],
    seasons: dict[str, Season],
    window: tuple[datetime, int, int, int],
    seed: int,
    rep: int,
) -> IntArray:
    """Instants of arrival of batches, sorted, (n,) int64 s; window = (start, from, until, horizon)."""
    horizon = window[3]
    parts = [np.zeros(-(-row.at_start // row.batch), np.int64)]
    if row.every_h:
        every = np.arange(row.offset_h * HOUR_S, horizon, row.every_h * HOUR_S)
        parts.append(np.rint(every).astype(np.int64))
    elif row.units_per_year is not None:
        parts.append(_seasonal(row, laws, seasons, window, seed, rep))
    elif row.arrival_law != "saturated" and (law := law_of(row, "arrival", laws)) is not None:
        n = 64
        while True:
            gaps = draw_seconds(law, uniforms(seed, rep, f"demand.{row.id}.arrival", n))
            at = np.cumsum(gaps)
            if at[-1] >= horizon:
                break
            n *= 2
        parts.append(at[at < horizon])
    times = np.concatenate(parts)
    return times if row.lots_limit is None else times[: -(-row.lots_limit // row.batch)]


def _seasonal(
    row: Demand,
    laws: dict[str, LawRow],
    seasons: dict[str, Season],
    window: tuple[datetime, int, int, int],
    seed: int,
    rep: int,
) -> IntArray:
    """A renewal process in operational time: unit-mean gaps, stretched by the monthly rate."""
    start, begin, until, horizon = window
    assert row.units_per_year is not None
    shares = [getattr(seasons[row.season], m) for m in MONTHS] if row.season else [1 / 12] * 12
    edges, rates = [0], []
    at, year, month = 0, start.year, start.month
    while at < horizon:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        end = round((datetime(year, month, 1, tzinfo=start.tzinfo) - start) / timedelta(seconds=1))
        last = (month - 2) % 12
        first_s = (
            datetime(year if last != 11 else year - 1, last + 1, 1, tzinfo=start.tzinfo) - start
        )
        length = end - round(first_s / timedelta(seconds=1))
        for cut in sorted({c for c in (begin, until) if at < c < end} | {end}):
            factor = row.before_factor if at < begin else row.after_factor if at >= until else 1.0
            rates.append(row.units_per_year * shares[last] * factor / row.batch / length)
            edges.append(cut)
            at = cut
    batches = np.concatenate([[0.0], np.cumsum(np.array(rates) * np.diff(edges))])
    n = int(batches[-1]) + 1
    family = row.arrival_law or "constant"
    if family == "constant":
        marks = np.arange(n) + 0.5
    else:
        law = Law(family, mean=1.0, cv=row.arrival_cv, shape=row.arrival_shape)
        n += int(8 * np.sqrt(n + 10) * max(law.cv or 1.0, 1.0)) + 20
        marks = np.cumsum(sampler(law)(uniforms(seed, rep, f"demand.{row.id}.arrival", n)))
    marks = marks[marks < batches[-1]]
    month_of = np.searchsorted(batches, marks, side="right") - 1
    times = np.array(edges)[month_of] + (marks - batches[month_of]) / np.array(rates)[month_of]
    rounded: IntArray = np.rint(times).astype(np.int64)
    return rounded[rounded < horizon]
