"""`corridor-sim new`: a study folder with everything in it."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from corridor_sim.cli.app import app, verb


@app.command("new")
@verb
def new_(
    folder: Annotated[Path, typer.Argument(help="A folder that is not there yet, or is empty.")],
) -> int:
    """Make a study folder. It holds scenarios, the network's tables, sources, a scenario to change.

    Example: corridor-sim new my_corridor
    """
    from corridor_sim.outputs.network_export import refuse_taken, write_new
    from corridor_sim.outputs.new_study import study_files

    refuse_taken(folder)
    write_new(folder, study_files())
    print(f"next: cd {shlex.quote(str(folder))}")
    print("      edit scenarios/my_study.yaml, or a table in networks/middle_corridor/")
    print(
        "      corridor-sim validate my_study && corridor-sim compare base_2024 my_study --reps 5"
    )
    return 0
