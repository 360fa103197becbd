"""`corridor-sim sweep`: a grid over key paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from corridor_sim.cli import options as opt
from corridor_sim.cli.app import app, hold, verb, workers
from corridor_sim.cli.screen import Progress, number, say_taken, table


@app.command("sweep")
@verb
def sweep_(
    ctx: typer.Context,
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
    """Vary values over a grid. What changes only the bill is re-priced, not simulated again.

    Example: corridor-sim sweep base_2024 --vary fleets.rail_ferry_kuryk.vessels=5,6,7,8 --reps 5
    """
    from corridor_sim.inputs.read import read_scenario
    from corridor_sim.inputs.sourced import numbers
    from corridor_sim.outputs.inputs_resolved import write_inputs_resolved
    from corridor_sim.outputs.tables import write_csv
    from corridor_sim.studies.sweep import Axis, read_grid, run_grid

    axes = [Axis.parse(text) for text in vary]
    grid = read_grid(scenario, axes, tuple(set_ or ()), reps, seed)
    base = read_scenario(scenario, tuple(set_ or ()))
    folder = hold(ctx, out or Path("runs") / f"sweep_{scenario.replace('/', '_')}")
    if not quiet:
        say_taken(grid.resolved[0].scenario.name, grid.resolved[0].taken)
    with Progress("replications", quiet) as step:
        rows = run_grid(grid, workers(jobs), step)
    keys = [a.key for a in axes]
    write_csv(
        rows, [*keys, "od", "measure", "n", "mean", "sd", "ci_lo", "ci_hi"], folder / "sweep.csv"
    )
    if not quiet:
        print(screen(rows, keys))
    files = ["sweep.csv", *write_inputs_resolved(numbers(base), folder)]
    print(f"files in {folder}: {', '.join(files)}")
    return 0


SHOWN = {
    "p50_h": ("median days", 24, 1),
    "p90_h": ("P90 days", 24, 1),
    "usd_per_unit": ("USD a unit", 1, 0),
}
"""Measure of sweep.csv: its title on the screen, what it is divided by, digits."""
WIDEST = 8
"""Points side by side at most."""


def screen(rows: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> str:
    """A table a measure: an OD a row, a point a column; only ODs that differ between points."""
    points = list(dict.fromkeys(tuple(r[k] for k in keys) for r in rows))
    if len(points) > WIDEST:
        return f"{len(points)} points, too many for the screen: see sweep.csv"
    parts = [f"columns: {' / '.join(keys)}"]
    lost = sorted({r["measure"] for r in rows if r["measure"].endswith(".loss_d")})
    shown = SHOWN | {m: (f"days lost by {m.removesuffix('.loss_d')}", 1, 1) for m in lost}
    for measure, (title, scale, digits) in shown.items():
        cells: dict[str, list[str]] = {}
        for row in rows:
            if row["measure"] == measure:
                cells.setdefault(row["od"], []).append(number(row["mean"] / scale, digits))
        moved = [[od, *texts] for od, texts in cells.items() if len(set(texts)) > 1]
        head = [title, *(" / ".join(map(str, point)) for point in points)]
        parts += ["", table(head, moved) if moved else f"{title}: the same at every point"]
        if moved and len(moved) < len(cells):
            parts.append(f"{len(cells) - len(moved)} ODs more: the same at every point")
    return "\n".join(parts)
