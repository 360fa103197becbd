"""`corridor-sim run`: simulate scenarios and write a folder of tables for each."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corridor_sim.cli import options as opt
from corridor_sim.cli.app import app, verb, workers
from corridor_sim.cli.screen import PRECISION_SHARE, Progress, number, precision, say_taken, table
from corridor_sim.errors import ExitCode, InputError

if TYPE_CHECKING:
    from corridor_sim.studies.run import Run


@app.command("run")
@verb
def run_(
    scenarios: Annotated[list[str], typer.Argument(help="Names or files of scenarios.")],
    set_: opt.Set = None,
    reps: opt.Reps = None,
    seed: opt.Seed = None,
    jobs: opt.Jobs = 0,
    out: opt.Out = None,
    lots: Annotated[
        bool, typer.Option("--lots", help="Write lots.csv: every lot, every state.")
    ] = False,
    twin: Annotated[
        bool,
        typer.Option(
            "--twin", help="Run each also without the scenario's own outages; write resilience.csv."
        ),
    ] = False,
    excel: opt.Excel = False,
    json: opt.Json = False,
    quiet: opt.Quiet = False,
) -> int:
    """Run scenarios and write their tables.

    Example: corridor-sim run base_2024 --reps 5
    """
    from corridor_sim.studies.run import read_many, run_resolved
    from corridor_sim.studies.twin import with_twin

    wanted = [(name, tuple(set_ or ())) for name in scenarios]
    resolved = read_many(wanted, reps, seed)
    if twin:
        resolved = [with_twin(r) for r in resolved]
    # after reading: pandas takes longer to load than a mistake takes to find
    from corridor_sim.outputs.folder import make_folder, write_run_folder
    from corridor_sim.outputs.run_info import run_info
    from corridor_sim.outputs.run_workbook import require_excel

    if excel:
        require_excel("run")
    names = [r.scenario.name for r in resolved]
    folders = [_folder(out, name, len(names)) for name in names]
    if len(set(folders)) < len(folders):
        raise InputError(
            "run: two scenarios have one name. Fix: run them apart, each with its --out"
        )
    for folder in folders:
        make_folder(folder)
    for r in resolved if not quiet else ():
        say_taken(r.scenario.name, r.taken)
    with Progress("replications", quiet) as step:
        runs = run_resolved(resolved, workers(jobs), "lots" if lots else "all", step)
    code = ExitCode.OK
    for run, folder in zip(runs, folders, strict=True):
        files = write_run_folder(run, folder, run_info(run.resolved.taken), excel)
        if json:
            print(_json(run, folder))
        elif quiet:
            print(folder)
        else:
            print(report(run, folder, files))
        code = max(code, _exit_code(run))
    return code


def _folder(out: Path | None, name: str, n: int) -> Path:
    name = name.replace("/", "_")
    if out is None:
        return Path("runs") / name
    return out if n == 1 else out / name


def _exit_code(run: Run) -> ExitCode:
    kinds = {r.stuck.kind for r in run.replications}
    if kinds & {"gridlock", "starved"}:
        for r in run.replications:
            if r.stuck.kind in ("gridlock", "starved"):
                print(f"INCOMPLETE: replication {r.rep}: {r.stuck.story}", file=sys.stderr)
        return ExitCode.GRIDLOCK
    failed = [row for row in run.rows("checks") if not row["ok"]]
    for row in failed[:5]:
        print(
            f"check failed: {row['name']}: {row['found']} (replication {row['rep']})",
            file=sys.stderr,
        )
    return ExitCode.CHECK_FAILED if failed else ExitCode.OK


def report(run: Run, folder: Path, files: list[str]) -> str:
    """The screen of one run."""
    from corridor_sim.results.statistics import coverage_note
    from corridor_sim.studies.run import findings, totals

    scenario, n = run.scenario, len(run.replications)
    parts = [f"{scenario.name}: {scenario.question}"] if scenario.question else [scenario.name]
    parts += ["", _od_table(run), ""]
    sums = totals(run)
    delivered = ", ".join(f"{number(v, 0)} {unit}" for unit, v in sorted(sums["delivered"].items()))
    parts.append(
        f"delivered in the window: {delivered}; not yet delivered at the end: {sums['censored_share']:.2%} of offered"
    )
    parts += ["", "top causes of waiting (mean days a lot)", _cause_table(run)]
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


def _od_table(run: Run) -> str:
    from corridor_sim.results.statistics import t_interval

    rows = []
    for od in sorted(run.scenario.demand):
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


def _cause_table(run: Run) -> str:
    causes = _causes(run)
    rows = [[od, *(causes[od] + ["", "", ""])[:3]] for od in sorted(causes)]
    return table(["od", "first", "second", "third"], rows, left=4)


def _causes(run: Run) -> dict[str, list[str]]:
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
    top = sorted(mean, key=lambda f: (-mean[f], f))[:n]
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


def _json(run: Run, folder: Path) -> str:
    import json

    from corridor_sim.outputs.tables import summary_table

    rows = [{k: None if v != v else v for k, v in row.items()} for row in summary_table(run)]
    return json.dumps({"scenario": run.scenario.name, "folder": str(folder), "summary": rows})
