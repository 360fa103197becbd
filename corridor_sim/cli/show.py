"""`corridor-sim show`: a scenario as written, or with everything resolved."""

from __future__ import annotations

from typing import Annotated

import typer

from corridor_sim.cli import options as opt
from corridor_sim.cli.app import app, verb


@app.command("show")
@verb
def show_(
    scenario: Annotated[str, typer.Argument(help="Name or file of a scenario.")],
    resolved: Annotated[
        bool, typer.Option("--resolved", help="With its network and parents.")
    ] = False,
    set_: opt.Set = None,
) -> int:
    """Print a scenario; with --resolved everything that it runs on.

    Example: corridor-sim show ferries_plus2 --resolved
    """
    from corridor_sim.inputs.places import find_scenario
    from corridor_sim.inputs.read import read_scenario
    from corridor_sim.inputs.resolved import to_yaml

    read = read_scenario(scenario, tuple(set_ or ()))
    if resolved:
        print(to_yaml(read.scenario), end="")
    else:
        print(find_scenario(scenario).path.read_text(encoding="utf-8-sig"), end="")
    return 0
