"""Rows to CSV: RFC 4180, UTF-8, LF, `repr` floats, a fixed order of columns and rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from corridor_sim.errors import DiskError
from corridor_sim.results.statistics import Interval
from corridor_sim.studies.compare import Delta
from corridor_sim.studies.replicate import Rows
from corridor_sim.studies.run import Run, summary

COLUMNS: dict[str, list[str]] = {
    "od_kpi": (
        "od commodity direction route clock rep n offered delivered censored_share mean_h p10_h "
        "p50_h p90_h p95_h usd_per_teu"
    ).split(),
    "facility_kpi": (
        "facility class rep arrivals completed turned_away_share wait_mean_h wait_p95_h "
        "sojourn_mean_h queue_mean in_system_mean utilisation throughput_per_h"
    ).split(),
    "service_kpi": (
        "service call rep trips load_mean full_share wait_mean_h vehicle_utilisation round_trips_per_h"
    ).split(),
    "ledger": "od direction cause mean_h share".split(),
    "trips": "service call trip vehicle on_board waited_h depart_utc arrive_utc".split(),
    "checks": "name tolerance found verdict".split(),
    "summary": "metric unit n mean sd ci_lo ci_hi".split(),
    "delta": (
        "scenario od measure unit n base value delta ci_lo ci_hi p_better p_better_lo p_better_hi "
        "p_adjusted verdict"
    ).split(),
}
"""Columns of each table, in order; the first few are its keys."""

_ESCAPED = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?")


def write_csv(rows: Rows, columns: Sequence[str], path: Path) -> None:
    """Write rows with these columns; text that a spreadsheet would run is quoted with '.

    Raises
    ------
    DiskError    the file cannot be written
    """
    frame = pd.DataFrame(rows, columns=list(columns))
    for column in frame.columns:
        if frame[column].dtype.kind not in "iufb":
            frame[column] = frame[column].map(_safe)
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            frame.to_csv(file, index=False, lineterminator="\n")
    except OSError as error:
        raise DiskError(f"{path.name}: cannot be written ({error.strerror})") from error


def _safe(cell: Any) -> Any:
    if isinstance(cell, str) and cell.startswith(_ESCAPED) and not _NUMBER.fullmatch(cell):
        return "'" + cell
    return cell


def ledger_table(run: Run) -> Rows:
    """Mean over replications of the hours by cause, shares of each OD's sum; largest first."""
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
    """Rides of the first replication, instants in UTC."""
    start = run.scenario.simulation.start

    def utc(t: int) -> str:
        return (start + timedelta(seconds=t)).strftime("%Y-%m-%dT%H:%M:%SZ")

    return [
        r | {"depart_utc": utc(r["depart_s"]), "arrive_utc": utc(r["arrive_s"])}
        for r in run.rows("trips")
    ]


def summary_table(run: Run) -> Rows:
    """Mean, sd and 95 % t interval over replications of every measure."""
    return [{"metric": metric, "unit": unit} | _interval(i) for metric, unit, i in summary(run)]


def _interval(i: Interval) -> dict[str, Any]:
    return {"n": i.n, "mean": i.mean, "sd": i.sd, "ci_lo": i.lo, "ci_hi": i.hi}


def delta_table(deltas: list[Delta]) -> Rows:
    """Paired differences against the first scenario."""
    units = {"p50_h": "h", "p90_h": "h", "delivered": "units", "usd_per_teu": "USD/TEU"}
    return [
        {
            "scenario": d.scenario,
            "od": d.od,
            "measure": d.measure,
            "unit": units[d.measure],
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


def write_run(run: Run, folder: Path) -> list[str]:
    """All tables of a run; the names of the files."""
    tables = {
        "summary": summary_table(run),
        "od_kpi": run.rows("od_kpi"),
        "ledger": ledger_table(run),
        "facility_kpi": run.rows("facility_kpi"),
        "service_kpi": run.rows("service_kpi"),
        "trips": trips_table(run),
        "checks": checks_table(run),
    }
    for name, rows in tables.items():
        write_csv(rows, COLUMNS[name], folder / f"{name}.csv")
    names = [f"{name}.csv" for name in tables]
    lots = run.rows("lots")
    if lots:
        lead = ["rep", "od", "route", "lot", "ready_s", "delivered_s"]
        columns = lead + sorted({c for row in lots for c in row} - set(lead))
        write_csv(lots, columns, folder / "lots.csv")
        names.append("lots.csv")
    return names
