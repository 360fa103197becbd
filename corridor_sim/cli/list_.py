"""`corridor-sim list`: the scenarios and their questions."""

from __future__ import annotations

from typing import Annotated

import typer

from corridor_sim.cli.app import app, verb
from corridor_sim.cli.screen import table


@app.command("list")
@verb
def list_(
    textbook: Annotated[bool, typer.Option("--textbook", help="The textbook cases too.")] = False,
) -> int:
    """List scenarios with the question that each answers.

    Example: corridor-sim list
    """
    from corridor_sim.inputs.places import list_scenarios
    from corridor_sim.inputs.read import read_scenario

    names = [n for n in list_scenarios() if textbook or not n.startswith("textbook/")]
    print(
        table(
            ["scenario", "question"],
            [[n, read_scenario(n).scenario.question] for n in names],
            left=2,
        )
    )
    return 0
