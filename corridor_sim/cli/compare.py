"""`corridor-sim compare`: scenarios on the same draws, paired differences and verdicts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corridor_sim.cli import options as opt
from corridor_sim.cli.app import app, hold, verb, workers
from corridor_sim.cli.screen import Progress, number, say_taken, table

if TYPE_CHECKING:
    from corridor_sim.studies.compare import Delta, Expected
    from corridor_sim.studies.run import Run
    from corridor_sim.studies.waterfall import Step

SHOWN = {
    "p50_h": ("median days", 24, 2),
    "p90_h": ("P90 days", 24, 2),
    "delivered": ("delivered", 1, 0),
    "usd_per_unit": ("USD/unit", 1, 0),
}


LOST_D = {"loss_d": "days lost", "recover_d": "days to recovery"}
"""Of an outage with a twin: column of resilience.csv and its words."""
SCREEN_ROWS = 60
"""A longer table leaves out the ODs in which nothing is distinguishable."""
SAME = "not distinguishable"


@app.command("compare")
@verb
def compare_(
    ctx: typer.Context,
    scenarios: Annotated[
        list[str], typer.Argument(help="The base first; names, files or run folders.")
    ],
    set_: opt.Set = None,
    reps: opt.Reps = None,
    seed: opt.Seed = None,
    jobs: opt.Jobs = 0,
    out: opt.Out = None,
    excel: opt.Excel = False,
    od: Annotated[
        list[str] | None,
        typer.Option("--od", help="Only this row of demand; repeat for several. Fewer tests."),
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Print every OD, also where nothing is distinguishable.")
    ] = False,
    quiet: opt.Quiet = False,
) -> int:
    """Compare scenarios with the first, on the same draws.

    Example: corridor-sim compare base_2024 ferries_plus2 --od wagons_w --od trucks_w_laden
    """
    from corridor_sim.errors import InputError
    from corridor_sim.outputs.load import load_run
    from corridor_sim.outputs.run_workbook import require_excel
    from corridor_sim.studies.compare import compare, expected, require_same_draws
    from corridor_sim.studies.run import read_many, run_resolved
    from corridor_sim.studies.waterfall import waterfall

    if len(scenarios) < 2:
        raise InputError(
            f"compare: needs two scenarios or more (found {len(scenarios)}). Fix: compare base_2024 ferries_plus2"
        )
    if excel:
        require_excel("compare")
    loaded = {name: load_run(Path(name)) for name in scenarios if _is_folder(name)}
    wanted = [(name, tuple(set_ or ())) for name in scenarios if name not in loaded]
    resolved = read_many(wanted, reps, seed)
    base = resolved[0].scenario if scenarios[0] not in loaded else loaded[scenarios[0]].scenario
    _require_known(od or [], base.demand)
    folder = hold(ctx, out or Path("runs") / "compare")
    for r in resolved if not quiet else ():
        say_taken(r.scenario.name, r.taken)
    with Progress("replications", quiet) as step:
        made = iter(run_resolved(resolved, workers(jobs), "causes", step))
    runs = [loaded[name] if name in loaded else next(made) for name in scenarios]
    require_same_draws(runs)
    deltas = compare(runs, od or ())
    steps = waterfall(runs, od or ())
    places = [Path(name) if name in loaded else None for name in scenarios]
    files = _write(runs, places, deltas, steps, folder, excel)
    if not quiet:
        _print_deltas(runs, deltas, all_)
        for line in _why(steps) if od else ():
            print(line)
        _print_expectations(expected(runs))
        print(_how_sure(len(runs[0].replications), len(deltas)))
    print(f"files in {folder}: {', '.join(files)}")
    return 0


def _write(
    runs: list[Run],
    places: list[Path | None],
    deltas: list[Delta],
    steps: list[Step],
    folder: Path,
    excel: bool,
) -> list[str]:
    """The tables of a comparison, and what went in; names of the files. `places`: folders of old runs."""
    from corridor_sim.outputs.columns import columns_of
    from corridor_sim.outputs.folder import write_bytes
    from corridor_sim.outputs.inputs_resolved import inputs_of, write_inputs_of_comparison
    from corridor_sim.outputs.run_workbook import WORKBOOK, about_scenario, workbook
    from corridor_sim.outputs.tables import delta_table, frame_of, waterfall_table, write_frame

    rows = {"delta": delta_table(deltas), "delta_waterfall": waterfall_table(steps)}
    frames = {name: frame_of(found, columns_of(name)) for name, found in rows.items()}
    for name, frame in frames.items():
        write_frame(frame, folder / f"{name}.csv")
    names = [run.scenario.name for run in runs]
    inputs = [
        (name, inputs_of(run.resolved, place))
        for name, run, place in zip(names, runs, places, strict=True)
    ]
    files = [*(f"{name}.csv" for name in frames), *write_inputs_of_comparison(inputs, folder)]
    if excel:
        texts = [t for run in runs for t in (run.scenario.name, *about_scenario(run.scenario))]
        content = workbook(f"{names[0]} against {', '.join(names[1:])}", texts, frames)
        write_bytes(folder / WORKBOOK, content)
        files.append(WORKBOOK)
    return files


def _how_sure(n: int, n_test: int) -> str:
    return (
        f"{n} replications, same draws, 95 % t intervals of paired differences; P = probability of better; "
        f"verdicts at 5 % over the whole table (Holm, {n_test} comparisons), so an interval without 0 "
        "may still be `not distinguishable`; --od asks for fewer."
    )


def _print_deltas(runs: list[Run], deltas: list[Delta], every: bool) -> None:
    """By scenario, the ODs that can be told apart, or `every` one."""
    for run in runs[1:]:
        mine = [d for d in deltas if d.scenario == run.scenario.name]
        print(f"{run.scenario.name} against {runs[0].scenario.name}: {run.scenario.question}\n")
        shown = mine if every else _told_apart(mine)
        if shown:
            print(_table(shown), "\n")
        if len(shown) < len(mine):
            print(_left_out(mine), "\n")


def _why(steps: list[Step], n: int = 4) -> list[str]:
    """By scenario and OD, what the change of the mean is made of: the largest parts, in days."""
    lines: list[str] = []
    parts: dict[tuple[str, str], list[Step]] = {}
    for step in steps:
        parts.setdefault((step.scenario, step.od), []).append(step)
    for (scenario, od), (total, *causes) in parts.items():
        named = [f"{step.cause} {step.diff.mean / 24:+.2f}" for step in causes[:n]]
        rest = sum(step.diff.mean for step in causes[n:]) / 24
        said = ", ".join([*named, f"{len(causes) - len(named)} more {rest:+.2f}"])
        lines.append(f"{scenario}: mean of {od} {total.diff.mean / 24:+.2f} days = {said}")
    return [*lines, ""] if lines else []


def _print_expectations(found: list[Expected]) -> None:
    verdicts = {True: "as expected", False: "NOT as expected", None: "not judged: no value here"}
    for e in found:
        x, diff = e.expectation, e.paired.diff
        said = f"{x.metric} expected {x.direction} than {x.than}"
        value = f"{diff.mean:+.2f} [{diff.lo:.2f}, {diff.hi:.2f}]"
        print(f"{e.scenario}: {said}: {value}, {verdicts[e.met]}")


def _require_known(ods: list[str], demand: Iterable[str]) -> None:
    from corridor_sim.errors import InputError
    from corridor_sim.inputs.problems import did_you_mean

    known = sorted(demand)
    wrong = [od for od in ods if od not in known]
    if wrong:
        raise InputError(
            f"--od: no row of demand is called {wrong[0]!r}. Fix: {did_you_mean(wrong[0], known)}"
        )


def _is_folder(name: str) -> bool:
    """A run's folder, not a scenario that shares its name with some folder here."""
    path = Path(name)
    return path.is_dir() and ("/" in name or (path / "manifest.json").is_file())


