"""`corridor-sim sweep`: a grid over key paths."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from corridor_sim.cli import options as opt
from corridor_sim.cli.app import app, verb, workers
from corridor_sim.cli.screen import Progress, number, say_taken, table


@app.command("sweep")
@verb
def sweep_(
    scenario: Annotated[str, typer.Argument(help="Name or file of a scenario.")],
    vary: Annotated[
        list[str], typer.Option("--vary", help="KEY=A,B,C; may be repeated for a grid.")
    ],
    set_: opt.Set = None,
    reps: opt.Reps = None,
    seed: opt.Seed = None,
    jobs: opt.Jobs = 0,
    out: opt.Out = None,
    quiet: opt.Quiet = False,
) -> int:
    """Vary values over a grid; what changes only the bill is re-priced, not simulated again.

    Example: corridor-sim sweep base_2024 --vary fleets.rail_ferry_kuryk.vessels=5,6,7,8 --reps 5
    """
    from corridor_sim.inputs.read import read_scenario
    from corridor_sim.inputs.sourced import numbers
    from corridor_sim.outputs.folder import make_folder
    from corridor_sim.outputs.inputs_resolved import write_inputs_resolved
    from corridor_sim.outputs.tables import write_csv
    from corridor_sim.studies.sweep import Axis, read_grid, run_grid

    axes = [Axis.parse(text) for text in vary]
    grid = read_grid(scenario, axes, tuple(set_ or ()), reps, seed)
    base = read_scenario(scenario, tuple(set_ or ()))
    folder = make_folder(out or Path("runs") / f"sweep_{scenario.replace('/', '_')}")
    if not quiet:
        say_taken(grid.resolved[0].scenario.name, grid.resolved[0].taken)
    with Progress("replications", quiet) as step:
        rows = run_grid(grid, workers(jobs), step)
    keys = [a.key for a in axes]
    write_csv(
        rows, [*keys, "od", "measure", "n", "mean", "sd", "ci_lo", "ci_hi"], folder / "sweep.csv"
    )
    if not quiet:
        shown = [r for r in rows if r["measure"] in ("p50_h", "p90_h")]
        per = {(tuple(r[k] for k in keys), r["od"]): {} for r in shown}  # type: ignore[var-annotated]
        for r in shown:
            per[tuple(r[k] for k in keys), r["od"]][r["measure"]] = r["mean"] / 24
        print(
            table(
                [*keys, "od", "median d", "P90 d"],
                [[*at, od, number(m["p50_h"]), number(m["p90_h"])] for (at, od), m in per.items()],
                left=len(keys) + 1,
            )
        )
    files = ["sweep.csv", *write_inputs_resolved(numbers(base), folder)]
    print(f"files in {folder}: {', '.join(files)}")
    return 0
