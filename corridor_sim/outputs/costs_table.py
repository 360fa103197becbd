"""costs.csv: rows of `costs`, each a mean over replications."""

from __future__ import annotations

from typing import Any

import numpy as np

from corridor_sim.outputs.columns.costs import CostsTable
from corridor_sim.results.cost_rows import ALL
from corridor_sim.results.statistics import t_interval
from corridor_sim.studies.replicate import Rows
from corridor_sim.studies.run import Run


def costs_table(run: Run) -> Rows:
    """Mean and interval of each row over the replications that delivered any unit of its group.

    Tariffs and parts that cost nothing in any of them are left out.
    """
    found: dict[tuple[str, ...], Rows] = {}
    for row in run.rows("costs"):
        found.setdefault(tuple(row[k] for k in CostsTable.keys), []).append(row)
    totals: dict[tuple[str, ...], float] = {}
    table: Rows = []
    for (od, route, ledger, part, item), rows in found.items():
        mean = _mean(rows)
        total = totals.setdefault((od, route, ledger), mean["usd_per_unit"])
        if not mean["usd_per_unit"] and part != ALL:
            continue
        about = {"od": od, "direction": rows[0]["direction"], "route": route}
        about |= {"ledger": ledger, "part": part, "item": item}
        share = mean["usd_per_unit"] / total if total else float("nan")
        table.append(about | mean | {"share": share})
    return sorted(table, key=lambda r: r["od"])


def _mean(rows: Rows) -> dict[str, Any]:
    i = t_interval([row["usd_per_unit"] for row in rows])
    mean = {"n": i.n, "usd_per_unit": i.mean, "ci_lo": i.lo, "ci_hi": i.hi}
    others = ("usd_per_teu", "usd_per_tonne")
    return mean | {name: float(np.mean([row[name] for row in rows])) for name in others}
