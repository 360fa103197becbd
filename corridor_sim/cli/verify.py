"""`corridor-sim verify`: the textbook cases against their exact values."""

from __future__ import annotations

from typing import Annotated

import typer

from corridor_sim.cli import options as opt
from corridor_sim.cli.app import app, verb, workers
from corridor_sim.cli.screen import Progress, table
from corridor_sim.errors import ExitCode


@app.command("verify")
@verb
def verify_(
    cases: Annotated[list[str] | None, typer.Argument(help="Textbook cases; default: all.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Short runs, widths not judged.")] = False,
    jobs: opt.Jobs = 0,
) -> int:
    """Run the textbook cases. Print expected, found, interval and verdict; exit 3 on a miss.

    Example: corridor-sim verify --quick
    """
    from corridor_sim.studies.verify import FALSE_ALARM, verify

    with Progress("replications", False) as step:
        rows = verify(cases, quick, workers(jobs), step)
    shown = [
        [
            row.case,
            row.metric,
            f"{row.expected:.6g}",
            f"{row.interval.mean:.6g}",
            "exact" if row.exact else f"[{row.interval.lo:.6g}, {row.interval.hi:.6g}]",
            str(row.interval.n),
            "ok" if row.passed else f"MISSED ({row.reason})",
        ]
        for row in rows
    ]
    print(table(["case", "metric", "expected", "found", "interval", "n", "verdict"], shown, left=2))
    missed = sum(not row.passed for row in rows)
    print(
        f"{len(rows) - missed} of {len(rows)} rows passed; false-alarm rate of the table {FALSE_ALARM:.0%}; seed 1"
    )
    return ExitCode.CHECK_FAILED if missed else ExitCode.OK
