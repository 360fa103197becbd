"""`corridor-sim catalogue`: what was expected of every scenario, beside what is found."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corridor_sim.cli import options as opt
from corridor_sim.cli.app import app, hold, verb, workers
from corridor_sim.cli.screen import Progress, clean, number, table
from corridor_sim.errors import ExitCode

if TYPE_CHECKING:
    from corridor_sim.inputs.schema import Expectation
    from corridor_sim.studies.catalogue import Judged, Measured, Step

KEPT = "kept"
"""Folder, in that of the results, of the replications that are done."""
VERDICTS = {True: "as expected", False: "NOT as expected", None: "not judged"}


@app.command("catalogue")
@verb
def catalogue_(
    ctx: typer.Context,
    scenarios: Annotated[
        list[str] | None,
        typer.Argument(help="Names or files; default: all of this folder's `scenarios/`."),
    ] = None,
    set_: opt.Set = None,
    reps: opt.Reps = None,
    seed: opt.Seed = None,
    jobs: opt.Jobs = 0,
    out: opt.Out = None,
    quiet: opt.Quiet = False,
) -> int:
    """Print what scenarios expect beside what is found.

    Runs each of them, and those that they are compared with, once. Run it again to go on after an
    interruption.

    Example: corridor-sim catalogue --reps 20 --jobs 2 --out runs/catalogue
    """
    from corridor_sim.studies.catalogue import judge, names_here, read_kept, read_plan, run_plan
    from corridor_sim.studies.store import Store

    plan = read_plan(scenarios or names_here(), tuple(set_ or ()), reps, seed)
    out = out or Path("runs") / "catalogue"
    store = Store(out / KEPT)
    kept = read_kept(plan, store)
    # after reading: pandas takes longer to load than a mistake takes to find
    from corridor_sim.outputs.catalogue_table import write_catalogue

    folder = hold(ctx, out)
    say = None if quiet else Teller(len(plan.scenarios))
    try:
        with Progress("replications", quiet) as step:
            runs = run_plan(plan, kept, store, workers(jobs), step, say)
    except KeyboardInterrupt:
        print(f"interrupted; {store.folder} keeps what is done: run it again", file=sys.stderr)
        return ExitCode.INTERRUPTED
    found = judge(plan, runs)
    files = write_catalogue(found, folder)
    if not quiet:
        print(screen(found))
    print(f"files in {folder}: {', '.join(files)}")
    return _exit_code(runs.values())


class Teller:
    """One line on stderr when a scenario is done, also where no bar is shown."""

    def __init__(self, total: int):
        self.done, self.total = 0, total

    def __call__(self, at: Step, ended: bool) -> None:
        """Why kept replications are not used, at its start; how many there are, at its end."""
        if not ended:
            if at.why_anew:
                print(clean(f"{at.name}: {at.why_anew}, so it runs anew"), file=sys.stderr)
            return
        self.done += 1
        kept = f", {at.kept} kept from before" if at.kept else ""
        said = f"{self.done} of {self.total} {at.name}: {at.reps} replications{kept}"
        print(clean(said), file=sys.stderr)


def screen(found: Sequence[Judged]) -> str:
    """The table, and how many came as expected."""
    from corridor_sim.results.statistics import coverage_note

    rows, last = [], ""
    for j in found:
        interval = f"[{short(j.found.lo)}, {short(j.found.hi)}]" if j.found.n > 1 else "-"
        levels = short(j.value) if j.base is None else f"{short(j.base)} to {short(j.value)}"
        difference = (
            "" if j.base is None else f"{'+' if j.found.mean > 0 else ''}{short(j.found.mean)}"
        )
        name = j.scenario if j.scenario != last else ""
        verdict = VERDICTS[j.met] + (f", {j.stuck} stuck" if j.stuck else "")
        rows.append([name, said(j.expectation), levels, difference, interval, verdict])
        last = j.scenario
    head = ["scenario", "expected", "found", "difference", "95 % interval", "verdict"]
    met = sum(j.met is True for j in found)
    n = max((j.found.n for j in found), default=0)
    parts = [
        table(head, rows, left=2),
        "",
        f"{met} of {len(found)} expectations met; {n} replications",
    ]
    if n < 20:
        parts[-1] += f" are few: {coverage_note(n)}"
    return "\n".join(parts)


def said(row: Expectation) -> str:
    """An expectation in one line.

    >>> from corridor_sim.inputs.schema import Expectation
    >>> said(Expectation(metric="od_kpi.a.p50_h", than="b", direction="lower", at_least_h=24))
    'od_kpi.a.p50_h lower than b by 24 h'
    >>> said(Expectation(metric="od_kpi.a.p50_h", equals=370, within_share=0.3))
    'od_kpi.a.p50_h 370 ±30%'
    """
    if row.equals is not None:
        band = f" ±{row.within_share:.0%}" if row.within_share else ""
        return f"{row.metric} {row.equals:g}{band}"
    least = f" by {row.at_least_h:g} h" if row.at_least_h else ""
    words = {"same": "the same as"}.get(row.direction or "same", f"{row.direction} than")
    return f"{row.metric} {words} {row.than}{least}"


def short(value: float) -> str:
    """A number with about three digits that count.

    >>> short(1234.56), short(12.345), short(0.012345), short(float("nan"))
    ('1,235', '12.3', '0.0123', '-')
    """
    size = abs(value)
    return number(value, 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 4)


def _exit_code(runs: Iterable[Measured]) -> ExitCode:
    """Names everything that stood still."""
    stuck = [(run.scenario.name, rep, how) for run in runs for rep, how in run.stuck.items()]
    for name, rep, how in stuck:
        print(clean(f"INCOMPLETE: {name}: replication {rep}: {how}"), file=sys.stderr)
    return ExitCode.GRIDLOCK if stuck else ExitCode.OK