def _told_apart(deltas: list[Delta]) -> list[Delta]:
    """What fits on a screen: all, or the ODs in which some measure is distinguishable."""
    if len(deltas) <= SCREEN_ROWS:
        return deltas
    differ = {d.od for d in deltas if d.verdict != SAME}
    return [d for d in deltas if d.od in differ]


def _left_out(deltas: list[Delta]) -> str:
    differ = {d.od for d in deltas if d.verdict != SAME}
    same = sorted({d.od for d in deltas} - differ)
    return (
        f"not distinguishable in any measure: {len(same)} more ODs ({', '.join(same[:4])}, ...); "
        "--all prints them, delta.csv has them"
    )


def _shown(measure: str) -> tuple[str, int, int]:
    """Title, what it is divided by, digits."""
    outage, _, column = measure.rpartition(".")
    return (f"{outage}: {LOST_D[column]}", 1, 1) if outage else SHOWN[measure]


def _table(deltas: list[Delta]) -> str:
    rows, last = [], ""
    for d in deltas:
        label, per, digits = _shown(d.measure)
        diff = d.paired.diff
        rows.append(
            [
                d.od if d.od != last else "",
                label,
                number(d.base / per, digits),
                number(d.value / per, digits),
                f"{diff.mean / per:+,.{digits}f}" if diff.mean == diff.mean else "-",
                f"[{number(diff.lo / per, digits)}, {number(diff.hi / per, digits)}]",
                number(d.paired.better_share, 2),
                d.verdict,
            ]
        )
        last = d.od
    head = ["od", "measure", "base", "scenario", "difference", "95 % interval", "P", "verdict"]
    return table(head, rows, left=2)
