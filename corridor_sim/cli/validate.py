"""`corridor-sim validate`: read and check scenarios, all problems at once."""

from __future__ import annotations

from typing import Annotated

import typer

from corridor_sim.cli import options as opt
from corridor_sim.cli.app import app, verb


@app.command("validate")
@verb
def validate_(
    scenarios: Annotated[list[str], typer.Argument(help="Names or files of scenarios.")],
    set_: opt.Set = None,
) -> int:
    """Check scenarios without running them. Exit 2 and every problem located, if there are any.

    Example: corridor-sim validate base_2024
    """
    from corridor_sim.errors import InputError
    from corridor_sim.model.reach import read_checked

    problems: list[str] = []
    for name in scenarios:
        try:
            resolved = read_checked(name, tuple(set_ or ()))
        except InputError as error:
            problems += error.problems
            continue
        for warning in resolved.warnings:
            print(f"warning: {warning}")
        scenario = resolved.scenario
        print(
            f"{name}: valid ({len(scenario.demand)} demand rows, {len(scenario.services)} services)"
        )
    if problems:
        raise InputError(problems)
    return 0
