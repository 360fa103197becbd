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
    from corridor_sim.inputs.places import list_scenarios, list_textbook
    from corridor_sim.inputs.read import read_scenario

    hidden = set() if textbook else set(list_textbook())
    names = [name for name in list_scenarios() if name not in hidden]
    print(
        table(
            ["scenario", "question"],
            [[n, read_scenario(n).scenario.question] for n in names],
            left=2,
        )
    )
    return 0
