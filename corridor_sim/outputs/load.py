"""Read a run's folder back, as far as a comparison needs it."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from corridor_sim.errors import InputError
from corridor_sim.inputs.read import read_scenario
from corridor_sim.results.stuck import Stuck
from corridor_sim.studies.replicate import Replication, Rows
from corridor_sim.studies.run import KEYS, Run


def load_run(folder: Path) -> Run:
    """The measures of a run, by replication: all tables that a metric path may name.

    Raises
    ------
    InputError    the folder holds no run
    """
    needed = [folder / n for n in ("manifest.json", "od_kpi.csv", "scenario.resolved.yaml")]
    missing = [p.name for p in needed if not p.is_file()]
    if missing:
        raise InputError(
            f"{folder}: no run is here (missing {', '.join(missing)}). Fix: name a folder that `run` wrote"
        )
    manifest = json.loads(needed[0].read_text(encoding="utf-8"))
    sets = (f"simulation.reps={manifest['replications']}", f"simulation.seed={manifest['seed']}")
    resolved = read_scenario(str(needed[2]), sets)
    frames = {name: _frame(folder / f"{name}.csv", keys) for name, keys in KEYS.items()}
    replications = tuple(
        Replication(rep, _tables(frames, rep), Stuck("none"), model)
        for rep, model in enumerate(manifest["models"])
    )
    return Run(resolved, replications)


def _frame(path: Path, keys: tuple[str, ...]) -> pd.DataFrame | None:
    """A table as it was written; None: it has no replications, or the run had none."""
    if not path.is_file():
        return None
    text = dict.fromkeys(keys, str)
    frame = pd.read_csv(path, keep_default_na=False, na_values=[""], dtype=text)
    return frame if "rep" in frame else None


def _tables(frames: dict[str, pd.DataFrame | None], rep: int) -> dict[str, Rows]:
    return {
        name: _rows(frame[frame["rep"] == rep])
        for name, frame in frames.items()
        if frame is not None
    }


def _rows(frame: pd.DataFrame) -> Rows:
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]
