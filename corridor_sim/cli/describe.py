"""`corridor-sim describe`: what a key means, what stands there, and where it comes from."""

from __future__ import annotations

from typing import Annotated

import typer

from corridor_sim.cli import options as opt
from corridor_sim.cli.app import app, verb


@app.command("describe")
@verb
def describe_(
    key: Annotated[
        str, typer.Argument(help="A table, facility type, key path, pattern, or a figure's id.")
    ],
    scenario: Annotated[
        str, typer.Option("--scenario", help="Whose values: name or file of a scenario.")
    ] = "base_2024",
    set_: opt.Set = None,
) -> int:
    """Print what a key means. Of a value also its unit, source, range and place.

    Example: corridor-sim describe fleets.kmtf_feeder.vessels
    """
    from corridor_sim.inputs.describe import describe, describe_value, names_a_value

    if names_a_value(key):
        from corridor_sim.inputs.read import read_scenario

        print(describe_value(key, read_scenario(scenario, tuple(set_ or ()))))
    else:
        print(describe(key))
    return 0
