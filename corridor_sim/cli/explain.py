"""`corridor-sim explain`: one lot's story, and where the hours of its OD went."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corridor_sim.cli.app import app, verb
from corridor_sim.cli.screen import number, table

if TYPE_CHECKING:
    from corridor_sim.studies.explain import Explained

SHOWN_CAUSES = 14
"""Causes of the ledger on the screen; the others are summed up."""


@app.command("explain")
@verb
def explain_(
    run: Annotated[str, typer.Argument(help="A run's folder, or a scenario's name or file.")],
    lot: Annotated[
        int | None,
        typer.Option("--lot", help="Number of the lot from 0: of --od, or of all lots of the run."),
    ] = None,
    od: Annotated[
        str | None,
        typer.Option("--od", help="Row of demand, or A-B where one row goes from A to B."),
    ] = None,
    quantile: Annotated[
        float | None,
        typer.Option("--quantile", help="The lot nearest this quantile of --od, e.g. 0.95."),
    ] = None,
    rep: Annotated[int, typer.Option("--rep", help="Replication, from 0.")] = 0,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Write the steps also into this file.")
    ] = None,
) -> int:
    """Tell what happened to one lot.

    Where it waited, for what, who was ahead of it and what freed it; beside it the hours of its OD.

    Example: corridor-sim explain runs/base_2024 --od cn_az_import --quantile 0.75
    """
    from corridor_sim.inputs.read import Resolved
    from corridor_sim.model.reach import read_checked
    from corridor_sim.outputs.load import load_inputs
    from corridor_sim.studies.explain import Wanted, explain

    models: list[str] | None = None
    resolved: Resolved
    if _is_folder(run):
        resolved, models = load_inputs(Path(run))
    else:
        resolved = read_checked(run, ())
    found = explain(resolved.scenario, Wanted(od, lot, quantile, rep), models, run)
    if csv is not None:
        from corridor_sim.outputs.columns import columns_of
        from corridor_sim.outputs.tables import write_csv

        write_csv(found.steps, columns_of("story"), csv)
    print(report(found))
    if csv is not None:
        print(f"\nsteps in {csv}")
    return 0


def _is_folder(name: str) -> bool:
    """A folder, not a scenario that shares its name with some folder here that holds no run."""
    path = Path(name)
    return path.is_dir() and ("/" in name or "\\" in name or (path / "manifest.json").is_file())


def report(found: Explained) -> str:
    """The screen: who it is, its steps, and the ledgers."""
    parts = [_head(found), "", _steps(found), "", "where the hours went", _ledger(found)]
    if found.quantile is not None:
        parts.append(
            f"{_near(found)}: mean of the units within 2 percentile points of it; rest: what they "
            "leave of the quantile"
        )
    return "\n".join(parts)


def _head(found: Explained) -> str:
    first, last = found.steps[0], found.steps[-1]
    done = "delivered" if found.is_delivered else "not delivered until"
    lines = [
        f"lot {found.lot} of {found.scenario}, replication {found.rep}: "
        f"lot {found.number} of {found.od} by {found.route}",
        f"ready {_minute(first['to_utc'])}, {done} {_minute(last['to_utc'])} UTC: "
        f"{number(found.hours)} h, {number(found.hours / 24)} days",
    ]
    if found.quantile is not None and found.quantile_h is not None:
        lines[1] += f"; the {found.quantile:g} quantile is {number(found.quantile_h)} h"
    return "\n".join(lines)


def _minute(utc: str) -> str:
    return utc[:16].replace("T", " ")


def _steps(found: Explained) -> str:
    """Steps, repeated waits in one stock for one cause as one; a trip is named where it changes."""
    groups = folded(found.steps)
    hours = [sum(step["hours"] for step in group) for group in groups]
    shown = [number(h) if h else "" for h in hours]
    width = max(map(len, shown))
    rows, trip = [], None
    for group, h in zip(groups, shown, strict=True):
        first, last = group[0], group[-1]
        aboard = first["trip"] if first["lots_aboard"] else None
        what = f"{first['what']} {first['cause'] or ''}".strip()
        said = _said(first, last, aboard if aboard != trip else None)
        trip = aboard
        about = [_minute(first["from_utc"]), h.rjust(width), first["place"] or ""]
        rows.append([*about, _told(what, len(group)), "; ".join(said)])
    return table(["from (UTC)", "h".rjust(width), "place", "what", "on, behind, until"], rows, 5)


def _told(what: str, times: int) -> str:
    """Without the word that the cause says again."""
    for word in ("wait wait:", "service service:", "move move:"):
        if what.startswith(word):
            what = f"{word.split()[0]} {what.removeprefix(word)}"
    return f"{what} ({times} times)" if times > 1 else what


def _said(first: dict[str, Any], last: dict[str, Any], trip: str | None) -> list[str]:
    """On which trip, behind whom, until what."""
    n = first["lots_aboard"]
    said = [f"on {trip} ({n} lot{'s' if n != 1 else ''})"] if trip else []
    if first["ahead"]:
        said.append(f"behind {first['ahead']}")
    if last["freed_by"]:
        said.append(f"until {last['freed_by']}")
    return said


def folded(steps: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Steps in groups: waits that follow one another in one stock for one cause are together."""
    groups: list[list[dict[str, Any]]] = []
    for step in steps:
        before = groups[-1][-1] if groups else {}
        alike = all(step[c] == before.get(c) for c in ("what", "place", "cause"))
        if alike and step["what"] == "wait" and not step["lots_aboard"]:
            groups[-1].append(step)
        else:
            groups.append([step])
    return groups


def _near(found: Explained) -> str:
    return f"P{100 * (found.quantile or 0):g}"


def _ledger(found: Explained) -> str:
    """The lot beside the mean, the median and the quantile of its OD, in hours; sums last."""
    columns = ["lot_h", "mean_h", "p50_h", *(["near_h"] if found.quantile is not None else [])]
    rest = [row for row in found.ledger if row["cause"] == "rest"]
    causes = [row for row in found.ledger if row["cause"] != "rest"]
    # the largest anywhere, in the order of the lot's own hours
    by_size = sorted(causes, key=lambda row: -max(row[c] for c in columns))
    large = {row["cause"] for row in by_size[:SHOWN_CAUSES]}
    rows = [_hours(row["cause"], [row], columns) for row in causes if row["cause"] in large]
    if others := [row for row in causes if row["cause"] not in large]:
        rows.append(_hours(f"{len(others)} other causes", others, columns))
    rows += [_hours("rest", rest, columns), _hours("all", found.ledger, columns)]
    head = ["cause", "this lot h", "mean h", "P50 h"]
    return table([*head, f"{_near(found)} h"][: len(columns) + 1], rows)


def _hours(name: str, rows: list[dict[str, Any]], columns: list[str]) -> list[str]:
    return [name, *(number(sum(row[c] for row in rows)) for c in columns)]
