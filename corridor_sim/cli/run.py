"""`corridor-sim run`: simulate scenarios and write a folder of tables for each."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corridor_sim.cli import options as opt
from corridor_sim.cli.app import app, hold, verb, workers
from corridor_sim.cli.run_screen import report
from corridor_sim.cli.screen import Progress, say_taken
from corridor_sim.errors import ExitCode, InputError

if TYPE_CHECKING:
    from corridor_sim.studies.run import Run


@app.command("run")
@verb
def run_(
    ctx: typer.Context,
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
    every_od: Annotated[
        bool, typer.Option("--all", help="Print every OD, not those with most cargo alone.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace another scenario's results in the folder.")
    ] = False,
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
    from corridor_sim.outputs.folder import require_own, write_run_folder
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
    for name, folder in zip(names, folders, strict=True):
        if not force:
            require_own(folder, name)
        hold(ctx, folder)
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
            print(report(run, folder, files, every_od))
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


def _json(run: Run, folder: Path) -> str:
    import json

    from corridor_sim.outputs.tables import summary_table

    rows = [{k: None if v != v else v for k, v in row.items()} for row in summary_table(run)]
    return json.dumps({"scenario": run.scenario.name, "folder": str(folder), "summary": rows})
