"""All verbs of the application: each module adds its own on import."""

from corridor_sim.cli import (
    catalogue,
    compare,
    describe,
    diff,
    explain,
    list_,
    network,
    new,
    run,
    schema,
    show,
    sweep,
    validate,
    verify,
)
from corridor_sim.cli.app import app

__all__ = [
    "app",
    "catalogue",
    "compare",
    "describe",
    "diff",
    "explain",
    "list_",
    "network",
    "new",
    "run",
    "schema",
    "show",
    "sweep",
    "validate",
    "verify",
]
