"""The screen of one run: short tables that tell where to look, and where the rest is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from corridor_sim.cli.screen import PRECISION_SHARE, number, precision, table

if TYPE_CHECKING:
    from corridor_sim.studies.run import Run

MOST_ODS = 12
"""Longer tables show so many ODs: those with most tonnes delivered."""


def report(run: Run, folder: Path, files: list[str], every_od: bool = False) -> str:
    """All of it; of many ODs those with most cargo and those that the scenario expects about."""
    from corridor_sim.results.statistics import coverage_note
    from corridor_sim.studies.run import findings, totals

    scenario, n = run.scenario, len(run.replications)
    parts = [f"{scenario.name}: {scenario.question}"] if scenario.question else [scenario.name]
    ods = sorted(scenario.demand) if every_od else shown_ods(run)
    parts += ["", _od_table(run, ods), ""]
    if left := len(scenario.demand) - len(ods):
        parts += [f"with less cargo: {left} more ODs; --all prints them, od_kpi.csv has them", ""]
    sums = totals(run)
    delivered = ", ".join(f"{number(v, 0)} {unit}" for unit, v in sorted(sums["delivered"].items()))
    parts.append(
        f"delivered in the window: {delivered}; not yet delivered at the end: {sums['censored_share']:.2%} of offered"
    )
    parts += ["", "top causes of waiting (mean days a lot)", _cause_table(run, ods)]
    parts += ["", "busiest facilities (share of server time in use)", _busiest(run), ""]
    if run.rows("resilience"):
        parts += ["outages against an undisturbed twin (days)", _resilience(run), ""]
    for finding in findings(run):
        e = finding.expectation
        if e.equals is not None:
            band = f"±{e.within_share:.0%}" if e.within_share else ""
            verdict = "as expected" if finding.met else "NOT as expected"
            parts.append(
                f"expected {e.metric} {e.equals:g}{band}: found {number(finding.found.mean, 3)}, {verdict}"
            )
    if line := _validation(run):
        parts.append(line)
    if n < 20:
        parts.append(f"{n} replications are few: {coverage_note(n)}")
    if scenario.valid_for:
        parts += ["valid for: " + "; ".join(scenario.valid_for)]
    if scenario.not_valid_for:
        parts += ["not valid for: " + "; ".join(scenario.not_valid_for)]
    for warning in run.resolved.warnings:
        parts.append(f"warning: {warning}")
    parts.append(f"files in {folder}: {', '.join(files)}")
    return "\n".join(parts)


def shown_ods(run: Run) -> list[str]:
    """The `MOST_ODS` with most tonnes delivered, and those of `expect`, by name."""
    demand = run.scenario.demand
    if len(demand) <= MOST_ODS:
        return sorted(demand)

    def tonnes(od: str) -> float:
        delivered = run.values(f"od_kpi.{od}.shipper.delivered")
        return float(delivered.mean()) * demand[od].tonnes_per_unit if len(delivered) else 0.0

    most = sorted(demand, key=lambda od: (-tonnes(od), od))[:MOST_ODS]
    expected = {e.metric.split(".")[1] for e in run.scenario.expect} & demand.keys()
    return sorted({*most, *expected})


def _validation(run: Run) -> str:
    """How many observed figures of the network are met, and which are not; empty without any."""
    from corridor_sim.studies.validation import validation

    by_verdict: dict[str, list[str]] = {}
    for held in validation(run):
        by_verdict.setdefault(held.verdict, []).append(held.observation.id)
    inside, misses = by_verdict.get("inside", []), by_verdict.get("miss", [])
    if not inside and not misses:
        other = by_verdict.get("other period", [])
        return f"validation: {len(other)} observed figures are of another period" if other else ""
    parts = [f"{len(inside)} of {len(inside) + len(misses)} checks inside"]
    if misses:
        parts.append("misses: " + ", ".join(misses))
    if unknown := by_verdict.get("not measured"):
        parts.append("not measured: " + ", ".join(unknown))
    return f"validation: {'; '.join(parts)} (validation.csv)"


def _od_table(run: Run, ods: list[str]) -> str:
    from corridor_sim.results.statistics import t_interval

    rows = []
    for od in ods:
        values = {
            c: run.values(f"od_kpi.{od}.shipper.{c}")
            for c in ("p50_h", "p90_h", "p95_h", "delivered", "usd_per_unit")
        }
        mean = {c: t_interval(v) for c, v in values.items()}
        half = (mean["p50_h"].hi - mean["p50_h"].lo) / 2
        rows.append(
            [
                od,
                number(mean["p50_h"].mean / 24),
                f"±{number(half / 24)}",
                precision(half, mean["p50_h"].mean),
                number(mean["p90_h"].mean / 24),
                number(mean["p95_h"].mean / 24),
                number(mean["delivered"].mean, 0),
                number(mean["usd_per_unit"].mean, 0),
            ]
        )
    head = [
        "od",
        "median d",
        "",
        f"± at most {PRECISION_SHARE:.0%}",
        "P90 d",
        "P95 d",
        "delivered",
        "USD/unit",
    ]
    return table(head, rows)


def _cause_table(run: Run, ods: list[str]) -> str:
    found = causes(run)
    rows = [[od, *(found[od] + ["", "", ""])[:3]] for od in ods if od in found]
    return table(["od", "first", "second", "third"], rows, left=4)


def causes(run: Run) -> dict[str, list[str]]:
    """The three largest causes of waiting of each OD."""
    from corridor_sim.outputs.tables import ledger_table

    out: dict[str, list[str]] = {}
    for row in ledger_table(run):
        working = row["cause"].startswith(("move:", "service:"))
        if not working and len(out.setdefault(row["od"], [])) < 3 and row["mean_h"] >= 0.5:
            out[row["od"]].append(f"{row['cause'].removeprefix('wait:')} {row['mean_h'] / 24:.1f}")
    return out


def _busiest(run: Run, n: int = 6) -> str:
    use: dict[str, list[float]] = {}
    wait: dict[str, list[float]] = {}
    for row in run.rows("facility_kpi"):
        if row["class"] == "all":
            use.setdefault(row["facility"], []).append(row["utilisation"])
            wait.setdefault(row["facility"], []).append(row["wait_mean_h"])
    mean = {f: sum(v) / len(v) for f, v in use.items()}
    used = [f for f in mean if mean[f] > 0]  # NaN: never in use
    top = sorted(used, key=lambda f: (-mean[f], f))[:n]
    rows = [[f, f"{mean[f]:.0%}", number(sum(wait[f]) / len(wait[f]))] for f in top]
    return table(["facility", "in use", "mean wait h"], rows)


def _resilience(run: Run) -> str:
    """Each outage: all ODs, and those with a shortfall that is not usual; means and intervals."""
    from corridor_sim.results.statistics import t_interval

    columns = {
        "depth_d": 1,
        "loss_d": 1,
        "recover_d": 1,
        "clear_d": 1,
        "fluid_d": 1,
        "extra_mean_h": 24,
    }
    rows, usual = [], 0
    for key in dict.fromkeys((row["disruption"], row["od"]) for row in run.rows("resilience")):
        mine = [r for r in run.rows("resilience") if (r["disruption"], r["od"]) == key]
        if key[1] in run.scenario.demand and not any(
            r["depth_units"] > r["tolerance_units"] for r in mine
        ):
            usual += 1
            continue
        found = {c: t_interval([row[c] for row in mine]) for c in columns}
        cells = [
            f"{number(i.mean / columns[c])} ±{number((i.hi - i.lo) / 2 / columns[c])}"
            for c, i in found.items()
        ]
        rows.append([*key, *cells, f"{found['recover_d'].n} of {len(mine)}"])
    head = ["outage", "od", "depth", "loss", "recovery", "clearance", "fluid", "longer transit"]
    note = f"\n{usual} ODs more: their shortfall is no larger than what is usual" if usual else ""
    return table([*head, "recovered"], rows, left=2) + note
