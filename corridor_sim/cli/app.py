"""The application: its verbs, its version, and how errors leave it."""

from __future__ import annotations

import functools
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer

from corridor_sim import __version__
from corridor_sim.errors import CorridorError, ExitCode

app = typer.Typer(
    name="corridor-sim",
    help="Simulate Middle Corridor freight: how long, where the days go, what a change buys.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)


def verb(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a command of a function that returns its exit code (None: 0)."""

    @functools.wraps(function)
    def run(*args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, _terminated)
        try:
            code = function(*args, **options)
        except CorridorError as error:
            if os.environ.get("CORRIDOR_SIM_DEBUG"):
                raise
            print(error, file=sys.stderr)
            code = error.exit_code
        except KeyboardInterrupt:
            print("interrupted; nothing was written", file=sys.stderr)
            code = ExitCode.INTERRUPTED
        raise typer.Exit(int(code or 0))

    return run


def _terminated(_signal: int, _frame: FrameType | None) -> None:
    raise typer.Exit(int(ExitCode.TERMINATED))


def _version(wanted: bool) -> None:
    if wanted:
        print(f"corridor-sim {__version__}")
        raise typer.Exit(0)


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Simulate Middle Corridor freight: how long, where the days go, what a change buys."""


def hold(ctx: typer.Context, folder: Path) -> Path:
    """Make a folder and keep it for this process until the verb ends."""
    from corridor_sim.outputs.hold import held  # pandas comes with it

    return ctx.with_resource(held(folder))


def workers(jobs: int) -> int:
    """Processes to use."""
    return jobs or os.cpu_count() or 1
