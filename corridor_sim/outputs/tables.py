"""Rows to CSV: RFC 4180, UTF-8, LF, `repr` floats, a fixed order of columns and rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from corridor_sim.errors import DiskError
from corridor_sim.history.hours import ALL, Clock, mean_hours
from corridor_sim.outputs.columns import TABLES, columns_of
from corridor_sim.outputs.columns.quoted import QUOTED
from corridor_sim.outputs.costs_table import costs_table
from corridor_sim.outputs.safe_text import safe_cell
from corridor_sim.results.statistics import Interval
from corridor_sim.studies.compare import Delta
from corridor_sim.studies.replicate import Rows
from corridor_sim.studies.run import Run, summary, unit_of
from corridor_sim.studies.twin import has_twin
from corridor_sim.studies.validation import validation
from corridor_sim.studies.waterfall import Step


def frame_of(rows: Rows, columns: Sequence[str]) -> pd.DataFrame:
    """Rows as a table with these columns; whole numbers stay whole beside empty cells."""
    frame = pd.DataFrame(rows, columns=list(columns))
    for column in frame.columns[frame.dtypes == "float64"]:
        known = next((row[column] for row in rows if row.get(column) is not None), None)
        if isinstance(known, int) and (frame[column].dropna() % 1 == 0).all():
            frame[column] = frame[column].astype("Int64")
    return frame


def write_csv(rows: Rows, columns: Sequence[str], path: Path) -> None:
    """Write rows with these columns; text that a spreadsheet would run is quoted with '.

    Raises
    ------
    DiskError    the file cannot be written
    """
    write_frame(frame_of(rows, columns), path)


def write_frame(frame: pd.DataFrame, path: Path) -> None:
    """As `write_csv`; the frame is left as it is."""
    safe = frame.copy(deep=False)
    for column in safe.columns:
        if safe[column].dtype.kind not in "iufb":
            safe[column] = safe[column].map(safe_cell)
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            safe.to_csv(file, index=False, lineterminator="\n")
    except OSError as error:
        raise DiskError(f"{path.name}: cannot be written ({error.strerror})") from error


def ledger_table(run: Run) -> Rows:
    """Mean over replications of the hours by cause, shares of each OD's sum; largest first.

    Of the shipper's clock over all routes and months: what people ask for first.
    """
    n = len(run.replications)
    sums: dict[tuple[str, str, str], float] = {}
    for row in run.rows("ledger"):
        key = (row["od"], row["direction"], row["cause"])
        sums[key] = sums.get(key, 0.0) + row["mean_h"] / n
    total: dict[str, float] = {}
    for (od, _, _), hours in sums.items():
        total[od] = total.get(od, 0.0) + hours
    rows = [
        {
            "od": od,
            "direction": direction,
            "cause": cause,
            "mean_h": hours,
            "share": hours / total[od],
        }
        for (od, direction, cause), hours in sums.items()
    ]
    return sorted(rows, key=lambda r: (r["od"], -r["mean_h"], r["cause"]))


def ledger_frame(run: Run) -> pd.DataFrame:
    """Mean over replications of the ledger on all clocks; largest first, the rest last."""
    found = [r.hours for r in run.replications if r.hours is not None]
    columns = columns_of("ledger")
    if not found:
        return pd.DataFrame(columns=columns)
    hours = mean_hours(found)
    words = np.array(hours.words, object)
    keys = ("od", "route", "cohort", "clock", "place", "cause")
    frame = pd.DataFrame(dict(zip(keys, words[hours.keys.T], strict=True)))
    frame["direction"] = frame["od"].map({d: r.direction for d, r in run.scenario.demand.items()})
    frame["n"], frame["mean_h"] = hours.units, hours.mean_h
    for q, near in hours.near_h.items():
        frame[f"p{q:g}_h"] = near
    group = ["od", "route", "cohort", "clock"]
    total = frame.groupby(group)["mean_h"].transform("sum")
    frame["share"] = frame["mean_h"] / total.where(total > 0)
    clocks = [clock.name.lower() for clock in Clock]
    ranks = {
        "route": frame["route"] != ALL,
        "cohort": frame["cohort"] != ALL,
        "clock": frame["clock"].map(clocks.index),
        "mean_h": -frame["mean_h"],
    }
    order = [frame["od"], ranks["route"], frame["route"], ranks["cohort"], frame["cohort"]]
    order += [ranks["clock"], ranks["mean_h"], frame["cause"], frame["place"]]
    codes = [pd.factorize(column, sort=True)[0] for column in order]
    return frame.iloc[np.lexsort(codes[::-1])][columns]


def checks_table(run: Run) -> Rows:
    """Each check over all replications: the sum of what was found."""
    found: dict[str, dict[str, Any]] = {}
    for row in run.rows("checks"):
        entry = found.setdefault(
            row["name"], {"name": row["name"], "tolerance": row["tolerance"], "found": 0}
        )
        entry["found"] += row["found"]
    rows = [
        e | {"verdict": "ok" if e["found"] <= e["tolerance"] else "failed"} for e in found.values()
    ]
    for replication in run.replications:
        if replication.stuck.kind != "none":
            name = f"nothing stands still (replication {replication.rep}: {replication.stuck.kind})"
            verdict = "ok" if replication.stuck.kind == "left_waiting" else "INCOMPLETE"
            rows.append(
                {
                    "name": name,
                    "tolerance": 0,
                    "found": replication.stuck.left_units,
                    "verdict": verdict,
                }
            )
    return rows


def trips_table(run: Run) -> Rows:
    """Rides of the first replication, instants in UTC; an instant that never came is empty."""
    return _dated(run, "trips", least_s=0)


def weather_table(run: Run) -> Rows:
    """Spells of all replications, instants in UTC."""
    return _dated(run, "weather")


def embargo_table(run: Run) -> Rows:
    """Orders of all replications, instants in UTC; empty where one was still on at the end."""
    return _dated(run, "embargo", least_s=0)


def _dated(run: Run, table: str, least_s: int | None = None) -> Rows:
    """Rows with a column `_utc` for each `_s`; empty where the second is less than `least_s`."""
    start = run.scenario.simulation.start

    def utc(t: int) -> str | None:
        if least_s is not None and t < least_s:
            return None
        return (start + timedelta(seconds=t)).strftime("%Y-%m-%dT%H:%M:%SZ")

    rows = run.rows(table)
    instants = [c for c in (rows[0] if rows else ()) if c.endswith("_s")]
    return [row | {f"{c.removesuffix('_s')}_utc": utc(row[c]) for c in instants} for row in rows]


def stock_frame(run: Run) -> pd.DataFrame:
    """Levels by place, unit and day: mean, 10 % and 90 % quantile over replications."""
    found = [r.levels for r in run.replications if r.levels is not None]
    keys = sorted({key for levels in found for key in levels.keys})
    if not keys:
        return pd.DataFrame(columns=columns_of("stock_daily"))
    days = found[0].day_s
    units = np.zeros((len(found), len(keys), len(days)))
    capacity = np.full((len(keys), len(days)), -1)
    for i, levels in enumerate(found):
        at = [keys.index(key) for key in levels.keys]
        units[i, at], capacity[at] = levels.units, levels.capacity
    start = run.scenario.simulation.start
    dates = [(start + timedelta(seconds=int(t))).strftime("%Y-%m-%d") for t in days]
    lo, hi = np.quantile(units, [0.1, 0.9], axis=0)
    columns = {
        name: np.repeat([key[i] for key in keys], len(days))
        for i, name in enumerate(("place", "kind", "node", "unit"))
    }
    limits = pd.Series(capacity.ravel(), dtype="Int64")
    return pd.DataFrame(
        columns
        | {
            "date_utc": np.tile(dates, len(keys)),
            "n": len(found),
            "mean_units": units.mean(axis=0).ravel(),
            "lo_units": lo.ravel(),
            "hi_units": hi.ravel(),
            "capacity_units": limits.mask(limits < 0),
        }
    )[columns_of("stock_daily")]


def validation_table(run: Run) -> Rows:
    """Observed figures beside what was simulated."""
    return [
        {
            "id": o.id,
            "metric": o.measure or None,
            "unit": o.unit,
            "definition": o.definition,
            "role": o.role,
            "observed": o.observed,
            "low": o.low,
            "high": o.high,
            "simulated": held.simulated.mean,
            "ci_lo": held.simulated.lo,
            "ci_hi": held.simulated.hi,
            "verdict": held.verdict,
            "source": o.source,
            "note": o.note or None,
        }
        for held in validation(run)
        for o in [held.observation]
    ]


def summary_table(run: Run) -> Rows:
    """Mean, sd and 95 % t interval over replications of every measure."""
    return [{"metric": metric, "unit": unit} | _interval(i) for metric, unit, i in summary(run)]


def _interval(i: Interval) -> dict[str, Any]:
    return {"n": i.n, "mean": i.mean, "sd": i.sd, "ci_lo": i.lo, "ci_hi": i.hi}


def delta_table(deltas: list[Delta]) -> Rows:
    """Paired differences against the first scenario."""
    units = {"p50_h": "h", "p90_h": "h", "delivered": "units", "usd_per_unit": "USD/unit"}
    return [
        {
            "scenario": d.scenario,
            "od": d.od,
            "measure": d.measure,
            "unit": units.get(d.measure) or unit_of(d.measure),
            "n": d.paired.diff.n,
            "base": d.base,
            "value": d.value,
            "delta": d.paired.diff.mean,
            "ci_lo": d.paired.diff.lo,
            "ci_hi": d.paired.diff.hi,
            "p_better": d.paired.better_share,
            "p_better_lo": d.paired.better_lo_share,
            "p_better_hi": d.paired.better_hi_share,
            "p_adjusted": d.p_adjusted,
            "verdict": d.verdict,
        }
        for d in deltas
    ]


def waterfall_table(steps: list[Step]) -> Rows:
    """Changes of mean transit times by cause, with intervals of the paired differences."""
    return [
        {
            "scenario": s.scenario,
            "od": s.od,
            "cause": s.cause,
            "group": s.group,
            "n": s.diff.n,
            "base_h": s.base_h,
            "value_h": s.value_h,
            "delta_h": s.diff.mean,
            "ci_lo_h": s.diff.lo,
            "ci_hi_h": s.diff.hi,
        }
        for s in steps
    ]


def frames_of(run: Run) -> dict[str, pd.DataFrame]:
    """All tables of a run by name, in the order of `columns.TABLES`."""
    rows = {
        "summary": summary_table(run),
        "od_kpi": run.rows("od_kpi"),
        "facility_kpi": run.rows("facility_kpi"),
        "service_kpi": run.rows("service_kpi"),
        "leg_kpi": run.rows("leg_kpi"),
        "node_dwell": run.rows("node_dwell"),
        "trips": trips_table(run),
        "resilience": run.rows("resilience"),
        "disruptions": run.rows("disruptions"),
        "checks": checks_table(run),
    }
    if not run.scenario.disruptions:
        del rows["disruptions"]
    if not has_twin(run.scenario):
        del rows["resilience"]
    frames = {name: frame_of(table, columns_of(name)) for name, table in rows.items()}
    frames["ledger"] = ledger_frame(run)
    frames["stock_daily"] = stock_frame(run)
    if run.scenario.weather:
        frames["weather"] = frame_of(weather_table(run), columns_of("weather"))
    if run.scenario.embargoes:
        frames["embargo"] = frame_of(embargo_table(run), columns_of("embargo"))
    if yards := run.rows("yard_hours"):
        frames["yard_hours"] = frame_of(yards, columns_of("yard_hours"))
    if costs := costs_table(run):
        frames["costs"] = frame_of(costs, columns_of("costs"))
    for name in ("emissions", "anchorage"):
        if found := run.rows(name):
            frames[name] = frame_of(found, columns_of(name))
    for name in QUOTED:
        if quoted := _dated(run, name):
            frames[name] = frame_of(quoted, columns_of(name))
    if run.resolved.observations:
        frames["validation"] = frame_of(validation_table(run), columns_of("validation"))
    if lots := run.rows("lots"):
        lead = columns_of("lots")
        labels = sorted({c for row in lots for c in row} - set(lead))
        frames["lots"] = frame_of(lots, lead + labels)
    return {name: frames[name] for name in TABLES if name in frames}


def write_tables(frames: Mapping[str, pd.DataFrame], folder: Path) -> list[str]:
    """Each table as a CSV file; the names of the files."""
    for name, frame in frames.items():
        write_frame(frame, folder / f"{name}.csv")
    return [f"{name}.csv" for name in frames]
