"""Options that several verbs take: `from corridor_sim.cli import options as opt`, `reps: opt.Reps`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="Change one value: KEY=VALUE, e.g. fleets.kmtf_feeder.vessels=6. May be repeated.",
    ),
]
Reps = Annotated[
    int | None, typer.Option("--reps", min=1, help="Replications; default: the scenario's.")
]
Seed = Annotated[int | None, typer.Option("--seed", min=0, help="Root of all random streams.")]
Jobs = Annotated[int, typer.Option("--jobs", min=0, help="Processes; 0: one a processor.")]
Out = Annotated[Path | None, typer.Option("--out", help="Folder for results; default runs/<name>.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No table, only where the files are.")]
Excel = Annotated[
    bool, typer.Option("--excel", help="Write all tables also into one workbook, results.xlsx.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
