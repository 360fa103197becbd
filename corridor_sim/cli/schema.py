"""`corridor-sim schema`: the JSON Schema of a scenario file, for editors."""

from __future__ import annotations

from corridor_sim.cli.app import app, verb


@app.command("schema")
@verb
def schema_() -> int:
    """Print the JSON Schema of a scenario file.

    Example: corridor-sim schema
    """
    from corridor_sim.inputs.schema_json import schema_text

    print(schema_text(), end="")
    return 0
