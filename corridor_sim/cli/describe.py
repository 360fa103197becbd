"""`corridor-sim describe`: what a key means."""

from __future__ import annotations

from typing import Annotated

import typer

from corridor_sim.cli.app import app, verb


@app.command("describe")
@verb
def describe_(
    key: Annotated[str, typer.Argument(help="A table, a facility type or a key path.")],
) -> int:
    """Print what a table, a facility type or a column means.

    Example: corridor-sim describe berth
    """
    from corridor_sim.inputs.resolved import describe

    print(describe(key))
    return 0
