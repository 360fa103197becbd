"""`corridor-sim diff`: what two scenarios set differently."""

from __future__ import annotations

from typing import Annotated

import typer

from corridor_sim.cli.app import app, verb
from corridor_sim.cli.screen import table


@app.command("diff")
@verb
def diff_(
    a: Annotated[str, typer.Argument(help="Name or file of a scenario.")],
    b: Annotated[str, typer.Argument(help="Another.")],
) -> int:
    """Print every key path whose value differs, with both values. Texts about it do not count.

    Example: corridor-sim diff base_2024 ferries_plus2
    """
    from corridor_sim.inputs.read import read_scenario
    from corridor_sim.inputs.resolved import as_text, key_paths

    one, two = (key_paths(read_scenario(name).scenario) for name in (a, b))
    # what a model reads has a dot: the header's prose would only push the columns apart
    keys = sorted(k for k in one.keys() | two.keys() if "." in k and one.get(k) != two.get(k))
    rows = [[k, *(as_text(of[k]) if k in of else "-" for of in (one, two))] for k in keys]
    print(table(["key", a, b], rows, left=3) if rows else "no difference")
    return 0
